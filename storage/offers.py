"""Offers made today, by member: counted once a day, then kept up with what is written here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, time

from sqlalchemy import bindparam, select, text

from domain.calendar import LOCAL
from storage import tables
from storage.columns import Moment
from storage.link import Link

_MEMBERS = tables.table_of(tables.TicketMember).c
_OFFERED = select(_MEMBERS.ticket, _MEMBERS.member).where(
    _MEMBERS.town == bindparam("town"),
    _MEMBERS.at >= bindparam("day", type_=Moment()),
    _MEMBERS.part == "offered",
)
_OTHERS = text("PRAGMA data_version")
"""A number that changes when another connection has written to a SQLite file."""


class Offers:
    """How often each member was offered something since midnight.

    On SQLite only this connection's own writes are added, until another one has written; on
    PostgreSQL, where several processes work, the rows are counted anew each time.
    """

    def __init__(self, link: Link, town: str) -> None:
        self._link = link
        self._town = town
        self._since: tuple[datetime, int] | None = None
        self._pairs: set[tuple[int, str]] = set()
        self._counts: Counter[str] = Counter()
        link.after_rollback.append(self._forget)

    def on_day(self, at: datetime) -> Mapping[str, int]:
        """Member key -> offers on the local day of `at` and later."""
        since = (_midnight(at), self._others())
        if since != self._since or self._link.dialect_name != "sqlite":
            values = {"town": self._town, "day": since[0]}
            self._pairs = {(t, m) for t, m in self._link.rows(_OFFERED, values)}
            self._counts = Counter(member for _, member in self._pairs)
            self._since = since
        return dict(self._counts)

    def add(self, ticket: int, members: Iterable[str], at: datetime) -> None:
        """Members were offered a ticket, in the transaction under way."""
        if self._since is None:
            return
        today = at >= self._since[0]
        for pair in ((ticket, member) for member in members):
            if today and pair not in self._pairs:
                self._pairs.add(pair)
                self._counts[pair[1]] += 1
            elif not today and pair in self._pairs:
                self._pairs.discard(pair)
                self._counts[pair[1]] -= 1

    def _others(self) -> int:
        if self._link.dialect_name != "sqlite":
            return 0
        row = self._link.row(_OTHERS)
        return 0 if row is None else row[0]

    def _forget(self) -> None:
        self._since = None


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.astimezone(LOCAL).date(), time(), LOCAL)
