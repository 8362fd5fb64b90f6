"""Everything a decision may know: recalled from the store, handed over frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.digest import DigestFigures
from domain.grid import Directory, Member, Room
from domain.reading import Place, Reading
from domain.rules import Rules
from domain.ticket import Ticket


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """A message still in memory (never on disk): what was just said in a room."""

    key: str
    person: str
    name: str
    text: str
    at: datetime
    reading: Reading | None = None
    images: tuple[str, ...] = ()
    reply_to: str | None = None
    role: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """A ticket as far as reading needs it: what a room waits for, kept in memory for a day."""

    ticket: int
    category: str
    text: str
    """The masked words of the request."""
    place: Place
    touched_at: datetime
    finished: bool = False
    """Nobody has to act any more: called done, or closed."""
    people: frozenset[str] = frozenset()
    """Handles of those who reported it or joined in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Something the product asked and waits to hear about.

    `kind`: `place` | `confirm` | `capture` | `which` | `offer` | `eta` | `same` | `where`
    | `login` (bind again).
    `person` is the handle asked; None means anybody of `room`.
    """

    id: int
    kind: str
    ticket: int | None
    person: str | None
    room: str | None
    asked_at: datetime
    expires_at: datetime
    payload: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """The world as one decision sees it.

    `tickets` are candidates, last touched first: those of the community that are active or
    were closed within the reopening time, cut to what the event can concern; for a reminder the
    first one is its ticket. `quoted` is the ticket that the quoted message belongs to.
    `next_number` and `next_id` are what a new ticket gets; recording fails with Conflict if
    somebody else took them meanwhile.
    """

    directory: Directory
    rules: Rules
    room: Room | None = None
    member: Member | None = None
    tickets: tuple[Ticket, ...] = ()
    quoted: int | None = None
    questions: tuple[Question, ...] = ()
    recent: tuple[Heard, ...] = ()
    next_id: int = 1
    next_number: int = 1
    figures: DigestFigures | None = None
    last_offers: Mapping[str, int] = field(default_factory=dict[str, int])
    """Member key -> offers made today, for a fair turn."""
    codes: Mapping[str, str] = field(default_factory=dict[str, str])
    """One-time binding codes that this message's text matches: code -> member key."""

    def ticket(self, id: int | None) -> Ticket | None:
        """The candidate with this permanent id."""
        return next((t for t in self.tickets if t.id == id), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What a decision needs recalled; the store turns it into a few indexed queries.

    `broad` asks for every active ticket of `community` (staff talk); otherwise only tickets that
    the other fields reach are recalled. `numbers` are short numbers within the community.
    """

    community: str = ""
    room: str | None = None
    person: str | None = None
    member: str | None = None
    quoted: str | None = None
    """Inbox key of the quoted message."""
    numbers: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    ticket: int | None = None
    pending: tuple[int, ...] = ()
    """Tickets that this room or chat is known to wait for."""
    broad: bool = False
    since: datetime | None = None
    """Closed tickets are recalled only when touched after this."""
    code: str | None = None
    """A binding code shown in a private chat."""
