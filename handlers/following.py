"""Reminders: what happens when a ticket's time has come. Late or not, one word per ticket."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from domain.effects import ChangeTicket, Effect, Forget, Remind, Say, Unsay
from domain.events import ReminderDue
from domain.facts import Facts
from domain.reading import Urgency
from domain.rules import Limit
from domain.ticket import MOVES, UNCLAIMED, Move, State, Ticket, after
from handlers import announcing, assigning, describing, rising
from handlers.scene import tell_member, tell_room
from handlers.speaking_hours import speakable
from handlers.zh import names


def follow(event: ReminderDue, facts: Facts) -> list[Effect]:
    """What is due for this ticket now; nothing for one that has moved on meanwhile."""
    ticket = facts.ticket(event.ticket)
    if ticket is None:
        return []
    match event.kind:
        case "announce":
            return announcing.announce(ticket, event.at, facts)
        case "claim":
            return _claim_late(ticket, event, facts) if ticket.state in UNCLAIMED else []
        case "offer":
            return _offer_unanswered(ticket, event, facts)
        case "solve":
            return _solve_late(ticket, event, facts) if ticket.state is State.CLAIMED else []
        case "eta":
            return _promise_due(ticket, event, facts)
        case "paused":
            return _parked_due(ticket, event, facts) if ticket.state is State.PAUSED else []
        case "council":
            return _undecided(ticket, event, facts) if ticket.state is State.COUNCIL else []
        case "silence":
            return _no_answer(ticket, event, facts) if ticket.state is State.DONE else []
        case _:
            return []


def _steps(
    limit: Limit, start: datetime, now: datetime, facts: Facts
) -> tuple[int, datetime | None]:
    """(steps passed by now, when the next one is due): after downtime several pass as one."""
    calendar, steps = facts.rules.calendar, facts.rules.patience.steps
    passed = sum(limit.part(p).from_(start, calendar) <= now for p in steps)
    if passed < len(steps):
        return passed, limit.part(steps[passed]).from_(start, calendar)
    return passed, None


def _claim_late(ticket: Ticket, event: ReminderDue, facts: Facts) -> list[Effect]:
    limit = assigning.claim_limit(ticket, facts)
    start = ticket.claim_from or ticket.opened_at
    return _step(ticket, event, facts, limit, start, kind="claim")


def _solve_late(ticket: Ticket, event: ReminderDue, facts: Facts) -> list[Effect]:
    start = ticket.solve_from or ticket.claimed_at or ticket.opened_at
    limit = assigning.solve_limit(ticket, facts)
    if ticket.reopened:
        limit = limit.part(50)
    return _step(ticket, event, facts, limit, start, kind="solve")


def _step(
    ticket: Ticket, event: ReminderDue, facts: Facts, limit: Limit, start: datetime, *, kind: str
) -> list[Effect]:
    """One reminder for all steps that have passed, and the clock set for the next."""
    passed, following = _steps(limit, start, event.at, facts)
    quiet = speakable(event.at, ticket, facts)
    if quiet > event.at:
        return [Remind(ticket=ticket.id, kind=kind, at=quiet, step=event.step)]
    if passed == 0 and following:
        return [Remind(ticket=ticket.id, kind=kind, at=following, step=0)]
    effects: list[Effect] = []
    if passed >= len(facts.rules.patience.steps):
        return _overdue(ticket, event, facts, kind, limit.from_(start, facts.rules.calendar))
    if passed > event.step:
        effects += _reminded(ticket, event, facts, limit.from_(start, facts.rules.calendar), kind)
    if following:
        effects.append(Remind(ticket=ticket.id, kind=kind, at=following, step=passed))
    return effects


def _reminded(
    ticket: Ticket, event: ReminderDue, facts: Facts, due: datetime, kind: str
) -> list[Effect]:
    late = event.at >= due
    length = describing.span(abs(due - event.at))
    values = describing.about(ticket, facts, full=True) | {
        "left": names.LEFT.format(span=length),
        "over": length,
    }
    key = f"remind_{kind}_late" if late else f"remind_{kind}"
    return _to_holders(ticket, facts, event.at, key, values)


_REMINDERS = ("remind_claim", "remind_claim_late", "remind_solve", "remind_solve_late")
"""An older one that still waits in the outbox is overtaken by a newer one."""


def _to_holders(
    ticket: Ticket, facts: Facts, at: datetime, key: str, values: dict[str, str]
) -> list[Effect]:
    """Reminders go to who holds it, else to those asked, else to the work room; one an hour each."""
    priority = 0 if ticket.urgency is Urgency.EMERGENCY else 3
    holders = (ticket.assignee,) if ticket.assignee else ticket.offered_to[:3]
    if not holders and not ticket.private:
        return [
            tell_room(r.handle, key, at, ticket, priority, **values)
            for r in facts.directory.work_rooms(ticket.community)[:1]
        ]
    holders = holders or assigning.route(ticket, facts, at).team[:2]
    return [
        Unsay(ticket=ticket.id, keys=_REMINDERS),
        *[
            replace(tell_member(k, key, at, ticket, priority, **values), merge=f"remind:{k}")
            for k in holders
        ],
    ]


def _overdue(
    ticket: Ticket, event: ReminderDue, facts: Facts, kind: str, due: datetime
) -> list[Effect]:
    """Past the last step: one level up by itself, and the holder knows."""
    values = describing.about(ticket, facts, full=True) | {"over": describing.span(event.at - due)}
    told = _to_holders(ticket, facts, event.at, f"remind_{kind}_late", values)
    again = Remind(ticket=ticket.id, kind=kind, at=event.at + timedelta(days=1), step=event.step)
    if Move.ESCALATE not in MOVES[ticket.state] or ticket.level <= 1:
        return [*told, again]
    higher, words = rising.raised(facts, ticket, event.at, by=names.ON_DUTY, key="remind_up")
    words = [_with_over(w, values["over"]) for w in words]
    if not higher.offered_to:
        return [*told, again]
    claim = assigning.claim_limit(higher, facts)
    calendar = facts.rules.calendar
    higher = replace(higher, claim_from=event.at, claim_due=claim.from_(event.at, calendar))
    first = claim.part(facts.rules.patience.steps[0]).from_(event.at, calendar)
    return [
        ChangeTicket(
            before=ticket,
            after=higher,
            move=Move.ESCALATE,
            state=higher.state,
            by="clock",
            at=event.at,
            note=f"{kind} overdue",
        ),
        Forget(ticket=ticket.id, kinds=("solve", "eta", "offer")),
        Remind(ticket=ticket.id, kind="claim", at=first, step=0),
        *_duty_call(ticket, event.at, facts),
        *(told if ticket.assignee else []),
        *words,
    ]


def _duty_call(ticket: Ticket, at: datetime, facts: Facts) -> list[Effect]:
    """A danger that nobody took: its room is told whom to ring, where the town has a number."""
    home = facts.directory.communities.get(ticket.community)
    untaken = ticket.urgency is Urgency.EMERGENCY and not (ticket.assignee or ticket.escalated)
    if home is None or not home.duty or not untaken or ticket.private or ticket.room is None:
        return []
    values = describing.about(ticket, facts, full=False) | {"duty": home.duty}
    return [tell_room(ticket.room, "duty_call", at, ticket, 0, **values)]


def _with_over(effect: Effect, over: str) -> Effect:
    if isinstance(effect, Say):
        return replace(effect, values={**effect.values, "over": over})
    return effect


def _offer_unanswered(ticket: Ticket, event: ReminderDue, facts: Facts) -> list[Effect]:
    """A volunteer has not answered: the next one, then the team."""
    if ticket.state is not State.OPEN:
        return []
    asked, told = assigning.dispatch(ticket, facts, event.at)
    changed = ChangeTicket(
        before=ticket, after=asked, move=None, state=asked.state, by="clock", at=event.at
    )
    return [changed, *told]


def _promise_due(ticket: Ticket, event: ReminderDue, facts: Facts) -> list[Effect]:
    """The promised time has passed: who promised is asked whether it has happened."""
    if ticket.state is not State.CLAIMED or ticket.assignee is None:
        return []
    if ticket.eta and ticket.eta > event.at:
        return [Remind(ticket=ticket.id, kind="eta", at=ticket.eta + timedelta(minutes=10))]
    if ticket.arrived_at:
        return []
    quiet = speakable(event.at, ticket, facts)
    if quiet > event.at:
        return [Remind(ticket=ticket.id, kind="eta", at=quiet)]
    say = tell_member(ticket.assignee, "remind_eta", event.at, ticket, 3, number=ticket.label)
    return [replace(say, merge=f"remind:{ticket.assignee}")]


def _parked_due(ticket: Ticket, event: ReminderDue, facts: Facts) -> list[Effect]:
    values = describing.about(ticket, facts, full=True) | {"reason": ticket.note}
    told = _to_holders(ticket, facts, event.at, "remind_paused", values)
    return [*told, Remind(ticket=ticket.id, kind="paused", at=event.at + timedelta(days=1))]


def _undecided(ticket: Ticket, event: ReminderDue, facts: Facts) -> list[Effect]:
    values = describing.about(ticket, facts, full=True)
    told = _to_holders(ticket, facts, event.at, "remind_council", values)
    return [*told, Remind(ticket=ticket.id, kind="council", at=event.at + timedelta(days=1))]


def _no_answer(ticket: Ticket, event: ReminderDue, facts: Facts) -> list[Effect]:
    """Silence closes, and is never counted as satisfied."""
    closed = replace(ticket, state=after(ticket, Move.EXPIRE), closed_at=event.at)
    values = describing.about(ticket, facts, full=False)
    effects: list[Effect] = [
        ChangeTicket(
            before=ticket,
            after=closed,
            move=Move.EXPIRE,
            state=closed.state,
            by="clock",
            at=event.at,
        ),
        Forget(ticket=ticket.id),
    ]
    if ticket.assignee:
        say = tell_member(ticket.assignee, "closed_silent", event.at, ticket, 3, **values)
        effects.append(replace(say, merge=f"remind:{ticket.assignee}"))
    return effects
