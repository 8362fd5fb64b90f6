"""Counts for the programme over any span, from the same definitions as the digest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam

from domain.digest import Ratio
from domain.ticket import ACTIVE, State
from storage.columns import Moment
from storage.figures import FINISHED, NEVER_COUNTED, Span, arrivals, most, satisfaction
from storage.recall import Recollection
from storage.rows import SELECT_TICKET, TICKETS

_OPENED = (
    SELECT_TICKET.where(TICKETS.town == bindparam("town"))
    .where(
        TICKETS.opened_at >= bindparam("since", type_=Moment()),
        TICKETS.opened_at < bindparam("until", type_=Moment()),
    )
    .order_by(TICKETS.id)
    .limit(1_000_000)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Statistics:
    """A span's tickets, without merged and dismissed ones; private categories are counts too."""

    opened: int
    active: int
    done: int
    confirmed: int
    unanswered: int
    withdrawn: int
    reopened: int
    households: int
    satisfied: Ratio
    by_category: tuple[tuple[str, int], ...]
    by_community: tuple[tuple[str, int], ...]
    by_level: tuple[tuple[int, int], ...]
    """Level -> finished there."""
    minutes_to_arrival: tuple[float, ...]


def statistics(recollection: Recollection, since: datetime, until: datetime) -> Statistics:
    """The town's counts for tickets opened from `since` to before `until`."""
    found = recollection.tickets(_OPENED, since=since, until=until)
    counted = [t for t in found if t.state not in NEVER_COUNTED]
    states = Counter(t.state for t in counted)
    finished = [t for t in counted if t.state in FINISHED]
    return Statistics(
        opened=len(counted),
        active=sum(states[state] for state in ACTIVE),
        done=states[State.DONE],
        confirmed=states[State.CONFIRMED],
        unanswered=states[State.UNANSWERED],
        withdrawn=states[State.WITHDRAWN],
        reopened=sum(1 for t in counted if t.reopened),
        households=sum(t.households for t in counted),
        satisfied=satisfaction(finished),
        by_category=most(t.category for t in counted),
        by_community=most(t.community for t in counted),
        by_level=tuple(sorted(Counter(t.level for t in finished).items())),
        minutes_to_arrival=arrivals(counted, Span(since, until)),
    )
