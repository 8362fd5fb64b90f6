"""A start of the product as `starting` measures it: the app runs, a request is put in and taken."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from dataclasses import replace
from pathlib import Path

import structlog

from bot.app import build, rules_of
from bot.config import load_config
from bot.sample import sample_directory
from domain.events import Message
from storage.store import Store

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
ROOT = Path(__file__).parent.parent


def first(room: str) -> Message:
    from bot.clock import SystemClock  # loaded only when needed: start-up stays short

    channel, _, handle = room.partition(":")
    return Message(
        channel=channel,
        account="bench",
        id="first",
        at=SystemClock().now(),
        sender="first",
        sender_name="first",
        text="3号楼2单元501厨房水管漏水了，谁来看看",
        room=handle,
        room_name=handle,
    )


async def main(file: str, chatter: int, requests: int) -> None:
    config = load_config(ROOT / "config.yaml", {})
    store = Store.open(f"sqlite:///{file}", "bench", patience=rules_of(config).patience)
    if not store.directory().rooms:
        store.replace_directory(replace(sample_directory(), town="bench"))
    app = build(config, channels={}, store=store)
    running = asyncio.create_task(app.run())
    room = next(r.handle for r in store.directory().rooms.values() if r.kind == "residents")
    app.inbox.put(first(room))
    await app.inbox.all_taken()
    assert store.tickets(limit=1)[0].opened_by.endswith("first")
    print("taken", flush=True)
    from benchmarks.machine import (  # loaded only when needed: start-up stays short
        highest_mb,
        rss_mb,
    )

    if chatter:
        from benchmarks import said  # loaded only when needed: start-up stays short

        for message in said.load(Path(file).parent, chatter, requests):
            app.house.take(message)
    found = {"rss_mb": rss_mb(), "highest_mb": highest_mb()}
    count = store._link._open().execute("SELECT count(*) FROM tickets").fetchall()[0][0]
    app.stop()
    await running
    print(json.dumps(found | {"tickets": count - 1}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *(int(n) for n in (sys.argv[2:] or ("0", "0")))))
