"""What stands around the house when it runs: channels, the lock, the keyboard, the sample day."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.app import build, rules_of
from bot.channels.base import Link
from bot.channels.sandbox import Sandbox
from bot.channels.start import build_channels
from bot.clock import MovableClock
from bot.config import Config, load_config
from bot.cursors import Cursors
from bot.keyboard import Keyboard, Typed, parse
from bot.running import Running
from bot.sample.day import Day, read_day
from bot.sample.neighbourhood import only
from bot.secrets import Secrets
from bot.showing.pace import Pacer, real_seconds
from bot.showing.silent import SilentShow
from bot.single import alone_on
from bot.town import first_town, open_rooms, settle
from domain.effects import SetRoom
from domain.errors import ConfigError, StoreError, TranscriptError, XiaogeError
from domain.grid import Room
from storage.store import Store

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ROOMS = (
    Room(handle="sandbox:进修小区居民群", name="进修小区居民群", community="c"),
    Room(handle="sandbox:工作群", name="工作群", community="c"),
    Room(handle="onebot:1", name="QQ群", community="c"),
)


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(ROOT / "config.yaml", {})


@pytest.fixture
def store(config: Config) -> Store:
    return Store.open("sqlite://", "sample", patience=rules_of(config).patience)


def with_channels(config: Config, **changes: dict[str, object]) -> Config:
    channels = config.channels.model_copy(
        update={
            name: getattr(config.channels, name).model_copy(update=given)
            for name, given in changes.items()
        }
    )
    return config.model_copy(update={"channels": channels})


def test_the_sandbox_is_started_without_loading_any_sdk() -> None:
    code = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path;"
        "from bot.channels.start import build_channels; from bot.clock import MovableClock;"
        "from bot.config import load_config;"
        "built = build_channels(load_config(Path('config.yaml'), {}),"
        " MovableClock(datetime(2026, 11, 24, tzinfo=UTC)));"
        "assert list(built) == ['sandbox'], built;"
        "assert not {'itchat', 'wechaty', 'wechaty_grpc', 'grpclib'} & set(sys.modules)"
    )
    root = Path(__file__).parent.parent
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)  # our own code


def test_an_unaccepted_risk_and_a_missing_setting_stop_no_other_channel(config: Config) -> None:
    on = with_channels(
        config,
        wechaty={"enabled": True},
        onebot={"enabled": True, "accept_risk": True, "account": "nobody"},
        smtp={"enabled": True},
    )
    told: dict[str, str] = {}
    built = build_channels(
        on, MovableClock(NOW), refused=lambda name, error: told.update({name: str(error)})
    )
    assert list(built) == ["sandbox"]
    assert "accept_risk: true" in told["wechaty"]
    assert "not a QQ number" in told["onebot"]
    assert "smtp" in told["smtp"]


def test_servers_that_are_absent_keep_nobody_else_from_working(
    config: Config, store: Store
) -> None:
    """Nothing listens on these ports; the sandbox goes on, and all of it stops cleanly."""
    away = with_channels(
        config,
        onebot={
            "enabled": True,
            "accept_risk": True,
            "account": "10001",
            "url": "ws://127.0.0.1:1",
            "http_url": "http://127.0.0.1:1",
        },
        wecom={"enabled": True},
        smtp={"enabled": True, "host": "127.0.0.1", "port": 1, "sender": "a@example.cn"},
    )
    settle(config, store)
    cursors = Cursors(store)
    refused: list[str] = []
    clock = MovableClock(NOW)
    channels = build_channels(
        away, clock, refused=lambda name, _error: refused.append(name), known=cursors
    )
    assert (sorted(channels), refused) == (["onebot", "sandbox", "smtp"], ["wecom"])
    app = build(away, channels=channels, clock=clock, store=store, cursors=cursors)
    sandbox = channels["sandbox"]
    assert isinstance(sandbox, Sandbox)

    async def whole() -> None:
        running = asyncio.create_task(app.run())
        await sandbox.ready()
        room = next(r for r in store.directory().rooms.values() if r.kind == "residents")
        sandbox.say("2号楼3单元502厨房水管漏水了", sender="w", name="王姐", room=room.name, at=NOW)
        await app.inbox.all_taken()
        assert len(store.tickets()) == 1
        app.tick()
        assert channels["onebot"].health().link is Link.DOWN
        app.stop()
        await asyncio.wait_for(running, 10)

    asyncio.run(whole())


class Notes(SilentShow):
    """Keeps what is noted."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    def note(self, text: str) -> None:
        self.noted.append(text)


@pytest.mark.parametrize("taken", [False, True])
def test_what_listens_for_itself_runs_beside_the_door_of_others_and_its_port_stops_nobody(
    config: Config, store: Store, *, taken: bool
) -> None:
    """QQ the reverse way has a port of its own, the official bot a path of the one server."""
    with socket.create_server(("127.0.0.1", 0)) as other, socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        own, shared = other.getsockname()[1], door.getsockname()[1]
        door.close()
        if not taken:
            other.close()
        on = with_channels(
            config.model_copy(
                update={
                    "mode": "dry-run",
                    "secrets": Secrets(
                        onebot_token="t" * 16, qq_official_secret="DG5g3B4j9X2KOErG"
                    ),
                    "inbound": config.inbound.model_copy(update={"listen": f"127.0.0.1:{shared}"}),
                }
            ),
            sandbox={"enabled": False},
            onebot={
                "enabled": True,
                "accept_risk": True,
                "account": "10001",
                "transport": "reverse",
                "listen": f"127.0.0.1:{own}",
            },
            qq_official={"enabled": True, "app_id": "102000000"},
        )
        show = Notes()
        running = Running(on, store, show, speed=1, refused=lambda _name, _error: None)
        asyncio.run(_both_stand(running, "address_taken" if taken else "waiting", shared))
        assert [note for note in show.noted if "listen" in note] == []


async def _both_stand(running: Running, wanted: str, port: int) -> None:
    """The first channel says so, the second answers at its door; then all of it stops."""
    task = asyncio.create_task(running.run(typing=False))
    async with asyncio.timeout(20):
        while running.app.channels["onebot"].health().detail != wanted:
            assert not task.done(), task.exception()
            await asyncio.sleep(0)
        async with httpx.AsyncClient() as client:
            answer = await client.post(f"http://127.0.0.1:{port}/qq/webhook", content=b"{")
        assert answer.status_code == 400
        assert running.app.channels["qq_official"].health().link is Link.UP
        running.app.stop()
        await task


def test_no_channel_at_all_is_refused(config: Config) -> None:
    off = with_channels(config, sandbox={"enabled": False})
    with pytest.raises(ConfigError, match="no channel"):
        build_channels(off, MovableClock(NOW))


def test_a_second_process_on_a_file_is_refused_and_the_lock_ends_with_its_owner(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{(tmp_path / 'town.sqlite3').as_posix()}"
    held = f"""
import sys
from bot.single import alone_on
with alone_on({url!r}):
    print("held", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", held], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(StoreError, match=rf"process {other.pid}\) already runs"):
            alone_on(url).__enter__()
        other.kill()
        other.communicate()
    with alone_on(url):
        pass


def test_a_database_without_a_file_is_not_locked(tmp_path: Path) -> None:
    for url in ("sqlite://", "postgresql://here/town"):
        with alone_on(url), alone_on(url):
            assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("进修小区居民群 王姐: 漏水了", ("sandbox:进修小区居民群", "王姐", "漏水了")),
        ("进修 王姐：漏水了", ("sandbox:进修小区居民群", "王姐", "漏水了")),
        ("@王姐: 好了", (None, "王姐", "好了")),
        ("漏水了", ("sandbox:工作群", "我", "漏水了")),
        ("3:30 停水", ("sandbox:工作群", "我", "3:30 停水")),
    ],
)
def test_typed_lines_are_understood(text: str, wanted: tuple[str | None, str, str]) -> None:
    found = parse(text, ROOMS, "sandbox:工作群")
    assert found == Typed(room=wanted[0], who=wanted[1], text=wanted[2])


def test_a_room_that_does_not_exist_is_told(config: Config) -> None:
    del config
    with pytest.raises(XiaogeError, match="没有的群"):
        parse("没有的群 王姐: 话", ROOMS, None)


@given(st.text(max_size=60))
def test_no_line_breaks_the_keyboard(text: str) -> None:
    told: list[str] = []
    sandbox = Sandbox(lambda: NOW)
    Keyboard(sandbox, lambda: ROOMS, told.append).typed(text)
    assert len(sandbox.lines) + len(told) == bool(text.strip())


def test_an_empty_store_gets_the_sample_town_for_the_sandbox_only(
    config: Config, store: Store
) -> None:
    town = settle(config, store)
    assert len(town.communities) == 21
    assert {handle.partition(":")[0] for handle in town.rooms} == {"sandbox"}
    assert settle(config, store) == town


def test_stopped_rooms_are_stopped_and_allowed_ones_only_once(config: Config, store: Store) -> None:
    settle(config, store)
    first, second = list(store.directory().rooms)[:2]
    store.record(None, [SetRoom(room=second, allowed=False)], at=NOW)
    rooms = config.rooms.model_copy(update={"stop": (first,), "allow": (second,)})
    asked = config.model_copy(update={"rooms": rooms})
    assert open_rooms(asked, store, NOW) == 2
    assert not store.directory().rooms[first].allowed
    assert store.directory().rooms[second].allowed
    store.record(None, [SetRoom(room=second, allowed=False)], at=NOW)
    assert open_rooms(asked, store, NOW) == 0
    assert not store.directory().rooms[second].allowed


def test_a_community_can_stand_alone(config: Config) -> None:
    town = only(first_town(config), "C01", "sandbox")
    assert list(town.communities) == ["C01"]
    assert town.supervisors("C01")
    assert set(town.bindings.values()) <= set(town.members)
    assert all(town.grids[key].parent in {None, *town.grids} for key in town.grids)


def test_the_sample_day_happens_in_rooms_and_among_people_of_the_sample_town(
    config: Config,
) -> None:
    day, town = read_day(), first_town(config)
    assert {f"sandbox:{name}" for name in day.rooms} <= set(town.rooms)
    speakers = {line.who for line in day.lines}
    assert len({m.name for m in town.members.values()} & speakers) >= 10
    assert len(day.lines) >= 70


def test_the_sample_day_asks_only_for_tickets_of_earlier_lines(tmp_path: Path) -> None:
    def written(*lines: Mapping[str, object]) -> Day:
        file = tmp_path / "day.yaml"
        day = {
            "date": datetime(2026, 11, 23, tzinfo=UTC).date(),
            "lines": [dict(line) for line in lines],
        }
        file.write_text(yaml.safe_dump({"community": "c", "rooms": {}, "days": [day]}), "utf-8")
        return read_day(file)

    first = {"at": "08:00:00", "who": "a", "text": "x", "label": "one"}
    good = written(first, {"at": "08:01:00", "who": "b", "text": "{ticket:one}好了"})
    assert [line.number for line in good.lines] == [1, 2]
    with pytest.raises(TranscriptError, match="no line before has one"):
        written({"at": "07:01:00", "who": "b", "text": "{ticket:one}好了"}, first)
    with pytest.raises(TranscriptError, match="order of time"):
        written(first, {"at": "07:00:00", "who": "b", "text": "y"})
    with pytest.raises(TranscriptError, match="unknown key romo"):
        written({**first, "romo": "x"})


def test_no_wait_of_the_story_is_long_and_none_is_negative() -> None:
    slept: list[float] = []
    pacer = Pacer(NOW, 60, sleep=slept.append)
    for minutes in (0, 1, 600, 599):
        pacer.until(NOW + timedelta(minutes=minutes))
    assert max(slept) <= 1.5
    assert min(slept) > 0
    assert real_seconds(NOW, NOW - timedelta(hours=1), 60) == 0


def test_a_room_stopped_in_the_file_stays_known(config: Config, store: Store) -> None:
    """It is only not answered: the roster is not changed by the configuration."""
    town = settle(config, store)
    handle = next(iter(town.rooms))
    rooms = config.rooms.model_copy(update={"stop": (handle,)})
    open_rooms(config.model_copy(update={"rooms": rooms}), store, NOW)
    assert store.directory().rooms[handle] == replace(town.rooms[handle], allowed=False)
