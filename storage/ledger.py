"""Reads tickets for people: one, many, their history and their messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from domain.effects import JoinMessage
from domain.ticket import Move, State, Ticket
from storage import tables
from storage.columns import Moment
from storage.link import Link
from storage.recall import Recollection
from storage.rows import SELECT_TICKET, TICKETS

_EVENTS = tables.table_of(tables.TicketEvent)
_MESSAGES = tables.table_of(tables.TicketMessage)
_HISTORY = (
    select(
        *(
            _EVENTS.c[name]
            for name in (
                "ticket",
                "at",
                "by",
                "move",
                "from_state",
                "to_state",
                "note",
                "message",
            )
        )
    )
    .where(_EVENTS.c.town == bindparam("town"), _EVENTS.c.ticket == bindparam("ticket"))
    .order_by(_EVENTS.c.id)
)
_OF_TICKET = (
    select(
        *(
            _MESSAGES.c[name]
            for name in ("ticket", "message", "kind", "person", "text", "at", "images")
        )
    )
    .where(_MESSAGES.c.town == bindparam("town"), _MESSAGES.c.ticket == bindparam("ticket"))
    .order_by(_MESSAGES.c.at, _MESSAGES.c.message)
)
_ONE = SELECT_TICKET.where(TICKETS.town == bindparam("town"), TICKETS.id == bindparam("id"))


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryLine:
    """One line of a ticket's history; the opening has neither move nor state before."""

    ticket: int
    at: datetime
    by: str
    move: Move | None
    before: State | None
    after: State
    note: str
    message: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Which:
    """Which tickets to read; what is left out does not restrict."""

    community: str | None = None
    states: tuple[State, ...] = ()
    category: str | None = None
    assignee: str | None = None
    opened_since: datetime | None = None
    touched_since: datetime | None = None


def ticket(recollection: Recollection, id: int) -> Ticket | None:
    """The ticket with a permanent id, or None."""
    return next(iter(recollection.tickets(_ONE, id=id)), None)


def tickets(recollection: Recollection, which: Which, limit: int) -> list[Ticket]:
    """The tickets that match, the newest first."""
    states = {f"state{n}": state.value for n, state in enumerate(which.states)}
    values: dict[str, object] = {
        name: value
        for name in (
            "community",
            "category",
            "assignee",
            "opened_since",
            "touched_since",
        )
        if (value := getattr(which, name)) is not None
    }
    query = _matching(tuple(values), len(states))
    return recollection.tickets(query, most=limit, **values, **states)


_CONDITIONS = {
    "community": TICKETS.community == bindparam("community"),
    "category": TICKETS.category == bindparam("category"),
    "assignee": TICKETS.assignee == bindparam("assignee"),
    "opened_since": TICKETS.opened_at >= bindparam("opened_since", type_=Moment()),
    "touched_since": TICKETS.touched_at >= bindparam("touched_since", type_=Moment()),
}


@cache
def _matching(names: Sequence[str], states: int) -> Select[Any]:
    query = SELECT_TICKET.where(TICKETS.town == bindparam("town"))
    query = query.where(*(_CONDITIONS[name] for name in names))
    if states:
        query = query.where(TICKETS.state.in_([bindparam(f"state{n}") for n in range(states)]))
    return query.order_by(TICKETS.id.desc()).limit(bindparam("most"))


def history(link: Link, town: str, ticket: int) -> list[HistoryLine]:
    """Everything that happened to a ticket, the oldest first."""
    found = link.rows(_HISTORY, {"town": town, "ticket": ticket})
    return [
        HistoryLine(
            ticket=id,
            at=at,
            by=by,
            move=None if move is None else Move(move),
            before=None if before is None else State(before),
            after=State(after),
            note=note,
            message=message,
        )
        for id, at, by, move, before, after, note, message in found
    ]


def messages(link: Link, town: str, ticket: int) -> list[JoinMessage]:
    """The messages that became part of a ticket, in the order they were said."""
    found = link.rows(_OF_TICKET, {"town": town, "ticket": ticket})
    return [
        JoinMessage(
            ticket=id,
            message=key,
            kind=kind,
            person=person,
            text=text,
            at=at,
            images=images,
        )
        for id, key, kind, person, text, at, images in found
    ]
