"""The product in a process of its own, on a clock that the soak moves: the real app, told the time.

    python -m tests.soak.product FOLDER WS_URL HTTP_URL TOKEN NOW

Each line on stdin is a moment in whole seconds, and perhaps the inbox key of a message; it is
answered by one line of JSON (`Standing`) when that message, and all that was heard by then, was
taken, and what may be said at that moment was said. The end of stdin ends it cleanly.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from bot.app import App, Queue, build, open_store, rules_of
from bot.channels.onebot import OneBot
from bot.channels.onebot_watch import Timing
from bot.clock import MovableClock
from bot.config import Config, load_config
from bot.cursors import Cursors
from domain.outgoing import SendState
from tests.soak.town import ACCOUNT, CHANNEL, directory

ROOT = Path(__file__).parent.parent.parent
TOWN = "soak"
BEAT = 0.3
"""Seconds between heartbeats; a frozen peer is noticed after 2.5 of them."""
HISTORY = 100
"""Messages read back for a room at most."""
DEADLINE = 0.5
"""Seconds after which a send without an answer may have gone out."""
_ANSWER = 60.0
_STEP = timedelta(seconds=2)
_MOST_STEPS = 100


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How the product stands."""

    judged: int
    """Messages of people taken since this process began, each once."""
    poisoned: int
    waiting: int
    """Rows of the outbox that are queued or on their way."""
    due: bool
    """Whether one of them could go now."""
    rss_mb: float


class Product:
    """One process after the other on the same database."""

    def __init__(self, folder: Path, ws: str, http: str, token: str) -> None:
        self._given = (str(folder), ws, http, token)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def alive(self) -> bool:
        return self._process is not None

    async def start(self, now: datetime) -> None:
        """As when somebody starts the product at this moment."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "ignore", "-m", "tests.soak.product", *self._given),
            str(int(now.timestamp())),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )

    async def ask(self, now: datetime, until: str = "") -> Standing:
        """Tell the time; how the product stands once it has taken the message `until`."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{int(now.timestamp())} {until}\n".encode())
        async with asyncio.timeout(_ANSWER):
            line = await process.stdout.readline()
        assert line, "the product ended by itself"
        return Standing(**json.loads(line))

    async def kill(self) -> None:
        """SIGKILL: no goodbye, nothing is put in order."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    async def stop(self) -> None:
        """A clean end; raises AssertionError when the product did not end well."""
        process, self._process = self._process, None
        assert process is not None
        assert process.stdin is not None
        process.stdin.close()
        code = await asyncio.wait_for(process.wait(), _ANSWER)
        assert code == 0, f"the product ended with {code}"


def config_in(folder: Path) -> Config:
    """The shipped configuration, in production, with its database in a folder."""
    loaded = load_config(ROOT / "config.yaml", {})
    return loaded.model_copy(
        update={
            "mode": "production",
            "base": folder,
            "calendar": str(ROOT / "calendar.yaml"),
            "town": loaded.town.model_copy(update={"key": TOWN}),
        }
    )


async def live(folder: Path, ws: str, http: str, token: str, now: int) -> None:
    """Run the app until stdin ends."""
    config = config_in(folder)
    store = open_store(config, rules_of(config))
    if not store.directory().communities:
        store.replace_directory(directory(TOWN))
    clock = MovableClock(datetime.fromtimestamp(now, UTC))
    cursors = Cursors(store)
    channel = OneBot(
        name=CHANNEL,
        account=ACCOUNT,
        now=clock.now,
        ws_url=ws,
        http_url=http,
        token=token,
        cursor=cursors.of(CHANNEL),
        away_since=cursors.alive(CHANNEL),
        history=HISTORY,
        heartbeat=BEAT,
        deadline=DEADLINE,
        timing=Timing(first=0.02, most=0.1),
    )
    app = build(
        config, channels={CHANNEL: channel}, clock=clock, store=store, cursors=cursors, seed=now
    )
    app.inbox = inbox = _Inbox()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(app.run())
        await _follow(app, clock, inbox)
        app.stop()


class _Inbox(Queue):
    """The app's inbox; it tells when something was taken."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = asyncio.Event()

    def done(self) -> None:
        super().done()
        self.taken.set()


async def _follow(app: App, clock: MovableClock, inbox: _Inbox) -> None:
    told = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(told), sys.stdin)
    while line := await told.readline():
        moment, _, until = line.decode().strip().partition(" ")
        while until and not app.house.memory.knows(until):
            inbox.taken.clear()
            await inbox.taken.wait()
        await inbox.all_taken()
        await _pass(app, clock, datetime.fromtimestamp(int(moment), UTC), speaks=bool(until))
        sys.stdout.write(json.dumps(asdict(_state(app))) + "\n")
        sys.stdout.flush()


async def _pass(app: App, clock: MovableClock, to: datetime, *, speaks: bool) -> None:
    """Let time pass in small steps; `speaks`: what may be said at each of them is said."""
    step = max(_STEP, (to - clock.now()) / _MOST_STEPS)
    while speaks and clock.now() < to:
        clock.move_to(min(to, clock.now() + step))
        app.outbox.wake()
        while _due(app):
            await asyncio.sleep(0.001)  # the outbox tells nobody when it is done
    clock.move_to(to)
    app.tick()
    app.outbox.wake()


def _state(app: App) -> Standing:
    states = app.store.outgoing_states()
    return Standing(
        judged=app.house.counts["judged"],
        poisoned=app.house.counts["poisoned"],
        waiting=states[SendState.QUEUED] + states[SendState.SENDING],
        due=_due(app),
        rss_mb=_rss_mb(),
    )


def _due(app: App) -> bool:
    following = app.store.next_outgoing()
    if following is not None and following <= app.clock.now():
        return True
    return app.store.outgoing_states()[SendState.SENDING] > 0


def _rss_mb() -> float:
    """Resident memory now; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(x.split()[1]) / 1024 for x in lines if x.startswith("VmRSS")), 0.0)


def main() -> None:
    folder, ws, http, token, now = sys.argv[1:]
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    asyncio.run(live(Path(folder), ws, http, token, int(now)))


if __name__ == "__main__":
    main()
