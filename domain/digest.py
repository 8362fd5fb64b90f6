"""The figures of one community for one day, as counted by the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from domain.ticket import Ticket


@dataclass(frozen=True, kw_only=True, slots=True)
class Ratio:
    """A share with its denominator and those who did not answer. Silence is never a yes."""

    yes: int = 0
    of: int = 0
    unanswered: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestFigures:
    """What the digest of one community says about one day (`day` is the day reported on)."""

    community: str
    day: date
    opened: int = 0
    opened_by_channel: tuple[tuple[str, int], ...] = ()
    me_too: int = 0
    closed: int = 0
    still_open: int = 0
    claimed_in_time: Ratio = field(default_factory=Ratio)
    solved: Ratio = field(default_factory=Ratio)
    satisfied: Ratio = field(default_factory=Ratio)
    reopened: int = 0
    needs_decision: tuple[Ticket, ...] = ()
    """Escalated to the supervisors, in council, or parked past their date."""
    late: tuple[Ticket, ...] = ()
    due_today: tuple[Ticket, ...] = ()
    unclaimed: tuple[Ticket, ...] = ()
    rising: tuple[Ticket, ...] = ()
    """Three or more households within a day."""
    minutes_to_arrival: tuple[float, ...] = ()
    """Message to on-site (or done) of this month's tickets, minutes."""
    minutes_to_arrival_before: tuple[float, ...] = ()
    private_active: tuple[tuple[str, int], ...] = ()
    """Private category -> count in progress."""
    said_in_groups: int = 0
    offline: tuple[tuple[str, str, bool], ...] = ()
    """(from, to, filled) local times."""
    by_level: tuple[tuple[int, int], ...] = ()
    """Level -> solved there."""
    top_places: tuple[tuple[str, int], ...] = ()
