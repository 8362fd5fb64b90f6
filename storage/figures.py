"""Counts for the digest, each defined once, from records only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import and_, bindparam, false, func, literal, select, text, true, union_all

from domain.calendar import LOCAL
from domain.digest import DigestFigures, Ratio
from domain.rules import Rules
from domain.ticket import UNCLAIMED, Move, State, Ticket
from storage import notebook, tables, town_tables
from storage.columns import Moment
from storage.link import Link
from storage.recall import Recollection
from storage.rows import OUTBOX, SELECT_TICKET, TICKETS

_EVENTS = tables.table_of(tables.TicketEvent).c
_MESSAGES = tables.table_of(tables.TicketMessage).c
_ROOMS = tables.table_of(town_tables.Room).c

_ALL = 100_000
_ONE_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
NEVER_COUNTED = frozenset({State.MERGED, State.DISMISSED})
FINISHED = frozenset({State.CONFIRMED, State.UNANSWERED})
_REOPENED = frozenset({Move.REOPEN.value, Move.REOPEN_UNCLAIMED.value})

_SINCE = bindparam("since", type_=Moment())
_UNTIL = bindparam("until", type_=Moment())
_HERE = and_(TICKETS.town == bindparam("town"), TICKETS.community == bindparam("community"))
# Nothing is opened or closed without being touched.
_CONCERNED = (
    union_all(
        SELECT_TICKET.where(_HERE, TICKETS.live == true()),
        SELECT_TICKET.where(_HERE, TICKETS.live == false(), TICKETS.touched_at >= _SINCE),
    )
    .order_by(text("id"))
    .limit(_ALL)
)
_MOVED = (
    select(_EVENTS.ticket, _EVENTS.move)
    .where(_EVENTS.town == bindparam("town"), _EVENTS.at >= _SINCE, _EVENTS.at < _UNTIL)
    .where(_EVENTS.ticket.in_(select(TICKETS.id).where(_HERE, TICKETS.touched_at >= _SINCE)))
)
_ME_TOO = (
    select(func.count(func.distinct(_MESSAGES.person)))
    .where(_MESSAGES.town == bindparam("town"), _MESSAGES.kind == "me_too")
    .where(_MESSAGES.at >= _SINCE, _MESSAGES.at < _UNTIL)
    .where(_MESSAGES.ticket.in_(select(TICKETS.id).where(_HERE, TICKETS.touched_at >= _SINCE)))
)
_SAID = (
    select(func.count())
    .select_from(tables.table_of(tables.Outbox))
    .where(
        OUTBOX.town == bindparam("town"),
        OUTBOX.state.in_([literal("sent"), literal("maybe_sent")]),
    )
    .where(OUTBOX.sent_at >= _SINCE, OUTBOX.sent_at < _UNTIL)
    .where(
        OUTBOX.room.in_(
            select(_ROOMS.handle).where(
                _ROOMS.town == bindparam("town"),
                _ROOMS.community == bindparam("community"),
                _ROOMS.kind == "residents",
            )
        )
    )
)


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment to just before another one."""

    since: datetime
    until: datetime

    def has(self, at: datetime | None) -> bool:
        """Whether a moment is known and lies inside."""
        return at is not None and self.since <= at < self.until


def of_day(
    link: Link,
    recollection: Recollection,
    community: str,
    day: date,
    now: datetime,
    rules: Rules,
) -> DigestFigures:
    """The figures of one community for one local day, as they stand at `now`."""
    span = Span(_midnight(day), _midnight(day + _ONE_DAY))
    last_month = _midnight((day.replace(day=1) - _ONE_DAY).replace(day=1))
    whole = recollection.tickets(
        _CONCERNED, community=community, since=min(last_month, span.until - _WEEK)
    )
    counted = [t for t in whole if t.state not in NEVER_COUNTED]
    values = {
        "town": recollection.town,
        "community": community,
        "since": span.since,
        "until": span.until,
    }
    moves = Counter(move for _ticket, move in set(link.rows(_MOVED, values)))
    reopened = sum(moves[move] for move in _REOPENED)
    return replace(
        _of_tickets(counted, span, last_month, now, rules),
        community=community,
        day=day,
        me_too=_count(link.rows(_ME_TOO, values)),
        solved=Ratio(
            yes=moves[Move.CONFIRM.value],
            of=moves[Move.CONFIRM.value] + reopened,
            unanswered=moves[Move.EXPIRE.value],
        ),
        reopened=reopened,
        said_in_groups=_count(link.rows(_SAID, values)),
        offline=_offline(link, recollection.town, span),
    )


def _of_tickets(
    counted: Sequence[Ticket], span: Span, last_month: datetime, now: datetime, rules: Rules
) -> DigestFigures:
    """What the tickets themselves tell about a day."""
    first = span.since.date().replace(day=1)
    week = Span(span.until - _WEEK, span.until)
    opened = [t for t in counted if span.has(t.opened_at)]
    finished = [t for t in counted if t.state in FINISHED]
    closed = [t for t in finished if span.has(t.closed_at)]
    live = [t for t in counted if t.active or t.state is State.DONE]
    levels = Counter(t.level for t in finished if week.has(t.closed_at))
    plain = DigestFigures(
        community="",
        day=first,
        opened=len(opened),
        opened_by_channel=most(_channel(t) for t in opened),
        closed=len(closed),
        still_open=len(live),
        claimed_in_time=_claimed_in_time(opened, now),
        satisfied=satisfaction(closed),
        minutes_to_arrival=arrivals(counted, Span(_midnight(first), span.until)),
        minutes_to_arrival_before=arrivals(counted, Span(last_month, _midnight(first))),
        private_active=most(t.category for t in live if t.private),
        by_level=tuple(sorted(levels.items())),
        top_places=_top_places([t for t in counted if week.has(t.opened_at)]),
    )
    return replace(plain, **_lists([t for t in live if not t.private], now, rules))


def _lists(live: Sequence[Ticket], now: datetime, rules: Rules) -> dict[str, tuple[Ticket, ...]]:
    tonight = _midnight(now.astimezone(LOCAL).date() + _ONE_DAY)
    rising = min(rules.patience.voices_alarm, default=3)
    active = [t for t in live if t.active]
    return {
        "needs_decision": tuple(t for t in active if _needs_decision(t, now)),
        "late": tuple(sorted((t for t in active if _late(t, now)), key=_due)),
        "due_today": tuple(
            sorted(
                (t for t in active if t.solve_due and now <= t.solve_due < tonight),
                key=_due,
            )
        ),
        "unclaimed": tuple(t for t in active if t.state in UNCLAIMED),
        "rising": tuple(
            t for t in active if t.households >= rising and t.opened_at >= now - _ONE_DAY
        ),
    }


def _needs_decision(ticket: Ticket, now: datetime) -> bool:
    if ticket.state is State.PAUSED:
        return ticket.paused_until is not None and ticket.paused_until <= now
    return ticket.state in {State.ESCALATED, State.COUNCIL}


def _late(ticket: Ticket, now: datetime) -> bool:
    if ticket.state is State.PAUSED and ticket.paused_until and ticket.paused_until > now:
        return False
    unclaimed = ticket.state in UNCLAIMED and ticket.claim_due is not None
    return bool(
        (unclaimed and ticket.claim_due and ticket.claim_due < now)
        or (ticket.solve_due and ticket.solve_due < now)
    )


def _due(ticket: Ticket) -> datetime:
    return ticket.solve_due or ticket.claim_due or ticket.opened_at


def _claimed_in_time(opened: Iterable[Ticket], now: datetime) -> Ratio:
    """Of those whose time to claim is over or that were claimed: how many in time."""
    yes = of = waiting = 0
    for ticket in opened:
        if ticket.claim_due is None:
            continue
        taken = ticket.claimed_at or ticket.arrived_at or ticket.done_at
        if taken is not None:
            of += 1
            yes += taken <= ticket.claim_due
        elif ticket.claim_due < now:
            of += 1
        else:
            waiting += 1
    return Ratio(yes=yes, of=of, unanswered=waiting)


def satisfaction(closed: Sequence[Ticket]) -> Ratio:
    """Of those who rated: how many were satisfied; silence is told apart."""
    rated = [t.rating for t in closed if t.rating]
    return Ratio(yes=rated.count("satisfied"), of=len(rated), unanswered=len(closed) - len(rated))


def arrivals(tickets: Iterable[Ticket], span: Span) -> tuple[float, ...]:
    """Message to on-site, or to done where nobody said that they arrived."""
    return tuple(
        (came - t.opened_at).total_seconds() / 60
        for t in tickets
        if span.has(t.opened_at) and (came := t.arrived_at or t.done_at) is not None
    )


def _top_places(tickets: Iterable[Ticket]) -> tuple[tuple[str, int], ...]:
    """Buildings named more than once, as `estate/building`, at most five."""
    named = Counter(
        f"{t.place.estate or ''}/{t.place.building}"
        for t in tickets
        if t.place.building and not t.private
    )
    return tuple((place, n) for place, n in named.most_common(5) if n > 1)


def _offline(link: Link, town: str, span: Span) -> tuple[tuple[str, str, bool], ...]:
    return tuple(
        (
            _clock(max(gap.since, span.since)),
            _clock(min(gap.until, span.until)),
            gap.filled,
        )
        for gap in notebook.gaps(link, town, span.since)
        if gap.since < span.until
    )


def _clock(at: datetime) -> str:
    return at.astimezone(LOCAL).strftime("%H:%M")


def _channel(ticket: Ticket) -> str:
    return (ticket.room or ticket.opened_by).partition(":")[0]


def most(things: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Each thing and how often it comes, the most frequent first."""
    return tuple(Counter(things).most_common())


def _count(found: Sequence[tuple[int, ...]]) -> int:
    return found[0][0] if found else 0


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL)
