"""The OneBot channel and its stand-in as a rig of the conformance suite, forward and reverse."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import ClassVar

from bot.channels.base import Link
from bot.channels.onebot import OneBot
from bot.channels.onebot_watch import Timing
from domain.events import Message
from tests.channels import onebot_town as town
from tests.channels.ears import Ears, HandClock
from tests.channels.onebot_server import OneBotServer
from tests.channels.onebot_town import Frame, segment
from tests.channels.rig import PIXEL, Said

PLAYS = frozenset(
    {
        "duplicates",
        "garbage",
        "drop",
        "freeze",
        "restart",
        "again",
        "overflow",
        "wrong_token",
        "lose_answer",
        "refuse",
        "remove_bot",
        "leave",
        "long",
    }
)
BROKEN: tuple[str | bytes, ...] = (
    "no json",
    "[1, 2]",
    '"word"',
    "{}",
    "[" * 5000,
    '{"post_type": "message"}',
    '{"post_type": "message", "message_type": "group", "user_id": 1, "message_id": 2}',
    '{"post_type": "message", "message_type": "group", "sender": 7, "message": 7, "time": "x"}',
    '{"post_type": "notice", "notice_type": "group_recall"}',
    '{"post_type": "notice", "notice_type": "group_decrease", "group_id": {}}',
    '{"post_type": "meta_event", "meta_event_type": "heartbeat", "status": 3, "interval": "x"}',
    '{"post_type": 12, "time": 1e400}',
)


class OneBotRig:
    """`form`: how messages are written; `reverse`: the stand-in calls the channel."""

    plays = PLAYS
    skips: ClassVar[dict[str, str]] = {}
    room, other_room = "501", "502"
    resident, neighbour, other_bot = "2001", "2002", "3001"

    def __init__(self, *, form: str = "array", reverse: bool = False) -> None:
        self.clock = HandClock()
        self.server = OneBotServer(form=form, now=self.clock.now)
        self.ears = Ears()
        self.reverse = reverse
        self.history = 100
        self.frames: dict[str, Frame] = {}
        self.cursors: dict[str, datetime] = {}

    async def start(self) -> None:
        await self.server.start()
        await self.run()

    async def run(self) -> None:
        """A new channel, as after the start of a process."""
        self.channel = OneBot(
            name="onebot",
            account=self.server.account,
            now=self.clock.now,
            ws_url=self.server.ws_url,
            http_url=self.server.http_url,
            listen="127.0.0.1:0" if self.reverse else "",
            token="s3cret",
            ignore=[self.other_bot],
            cursor=self.cursors.get,
            history=self.history,
            deadline=0.5,
            timing=Timing(wait=self.clock.wait, elapsed=self.clock.elapsed, chance=lambda: 0.5),
        )
        await self.again()

    async def again(self) -> None:
        self._running = asyncio.create_task(self.channel.run(self.ears))
        await self.connected()

    async def connected(self) -> None:
        """Waits until the link is up, and catching up is over."""
        if self.reverse:
            while not self.channel.port:
                await asyncio.sleep(0)
            await self.server.dial(f"ws://127.0.0.1:{self.channel.port}")
        await self.server.joined.wait()
        await self.server.push(self.server.town.say("(连上了)"))
        await self.ears.words("(连上了)")
        self.ears.events = [
            e for e in self.ears.events if not (isinstance(e, Message) and e.text == "(连上了)")
        ]

    async def stop(self) -> None:
        await self.channel.close()
        await asyncio.wait_for(self._running, 5)
        await self.server.stop()

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
        parts = [segment("reply", id=reply_to.split(":")[1])] if reply_to else []
        parts += [segment("at", qq=who) for who in mentions]
        parts.append(town.text(f" {text}" if mentions else text))
        if image:
            url = f"{self.server.http_url}/files/A1.png"
            parts.append(segment("image", file="A1.png", url=url, sub_type=0))
            self.server.town.files["A1.png"] = PIXEL
        frame = self.server.town.say(
            parts,
            sender=sender or self.resident,
            room=self.room if room == "" else room,
        )
        for _ in range(times):
            await self.server.push(frame)
        id = id_of(frame)
        self.frames[id] = frame
        return id

    async def recall(self, id: str) -> None:
        await self.server.push(self.server.town.recalled(self.frames[id]))

    async def leave(self, person: str) -> None:
        await self.server.push(self.server.town.left(person, self.room))

    async def remove_bot(self) -> None:
        notice = self.server.town.left(self.server.account, self.room, how="kick_me")
        del self.server.town.rooms[self.room]
        await self.server.push(notice)

    async def garbage(self) -> None:
        for frame in BROKEN:
            await self.server.push(frame)

    async def drop(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self.server.drop()
        await self.fallen()
        await meanwhile()
        await self.back()

    async def overflow(self) -> None:
        self.server.town.kept = 10

    async def freeze(self) -> None:
        await self.server.beat()
        await self.say("心跳后")
        await self.ears.words("心跳后")
        self.server.freeze()
        await self.clock.parked()
        self.clock.advance(76)
        await self.fallen()
        assert self.channel.health().detail == "heartbeat_lost"
        self.server.drop()
        self.server.thaw()
        await self.back()

    async def fallen(self) -> None:
        """Waits until the channel has noticed that its link is gone."""
        down = (Link.DOWN, Link.LOGGED_OUT)
        if self.reverse:
            while self.channel.health().link not in down:
                await asyncio.sleep(0)
        else:
            await self.clock.parked(lambda: self.channel.health().link in down)

    async def back(self) -> None:
        if not self.reverse:
            self.clock.advance(30)
        await self.connected()

    async def restart(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        await self.channel.close()
        await self._running
        self.server.drop()
        for message in self.ears.all(Message):
            if message.room:
                self.cursors[message.room] = message.at
        self.clock.advance(5)
        await meanwhile()
        await self.run()

    async def wrong_token(self) -> None:
        self.server.token = "changed"
        self.server.drop()
        if self.reverse:
            await self.fallen()
            assert await self.server.dial_refused(f"ws://127.0.0.1:{self.channel.port}") == 403
            return
        await self.fallen()
        self.clock.advance(30)
        await self.clock.parked(lambda: self.channel.health().link is Link.LOGGED_OUT)

    async def right_token(self) -> None:
        self.server.token = "s3cret"
        self.clock.advance(300)
        await self.connected()

    async def lose_answer(self) -> None:
        self.server.hang.add("send_group_msg")

    async def refuse(self) -> None:
        self.server.town.refusal = "发送失败, 已被禁言"

    def sent(self) -> list[Said]:
        return [self._said(frame) for frame in self.server.town.sent]

    def _said(self, frame: Frame) -> Said:
        parts = frame["message"]
        replies = [str(p["data"]["id"]) for p in parts if p["type"] == "reply"]
        known = {id.split(":")[1]: id for id in self.frames}
        return Said(
            text="".join(p["data"]["text"] for p in parts if p["type"] == "text").strip(),
            room=str(frame["group_id"]) if "group_id" in frame else None,
            person=str(frame["user_id"]) if "user_id" in frame else None,
            mentions=tuple(p["data"]["qq"] for p in parts if p["type"] == "at"),
            images=sum(p["type"] == "image" for p in parts),
            reply_to=known[replies[0]] if replies else None,
        )

    def recalled(self) -> list[str]:
        known = {str(f["message_id"]): f for f in self.server.town.sent}
        asked = [str(p["message_id"]) for action, p in self.server.calls if action == "delete_msg"]
        return [f"{known[id]['group_id']}:{id}:own" for id in asked if id in known]


def id_of(frame: Frame) -> str:
    """The id that the channel gives to a message."""
    place = frame.get("group_id") or f"p{frame['user_id']}"
    return f"{place}:{frame['message_id']}:{frame['time']}"


def played(scene: Callable[[OneBotRig], Awaitable[None]], *, reverse: bool = False) -> None:
    """Play a scene with a connected rig."""

    async def whole() -> None:
        async with asyncio.timeout(20):
            rig = OneBotRig(reverse=reverse)
            await rig.start()
            try:
                await scene(rig)
            finally:
                await rig.stop()

    asyncio.run(whole())
