"""What time brings: due reminders, digests, the nightly cleaning: all of them take the one road."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from bot.loop import House
from domain.calendar import LOCAL
from domain.events import DigestDue, HousekeepingDue

_AT_ONCE = 500
_NIGHT = time(3, 0)
_TIDIED_EVERY = timedelta(hours=1)
_LATEST_DIGEST = timedelta(hours=4)
"""A digest missed by more than this (the machine was off) is not sent any more that day."""


class Timekeeper:
    """Finds what is due and hands it to the house; asked often, it costs one indexed look."""

    def __init__(self, house: House, *, since: datetime | None = None) -> None:
        """`since`: when this town began to be served; what was due before is not made up for."""
        self._house = house
        self._digested = _done_before(since, house.rules.patience.digest_at)
        self._cleaned = _done_before(since, _NIGHT)
        self._tidied: datetime | None = None

    def tick(self, now: datetime) -> int:
        """Take everything that is due at `now`; returns how many events were taken.

        Up to 500 reminders are one commit; one that breaks takes none of the others with it.
        """
        self._tidy(now)
        store, taken = self._house.store, 0
        while due := store.due(now, _AT_ONCE):
            with store.writing():
                for reminder in due:
                    self._house.take(reminder)
            taken += len(due)
            if len(due) < _AT_ONCE:
                break
        return taken + self._digests(now) + self._clean(now)

    def next_wake(self, now: datetime) -> datetime:
        """The next moment at which something is due; for a clock that is moved."""
        local = now.astimezone(LOCAL)
        at = self._house.rules.patience.digest_at
        moments = [_next(local, at), _next(local, _NIGHT)]
        due = self._house.store.next_due()
        return min([m for m in (due, *moments) if m is not None])

    def _digests(self, now: datetime) -> int:
        local = now.astimezone(LOCAL)
        at = datetime.combine(local.date(), self._house.rules.patience.digest_at, LOCAL)
        if self._digested == local.date() or local < at:
            return 0
        self._digested = local.date()
        if local - at > _LATEST_DIGEST:
            return 0
        taken = 0
        for community in self._house.store.directory().communities:
            event = DigestDue(community=community, day=local.date(), at=now)
            if self._house.store.is_new(event.key):
                self._house.take(event)
                taken += 1
        return taken

    def _tidy(self, now: datetime) -> None:
        """Memory lets go of what is over; nothing that is still known to somebody changes."""
        if self._tidied is None or now - self._tidied >= _TIDIED_EVERY:
            self._tidied = now
            self._house.memory.clean(now)

    def _clean(self, now: datetime) -> int:
        local = now.astimezone(LOCAL)
        if self._cleaned == local.date() or local.time() < _NIGHT:
            return 0
        self._cleaned = local.date()
        event = HousekeepingDue(day=local.date(), at=now)
        if not self._house.store.is_new(event.key):
            return 0
        self._house.take(event)
        return 1


def _done_before(since: datetime | None, at: time) -> date | None:
    if since is None:
        return None
    local = since.astimezone(LOCAL)
    return local.date() if local.time() >= at else None


def _next(local: datetime, at: time) -> datetime:
    today = datetime.combine(local.date(), at, LOCAL)
    return today if today > local else today + timedelta(days=1)
