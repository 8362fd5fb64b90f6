"""What a channel keeps in mind between two frames: ids it has heard, and how far each room is."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime

from bot.channels.onebot_segments import OWN
from domain.events import Message

MOST = 20_000
"""Message ids kept; older ones are asked for again when somebody quotes them."""
_STRANGERS = 5_000
"""Persons whose way through a group is kept; who was silent for longest goes first."""


class Memory:
    """Ids of messages by their short form `place:message_id`, and the latest moment per room."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._ids: OrderedDict[str, str] = OrderedDict()
        self._through: OrderedDict[str, str] = OrderedDict()
        self.last: dict[str, datetime] = {}
        """Room -> when the latest message that was handed on was said."""

    def new(self, message: Message) -> bool:
        """Whether it was not heard before; it is remembered from now on.

        Own words that come back keep the id under which they went out: quotes of them carry it.
        """
        short = message.id.rpartition(":")[0]
        full = f"{short}:{OWN}" if message.from_self else message.id
        if self._ids.get(short) == full:
            return False
        self.keep(short, full)
        return True

    def knows(self, id: str) -> bool:
        """Whether a message with this whole id was heard."""
        return self._ids.get(id.rpartition(":")[0]) == id

    def handed_on(self, message: Message) -> None:
        """Move the room's mark forward; a late message does not move it back."""
        room = message.room
        if room is not None and (room not in self.last or self.last[room] < message.at):
            self.last[room] = message.at

    def keep(self, short: str, full: str) -> None:
        """Remember what a short form stands for."""
        self._ids[short] = full
        if len(self._ids) > self._most:
            self._ids.popitem(last=False)

    def full(self, short: str) -> str | None:
        """The whole id, None when it is not known any more."""
        return self._ids.get(short)

    def came_through(self, person: str, room: str) -> None:
        """Somebody who is no friend wrote alone, through a group."""
        self._through[person] = room
        self._through.move_to_end(person)
        if len(self._through) > _STRANGERS:
            self._through.popitem(last=False)

    def way_to(self, person: str) -> str | None:
        """The group through which a person is reached, None for a friend."""
        return self._through.get(person)
