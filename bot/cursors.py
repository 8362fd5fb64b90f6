"""How far each room was heard, and until when each channel listened: kept across restarts.

Chatter is never written, so this is coarse on purpose: a room's cursor goes into the commit of
every message that was recorded, and all of them into the store every few minutes and at the end.
After a crash a little is read again; what was recorded is known by its key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.loop import Cursor
from domain.events import Event, Message
from storage.store import Store

EVERY = timedelta(minutes=2)
_ROOM, _ALIVE = "heard:", "alive:"


class Cursors:
    """The moments up to which rooms were heard; what was said before may have been heard before."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._began: dict[str, datetime | None] = {}
        self._heard: dict[str, datetime] = {}
        self._unsaved: set[str] = set()
        self._alive: dict[str, datetime] = {}
        self._saved_at: datetime | None = None

    def of(self, channel: str) -> Callable[[str], datetime | None]:
        """The cursor of one channel: its room -> when the last message heard there was said."""
        return lambda room: self._at(f"{channel}:{room}")

    def alive(self, channel: str) -> datetime | None:
        """Until when a channel is known to have listened; None: never before."""
        return self._alive.get(channel) or self._read(_ALIVE + channel)

    def listening(self, channel: str, now: datetime) -> None:
        """The channel listens at this moment."""
        self._alive[channel] = now

    def marked(self, event: Event) -> tuple[Event, Cursor | None]:
        """The event as it is to be taken, and the cursor that is kept in its commit.

        A message from before the cursor of the last run is taken as one that comes again.
        """
        if not isinstance(event, Message) or (room := event.place_of_talk) is None:
            return event, None
        began = self._start(room)
        again = began is not None and event.at < began
        return (replace(event, again=True) if again else event), self._moved(room, event.at)

    def _moved(self, room: str, at: datetime) -> Cursor:
        before = self._at(room)
        furthest = at if before is None else max(before, at)
        if furthest != self._heard.get(room):
            self._heard[room] = furthest
            self._unsaved.add(room)
        return _ROOM + room, furthest.isoformat()

    def keep(self, now: datetime, *, at_once: bool = False) -> bool:
        """Write what moved, every few minutes; True when something was written."""
        if not at_once and self._saved_at is not None and now - self._saved_at < EVERY:
            return False
        self._saved_at = now
        if not self._unsaved and not self._alive:
            return False
        with self._store.writing():
            for room in sorted(self._unsaved):
                self._store.meta_set(_ROOM + room, self._heard[room].isoformat())
            for channel, at in self._alive.items():
                self._store.meta_set(_ALIVE + channel, at.isoformat())
        self._unsaved.clear()
        return True

    def _at(self, room: str) -> datetime | None:
        return self._heard.get(room) or self._start(room)

    def _start(self, room: str) -> datetime | None:
        """Where the room stood when this process first asked: one look for each room."""
        if room not in self._began:
            self._began[room] = self._read(_ROOM + room)
        return self._began[room]

    def _read(self, name: str) -> datetime | None:
        kept = self._store.meta_get(name)
        return None if kept is None else datetime.fromisoformat(kept)
