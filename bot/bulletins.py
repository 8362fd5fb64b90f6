"""How each channel stands, written down by the running product for those who ask from outside."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from bot.channels.base import Health, Link
from storage.store import Store

EVERY = timedelta(minutes=2)
_NAME = "health:"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bulletin:
    """A channel's health as of `at`; whoever reads it much later knows that nobody is running."""

    at: datetime
    link: Link
    since: datetime | None = None
    last_event_at: datetime | None = None
    detail: str = ""
    gaps: int = 0


class Bulletins:
    """One small value for each channel; written when it changes, and every few minutes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last: dict[str, Bulletin] = {}

    def post(self, channel: str, health: Health, now: datetime) -> bool:
        """Write how a channel stands, when that is news; True when it was written."""
        last = self._last.get(channel)
        same = last is not None and (last.link, last.detail) == (health.link, health.detail)
        if last is not None and same and now - last.at < EVERY:
            return False
        bulletin = Bulletin(
            at=now,
            link=health.link,
            since=health.since,
            last_event_at=health.last_event_at,
            detail=health.detail,
            gaps=health.gaps,
        )
        self._last[channel] = bulletin
        self._store.meta_set(_NAME + channel, json.dumps(asdict(bulletin), default=_plain))
        return True

    def read(self, channel: str) -> Bulletin | None:
        """The last word on a channel; None when it never ran."""
        kept = self._store.meta_get(_NAME + channel)
        if kept is None:
            return None
        row: dict[str, str | int | None] = json.loads(kept)
        at = _moment(row["at"])
        if at is None:
            return None
        return Bulletin(
            at=at,
            link=Link(str(row["link"])),
            since=_moment(row["since"]),
            last_event_at=_moment(row["last_event_at"]),
            detail=str(row["detail"]),
            gaps=int(row["gaps"] or 0),
        )


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _moment(value: str | int | None) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
