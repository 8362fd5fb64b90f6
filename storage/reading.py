"""The half of the store that only tells: tickets, history, figures, lessons, gaps, views."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from domain.digest import DigestFigures
from domain.effects import JoinMessage, Learn, NoteGap
from domain.rules import Rules
from domain.ticket import State, Ticket
from storage import figures, ledger, notebook, programme
from storage.ledger import HistoryLine, Which
from storage.link import Link
from storage.notebook import View
from storage.programme import Statistics
from storage.recall import Recollection


class Reading:
    """Everything that can be asked without changing anything."""

    def __init__(self, link: Link, town: str) -> None:
        self.town = town
        self._link = link
        self._recollection = Recollection(link, town)

    def ticket(self, id: int) -> Ticket | None:
        """The ticket with a permanent id, or None."""
        return ledger.ticket(self._recollection, id)

    def tickets(
        self,
        community: str | None = None,
        states: Iterable[State] | None = None,
        *,
        category: str | None = None,
        assignee: str | None = None,
        opened_since: datetime | None = None,
        touched_since: datetime | None = None,
        limit: int = 10_000,
    ) -> list[Ticket]:
        """The tickets that match all that is given, newest first."""
        which = Which(
            community=community,
            states=tuple(states or ()),
            category=category,
            assignee=assignee,
            opened_since=opened_since,
            touched_since=touched_since,
        )
        return ledger.tickets(self._recollection, which, limit)

    def history(self, ticket: int) -> list[HistoryLine]:
        """Everything that happened to a ticket, oldest first."""
        return ledger.history(self._link, self.town, ticket)

    def messages(self, ticket: int) -> list[JoinMessage]:
        """The messages that became part of a ticket, in the order they were said."""
        return ledger.messages(self._link, self.town, ticket)

    def figures(self, community: str, day: date, now: datetime, rules: Rules) -> DigestFigures:
        """What the digest of a community says about a local day, as of `now`."""
        return figures.of_day(self._link, self._recollection, community, day, now, rules)

    def statistics(self, since: datetime, until: datetime) -> Statistics:
        """The town's counts for tickets opened from `since` to before `until`."""
        return programme.statistics(self._recollection, since, until)

    def lessons(self) -> list[Learn]:
        """Every correction kept, oldest first."""
        return notebook.lessons(self._link, self.town)

    def gaps(self, since: datetime) -> list[NoteGap]:
        """Gaps of channels that ended since a moment."""
        return notebook.gaps(self._link, self.town, since)

    def views(self, since: datetime) -> list[View]:
        """Who looked at what since a moment, oldest first."""
        return notebook.views(self._link, self.town, since)

    def meta_get(self, name: str) -> str | None:
        """A small value of the shell (a cursor), or None."""
        return notebook.get_meta(self._link, self.town, name)
