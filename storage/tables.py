"""The rows of the work itself: tickets, what was said about them, and what waits to happen.

Every row carries its town. Row classes are used qualified: `tables.Ticket`. The rows of the town
(grids, rooms, members) are in `town_tables` and belong to the same metadata.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import ClassVar

from sqlalchemy import (
    ForeignKeyConstraint,
    Index,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

from storage.columns import Moment, Pairs, Words

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


# Every index is one more page that a commit must write: those below are the ones that the
# message path and the clock need; what runs once a night may read a table through.
_KEYED = {"sqlite_with_rowid": False}
_NUMBERED = {"sqlite_autoincrement": True}


_ONLY_ONE = frozenset({"inbox", "outbox", "meta"})


def name_of(row: str) -> str:
    """The table's name for a row class's name: its plural in lower case."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", row).lower()
    if words in _ONLY_ONE:
        return words
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"


def table_of(row: type[SQLModel]) -> Table:
    """The Core table of a row class."""
    return METADATA.tables[name_of(row.__name__)]


class Row(SQLModel):
    """Anything kept; `TicketEvent` is kept in the table `ticket_events`."""

    metadata = METADATA

    # SQLModel declares the name as an attribute of another kind; SQLAlchemy takes both.
    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805 # pyright: ignore[reportIncompatibleVariableOverride] # see above
        return name_of(cls.__name__)


class OfTown(Row):
    """A row whose key starts with its town; SQLite keeps the row inside that key."""

    __table_args__: ClassVar[object] = _KEYED
    town: str = Field(primary_key=True)


class Numbered(Row):
    """A row with an id of its own that is never given out again."""

    id: int | None = Field(default=None, primary_key=True)
    town: str


def _known(column: str) -> Index:
    """An index of the rows where a column has a value."""
    known = text(f"{column} IS NOT NULL")
    return Index(None, "town", column, sqlite_where=known, postgresql_where=known)


def _of_ticket() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["town", "ticket"], ["tickets.town", "tickets.id"])


class Inbox(OfTown, table=True):
    """Keys of what was taken in: a redelivered message changes nothing."""

    key: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Moment)


class Ticket(OfTown, table=True):
    """Every field of domain.ticket.Ticket; the place in columns, the voices in their own rows."""

    __table_args__ = (
        UniqueConstraint("town", "community", "number", "part", "slot"),
        Index(None, "town", "community", "live", "touched_at"),
        Index(None, "town", "reporter"),
        _known("assignee"),
        _known("closed_at"),
        _KEYED,
    )
    id: int = Field(primary_key=True)
    community: str
    number: int
    part: int
    category: str
    urgency: str
    state: str
    opened_at: datetime = Field(sa_type=Moment)
    touched_at: datetime = Field(sa_type=Moment)
    parent: int | None
    merged_into: int | None
    matter: str
    place_estate: str | None
    place_building: str | None
    place_unit: str | None
    place_floor: str | None
    place_room: str | None
    place_landmark: str | None
    grid: str
    level: int
    private: bool
    reporter: str
    reporter_name: str
    relayed_by: str | None
    room: str | None
    opened_by: str
    assignee: str | None
    helpers: tuple[str, ...] = Field(sa_type=Words)
    offered_to: tuple[str, ...] = Field(sa_type=Words)
    claim_from: datetime | None = Field(sa_type=Moment)
    claim_due: datetime | None = Field(sa_type=Moment)
    solve_from: datetime | None = Field(sa_type=Moment)
    solve_due: datetime | None = Field(sa_type=Moment)
    claimed_at: datetime | None = Field(sa_type=Moment)
    eta: datetime | None = Field(sa_type=Moment)
    arrived_at: datetime | None = Field(sa_type=Moment)
    done_at: datetime | None = Field(sa_type=Moment)
    closed_at: datetime | None = Field(sa_type=Moment)
    paused_until: datetime | None = Field(sa_type=Moment)
    note: str
    reopened: int
    escalated: int
    rating: str
    announced_at: datetime | None = Field(sa_type=Moment)
    place_asked: bool
    terms: tuple[str, ...] = Field(sa_type=Words)
    version: int
    live: bool
    """Not closed: its number is taken."""
    slot: int
    """0 while not closed, else the id: so a number is unique among tickets that are not closed."""
    faded: bool
    """Retention left only category, grid and times."""


class TicketEvent(Numbered, table=True):
    """One line of a ticket's history."""

    __table_args__ = (Index(None, "town", "ticket"), _of_ticket())
    ticket: int
    at: datetime = Field(sa_type=Moment)
    by: str
    move: str | None
    """None when the state stayed out of it, and for the opening."""
    from_state: str | None
    """None for the opening."""
    to_state: str
    note: str
    message: str | None


class TicketMessage(OfTown, table=True):
    """A message that became part of a ticket; its words are masked, or gone."""

    __table_args__ = (Index(None, "town", "message"), _of_ticket(), _KEYED)
    ticket: int = Field(primary_key=True)
    message: str = Field(primary_key=True)
    kind: str
    person: str
    text: str
    at: datetime = Field(sa_type=Moment)
    images: tuple[str, ...] = Field(sa_type=Words)


class Voice(OfTown, table=True):
    """One household speaking of a ticket."""

    __table_args__ = (Index(None, "town", "person"), _of_ticket(), _KEYED)
    ticket: int = Field(primary_key=True)
    person: str = Field(primary_key=True)
    position: int
    name: str
    room: str | None
    kind: str
    home: str
    answer: str


class TicketMember(OfTown, table=True):
    """Who was offered a ticket or helps with it, and since when: for finding and for fair turns."""

    __table_args__ = (
        Index(None, "town", "member"),
        Index(None, "town", "at"),
        _of_ticket(),
    )
    ticket: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    """`offered` | `helping`"""
    at: datetime = Field(sa_type=Moment)


class Reminder(Numbered, table=True):
    """Wake a ticket at a time. Firing deletes the row in the commit of its effects."""

    __table_args__ = (
        UniqueConstraint("town", "ticket", "kind"),
        Index(None, "town", "due_at"),
        _of_ticket(),
        _NUMBERED,
    )
    ticket: int
    kind: str
    step: int
    due_at: datetime = Field(sa_type=Moment)


class Outbox(Numbered, table=True):
    """Words on their way out, and what became of them."""

    __table_args__ = (
        Index(None, "town", "state", "priority", "id"),
        _known("remote_id"),
        _NUMBERED,
    )
    key: str
    text: str
    created_at: datetime = Field(sa_type=Moment)
    not_before: datetime = Field(sa_type=Moment)
    priority: int
    room: str | None
    member: str | None
    person: str | None
    ticket: int | None
    merge: str
    mentions: tuple[str, ...] = Field(sa_type=Words)
    reply_to: str | None
    fallback: str | None
    alone: bool
    state: str
    attempts: int
    sent_at: datetime | None = Field(sa_type=Moment)
    remote_id: str | None
    error: str
    leased_until: datetime | None = Field(sa_type=Moment)
    repeats: int
    """How often an emergency was queued again after its outcome was lost."""


class Question(Numbered, table=True):
    """Asked and not yet answered; an answered question is gone."""

    __table_args__ = (
        Index(None, "town", "person"),
        Index(None, "town", "room"),
        _NUMBERED,
    )
    kind: str
    ticket: int | None
    person: str | None
    room: str | None
    asked_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    payload: dict[str, str] = Field(sa_type=Pairs)
