"""The wechaty channel and its gateway as a rig of the conformance suite."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar

from grpclib.const import Status

from bot.channels.base import Channel, Link
from bot.channels.wechat_quotes import CLOSE, COLON, OPEN, RULE
from bot.channels.wechaty import WechatyChannel
from bot.channels.wechaty_stream import Timing
from tests.channels.conformance import Said
from tests.channels.ears import Ears, HandClock
from tests.channels.wechaty_gateway import Gateway
from tests.channels.wechaty_world import (
    BOT,
    DIRTY,
    ERROR,
    IMAGE,
    LEAVE,
    LI,
    MESSAGE,
    OTHER_BOT,
    OTHER_ROOM,
    RECALLED,
    ROOM,
    TEXT,
    TOKEN,
    TOPIC,
    ZHANG,
    Sent,
    World,
)

PLAYS = frozenset(
    {
        "duplicates",
        "garbage",
        "long",
        "leave",
        "remove_bot",
        "drop",
        "freeze",
        "again",
        "wrong_token",
        "lose_answer",
        "refuse",
    }
)
BROKEN: tuple[tuple[int, Mapping[str, object] | str], ...] = (
    (ERROR, {"gerror": "{}"}),
    (ERROR, "no json"),
    (99, {"what": "ever"}),
    (MESSAGE, {}),
    (MESSAGE, {"messageId": 7}),
    (MESSAGE, "[" * 5000),
    (LEAVE, {"roomId": 1, "removeeIdList": "x"}),
    (TOPIC, {"roomId": None}),
    (DIRTY, {"payloadType": "x", "payloadId": {}}),
)


Scene = Callable[["WechatyRig"], Awaitable[None]]


class WechatyRig:
    """Time stands still unless a test moves it; only calls to the gateway have real deadlines."""

    plays = PLAYS
    skips: ClassVar[dict[str, str]] = {}
    captions = False
    room, other_room = ROOM, OTHER_ROOM
    resident, neighbour, other_bot = ZHANG, LI, OTHER_BOT

    def __init__(self) -> None:
        self.clock = HandClock()
        self.world = World()
        self.gateway = Gateway(self.world)
        self.ears = Ears()
        self.port = 0

    async def start(self) -> None:
        self.port = await self.gateway.serve()
        self.wechaty = WechatyChannel(
            account="xiaoge",
            endpoint=f"127.0.0.1:{self.port}",
            token=TOKEN,
            now=self.clock.now,
            ignore=frozenset({OTHER_BOT}),
            timing=Timing(wait=self.clock.wait, chance=lambda: 0.5, call=1.5, start=1.5, send=1.5),
        )
        self.channel: Channel = self.wechaty
        await self.again()

    async def again(self) -> None:
        self.running = asyncio.create_task(self.channel.run(self.ears))
        await self.link(Link.UP)

    async def link(self, *wanted: Link) -> None:
        """Waits until the link is one of these."""
        while self.channel.health().link not in wanted:
            await asyncio.sleep(0)

    async def fallen(self, *details: str) -> None:
        """Waits until the channel knows why its link is gone, and waits for its next try."""
        await self.clock.parked(lambda: self.channel.health().detail in details)

    async def stop(self) -> None:
        await self.channel.close()
        await self.running
        await self.gateway.kill()

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
        sender = BOT if sender == self.channel.account else sender or self.resident
        called = tuple(BOT if who == self.channel.account else who for who in mentions)
        text = "".join(f"@{self.world.names[who]}\u2005" for who in called) + text
        if reply_to is not None:
            text = self.quote(reply_to) + text
        id = self.gateway.post(
            "<msg/>" if image else text,
            sender=sender,
            room={"": ROOM, None: ""}.get(room, room) or "",
            mentions=called,
            sort=IMAGE if image else TEXT,
            at=self.clock.now().timestamp(),
            file=b"\x89PNG" if image else b"",
        )
        for _ in range(times - 1):
            self.gateway.tell(MESSAGE, {"messageId": id})
        return id

    def quote(self, id: str) -> str:
        """What WeChat puts above an answer."""
        quoted = self.world.messages[id]
        name = self.world.aliases.get(
            (quoted.room_id, quoted.from_id), self.world.names[quoted.from_id]
        )
        return f"{OPEN}{name}{COLON}{quoted.text}{CLOSE}\n{RULE}\n"

    async def recall(self, id: str) -> None:
        self.gateway.post(id, sort=RECALLED)

    async def leave(self, person: str) -> None:
        told: Mapping[str, object] = {
            "roomId": ROOM,
            "removeeIdList": [person],
            "removerId": ZHANG,
            "timestamp": 1,
        }
        self.gateway.tell(LEAVE, told)

    async def remove_bot(self) -> None:
        await self.leave(BOT)

    async def garbage(self) -> None:
        for type, told in BROKEN:
            self.gateway.tell(type, told)

    async def drop(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self.gateway.cable.break_off()
        await self.fallen("connection_lost")
        await meanwhile()
        self.clock.advance(30)
        await self.link(Link.UP)

    async def freeze(self) -> None:
        self.gateway.cable.freeze()
        await self.clock.parked()
        self.clock.advance(31)
        await self.fallen("silent")
        self.gateway.cable.thaw()
        while self.gateway.listened:
            await asyncio.sleep(0)
        self.clock.advance(30)
        await self.link(Link.UP)

    async def wrong_token(self) -> None:
        self.gateway.token = "another"
        self.gateway.cable.break_off()
        await self.fallen("connection_lost")
        self.clock.advance(30)
        await self.fallen("wrong_token")

    async def right_token(self) -> None:
        self.gateway.token = TOKEN
        self.clock.advance(300)
        await self.link(Link.UP)

    async def lose_answer(self) -> None:
        self.gateway.loses.add("MessageSendText")

    async def refuse(self) -> None:
        self.gateway.fails["MessageSendText"] = (Status.UNKNOWN, "发送失败: 你已被禁言")

    async def overflow(self) -> None:
        raise NotImplementedError

    async def restart(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        raise NotImplementedError

    def sent(self) -> list[Said]:
        found: list[Said] = []
        for sent in self.world.sent:
            if sent.file:
                last = found.pop()
                found.append(Said(text=last.text, room=last.room, images=last.images + 1))
            else:
                found.append(self._said(sent))
        return found

    def _said(self, sent: Sent) -> Said:
        text, reply_to = sent.text, None
        for id in self.world.messages:
            if text.startswith(quote := self.quote(id)):
                text, reply_to = text.removeprefix(quote), id
        for who in sent.mentions:
            alias = self.world.aliases.get((sent.place, who), self.world.names[who])
            text = text.removeprefix(f"@{alias}\u2005")
        in_room = sent.place in self.world.topics
        return Said(
            text=text,
            room=sent.place if in_room else None,
            person=None if in_room else sent.place,
            mentions=sent.mentions,
            reply_to=reply_to,
        )

    def recalled(self) -> list[str]:
        return [id for id in self.world.recalled if id in self.world.messages]


def played(scene: Scene) -> None:
    """Play a scene with a channel that is logged in."""

    async def whole() -> None:
        async with asyncio.timeout(20):
            rig = WechatyRig()
            await rig.start()
            try:
                await scene(rig)
            finally:
                await rig.stop()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(whole())


def another(rig: WechatyRig, *, endpoint: str = "") -> WechatyChannel:
    """A second channel, on the same gateway unless another address is given."""
    timing = Timing(wait=rig.clock.wait, call=0.5, start=0.5)
    return WechatyChannel(
        account="second",
        endpoint=endpoint or f"127.0.0.1:{rig.port}",
        token=TOKEN,
        now=rig.clock.now,
        timing=timing,
    )
