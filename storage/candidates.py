"""Which tickets one event can concern: queries for their ids and versions, each on an index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    String,
    and_,
    bindparam,
    false,
    or_,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.sql.elements import ClauseElement, ColumnElement

from domain.facts import Wanted
from storage import tables
from storage.columns import Moment
from storage.rows import TICKETS, VOICES

BROAD = 300
NARROW = 50
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)

_MEMBERS = tables.table_of(tables.TicketMember).c
_IN_TOWN = TICKETS.town == bindparam("town")
_IN_COMMUNITY = and_(_IN_TOWN, TICKETS.community == bindparam("community"))
_LATE_ENOUGH = TICKETS.touched_at >= bindparam("since", type_=Moment())
_RELEVANT = or_(TICKETS.live == true(), _LATE_ENOUGH)
_NEWEST = TICKETS.touched_at.desc()

_WHICH = select(TICKETS.id, TICKETS.version, TICKETS.touched_at)
_BY_ID = _WHICH.where(_IN_TOWN, TICKETS.id == bindparam("id"))
_OF_NUMBER = _WHICH.where(_IN_COMMUNITY, TICKETS.number == bindparam("number"))
_LAST_OF_NUMBER = (
    select(TICKETS.id)
    .where(_IN_COMMUNITY, TICKETS.number == bindparam("number"))
    .order_by(TICKETS.live.desc(), _NEWEST)
    .limit(1)
    .scalar_subquery()
)
_BY_NUMBER = _OF_NUMBER.where(or_(_RELEVANT, TICKETS.id == _LAST_OF_NUMBER)).order_by(_NEWEST)
_SPOKEN = union_all(
    select(VOICES.ticket).where(
        VOICES.town == bindparam("town"), VOICES.person == bindparam("person")
    ),
    select(TICKETS.id).where(_IN_TOWN, TICKETS.reporter == bindparam("person")),
)
_HELD = union_all(
    select(_MEMBERS.ticket).where(
        _MEMBERS.town == bindparam("town"), _MEMBERS.member == bindparam("member")
    ),
    select(TICKETS.id).where(_IN_TOWN, TICKETS.assignee == bindparam("member")),
)
AT_ONCE = 16
ONE_OF_SEVERAL = and_(_IN_TOWN, TICKETS.id.in_([bindparam(f"id{n}") for n in range(AT_ONCE)]))
_SEVERAL = _WHICH.where(ONE_OF_SEVERAL)
_BY_PERSON, _BY_MEMBER = (
    _WHICH.where(_IN_TOWN, TICKETS.id.in_(ids), _RELEVANT).order_by(_NEWEST).limit(NARROW)
    for ids in (_SPOKEN, _HELD)
)


def _lately(most: int, *conditions: ColumnElement[bool]) -> CompoundSelect[*tuple[Any, ...]]:
    """Those not closed and those closed but touched lately: each part reads one index in order."""
    return (
        union_all(
            _WHICH.where(_IN_COMMUNITY, TICKETS.live == true(), *conditions),
            _WHICH.where(_IN_COMMUNITY, TICKETS.live == false(), _LATE_ENOUGH, *conditions),
        )
        .order_by(text("touched_at DESC"))
        .limit(most)
    )


@cache
def _in_community(categories: int) -> CompoundSelect[*tuple[Any, ...]]:
    if not categories:
        return _lately(BROAD)
    wanted = [bindparam(f"category{n}", type_=String()) for n in range(categories)]
    return _lately(NARROW, TICKETS.category.in_(wanted))


def several(ids: Sequence[int]) -> Mapping[str, object]:
    """The values of ONE_OF_SEVERAL: at least one id, those beyond sixteen are left out."""
    given = ids[:AT_ONCE]
    return {f"id{n}": given[min(n, len(given) - 1)] for n in range(AT_ONCE)}


def queries(
    wanted: Wanted, quoted: int | None
) -> Iterator[tuple[ClauseElement, Mapping[str, object]]]:
    """Statements that find (id, version, last touched), and their values beside `town`."""
    since = wanted.since or _NEVER
    here = {"community": wanted.community, "since": since}
    for id in (wanted.ticket, quoted):
        if id is not None:
            yield _BY_ID, {"id": id}
    if wanted.pending:
        yield _SEVERAL, several(wanted.pending)
    for number in wanted.numbers:
        yield _BY_NUMBER, {**here, "number": number}
    if wanted.person is not None:
        yield _BY_PERSON, {"person": wanted.person, "since": since}
    if wanted.member is not None:
        yield _BY_MEMBER, {"member": wanted.member, "since": since}
    if wanted.community and wanted.broad:
        yield _in_community(0), here
    elif wanted.community and wanted.categories:
        names = {f"category{n}": key for n, key in enumerate(wanted.categories)}
        yield _in_community(len(wanted.categories)), {**here, **names}
