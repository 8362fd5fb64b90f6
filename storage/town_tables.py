"""The rows of the town: grids, estates, rooms, members, who is bound to whom, and the house's own.

A roster is always read and replaced as a whole, so what belongs to one row (posts, nicknames,
leaves) is kept inside it as JSON instead of in tables of its own. `position` keeps roster order.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from storage.columns import Moment, Words
from storage.tables import Numbered, OfTown


class Community(OfTown, table=True):
    """A row for domain.grid.Community."""

    key: str = Field(primary_key=True)
    name: str
    grid: str
    duty: str
    position: int


class Grid(OfTown, table=True):
    """A row for domain.grid.Grid."""

    key: str = Field(primary_key=True)
    name: str
    level: int
    parent: str | None
    community: str
    kind: str
    position: int


class Estate(OfTown, table=True):
    """A row for domain.grid.Estate."""

    key: str = Field(primary_key=True)
    name: str
    community: str
    grid: str
    nicknames: tuple[str, ...] = Field(sa_type=Words)
    position: int


class Building(Numbered, table=True):
    """A row for domain.grid.Building; one building may have several, by units."""

    estate: str
    number: str
    grid: str
    units: tuple[str, ...] = Field(sa_type=Words)


class Landmark(Numbered, table=True):
    """A row for domain.grid.Landmark."""

    name: str
    grid: str
    estate: str
    nicknames: tuple[str, ...] = Field(sa_type=Words)


class Room(OfTown, table=True):
    """A row for domain.grid.Room."""

    handle: str = Field(primary_key=True)
    name: str
    community: str
    kind: str
    estate: str
    grid: str
    allowed: bool
    muted_until: datetime | None = Field(sa_type=Moment)
    position: int


class Member(OfTown, table=True):
    """A row for domain.grid.Member."""

    key: str = Field(primary_key=True)
    name: str
    posts: str
    """JSON: [[role, grid], …]"""
    skills: tuple[str, ...] = Field(sa_type=Words)
    fields: tuple[str, ...] = Field(sa_type=Words)
    deputy: str | None
    leaves: str
    """JSON: [[first, last, stand-in or null], …]"""
    nicknames: tuple[str, ...] = Field(sa_type=Words)
    daily_cap: int
    position: int
    email: str


class Binding(OfTown, table=True):
    """A person's handle is this member's."""

    person: str = Field(primary_key=True)
    member: str
    at: datetime | None = Field(sa_type=Moment)


class BindingCode(OfTown, table=True):
    """A one-time code that makes a handle a member's."""

    code: str = Field(primary_key=True)
    member: str
    at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(sa_type=Moment)


class OptOut(OfTown, table=True):
    """A person who asked never to be judged."""

    person: str = Field(primary_key=True)


class Counter(OfTown, table=True):
    """The next id (`ticket`), numbers given (`number:<community>`), the `directory`'s version."""

    name: str = Field(primary_key=True)
    value: int


class Lesson(Numbered, table=True):
    """A correction, kept as a labelled example."""

    text: str
    intent: str
    category: str | None
    at: datetime = Field(sa_type=Moment)
    source: str
    urgency: str | None
    person: str | None
    """Whose words these are, so that they can be forgotten."""
    message: str | None


class Gap(Numbered, table=True):
    """A channel was away from one moment to another."""

    channel: str
    since: datetime = Field(sa_type=Moment)
    until: datetime = Field(sa_type=Moment)
    filled: bool


class Meta(OfTown, table=True):
    """Small values of the shell: where a replay or a room's history stands."""

    name: str = Field(primary_key=True)
    value: str


class View(Numbered, table=True):
    """Audit: which member looked at what."""

    member: str
    what: str
    at: datetime = Field(sa_type=Moment)
