"""Archive records by HTTP push: the token, broken records, and where a pusher goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bot.channels.inbound import InboundServer
from bot.channels.wecom_archive import WecomArchive
from bot.channels.wecom_files import OVERLAP
from tests.channels.ears import Ears, HandClock
from tests.channels.wecom_archive_rig import PATH, line, record


def pushed(work: Callable[[httpx.AsyncClient, WecomArchive, Ears], Awaitable[None]]) -> None:
    async def whole() -> None:
        with TemporaryDirectory() as folder:
            clock, ears = HandClock(), Ears()
            channel = WecomArchive(
                now=clock.now, token="t0ken", wait=clock.wait, cursor=Path(folder) / "c" / "x.json"
            )
            running = asyncio.create_task(channel.run(ears))
            await clock.parked()
            async with (
                InboundServer(host="127.0.0.1", port=0, doors=channel.doors) as server,
                httpx.AsyncClient(
                    base_url=f"http://127.0.0.1:{server.port}",
                    headers={"Authorization": "Bearer t0ken"},
                ) as client,
            ):
                await work(client, channel, ears)
            await channel.close()
            await asyncio.wait_for(running, 5)
            again = WecomArchive(now=clock.now, token="t0ken", cursor=Path(folder) / "c" / "x.json")
            assert again.seq <= channel.seq

    asyncio.run(asyncio.wait_for(whole(), 20))


def test_a_push_takes_lines_or_a_list_once_and_names_the_broken() -> None:
    async def work(client: httpx.AsyncClient, channel: WecomArchive, ears: Ears) -> None:
        body = line(1, "一") + '{"seq": 2, "x\n' + line(3, "三")
        answer = await client.post(PATH, content=body.encode())
        assert answer.json() == {
            "taken": 2,
            "seq": 3,
            "broken": [{"seq": 2, "where": "push:2", "why": "not JSON"}],
        }
        answer = await client.post(PATH, json=[record(3, "三"), record(4, "四"), 7])
        assert (answer.json()["taken"], answer.json()["seq"]) == (2, 4)
        assert ears.texts == ["一", "三", "四"]
        assert (await client.get(PATH)).json() == {"seq": 4}
        assert channel.health().gaps == 2

    pushed(work)


def test_a_push_without_the_token_is_refused_and_says_nothing() -> None:
    async def work(client: httpx.AsyncClient, _: WecomArchive, ears: Ears) -> None:
        for header in ("", "Bearer", "Bearer t0ke", "t0ken", "Bearer t0ken2", "Basic t0ken"):
            answer = await client.post(PATH, content=line(1), headers={"Authorization": header})
            assert (answer.status_code, answer.content) == (401, b"")
        assert ears.events == []

    pushed(work)


def test_a_pusher_goes_on_after_a_restart_behind_what_may_be_undecided() -> None:
    async def whole() -> tuple[int, int]:
        with TemporaryDirectory() as folder:
            clock, file = HandClock(), Path(folder) / "cursor.json"
            channel = WecomArchive(now=clock.now, token="t", cursor=file, wait=clock.wait)
            running = asyncio.create_task(channel.run(Ears()))
            await clock.parked()
            async with (
                InboundServer(host="127.0.0.1", port=0, doors=channel.doors) as server,
                httpx.AsyncClient(headers={"Authorization": "Bearer t"}) as client,
            ):
                records = [record(n) for n in range(1, 201)]
                await client.post(f"http://127.0.0.1:{server.port}{PATH}", json=records)
            await channel.close()
            await asyncio.wait_for(running, 5)
            return channel.seq, WecomArchive(now=clock.now, token="t", cursor=file).seq

    assert asyncio.run(asyncio.wait_for(whole(), 20)) == (200, 201 - OVERLAP)
