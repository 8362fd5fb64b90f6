"""One client on the real wire: answers OneBot messages through one of four stacks, then says how fast.

    python -m benchmarks.wire STACK WS_URL HTTP_URL TOKEN DATABASE COUNT

Every stack parses the frame, reads the text with the product's reader, and keeps each request with
one durable commit. `house` is the whole product; `channel` its OneBot channel with that plain work.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from handlers.understanding import default_reader

structlog.configure(
    wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
    logger_factory=structlog.PrintLoggerFactory(sys.stderr),
)


class Plainly:
    """The work of a careful little bot: read; for a request, one row in one durable commit."""

    def __init__(self, file: str, count: int) -> None:
        self._read = default_reader().read
        self._connection = sqlite3.connect(file, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE requests (key TEXT PRIMARY KEY, room, person, text)")
        self._left = count
        self.requests = 0
        self.over = asyncio.Event()

    def take(self, key: str, room: str, person: str, text: str) -> None:
        begin()
        if self._read(text, None).is_request:
            self._connection.execute(
                "INSERT INTO requests VALUES (?, ?, ?, ?)", (key, room, person, text)
            )
            self.requests += 1
        self._left -= 1
        if self._left == 0:
            report(self.requests)
            self.over.set()


_BEGUN: list[float] = []


def begin() -> None:
    """CPU seconds count from the first message: everything is imported and connected."""
    if not _BEGUN:
        _BEGUN.append(time.process_time())


def report(requests: int) -> None:
    """The last line: when it was over, by the machine's one steady clock, and the CPU it took."""
    cpu = time.process_time() - _BEGUN[0]
    said = {"at": time.perf_counter(), "cpu": cpu, "requests": requests}
    print(json.dumps(said), flush=True)


class Inbox:
    """What our channel puts messages into."""

    def __init__(self, take) -> None:
        self._take = take

    def put(self, event) -> None:
        self._take(event)


async def channel(ws: str, http: str, token: str, file: str, count: int) -> None:
    """Our OneBot channel with the plain work behind it."""
    from domain.events import Message

    plainly = Plainly(file, count)

    def take(event) -> None:
        if isinstance(event, Message):
            plainly.take(event.key, event.room or "", event.person, event.text)

    await _listen(ws, http, token, take, plainly.over)


async def house(ws: str, http: str, token: str, file: str, count: int) -> None:
    """The whole product: channel, merging, routing, decision, ticket, reminders, words."""
    from bot.app import rules_of
    from bot.config import load_config
    from bot.loop import House
    from bot.replay.town import town_of
    from bot.replay.transcript import Line
    from domain.events import Message
    from storage.store import Store

    rules = rules_of(load_config(Path(__file__).parent.parent / "config.yaml", {}))
    store = Store.open(f"sqlite:///{file}", "replay", patience=rules.patience)
    now = datetime.now(UTC)
    rooms = [
        Line(
            id="0",
            at=now,
            channel="onebot",
            room=str(9000 + n),
            sender="x",
            role="resident",
            text="",
        )
        for n in range(20)
    ]
    store.replace_directory(town_of(rooms))
    place = House(store, rules, default_reader().read)
    store.directory()
    over = asyncio.Event()
    left, recorded = count, 0

    def take(event) -> None:
        nonlocal left, recorded
        if isinstance(event, Message):
            begin()
            recorded += place.take(event)
            left -= 1
            if left == 0:
                report(recorded)
                over.set()

    await _listen(ws, http, token, take, over)
    assert place.counts["judged"] == count, place.counts
    assert place.counts["poisoned"] == 0, place.counts
    store.close()


async def _listen(ws: str, http: str, token: str, take, over: asyncio.Event) -> None:
    from bot.channels.onebot import OneBot

    onebot = OneBot(
        name="onebot",
        account="10001",
        now=lambda: datetime.now(UTC),
        ws_url=ws,
        http_url=http,
        token=token,
        history=0,
    )
    running = asyncio.create_task(onebot.run(Inbox(take)))
    await over.wait()
    await onebot.close()
    await running


def nonebot2(ws: str, http: str, token: str, file: str, count: int) -> None:
    """NoneBot2 with its OneBot adapter and one handler for every message."""
    import nonebot
    from nonebot import on_message
    from nonebot.adapters.onebot.v11 import Adapter, GroupMessageEvent

    nonebot.init(
        driver="~none+~websockets",
        onebot_v11_ws_urls=[ws],
        onebot_v11_access_token=token,
        log_level="ERROR",
    )
    nonebot.get_driver().register_adapter(Adapter)
    plainly = Plainly(file, count)

    @on_message().handle()
    async def take(event: GroupMessageEvent) -> None:
        key = f"{event.group_id}:{event.message_id}"
        plainly.take(key, str(event.group_id), event.get_user_id(), event.get_plaintext())

    nonebot.run()


async def aiocqhttp(ws: str, http: str, token: str, file: str, count: int) -> None:
    """aiocqhttp, which only listens: the stand-in calls it on the port of `ws`."""
    from aiocqhttp import CQHttp, Event, Message
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    bot = CQHttp(access_token=token, message_class=Message)
    plainly = Plainly(file, count)

    @bot.on_message
    async def take(event: Event) -> None:
        key = f"{event.group_id}:{event.message_id}"
        text = event.message.extract_plain_text() if event.message else ""
        plainly.take(key, str(event.group_id), str(event.user_id), text)

    config = Config()
    config.graceful_timeout = 0.1
    config.loglevel = "CRITICAL"
    config.bind = [f"127.0.0.1:{urlsplit(ws).port}"]
    stack = asyncio.create_task(serve(bot.asgi, config))  # pyright: ignore[reportArgumentType] # ASGI
    await plainly.over.wait()
    stack.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await stack


def main() -> None:
    stack, ws, http, token, file, count = sys.argv[1:]
    work = {"house": house, "channel": channel, "nonebot2": nonebot2, "aiocqhttp": aiocqhttp}[stack]
    coming = work(ws, http, token, file, int(count))
    if coming is not None:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(coming)


if __name__ == "__main__":
    main()
