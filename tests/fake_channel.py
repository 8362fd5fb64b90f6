"""A channel without a platform, whose health and answers a test sets; its words are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from bot.channels.base import Capabilities, Health, Inbox, Link, Rate, Send, SendResult
from domain.errors import ChannelError
from domain.events import Message
from domain.outgoing import SendState

ALL = Capabilities(
    can_mention=True, can_private=True, image_out=True, rate=Rate(count=600, seconds=60.0)
)
OK = SendResult(state=SendState.SENT, remote_id="r1")
TIMEOUT = SendResult(state=SendState.MAYBE_SENT, error="timeout")


class FakeChannel:
    """Listens to nobody; `answers` are given to sends in their order, then OK for ever."""

    def __init__(self, name: str, capabilities: Capabilities = ALL) -> None:
        self.name = name
        self.account = "fake"
        self.capabilities = capabilities
        self.now = Health(link=Link.UP)
        self.sent: list[Send] = []
        self.answers: list[SendResult] = []
        self.confirmed: list[str] = []
        self.pictures: dict[str, bytes] = {}

    async def run(self, inbox: Inbox) -> None:
        del inbox
        await asyncio.Event().wait()

    async def send(self, send: Send) -> SendResult:
        self.sent.append(send)
        return self.answers.pop(0) if self.answers else OK

    async def recall(self, remote_id: str, room: str | None) -> bool:
        del remote_id, room
        return False

    async def history(self, room: str, since: datetime) -> Sequence[Message]:
        del room, since
        return ()

    def health(self) -> Health:
        return self.now

    def confirm(self, room: str) -> bool:
        self.confirmed.append(room)
        return True

    async def picture(self, reference: str) -> bytes:
        if reference not in self.pictures:
            raise ChannelError("gone")
        return self.pictures[reference]

    async def close(self) -> None: ...
