"""Rows with a due time: one for each ticket and kind, gone in the commit that fires them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, literal_column, select

from domain.effects import Forget, Remind
from domain.events import ReminderDue
from storage import tables
from storage.columns import Moment
from storage.link import Link
from storage.prepared import Values

_TABLE = tables.table_of(tables.Reminder)
_R = _TABLE.c
_DUE = (
    select(_R.id, _R.ticket, _R.kind, _R.step, _R.due_at)
    .where(_R.town == bindparam("town"), _R.due_at <= bindparam("now", type_=Moment()))
    .order_by(_R.due_at, _R.id)
    .limit(bindparam("most"))
)
_NEXT = (
    select(_R.due_at)
    .where(_R.town == bindparam("town"))
    .order_by(_R.due_at)
    .limit(literal_column("1"))
)
_WAITING = select(_R.id).where(_R.town == bindparam("town"), _R.id == bindparam("id"))
_FIRED = delete(_TABLE).where(_R.town == bindparam("town"), _R.id == bindparam("id"))
_OF_TICKET = delete(_TABLE).where(_R.town == bindparam("town"), _R.ticket == bindparam("ticket"))
_OF_KIND = _OF_TICKET.where(_R.kind == bindparam("kind"))
_KEY = "reminder:"


def due(link: Link, town: str, now: datetime, limit: int) -> list[ReminderDue]:
    """Reminders whose time has come, the oldest first; they stay until they are recorded."""
    found = link.rows(_DUE, {"town": town, "now": now, "most": limit})
    return [
        ReminderDue(id=id, ticket=ticket, kind=kind, step=step, due_at=due_at, at=now)
        for id, ticket, kind, step, due_at in found
    ]


def next_due(link: Link, town: str) -> datetime | None:
    """When the next reminder is due, or None."""
    row = link.row(_NEXT, {"town": town})
    return None if row is None else row[0]


def id_in(key: str) -> int | None:
    """The reminder that an event key `reminder:<id>` names, or None for any other key."""
    number = key.removeprefix(_KEY)
    return int(number) if number != key and number.isascii() and number.isdigit() else None


def waits(link: Link, town: str, id: int) -> bool:
    """Whether a reminder has neither fired nor been replaced or forgotten."""
    return link.row(_WAITING, {"town": town, "id": id}) is not None


def fire(link: Link, town: str, id: int) -> bool:
    """Take a reminder away; False when it is already gone. Nobody else can fire it then."""
    return link.run(_FIRED, {"town": town, "id": id}) == 1


class Wakings:
    """The reminders of one commit: what is set and dropped, in the order it was decided."""

    def __init__(self) -> None:
        self._set: dict[tuple[int, str], Remind] = {}
        self._dropped: dict[tuple[int, str], None] = {}
        self._cleared: dict[int, None] = {}

    def remind(self, effect: Remind) -> None:
        key = (effect.ticket, effect.kind)
        self._set[key] = effect
        self._dropped[key] = None

    def forget(self, effect: Forget) -> None:
        kinds = effect.kinds or tuple(kind for id, kind in self._set if id == effect.ticket)
        for kind in kinds:
            self._set.pop((effect.ticket, kind), None)
            self._dropped[effect.ticket, kind] = None
        if not effect.kinds:
            self._cleared[effect.ticket] = None

    def write(self, link: Link, town: str, fresh: Mapping[int, object]) -> None:
        """Carry it out; tickets in `fresh` have no reminders yet."""
        for ticket in self._cleared.keys() - fresh.keys():
            link.run(_OF_TICKET, {"town": town, "ticket": ticket})
        gone = self._cleared.keys() | fresh.keys()
        drop = [k for k in self._dropped if k[0] not in gone]
        link.run_many(_OF_KIND, [{"town": town, "ticket": t, "kind": k} for t, k in drop])
        link.insert(_TABLE, [_values(town, effect) for effect in self._set.values()])


def _values(town: str, effect: Remind) -> Values:
    return {
        "town": town,
        "ticket": effect.ticket,
        "kind": effect.kind,
        "step": effect.step,
        "due_at": effect.at,
    }
