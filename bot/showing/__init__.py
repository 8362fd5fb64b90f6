"""What a terminal shows of a living town: who speaks, what Xiaoge says, and how tickets stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.calendar import LOCAL
from domain.grid import Directory
from domain.rules import Rules
from domain.ticket import Ticket
from handlers import describing
from handlers.zh import names, terminal

__all__ = ["Card", "Show", "card_of", "clock_words"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A ticket in words; `active` is False when nobody has to act any more."""

    number: str
    mark: str
    what: str
    where: str
    state: str
    who: str
    homes: int
    active: bool

    @property
    def line(self) -> str:
        """`#17 保健院小区2号楼 停水：处置中（赵哥）`."""
        who = terminal.BY.format(who=self.who) if self.who else ""
        where = f"{self.where} " if self.where else ""
        return terminal.CHANGED.format(
            number=self.number, where=where, what=self.what, state=self.state, who=who
        )


class Show(Protocol):
    """Where it is shown. Times are aware; `where` is a room's name, or None in private."""

    def person(self, at: datetime, where: str | None, who: str, text: str) -> None:
        """Somebody spoke; without `where` to Xiaoge alone."""
        ...

    def xiaoge(self, at: datetime, where: str, text: str) -> None:
        """Xiaoge spoke; `where` is a room's name, or `@name`."""
        ...

    def tickets(self, at: datetime, cards: Sequence[Card]) -> None:
        """How the tickets stand, the newest first."""
        ...

    def note(self, text: str) -> None:
        """A word of the program itself."""
        ...


def card_of(ticket: Ticket, directory: Directory, rules: Rules) -> Card:
    """A ticket as shown to the person at the terminal: no room number, no resident's name."""
    member = directory.members.get(ticket.assignee or "")
    return Card(
        number=ticket.label,
        mark=names.MARKS[ticket.urgency],
        what=describing.what(ticket, rules),
        where=describing.place_words(ticket.place, directory, full=False),
        state=names.STATES[ticket.state],
        who=member.name if member else "",
        homes=ticket.households,
        active=ticket.active,
    )


def clock_words(at: datetime) -> str:
    """`周一 08:05`."""
    local = at.astimezone(LOCAL)
    weekday = names.WEEKDAYS[local.weekday()]
    return terminal.CLOCK.format(weekday=weekday, time=f"{local:%H:%M}")
