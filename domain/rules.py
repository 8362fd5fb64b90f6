"""The tables an operator owns: what each category is, who answers it, and how long we wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from domain.calendar import WorkCalendar
from domain.reading import Urgency

HERE = "localhost"
"""A language model on this machine."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """A span of minutes, in working time or in natural time."""

    minutes: float
    working: bool = False

    def from_(self, at: datetime, calendar: WorkCalendar) -> datetime:
        """The moment this limit runs out when it starts at `at`."""
        if self.working:
            return calendar.add(at, self.minutes)
        return at + timedelta(minutes=self.minutes)

    def part(self, percent: int) -> Limit:
        return Limit(minutes=self.minutes * percent / 100, working=self.working)


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    """One row of the service catalogue."""

    key: str
    name: str
    roles: tuple[str, ...]
    """Who answers, in order."""
    handler: str = ""
    """A handler role that owns the thing (`property`, `utility.heat`), tried before the roles."""
    skill: str = ""
    """The skill of a volunteer who can mend it."""
    urgency: Urgency = Urgency.NORMAL
    claim: Mapping[Urgency, Limit] = field(default_factory=dict[Urgency, Limit])
    solve: Mapping[Urgency, Limit] = field(default_factory=dict[Urgency, Limit])
    private: bool = False
    place: bool = True
    """Whether the matter lies somewhere, so that a missing place is asked for."""
    escalates_to: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long the product waits, and when it is quiet."""

    pause: timedelta = timedelta(seconds=60)
    """After a request, before the one reply in the group: the rest may still come."""
    pause_longest: timedelta = timedelta(seconds=150)
    stitch: timedelta = timedelta(minutes=10)
    """One speaker's messages this near may be one request."""
    merge: timedelta = timedelta(hours=24)
    """Voices of one incident this near are one ticket."""
    reopen: timedelta = timedelta(days=7)
    silence: timedelta = timedelta(days=7)
    question: timedelta = timedelta(hours=24)
    offer: timedelta = timedelta(minutes=10)
    """A volunteer's time to answer an offer before the next one is asked."""
    steps: tuple[int, ...] = (50, 100, 150)
    """Reminders at these per cent of a limit; the last one escalates."""
    urgent_hours: tuple[time, time] = (time(7, 0), time(22, 0))
    normal_hours: tuple[time, time] = (time(8, 0), time(20, 0))
    digest_at: time = time(7, 40)
    voices_alarm: tuple[int, ...] = (3, 5, 10)
    """Me-too households at which the handler is told again."""
    text_kept: timedelta = timedelta(days=180)
    photo_kept: timedelta = timedelta(days=90)
    examples_kept: timedelta = timedelta(days=365)
    """Examples learnt from corrections."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """Everything from `config.yaml` that a decision may depend on."""

    categories: Mapping[str, Category]
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    patience: Patience = field(default_factory=Patience)
    bot_names: tuple[str, ...] = ()
    """What people call the product in chat."""
    learns: bool = True
    """Whether corrections are kept as examples."""
    asks_elsewhere: str = ""
    """The host of the language model that is asked when the reader is unsure, or HERE; or none."""

    def category(self, key: str) -> Category:
        """The category of a key; an unknown one is answered by `other`."""
        return self.categories.get(key) or self.categories["other"]
