"""One level up: whom an escalated ticket reaches, and what they are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.effects import Effect
from domain.facts import Facts
from domain.reading import Urgency
from domain.ticket import Move, Ticket, after
from handlers import assigning, describing
from handlers.scene import tell_member
from handlers.zh import names


def raised(
    facts: Facts,
    ticket: Ticket,
    at: datetime,
    *,
    by: str,
    note: str = "",
    key: str = "escalated_up",
) -> tuple[Ticket, list[Effect]]:
    """The ticket one level higher (its holder becomes a helper), and the words to its new owners."""
    level, above = assigning.superiors(ticket, facts, at)
    holder = (ticket.assignee,) if ticket.assignee else ()
    higher = replace(
        ticket,
        state=after(ticket, Move.ESCALATE),
        level=level,
        escalated=ticket.escalated + 1,
        assignee=None,
        helpers=tuple(dict.fromkeys((*holder, *ticket.helpers))),
        offered_to=above,
        note=note or ticket.note,
        touched_at=at,
    )
    values = describing.about(ticket, facts, full=True) | {
        "by": by,
        "note": names.SENTENCE.format(text=note) if note else "",
        "age": describing.span(at - ticket.opened_at),
        "holder": names.HELD_BY.format(who=describing.who(ticket.assignee, facts))
        if ticket.assignee
        else names.HELD_BY_NOBODY,
    }
    priority = 0 if ticket.urgency is Urgency.EMERGENCY else 1
    told: list[Effect] = [tell_member(k, key, at, ticket, priority, **values) for k in above[:3]]
    return higher, told
