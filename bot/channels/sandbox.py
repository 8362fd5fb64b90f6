"""The sandbox: rooms, people and private chats inside the process. It always delivers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.channels.base import Capabilities, Health, Inbox, Link, Rate, Risk, Send, SendResult
from domain.events import Message, Recalled, RoomChanged
from domain.outgoing import SendState

BOT = "xiaoge"


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """One line of the sandbox, said by a person or by the bot; `private_with` names the person."""

    id: str
    at: datetime
    room: str | None
    private_with: str | None
    sender: str
    name: str
    text: str
    by_bot: bool
    mentions: tuple[str, ...] = ()
    reply_to: str | None = None
    images: int = 0


class Sandbox:
    """A channel without a platform. People speak by `say`; whoever listens hears everything."""

    def __init__(self, now: Callable[[], datetime], *, name: str = "sandbox") -> None:
        self._now = now
        self._name = name
        self._me = (BOT, self.account)
        self._inbox: Inbox | None = None
        self._stopped = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()
        self._ready = asyncio.Event()
        self._count = 0
        self._last: datetime | None = None
        self.lines: list[Spoken] = []
        self.listeners: list[Callable[[Spoken], None]] = []

    @property
    def name(self) -> str:
        return self._name

    @property
    def account(self) -> str:
        return "sandbox"

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            tells_gaps=True,
            can_mention=True,
            can_private=True,
            can_recall=True,
            sees_recall=True,
            history="full",
            image_out=True,
            member_list=True,
            rate=Rate(count=100, seconds=1.0),
            risk=Risk.OFFICIAL,
        )

    async def run(self, inbox: Inbox) -> None:
        """Listen until closed or cancelled."""
        self._inbox = inbox
        self._stopped.clear()
        self._ended.clear()
        self._ready.set()
        try:
            await self._stopped.wait()
        finally:
            self._inbox = None
            self._ready.clear()
            self._ended.set()

    async def ready(self) -> None:
        """Wait until somebody listens."""
        await self._ready.wait()

    def say(
        self,
        text: str,
        *,
        sender: str,
        name: str,
        room: str | None = None,
        room_name: str = "",
        at: datetime | None = None,
        id: str | None = None,
        reply_to: str | None = None,
        images: Sequence[str] = (),
        mentions: Sequence[str] = (),
        bot: bool = False,
    ) -> Message:
        """Somebody speaks, in a room or (without one) privately to the bot; returns the message.

        `bot`: the speaker is another program. The bot itself may be made to speak, too.
        """
        self._count += 1
        message = Message(
            channel=self._name,
            account=self.account,
            id=id or f"s{self._count}",
            at=at or self._now(),
            sender=sender,
            sender_name=name,
            text=text,
            room=room,
            room_name=room_name or (room or ""),
            reply_to=reply_to,
            images=tuple(images),
            mentions=tuple(mentions),
            mentions_me=any(who in self._me for who in mentions),
            from_self=sender in self._me,
            from_bot=bot,
        )
        self._last = message.at
        self._keep(
            Spoken(
                id=message.id,
                at=message.at,
                room=room,
                private_with=None if room else sender,
                sender=sender,
                name=name,
                text=text,
                by_bot=False,
                mentions=message.mentions,
                reply_to=reply_to,
                images=len(message.images),
            )
        )
        if self._inbox is not None:
            self._inbox.put(message)
        return message

    def take_back(self, message: Message) -> None:
        """The sender recalls a message."""
        if self._inbox is not None:
            self._inbox.put(
                Recalled(
                    channel=self._name,
                    account=self.account,
                    id=message.id,
                    at=self._now(),
                    message=message.key,
                )
            )

    def change_room(self, room: str, person: str, change: str, *, whose: str = "member") -> None:
        """Somebody, or the bot itself, joins or leaves a room."""
        self._count += 1
        if self._inbox is not None:
            self._inbox.put(
                RoomChanged(
                    channel=self._name,
                    account=self.account,
                    id=f"r{self._count}",
                    at=self._now(),
                    room=room,
                    room_name=room,
                    person=person,
                    change=change,
                    whose=whose,
                )
            )

    async def send(self, send: Send) -> SendResult:
        """Deliver at once."""
        self._count += 1
        spoken = Spoken(
            id=f"b{self._count}",
            at=self._now(),
            room=send.room,
            private_with=send.person,
            sender=BOT,
            name=BOT,
            text=send.text,
            by_bot=True,
            mentions=send.mentions,
            reply_to=send.reply_to,
            images=len(send.images),
        )
        self._keep(spoken)
        return SendResult(state=SendState.SENT, remote_id=spoken.id)

    def _keep(self, spoken: Spoken) -> None:
        self.lines.append(spoken)
        del self.lines[:-2000]
        for listener in self.listeners:
            listener(spoken)

    async def recall(self, remote_id: str, room: str | None) -> bool:
        """Take back an own line."""
        del room
        before = len(self.lines)
        self.lines = [s for s in self.lines if s.id != remote_id]
        return len(self.lines) < before

    async def history(self, room: str, since: datetime) -> Sequence[Message]:
        """What people said in a room after `since`, as long as the process remembers."""
        return [
            Message(
                channel=self._name,
                account=self.account,
                id=s.id,
                at=s.at,
                sender=s.sender,
                sender_name=s.name,
                text=s.text,
                room=s.room,
                room_name=s.room or "",
                reply_to=s.reply_to,
            )
            for s in self.lines
            if s.room == room and s.at > since and not s.by_bot
        ]

    def health(self) -> Health:
        link = Link.UP if self._inbox is not None else Link.DOWN
        return Health(link=link, last_event_at=self._last)

    async def close(self) -> None:
        self._stopped.set()
        await self._ended.wait()
