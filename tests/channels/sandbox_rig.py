"""The sandbox as a rig of the conformance suite: it has no link that could break."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from bot.channels.sandbox import Sandbox, Spoken
from domain.events import Message
from handlers.zh.placeholders import PLACEHOLDERS
from tests.channels.ears import Ears, HandClock
from tests.channels.rig import Said

PLAYS = frozenset({"leave", "long", "again"})


class SandboxRig:
    """Two rooms; what the stand-in of another channel does, the sandbox does itself."""

    plays = PLAYS
    skips: ClassVar[dict[str, str]] = dict.fromkeys(("duplicates", "garbage", "remove_bot", "drop", "freeze", "restart", "wrong_token", "lose_answer", "refuse"), "it is part of this process: it has neither a link nor a platform")  # fmt: skip
    room, other_room = "一号楼", "二号楼"
    resident, neighbour, other_bot = "li", "wang", "steward"

    def __init__(self) -> None:
        self.clock = HandClock()
        self.channel = Sandbox(self.clock.now)
        self.ears = Ears()
        self.said: dict[str, Message] = {}
        self.spoken: list[Spoken] = []
        self.channel.listeners.append(self.spoken.append)

    async def start(self) -> None:
        await self.again()

    async def again(self) -> None:
        self.running = asyncio.create_task(self.channel.run(self.ears))
        await self.channel.ready()

    async def stop(self) -> None:
        await self.channel.close()
        await asyncio.wait_for(self.running, 5)

    async def say(
        self,
        text: str,
        *,
        sender: str | None = None,
        room: str | None = "",
        mentions: tuple[str, ...] = (),
        reply_to: str | None = None,
        image: bool = False,
        times: int = 1,
    ) -> str:
        assert times == 1
        who = sender or self.resident
        message = self.channel.say(
            text + PLACEHOLDERS["image"] * image,
            sender=who,
            name=who,
            room=self.room if room == "" else room,
            mentions=mentions,
            reply_to=reply_to,
            images=["picture"] * image,
            bot=who == self.other_bot,
        )
        self.said[message.id] = message
        return message.id

    async def recall(self, id: str) -> None:
        self.channel.take_back(self.said[id])

    async def leave(self, person: str) -> None:
        self.channel.change_room(self.room, person, "left")

    def sent(self) -> list[Said]:
        return [
            Said(
                text=spoken.text,
                room=spoken.room,
                person=spoken.private_with,
                mentions=spoken.mentions,
                images=spoken.images,
                reply_to=spoken.reply_to,
            )
            for spoken in self.spoken
            if spoken.by_bot
        ]

    def recalled(self) -> list[str]:
        left = {line.id for line in self.channel.lines}
        return [spoken.id for spoken in self.spoken if spoken.id not in left]
