"""What a new ticket is called: the next permanent id, and the next short number of a community."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, or_, select, text, true

from storage import tables, town_tables
from storage.columns import Moment
from storage.link import Link
from storage.rows import TICKETS

LAST = 999
"""Numbers roll from 1 to this in each community."""
REST = timedelta(days=30)
"""A closed ticket's number is not given to another one for so long."""

_COUNTERS = tables.table_of(town_tables.Counter).c
_IN_COMMUNITY = and_(TICKETS.town == bindparam("town"), TICKETS.community == bindparam("community"))
_COUNTED = select(_COUNTERS.name, _COUNTERS.value).where(
    _COUNTERS.town == bindparam("town"),
    _COUNTERS.name.in_([bindparam("ticket"), bindparam("directory"), bindparam("number")]),
)
_HELD = or_(TICKETS.live == true(), TICKETS.closed_at > bindparam("rest", type_=Moment()))
_TAKEN = (
    select(TICKETS.number)
    .where(_IN_COMMUNITY, TICKETS.number == bindparam("number"), _HELD)
    .limit(1)
)
_ALL_RESTING = select(TICKETS.number).where(_IN_COMMUNITY, _HELD)
_ALL_LIVING = select(TICKETS.number).where(_IN_COMMUNITY, TICKETS.live == true())

# Numbers given so far, skipped ones counted too: below 999 none has come round again yet.
TAKE_NUMBER = text(
    "INSERT INTO counters (town, name, value) VALUES (:town, :name, :number) "  # noqa: S608  # built from constants of this file
    "ON CONFLICT (town, name) DO UPDATE SET value = counters.value + 1 "
    f"+ (((:number - 1 - counters.value) % {LAST}) + {LAST}) % {LAST}"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """The counters of one moment; a new ticket must still find `id` when it is recorded."""

    id: int = 1
    number: int = 1
    directory: int = 0


def promise(link: Link, town: str, community: str, at: datetime) -> Promise:
    """The id and number that the next ticket of a community gets."""
    name = f"number:{community}"
    values = {
        "town": town,
        "ticket": "ticket",
        "directory": "directory",
        "number": name,
    }
    found: dict[str, int] = dict(link.rows(_COUNTED, values))
    given = found.get(name, 0)
    return Promise(
        id=found.get("ticket", 1),
        number=_next_free(link, town, community, given, at) if community else 1,
        directory=found.get("directory", 0),
    )


def _next_free(link: Link, town: str, community: str, given: int, at: datetime) -> int:
    """The first free number after those given, in turn.

    Where none has rested long enough, the first that no living ticket has; past 999 only when
    so many are not closed.
    """
    if given < LAST:
        return given + 1
    values = {"town": town, "community": community, "rest": at - REST}
    following = given % LAST + 1
    if link.row(_TAKEN, {**values, "number": following}) is None:
        return following
    turn = [(given + step) % LAST + 1 for step in range(LAST)]
    for query in (_ALL_RESTING, _ALL_LIVING):
        taken = {cells[0] for cells in link.rows(query, values)}
        free = next((number for number in turn if number not in taken), None)
        if free is not None:
            return free
    return next(n for n in range(LAST + 1, LAST + len(taken) + 2) if n not in taken)
