"""Which messages may still be answered on official QQ: five answers each, within minutes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels.base import Now
from domain.events import Message

GROUP_WINDOW = timedelta(minutes=5)
PRIVATE_WINDOW = timedelta(minutes=60)
ANSWERS = 5
_KEPT = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """One answer that may be given: to `message`, as its `number`-th (from 1)."""

    message: str
    number: int


@dataclass(kw_only=True, slots=True)
class _Window:
    place: str
    until: datetime
    used: int = 0


class Windows:
    """The open windows of at most 10,000 messages."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._open: OrderedDict[str, _Window] = OrderedDict()

    def __contains__(self, message: str) -> bool:
        return message in self._open

    def open(self, message: Message) -> None:
        """From now on the message may be answered; the time runs from its own stamp, not later."""
        span = GROUP_WINDOW if message.room else PRIVATE_WINDOW
        until = min(message.at, self._now()) + span
        place = place_of(message.room, message.sender)
        self._open[message.id] = _Window(place=place, until=until)
        while len(self._open) > _KEPT:
            self._open.popitem(last=False)

    def take(self, place: str, reply_to: str | None) -> Slot | None:
        """A slot of the message answered to, else of the newest one there; None: all closed."""
        self._forget()
        wanted = [reply_to] if reply_to is not None and reply_to in self._open else []
        for ident in [*wanted, *reversed(self._open)]:
            window = self._open[ident]
            if window.place == place and window.used < ANSWERS:
                window.used += 1
                return Slot(message=ident, number=window.used)
        return None

    def shut(self, slot: Slot) -> None:
        """The platform says that it is too late, or enough."""
        self._open.pop(slot.message, None)

    def _forget(self) -> None:
        now = self._now()
        for ident in [i for i, window in self._open.items() if window.until <= now]:
            del self._open[ident]


def place_of(room: str | None, person: str | None) -> str:
    """A room or a private chat as the path of the API: `groups/…` or `users/…`."""
    return f"groups/{room}" if room else f"users/{person}"
