"""Rooms of web WeChat, whose ids last for one log-in: known by name, and by who is in them.

A room is *sure* when its name is its own and its people are mostly those of the last time. Its
handle is then its name. Any other room gets a handle that no binding can match, and is not written
to, until a person has looked at it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from bot.channels.itchat_wire import RawRoom

ENOUGH = 0.5
"""Share of the former members that must be there again."""
_KEPT = 64
"""People remembered for each room: those with the smallest digests, the same choice every time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """Who is new in a room and who is gone, by id."""

    room: str
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


class Rooms:
    """The rooms of one log-in. `known`: names and digests of their people, from former log-ins."""

    def __init__(self, known: Mapping[str, list[str]], salt: str) -> None:
        self.known = dict(known)
        self.salt = salt
        self._rooms: dict[str, RawRoom] = {}
        self._sure: dict[str, str] = {}

    def learn(self, room: RawRoom) -> Change:
        """Take in a room as it is now; what changed since it was last seen."""
        old = self._rooms.get(room.id)
        if old is not None and not room.members:
            room = RawRoom(id=room.id, name=room.name or old.name, members=old.members)
        self._rooms[room.id] = room
        if old is not None and old.name != room.name:
            self._sure = {name: id for name, id in self._sure.items() if id != room.id}
        if old is None or not old.members:
            return Change(room=room.id)
        return Change(
            room=room.id,
            joined=tuple(who for who in room.members if who not in old.members),
            left=tuple(who for who in old.members if who not in room.members),
        )

    def forget(self, id: str) -> None:
        """The account is no longer in the room."""
        self._rooms.pop(id, None)
        self._sure = {name: known for name, known in self._sure.items() if known != id}

    def settle(self) -> bool:
        """Decide which rooms are sure; whether something new is worth keeping."""
        before = dict(self.known)
        for name in {room.name for room in self._rooms.values() if room.name}:
            if name not in self._sure:
                self._decide(name)
        for name, id in self._sure.items():
            if members := self._rooms[id].members:
                self.known[name] = self._digests(members)
        return self.known != before

    def _decide(self, name: str) -> None:
        rooms = [room for room in self._rooms.values() if room.name == name]
        if former := set(self.known.get(name, ())):
            rooms = [room for room in rooms if self._alike(former, room) >= ENOUGH]
        if len(rooms) == 1:
            self._sure[name] = rooms[0].id

    def confirm(self, name: str) -> bool:
        """Take the room of this name for the one that was meant; False when that is not plain."""
        rooms = [room for room in self._rooms.values() if room.name == name]
        if len(rooms) != 1:
            return False
        self.known.pop(name, None)
        self._sure[name] = rooms[0].id
        self.settle()
        return True

    def _alike(self, former: set[str], room: RawRoom) -> float:
        now = set(self._digests(room.members))
        return len(former & now) / min(len(former), len(now)) if now else 0.0

    def _digests(self, members: Mapping[str, tuple[str, str]]) -> list[str]:
        names = {own for own, _ in members.values() if own}
        return sorted(_digest(self.salt, name) for name in names)[:_KEPT]

    def knows(self, id: str) -> bool:
        """Whether the room and at least some of its people are known."""
        return id in self._rooms and bool(self._rooms[id].members)

    def name(self, id: str) -> str:
        """The room's name, `""` when it is not known."""
        return self._rooms[id].name if id in self._rooms else ""

    def handle(self, id: str) -> str:
        """The room's name when it is sure, else a handle that lasts for this log-in only."""
        name = self.name(id)
        if name and self._sure.get(name) == id:
            return name
        return f"{name}?{_digest(self.salt, id)}"

    def id(self, handle: str) -> str | None:
        """The id behind the handle of a sure room."""
        return self._sure.get(handle)

    def doubtful(self) -> list[str]:
        """Names of rooms that are not sure, sorted."""
        names = {room.name for room in self._rooms.values() if self.handle(room.id) != room.name}
        return sorted(names)

    def member(self, room: str, who: str) -> str:
        """What a person is called in a room, `""` when that is not known."""
        own, shown = (
            self._rooms[room].members.get(who, ("", "")) if room in self._rooms else ("", "")
        )
        return shown or own


def _digest(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}:{text}".encode()).hexdigest()[:10]
