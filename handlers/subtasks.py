"""A quarrel over a leak is two matters: the peace, and the leak itself as a task of its own."""

from __future__ import annotations

from dataclasses import replace

from domain.effects import Effect, OpenTicket, Remind
from domain.ticket import State, Ticket
from handlers import assigning, resembling
from handlers.scene import Scene, whisper
from handlers.zh import names

_QUARREL = "neighbour_dispute"
_ROOT = "water_supply"


def root_cause(scene: Scene, ticket: Ticket) -> list[Effect]:
    """Beside a quarrel that names a leak: `40-1`, to whoever can mend it; nothing else ever."""
    quarrel = ticket.category == _QUARREL and ticket.part == 0 and ticket.claimed_at is None
    if not quarrel or not resembling.is_home_fault(ticket.matter):
        return []
    facts = scene.facts
    task = Ticket(
        id=facts.next_id,
        town=ticket.town,
        community=ticket.community,
        number=ticket.number,
        part=1,
        parent=ticket.id,
        category=_ROOT,
        urgency=facts.rules.category(_ROOT).urgency,
        state=State.OPEN,
        opened_at=scene.at,
        touched_at=scene.at,
        announced_at=scene.at,
        matter=names.FIND_LEAK,
        place=ticket.place,
        grid=ticket.grid,
        opened_by=scene.message.key,
        relayed_by=scene.actor,
        claim_from=scene.at,
    )
    limit = assigning.claim_limit(task, facts)
    calendar, first = facts.rules.calendar, facts.rules.patience.steps[0]
    task = replace(task, claim_due=limit.from_(scene.at, calendar))
    task, told = assigning.dispatch(task, facts, scene.at)
    return [
        OpenTicket(ticket=task),
        Remind(ticket=task.id, kind="claim", at=limit.part(first).from_(scene.at, calendar)),
        whisper(scene, "claimed_sub", ticket, sub=task.label, what=names.FIND_LEAK),
        *told,
    ]
