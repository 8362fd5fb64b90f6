"""Rooms of which a channel is not sure that they are the ones: kept, until an operator confirms."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from storage.store import Store

_DOUBTED, _CONFIRMED = "rooms.doubted", "confirmed:"


class Doubts:
    """The doubted rooms, by handle, in the store: the running product and the commands share it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> dict[str, datetime]:
        """Room -> since when it is doubted."""
        kept: dict[str, str] = json.loads(self._store.meta_get(_DOUBTED) or "{}")
        return {room: datetime.fromisoformat(at) for room, at in kept.items()}

    def among(self, rooms: Iterable[str]) -> frozenset[str]:
        """Those of the rooms that are doubted."""
        return frozenset(rooms) & self.all().keys()

    def doubt(self, room: str, now: datetime) -> bool:
        """Keep that a room is doubted; True when that is new."""
        doubted = self.all()
        if room in doubted:
            return False
        self._keep(doubted | {room: now})
        return True

    def clear(self, room: str) -> None:
        """The channel is sure again."""
        self._keep({other: at for other, at in self.all().items() if other != room})

    def confirm(self, room: str, now: datetime) -> None:
        """An operator has looked: it is the room."""
        self._store.meta_set(_CONFIRMED + room, now.isoformat())

    def confirmed(self, room: str) -> bool:
        """Whether an operator confirmed it after the doubt began."""
        since, kept = self.all().get(room), self._store.meta_get(_CONFIRMED + room)
        return since is not None and kept is not None and datetime.fromisoformat(kept) >= since

    def _keep(self, doubted: dict[str, datetime]) -> None:
        plain = {room: at.isoformat() for room, at in sorted(doubted.items())}
        self._store.meta_set(_DOUBTED, json.dumps(plain, ensure_ascii=False))
