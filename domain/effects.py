"""What a decision wants done. The shell records all of it in one commit, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.facts import Question
from domain.grid import Leave
from domain.ticket import Move, State, Ticket, Voice


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenTicket:
    """A new ticket; its id and number are those promised by the facts."""

    ticket: Ticket


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeTicket:
    """Fields of a ticket set anew, with a line of history.

    `move` is None when the state stays out of it (a place filled in). `before` is the ticket as
    it was recalled: recording fails with Conflict when its version is no longer that one.
    """

    before: Ticket
    after: Ticket
    move: Move | None
    state: State
    by: str
    """Member key, person handle, or `clock`."""
    at: datetime
    note: str = ""
    message: str | None = None
    """Inbox key of the message that moved it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class JoinMessage:
    """A message becomes part of a ticket.

    `kind`: `opened` | `more` | `me_too` | `staff`, or `recalled`: the sender took it back, its
    words and pictures are dropped.
    """

    ticket: int
    message: str
    kind: str
    person: str
    text: str
    """Masked; empty for what must not be kept."""
    at: datetime
    images: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AddVoice:
    """One more household (or another answer of one: same person replaces)."""

    ticket: int
    voice: Voice


@dataclass(frozen=True, kw_only=True, slots=True)
class Remind:
    """Wake this ticket at a time. One row per (ticket, kind): a new one replaces the old.

    Kinds: `announce` `claim` `solve` `offer` `eta` `paused` `council` `confirm` `silence`.
    """

    ticket: int
    kind: str
    at: datetime
    step: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Forget:
    """Drop reminders of a ticket: these kinds, or all."""

    ticket: int
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Say:
    """Words for the outbox: a wording key and its values, never a finished sentence.

    Exactly one of `room` (handle), `member` (key) and `person` (handle) is the target.
    `priority`: 0 emergency, 1 answer, 2 news, 3 reminder, 4 digest. Rows with the same
    `merge` key and target may be sent as one message. `text` is filled in by the shell.
    """

    key: str
    at: datetime
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    room: str | None = None
    member: str | None = None
    person: str | None = None
    ticket: int | None = None
    priority: int = 1
    not_before: datetime | None = None
    merge: str = ""
    mentions: tuple[str, ...] = ()
    reply_to: str | None = None
    fallback: str | None = None
    """Room handle to use, with a mention, when `person` or `member` cannot be reached privately."""
    alone: bool = False
    """About a private matter: these words may never stand in a room."""
    text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """Remember that something was asked (the words are a Say beside it)."""

    question: Question


@dataclass(frozen=True, kw_only=True, slots=True)
class CloseQuestion:
    """A question was answered, or no longer matters."""

    question: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Learn:
    """A correction becomes a labelled example, kept locally without names and homes.

    `source` is what was corrected: `capture` `dismiss` `category` `urgency` `merge` `split`
    `revive`. `person` said the words, in the message with inbox key `message`: who asks to be
    forgotten, or takes the message back, takes the example along. With `said_to` the words are
    those that `person` said last in that ticket, as they are kept; without any nothing is learnt.
    """

    text: str
    intent: str
    category: str | None
    at: datetime
    source: str
    urgency: str | None = None
    person: str | None = None
    message: str | None = None
    said_to: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Unlearn:
    """A message was taken back: what was learnt from it is dropped."""

    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Bind:
    """A one-time code was shown by this person: from now on they are that member."""

    person: str
    member: str
    code: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class SetRoom:
    """Allow, stop or mute a room."""

    room: str
    allowed: bool
    muted_until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TakeLeave:
    """A member is away."""

    member: str
    leave: Leave


@dataclass(frozen=True, kw_only=True, slots=True)
class OptOut:
    """Never judge this person's messages again (or do again)."""

    person: str
    out: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Erase:
    """Forget a person: handle, name and words; a public hazard stays as a place."""

    person: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsay:
    """Drop what is queued for a ticket and not yet sent: these wording keys, or all."""

    ticket: int
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteGap:
    """Keep that a channel was away, for the digest."""

    channel: str
    since: datetime
    until: datetime
    filled: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CleanUp:
    """Apply retention as of a moment."""

    at: datetime


Effect = (
    OpenTicket
    | ChangeTicket
    | JoinMessage
    | AddVoice
    | Remind
    | Forget
    | Say
    | Ask
    | CloseQuestion
    | Learn
    | Unlearn
    | Bind
    | SetRoom
    | TakeLeave
    | OptOut
    | Erase
    | Unsay
    | NoteGap
    | CleanUp
)
