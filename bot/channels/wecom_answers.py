"""The one-time addresses at which WeCom's intelligent robot may still be answered."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.channels.base import Now
from domain.events import Message

ANSWERABLE = timedelta(hours=1)
"""How long an address is good for."""
_KEPT = 2_000
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class OpenAnswer:
    """An address not yet used. It is a secret, so its repr stays silent."""

    message: str
    conversation: str
    url: str
    until: datetime


class Answers:
    """At most 2,000 open addresses; each is given out once and never after its hour."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._open: OrderedDict[str, OpenAnswer] = OrderedDict()

    def keep(self, message: Message, url: str) -> None:
        """Remember where `message` may be answered; what is neither https nor local is not used."""
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            return
        self.give_back(
            OpenAnswer(
                message=message.id,
                conversation=conversation(message.room, message.sender),
                url=url,
                until=self._now() + ANSWERABLE,
            )
        )

    def take(self, where: str, reply_to: str | None) -> OpenAnswer | None:
        """The address of the message answered to, else the newest of the conversation."""
        self._forget()
        wanted = [reply_to] if reply_to is not None and reply_to in self._open else []
        for ident in [*wanted, *reversed(self._open)]:
            if self._open[ident].conversation == where:
                return self._open.pop(ident)
        return None

    def give_back(self, opened: OpenAnswer) -> None:
        """It was not used after all."""
        self._open[opened.message] = opened
        while len(self._open) > _KEPT:
            self._open.popitem(last=False)

    def clear(self) -> None:
        """Forget all of them."""
        self._open.clear()

    def _forget(self) -> None:
        now = self._now()
        for ident in [i for i, opened in self._open.items() if opened.until <= now]:
            del self._open[ident]


def conversation(room: str | None, person: str | None) -> str:
    """One string for a room or a private chat."""
    return f"room:{room}" if room else f"person:{person}"
