"""The itchat channel and its web-WeChat server as a rig of the conformance suite."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import ClassVar

from bot.channels.base import Channel, Link
from bot.channels.itchat import ItchatChannel
from bot.channels.itchat_login import Timing
from bot.channels.wechat_quotes import CLOSE, COLON, OPEN, RULE
from tests.channels.conformance import Said
from tests.channels.ears import Ears, HandClock
from tests.channels.webwx_server import WebWx
from tests.channels.webwx_world import BOT, LI, OTHER, ROOM, WEATHER, ZHANG, Json, Sent

PLAYS = frozenset(
    {"duplicates", "garbage", "long", "leave", "remove_bot", "drop", "again", "lose_answer"}
)


Scene = Callable[["ItchatRig"], Awaitable[None]]


class ItchatRig:
    """Time stands still unless a test moves it; only sends have a real deadline."""

    plays = PLAYS
    skips: ClassVar[dict[str, str]] = {
        "freeze": "each poll ends by itself: a silent server is one that is away, as in `drop`",
        "wrong_token": "there is no token; a rejected account: test_itchat_hazards.py",
        "refuse": "WeChat mutes nobody",
    }
    captions = False
    resident: str
    neighbour: str
    other_bot: str
    room: str
    other_room: str

    def __init__(self) -> None:
        self.patience = 2.0
        """Seconds of real time for a send."""
        self.clock = HandClock()
        self.wx = WebWx()
        self.ears = Ears()
        self.folder = tempfile.TemporaryDirectory()
        self.session = Path(self.folder.name) / "data" / "session.json"
        self.said: dict[str, tuple[str, str]] = {}

    async def start(self) -> None:
        self.wx.up()
        self.run()
        await self.link(Link.UP)
        login = self.wx.login
        self.resident, self.neighbour, self.other_bot = (
            f"{login.name}.{login.id(who)}" for who in (ZHANG, LI, WEATHER)
        )
        self.room, self.other_room = self.wx.topics[ROOM], self.wx.topics[OTHER]

    def run(self) -> None:
        """A new channel, as after the start of a process."""
        self.itchat = ItchatChannel(
            account="xiaoge",
            session=self.session,
            base_url=self.wx.url,
            now=self.clock.now,
            ignore=frozenset({"天气"}),
            timing=Timing(wait=self.clock.wait, chance=lambda: 0.5, send=self.patience),
        )
        self.channel: Channel = self.itchat
        self.running = asyncio.create_task(self.itchat.run(self.ears))

    async def again(self) -> None:
        await self.running
        self.running = asyncio.create_task(self.itchat.run(self.ears))
        await self.link(Link.UP)

    async def until(self, wanted: Callable[[], bool]) -> None:
        """Waits for something that happens in another thread."""
        while not wanted():
            await asyncio.sleep(0.002)

    async def link(self, *wanted: Link) -> None:
        await self.until(lambda: self.itchat.health().link in wanted)

    async def detail(self, wanted: str) -> None:
        await self.until(lambda: self.itchat.health().detail == wanted)

    async def close(self) -> None:
        await self.itchat.close()
        await asyncio.gather(self.running, return_exceptions=True)

    async def stop(self) -> None:
        await self.close()
        await asyncio.to_thread(self.wx.down)
        self.folder.cleanup()

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
        who = BOT if sender == self.itchat.account else self.who(sender or self.resident)
        called = [BOT if m == self.itchat.account else self.who(m) for m in mentions]
        text = "".join(f"@{self.wx.names[m]}\u2005" for m in called) + text
        if reply_to is not None:
            text = self.quote(reply_to) + text
        place = {self.room: ROOM, self.other_room: OTHER, "": ROOM}.get(room or "", ROOM)
        id = self.wx.post(
            text,
            sender=who,
            room=None if room is None else place,
            kind=3 if image else 1,
            at=self.clock.now().timestamp(),
            picture=b"\x89PNG" if image else b"",
        )
        self.said[id] = (self.wx.shown.get((place, who), self.wx.names[who]), text)
        for _ in range(times - 1):
            self.wx.put(self.wx.login.messages[-1])
        return id

    def who(self, handle: str) -> str:
        ids = {self.wx.login.id(who): who for who in self.wx.names}
        return ids[handle.partition(".")[2]]

    def quote(self, id: str) -> str:
        """What WeChat puts above an answer."""
        own = {sent.id: ("小格", sent.text) for sent in self.wx.sent}
        name, text = {**self.said, **own}[id]
        return f"{OPEN}{name}{COLON}{text}{CLOSE}\n{RULE}\n"

    async def recall(self, id: str) -> None:
        note = f"<sysmsg type='revokemsg'><revokemsg><oldmsgid>1</oldmsgid><msgid>{id}</msgid>"
        self.wx.post("", kind=10002, raw=note.replace("<", "&lt;").replace(">", "&gt;"))

    async def leave(self, person: str) -> None:
        self.wx.members[ROOM].remove(self.who(person))
        self.wx.room_changes(ROOM)

    async def remove_bot(self) -> None:
        self.wx.members[ROOM].remove(BOT)
        self.wx.room_changes(ROOM)

    async def garbage(self) -> None:
        room, zhang = self.wx.login.id(ROOM), self.wx.login.id(ZHANG)
        broken: list[Json] = [
            {"MsgType": "x"},
            {"MsgId": 1, "FromUserName": None},
            {"MsgId": "5", "FromUserName": room, "MsgType": 1, "Content": None},
            {"MsgId": "6", "FromUserName": room, "MsgType": 10000, "Content": "有人加入了群聊"},
            {"MsgId": "7", "FromUserName": room, "MsgType": 10002, "Content": "<sysmsg"},
            {"MsgId": "8", "FromUserName": zhang, "MsgType": 51, "Content": "<msg>"},
            {"MsgId": "9", "FromUserName": [1], "MsgType": {}, "Content": 3, "CreateTime": "x"},
        ]
        self.wx.put(*broken)

    async def drop(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        await asyncio.to_thread(self.wx.down)
        await self.fallen()
        await meanwhile()
        self.wx.up()
        self.clock.advance(30)
        await self.link(Link.UP)

    async def fallen(self) -> None:
        """Waits until a second poll in a row has failed."""
        await self.clock.parked(lambda: self.itchat.health().link is Link.DEGRADED)
        self.clock.advance(30)
        await self.clock.parked(lambda: self.itchat.health().link is Link.DOWN)

    async def lose_answer(self) -> None:
        self.wx.loses.add("webwxsendmsg")

    async def overflow(self) -> None:
        raise NotImplementedError

    async def freeze(self) -> None:
        raise NotImplementedError

    async def restart(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        raise NotImplementedError

    async def wrong_token(self) -> None:
        raise NotImplementedError

    async def right_token(self) -> None:
        raise NotImplementedError

    async def refuse(self) -> None:
        raise NotImplementedError

    def sent(self) -> list[Said]:
        found: list[Said] = []
        for sent in self.wx.sent:
            if sent.picture:
                last = found.pop()
                found.append(Said(text=last.text, room=last.room, images=last.images + 1))
            else:
                found.append(self._said(sent))
        return found

    def _said(self, sent: Sent) -> Said:
        ids = {self.wx.login.id(key): name for key, name in self.wx.topics.items()}
        room = ids.get(sent.to)
        person = None if room else f"{self.wx.login.name}.{sent.to}"
        return Said(text=sent.text, room=room, person=person)

    def recalled(self) -> list[str]:
        return self.wx.recalled


def played(scene: Scene, *, before: Callable[[ItchatRig], None] | None = None) -> None:
    """Play a scene; with `before`, the server is set up so and the log-in is the scene's."""

    async def whole() -> None:
        async with asyncio.timeout(20):
            rig = ItchatRig()
            if before is None:
                await rig.start()
            else:
                before(rig)
                rig.run()
            try:
                await scene(rig)
            finally:
                await rig.stop()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(whole())
