"""A whole start after a kill: what QQ still has is read, judged once, and not chatted about."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.app import App, build, open_store, rules_of
from bot.channels.onebot import OneBot
from bot.channels.onebot_watch import Timing
from bot.clock import Clock
from bot.config import Config, load_config
from bot.cursors import Cursors
from domain.grid import Room
from domain.outgoing import SendState
from tests.channels.ears import HandClock
from tests.channels.onebot_server import OneBotServer
from tests.dialogue import town

ROOT = Path(__file__).parent.parent
LAMP = "2号楼2单元楼道灯不亮了 麻烦来修一下"
LEAK = "3号楼1单元502厨房水管漏水了"


def config_at(folder: Path) -> Config:
    loaded = load_config(ROOT / "config.yaml", {})
    key = loaded.town.model_copy(update={"key": "test"})
    return loaded.model_copy(
        update={
            "mode": "production",
            "base": folder,
            "town": key,
            "calendar": str(ROOT / "calendar.yaml"),
        }
    )


@asynccontextmanager
async def running(folder: Path, server: OneBotServer, clock: HandClock) -> AsyncGenerator[App]:
    """The product on the database of a folder, until it has caught up, and then on."""
    config = config_at(folder)
    store = open_store(config, rules_of(config))
    if not store.directory().communities:
        qq = Room(handle="onebot:501", name="一号楼群", community="c1", estate="进修小区")
        plain = town()
        store.replace_directory(replace(plain, rooms={**plain.rooms, qq.handle: qq}))
    cursors = Cursors(store)
    channel = OneBot(
        name="onebot",
        account=server.account,
        now=clock.now,
        ws_url=server.ws_url,
        http_url=server.http_url,
        token="s3cret",
        cursor=cursors.of("onebot"),
        away_since=cursors.alive("onebot"),
        timing=Timing(wait=clock.wait, elapsed=clock.elapsed, chance=lambda: 0.5),
    )
    moving: Clock = clock
    app = build(config, channels={"onebot": channel}, clock=moving, store=store, cursors=cursors)
    task = asyncio.create_task(app.run())
    try:
        await server.joined.wait()
        await say(app, server, "(连上了)")
        yield app
    finally:
        app.stop()
        await task


async def say(app: App, server: OneBotServer, text: str, **more: str) -> None:
    """Somebody speaks, and the house has heard it."""
    heard = asyncio.Event()
    take = app.house.take

    def taken(event: object, **given: object) -> bool:
        result = take(event, **given)  # pyright: ignore[reportArgumentType]
        if getattr(event, "text", "") == text:
            heard.set()
        return result

    app.house.take = taken
    await server.push(server.town.say(text, **more))
    await asyncio.wait_for(heard.wait(), 10)
    app.house.take = take


def as_killed(folder: Path, into: Path) -> Path:
    """The database as a kill at this moment would leave it."""
    (into / "data").mkdir(parents=True)
    with (
        sqlite3.connect(folder / "data" / "xiaoge.sqlite3") as now,
        sqlite3.connect(into / "data" / "xiaoge.sqlite3") as left,
    ):
        now.backup(left)
    now.close()
    left.close()
    return into


def test_after_a_kill_what_was_said_meanwhile_is_taken_once_and_answered_in_one_line(
    tmp_path: Path,
) -> None:
    async def whole() -> None:
        clock = HandClock()
        server = OneBotServer(now=clock.now)
        await server.start()
        async with running(tmp_path / "a", server, clock) as app:
            await say(app, server, "早啊")
            clock.advance(60)
            await say(app, server, LAMP)
            app.tick()
            clock.advance(30)
            await say(app, server, "今晚跳舞去不", sender="2002")
            killed = as_killed(tmp_path / "a", tmp_path / "b")
        for who, text in (("2002", LEAK), ("2002", "好的"), ("2001", "小格 1到哪了")):
            clock.advance(600)
            server.town.say(text, sender=who)
        clock.advance(3 * 3600)
        said = len(server.town.sent)
        async with running(killed, server, clock) as app:
            assert sorted(t.category for t in app.store.tickets()) == [
                "street_light",
                "water_supply",
            ]
            for _ in range(3):
                app.tick()
                while await app.outbox.flush():
                    pass
                clock.advance(5)
            words = [str(frame) for frame in server.town.sent[said:] if "group_id" in str(frame)]
            assert sum("记下了" in w for w in words) == 2, words
            assert len(words) == 2, words
            assert app.store.outgoing_states()[SendState.DROPPED] == 1, "an answer hours late"
            assert not [w for w in words if "不在线" in w], "QQ had it all: no hole to speak of"
            (gap,) = [g for g in app.store.gaps(clock.now() - timedelta(days=1)) if g.filled]
            assert timedelta(hours=3) < gap.until - gap.since < timedelta(hours=4)
        await server.stop()

    asyncio.run(whole())
