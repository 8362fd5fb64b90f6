"""The one reply to a report, when the resident has paused; and the right people are asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from domain.effects import Ask, ChangeTicket, Effect, Remind
from domain.facts import Facts, Question
from domain.ticket import State, Ticket
from handlers import assigning, describing
from handlers.scene import tell_person, tell_room

_HEARD_LATE = timedelta(minutes=30)
"""Words read so long after they were said were missed; nobody can be late with them yet."""


def announce(ticket: Ticket, at: datetime, facts: Facts) -> list[Effect]:
    """The one reply in the group, when the resident has paused; and the right people are asked."""
    if ticket.announced_at is not None or not ticket.active:
        return []
    told: list[Effect] = []
    asked = ticket
    if ticket.state is State.OPEN and not ticket.offered_to:
        asked, told = assigning.dispatch(ticket, facts, at)
    if late := at - ticket.opened_at > _HEARD_LATE:
        asked = replace(asked, claim_from=at, claim_due=_claim_due(ticket, at, facts))
    asked = replace(asked, announced_at=at, place_asked=not ticket.place)
    changed = ChangeTicket(
        before=ticket, after=asked, move=None, state=asked.state, by="clock", at=at
    )
    first = assigning.claim_limit(ticket, facts).part(facts.rules.patience.steps[0])
    anew = Remind(ticket=ticket.id, kind="claim", at=first.from_(at, facts.rules.calendar))
    return [changed, *_noted(asked, at, facts), *told, *([anew] if late else [])]


def _claim_due(ticket: Ticket, at: datetime, facts: Facts) -> datetime:
    return assigning.claim_limit(ticket, facts).from_(at, facts.rules.calendar)


def _noted(ticket: Ticket, at: datetime, facts: Facts) -> list[Effect]:
    if ticket.private or (ticket.room is None and not ticket.reporter):
        return []
    shared = describing.OUTAGE_TERM in ticket.terms
    values = describing.about(ticket, facts, full=False) | {
        "name": ticket.reporter_name,
        "next": assigning.next_words(ticket, facts, at),
        "care": describing.care(ticket),
    }
    rooms = list(dict.fromkeys(v.room for v in ticket.voices if v.room)) or [ticket.room]
    if not ticket.place and facts.rules.category(ticket.category).place:
        return _ask_where(ticket, at, facts, values, ticket.room)
    many = shared and ticket.households > 1
    if ticket.room is None and len(rooms) == 1:
        return [tell_person(ticket.reporter, "noted", at, ticket, room=None, **values)]
    return [
        tell_room(
            room,
            "noted" if room == ticket.room and not many else "noted_many",
            at,
            ticket,
            1,
            **values,
        )
        for room in rooms
        if room
    ]


def _ask_where(
    ticket: Ticket, at: datetime, facts: Facts, values: dict[str, str], room: str | None
) -> list[Effect]:
    question = Question(
        id=0,
        kind="place",
        ticket=ticket.id,
        person=ticket.reporter,
        room=room,
        asked_at=at,
        expires_at=at + facts.rules.patience.question,
    )
    if room is None:
        asked = tell_person(ticket.reporter, "noted_where", at, ticket, room=None, **values)
        return [Ask(question=question), asked]
    say = tell_room(room, "noted_where", at, ticket, 1, **values)
    return [Ask(question=question), replace(say, mentions=(ticket.reporter,))]
