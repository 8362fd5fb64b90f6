"""The whole lifecycle of a ticket: states, moves, and the one table that joins them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import IllegalMove
from domain.reading import NOWHERE, Place, Urgency


class State(StrEnum):
    """Where a ticket stands. The field's own term is in the glossary."""

    OPEN = "open"
    CLAIMED = "claimed"
    ESCALATED = "escalated"
    PAUSED = "paused"
    COUNCIL = "council"
    DONE = "done"
    CONFIRMED = "confirmed"
    UNANSWERED = "unanswered"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    DISMISSED = "dismissed"


class Move(StrEnum):
    """What can happen to a ticket."""

    CLAIM = "claim"
    HELP = "help"
    ETA = "eta"
    ARRIVE = "arrive"
    DONE = "done"
    RELEASE = "release"
    TRANSFER = "transfer"
    PAUSE = "pause"
    RESUME = "resume"
    ESCALATE = "escalate"
    ACCEPT = "accept"
    RETURN = "return"
    COUNCIL = "council"
    DECIDE = "decide"
    CONFIRM = "confirm"
    REOPEN = "reopen"
    REOPEN_UNCLAIMED = "reopen_unclaimed"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    MERGE = "merge"
    SPLIT = "split"
    DISMISS = "dismiss"
    REVIVE = "revive"
    CORRECT = "correct"


_ENDINGS = {
    Move.CONFIRM: State.CONFIRMED,
    Move.WITHDRAW: State.WITHDRAWN,
    Move.MERGE: State.MERGED,
    Move.DISMISS: State.DISMISSED,
}
_HANDING_ON = {
    Move.DONE: State.DONE,
    Move.TRANSFER: State.OPEN,
    Move.ESCALATE: State.ESCALATED,
    Move.PAUSE: State.PAUSED,
    Move.COUNCIL: State.COUNCIL,
}

MOVES: Mapping[State, Mapping[Move, State]] = {
    State.OPEN: {
        Move.CLAIM: State.CLAIMED,
        **_HANDING_ON,
        **_ENDINGS,
        Move.CORRECT: State.OPEN,
        Move.SPLIT: State.OPEN,
    },
    State.CLAIMED: {
        Move.HELP: State.CLAIMED,
        Move.ETA: State.CLAIMED,
        Move.ARRIVE: State.CLAIMED,
        Move.RELEASE: State.OPEN,
        **_HANDING_ON,
        **_ENDINGS,
        Move.CORRECT: State.CLAIMED,
        Move.SPLIT: State.CLAIMED,
    },
    State.ESCALATED: {
        Move.ACCEPT: State.CLAIMED,
        Move.CLAIM: State.CLAIMED,
        Move.RETURN: State.OPEN,
        **_HANDING_ON,
        **_ENDINGS,
        Move.CORRECT: State.ESCALATED,
        Move.SPLIT: State.ESCALATED,
    },
    State.PAUSED: {
        Move.RESUME: State.CLAIMED,
        Move.CLAIM: State.CLAIMED,
        Move.ARRIVE: State.CLAIMED,
        Move.ETA: State.CLAIMED,
        **_HANDING_ON,
        **_ENDINGS,
        Move.CORRECT: State.PAUSED,
        Move.SPLIT: State.PAUSED,
    },
    State.COUNCIL: {
        Move.DECIDE: State.CLAIMED,
        Move.CLAIM: State.CLAIMED,
        **_HANDING_ON,
        **_ENDINGS,
        Move.CORRECT: State.COUNCIL,
        Move.SPLIT: State.COUNCIL,
    },
    State.DONE: {
        Move.CONFIRM: State.CONFIRMED,
        Move.REOPEN: State.CLAIMED,
        Move.REOPEN_UNCLAIMED: State.OPEN,
        Move.EXPIRE: State.UNANSWERED,
        Move.MERGE: State.MERGED,
        Move.DISMISS: State.DISMISSED,
        Move.CORRECT: State.DONE,
        Move.SPLIT: State.DONE,
    },
    State.CONFIRMED: {Move.REOPEN: State.CLAIMED, Move.REOPEN_UNCLAIMED: State.OPEN},
    State.UNANSWERED: {
        Move.REOPEN: State.CLAIMED,
        Move.REOPEN_UNCLAIMED: State.OPEN,
        Move.CONFIRM: State.CONFIRMED,
    },
    State.WITHDRAWN: {Move.REOPEN_UNCLAIMED: State.OPEN},
    State.MERGED: {Move.REVIVE: State.OPEN},
    State.DISMISSED: {Move.REVIVE: State.OPEN},
}

ACTIVE = frozenset({State.OPEN, State.CLAIMED, State.ESCALATED, State.PAUSED, State.COUNCIL})
"""Somebody still has to act."""
UNCLAIMED = frozenset({State.OPEN, State.ESCALATED})
"""Nobody has taken it yet; the claim clock runs."""
AWAITING_RESIDENT = frozenset({State.DONE})
CLOSED = frozenset(State) - ACTIVE - AWAITING_RESIDENT


def after(ticket: Ticket, move: Move) -> State:
    """The state that a move leads to; raises IllegalMove and changes nothing if there is none."""
    allowed = MOVES[ticket.state]
    if move not in allowed:
        names = ", ".join(sorted(allowed)) or "none"
        raise IllegalMove(
            f"ticket {ticket.number} is {ticket.state}: cannot {move} (allowed: {names})"
        )
    return allowed[move]


@dataclass(frozen=True, kw_only=True, slots=True)
class Voice:
    """One household speaking of a ticket; `kind` is `reporter` or `me_too`."""

    person: str
    name: str
    room: str | None
    kind: str
    home: str = ""
    """Building-unit-room as far as said, to count a household once."""
    answer: str = ""
    """`` | `yes` | `no`: what this household said after `done`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """One matter that somebody on the grid must act on. Times are aware, UTC inside."""

    id: int
    town: str
    community: str
    number: int
    category: str
    urgency: Urgency
    state: State
    opened_at: datetime
    touched_at: datetime
    part: int = 0
    """0 for a matter of its own, n for sub-task n of `parent`."""
    parent: int | None = None
    merged_into: int | None = None
    matter: str = ""
    """The masked words of the request, for those who work on it."""
    place: Place = NOWHERE
    grid: str = ""
    level: int = 3
    private: bool = False
    reporter: str = ""
    reporter_name: str = ""
    relayed_by: str | None = None
    room: str | None = None
    """Handle of the room it was first said in."""
    opened_by: str = ""
    """Inbox key of the message that opened it."""
    assignee: str | None = None
    helpers: tuple[str, ...] = ()
    offered_to: tuple[str, ...] = ()
    claim_from: datetime | None = None
    claim_due: datetime | None = None
    solve_from: datetime | None = None
    solve_due: datetime | None = None
    claimed_at: datetime | None = None
    eta: datetime | None = None
    arrived_at: datetime | None = None
    done_at: datetime | None = None
    closed_at: datetime | None = None
    paused_until: datetime | None = None
    note: str = ""
    """The last reason given: why paused, escalated, returned, decided."""
    reopened: int = 0
    escalated: int = 0
    rating: str = ""
    """`` | `satisfied` | `unsatisfied`; silence stays ``."""
    announced_at: datetime | None = None
    place_asked: bool = False
    voices: tuple[Voice, ...] = ()
    terms: tuple[str, ...] = ()
    version: int = 0

    @property
    def label(self) -> str:
        """What people call it: `17`, or `40-1` for a sub-task."""
        return f"{self.number}-{self.part}" if self.part else str(self.number)

    @property
    def active(self) -> bool:
        return self.state in ACTIVE

    @property
    def households(self) -> int:
        """Homes known to have the trouble: the reporter's and each me-too's, once each."""
        return len({voice.home or voice.person for voice in self.voices}) or 1
