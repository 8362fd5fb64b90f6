"""`xiaoge run`: the channels, the house, the terminal and the signals, put together and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.app import App, build, rules_of
from bot.channel_settings import RISKY
from bot.channels.base import Health
from bot.channels.doors import HasDoors
from bot.channels.sandbox import Sandbox, Spoken
from bot.channels.start import build_channels
from bot.clock import Clock, MovableClock, SystemClock
from bot.config import Config
from bot.cursors import Cursors
from bot.delivery import Parcel
from bot.keyboard import Keyboard
from bot.residents import Residents, may_live, progress
from bot.sample.day import Day, read_day
from bot.showing import Show, card_of
from bot.town import open_rooms, settle
from domain.errors import XiaogeError
from domain.grid import Room
from domain.ticket import Ticket
from handlers.zh import terminal
from storage.store import Store

_SHOWN_FOR = timedelta(days=3)
_INSISTS = 1.0
"""Seconds after which a second Ctrl-C means: at once."""


class Running:
    """One start of the product: made, run once, and over."""

    def __init__(
        self,
        config: Config,
        store: Store,
        show: Show,
        *,
        speed: float,
        refused: Callable[[str, XiaogeError], None],
    ) -> None:
        settle(config, store)
        self._show, self._speed, self._store = show, speed, store
        self.day = _day_to_live(config, store)
        clock: Clock = SystemClock()
        if self.day is not None:
            clock = MovableClock(progress(store, self.day)[1])
        self._clock = clock
        open_rooms(config, store, clock.now())
        cursors = Cursors(store)
        channels = build_channels(config, clock, refused=refused, known=cursors)
        self.app = build(
            config,
            channels=channels,
            clock=clock,
            store=store,
            would_say=self._would_say,
            cursors=cursors,
        )
        self.app.on_health.append(self._health)
        self._rules = rules_of(config)
        self._home = self.day.community if self.day else None
        found = channels.get("sandbox")
        self.sandbox = found if isinstance(found, Sandbox) else None
        if self.sandbox is not None:
            self.sandbox.listeners.append(self._spoken)

    async def run(self, *, typing: bool) -> None:
        """Until a signal asks to stop; `typing`: somebody sits at the terminal."""
        for name in self.app.channels:
            if name in RISKY:
                self._show.note(terminal.RISKY.format(channel=name))
        loop = asyncio.get_running_loop()
        with _signals(loop, self.app.stop):
            async with _doors(self.app, self._show.note), self._beside(typing=typing):
                await self.app.run()

    @asynccontextmanager
    async def _beside(self, *, typing: bool) -> AsyncGenerator[None]:
        """What lives beside the app: the sample residents, and the keyboard."""
        tasks: list[asyncio.Task[None]] = []
        if self.sandbox is not None and typing:
            keyboard = Keyboard(self.sandbox, self._rooms, self._show.note)
            keyboard.listen(asyncio.get_running_loop())
            self._show.note(terminal.HOW_TO_TYPE)
        if self.sandbox is not None and self.day and isinstance(self._clock, MovableClock):
            residents = Residents(self.app, self.sandbox, self._clock, self.day, self._speed)
            tasks.append(asyncio.create_task(residents.run(), name="residents"))
            tasks.append(asyncio.create_task(self._tell_the_end(residents), name="the end"))
            for task in tasks:
                task.add_done_callback(self._stop_if_broken)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _rooms(self) -> list[Room]:
        return list(self._store.directory().rooms.values())

    def _stop_if_broken(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or self.app.stopping.is_set():
            return
        if (error := task.exception()) is not None:
            self._show.note(str(error))
            self.app.stop()

    async def _tell_the_end(self, residents: Residents) -> None:
        await residents.over.wait()
        self._show.note(terminal.DAY_OVER)

    def _spoken(self, spoken: Spoken) -> None:
        """Show a line of the sandbox, and what it changed; other communities are left out."""
        if not self._of_this_community(spoken):
            return
        if not spoken.by_bot:
            self._show.person(spoken.at, spoken.room, spoken.name, spoken.text)
            return
        self._show_tickets(spoken.at)
        where = spoken.room or f"@{spoken.private_with}"
        self._show.xiaoge(spoken.at, where, spoken.text)

    def _of_this_community(self, spoken: Spoken) -> bool:
        if self._home is None or spoken.room is not None or not spoken.by_bot:
            return True
        town = self._store.directory()
        member = town.member_behind(f"sandbox:{spoken.private_with}")
        grids = [town.grids.get(post.grid) for post in member.posts] if member else []
        return not grids or any(grid and grid.community == self._home for grid in grids)

    def _show_tickets(self, now: datetime) -> None:
        town = self._store.directory()
        found: list[Ticket] = self._store.tickets(
            self._home, touched_since=now - _SHOWN_FOR, limit=100
        )
        self._show.tickets(now, [card_of(ticket, town, self._rules) for ticket in found])

    def _would_say(self, parcel: Parcel) -> None:
        where = f"{parcel.channel} {parcel.room or '@' + (parcel.person or '')}"
        self._show.note(terminal.WOULD_SAY.format(where=where, text=parcel.text))

    def _health(self, name: str, health: Health) -> None:
        if health.login_qr:
            self._show.note(f"{name}:\n{_qr(health.login_qr)}")


def _day_to_live(config: Config, store: Store) -> Day | None:
    """The sample day, when nobody but the sandbox is on and the sample town is served."""
    if config.running_channels != ("sandbox",):
        return None
    day = read_day()
    return day if may_live(store, day) else None


def _qr(text: str) -> str:
    """A QR code made of characters, for a phone to scan from the terminal."""
    import io  # noqa: PLC0415 # only when a channel asks for a log-in

    import qrcode  # noqa: PLC0415

    code = qrcode.QRCode(border=1)
    code.add_data(text)
    drawn = io.StringIO()
    code.print_ascii(out=drawn, invert=True)
    return drawn.getvalue()


@contextlib.contextmanager
def _signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> Generator[None]:
    """Ctrl-C, SIGTERM and (on Windows) Ctrl-Break ask the app to stop; a second one insists."""
    wanted = [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGBREAK")]
    before = {number: signal.getsignal(number) for number in wanted if number is not None}

    first: list[float] = []

    def asked(number: int, _frame: object) -> None:
        """One key press may arrive twice (a shell tells a whole group); a later one insists."""
        first.append(time.monotonic())
        if first[-1] - first[0] > _INSISTS:
            signal.signal(number, before[signal.Signals(number)])
            signal.raise_signal(number)
        loop.call_soon_threadsafe(stop)

    for number in before:
        signal.signal(number, asked)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@asynccontextmanager
async def _doors(app: App, note: Callable[[str], None]) -> AsyncGenerator[None]:
    """Listen for the platforms that call us, if one is on; no port must not stop the others."""
    called = [c for c in app.channels.values() if isinstance(c, HasDoors)]
    doors = [door for channel in called for door in channel.doors]
    if not doors:
        yield
        return
    from bot.channels.inbound import InboundServer  # noqa: PLC0415 # only when one is on

    host, _, port = app.config.inbound.listen.rpartition(":")
    try:
        server = InboundServer(host=host, port=int(port), doors=doors)
        await server.start()
    except XiaogeError as error:
        note(str(error))
        yield
        return
    try:
        yield
    finally:
        await server.close()
