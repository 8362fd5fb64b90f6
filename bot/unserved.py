"""Rooms where somebody spoke and that are in no roster: kept by handle, so that they can be entered.

Some platforms show a room's id nowhere else. No word of what was said is kept, and a room is
forgotten a week after it was last heard.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import structlog

from domain.errors import StoreError
from domain.events import Event, Message, RoomChanged
from domain.grid import Directory
from storage.store import Store

log = structlog.get_logger()

_NAME = "rooms.unserved"
_MOST = 50
_KEPT = timedelta(days=7)
_AGAIN = timedelta(days=1)
"""A room that goes on talking is written down again after this."""


class Unserved:
    """Handle -> the room's name, shared by the running product and the commands."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._written: dict[str, datetime] = {}

    def heard(self, event: Event, directory: Directory) -> None:
        """Note where this was said, when that is news and no room of the roster."""
        if not isinstance(event, Message | RoomChanged) or not event.room:
            return
        handle = f"{event.channel}:{event.room}"
        last = self._written.get(handle)
        if handle in directory.rooms or (last is not None and event.at - last < _AGAIN):
            return
        self._written[handle] = event.at
        try:
            self._keep(handle, event.room_name, event.at)
        except StoreError as error:
            log.warning("unserved.not_kept", remedy=str(error))

    def all(self, directory: Directory, now: datetime) -> dict[str, str]:
        """Those of the last week that are in no roster still."""
        return {
            handle: row[0]
            for handle, row in self._kept().items()
            if handle not in directory.rooms and now - _moment(row) < _KEPT
        }

    def _keep(self, handle: str, name: str, at: datetime) -> None:
        kept = self._kept() | {handle: (name, at.isoformat())}
        fresh = [(h, row) for h, row in kept.items() if at - _moment(row) < _KEPT]
        fresh.sort(key=lambda one: _moment(one[1]), reverse=True)
        self._store.meta_set(_NAME, json.dumps(dict(fresh[:_MOST]), ensure_ascii=False))

    def _kept(self) -> dict[str, tuple[str, str]]:
        rows: dict[str, list[str]] = json.loads(self._store.meta_get(_NAME) or "{}")
        return {handle: (row[0], row[1]) for handle, row in rows.items()}


def _moment(row: tuple[str, str]) -> datetime:
    return datetime.fromisoformat(row[1])
