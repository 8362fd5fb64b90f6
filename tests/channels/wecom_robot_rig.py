"""The WeCom group robot and its platform as a rig of the conformance suite: one room, send only."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from bot.channels.wecom import WecomRobot
from tests.channels.ears import Ears, HandClock
from tests.channels.http_standin import Called, HttpStandIn, Told
from tests.channels.rig import Said

KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
OK = Told(body={"errcode": 0, "errmsg": "ok"})


class RobotRig:
    """The robot in the conformance suite: one room, send only."""

    plays = frozenset({"lose_answer"})
    skips: ClassVar[dict[str, str]] = {
        "refuse": "WeCom mutes no robot",
    }
    room = other_room = "工作群"
    resident, neighbour, other_bot = "zhao", "qian", "bot"

    def __init__(self) -> None:
        self.clock = HandClock()
        self.ears = Ears()
        self.platform = HttpStandIn(self.answer)
        self.taken: list[Called] = []
        self.refusal: Told | None = None
        """What the platform says instead of taking the words."""
        self.silent = False

    async def start(self) -> None:
        await self.platform.__aenter__()
        self.channel = WecomRobot(
            key=KEY, now=self.clock.now, url=self.platform.url, deadline=0.3, account=self.room
        )
        self.running = asyncio.create_task(self.channel.run(self.ears))
        await asyncio.sleep(0)

    async def stop(self) -> None:
        await self.channel.close()
        await asyncio.wait_for(self.running, 5)
        await self.platform.__aexit__()

    def answer(self, called: Called) -> Told:
        if self.refusal is not None:
            return self.refusal
        self.taken.append(called)
        return Told(silent=True) if self.silent else OK

    async def lose_answer(self) -> None:
        self.silent = True

    def sent(self) -> list[Said]:
        texts = [c.body["text"] for c in self.taken if c.body["msgtype"] == "text"]
        images = sum(c.body["msgtype"] == "image" for c in self.taken)
        return [
            Said(
                text=text["content"],
                room=self.room,
                mentions=tuple(text.get("mentioned_list", ())),
                images=images,
            )
            for text in texts
        ]
