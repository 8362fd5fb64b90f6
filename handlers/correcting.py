"""Members correct a ticket: another category, place or urgency, or no request at all."""

from __future__ import annotations

from dataclasses import replace

from domain.command import Command
from domain.effects import (
    Effect,
    Forget,
    Remind,
    Unsay,
)
from domain.reading import Urgency
from domain.ticket import MOVES, Move, State, Ticket, after
from handlers import assigning, describing, learning
from handlers.scene import Scene, changed, whisper
from handlers.zh import names

_CHOICES = 8


def set_category(scene: Scene, asked: Command, ticket: Ticket) -> list[Effect]:
    """改成路灯: another category, and so other people."""
    rules = scene.facts.rules
    if asked.category is None or asked.category not in rules.categories:
        shown = names.COMMA.join(c.name for c in list(rules.categories.values())[:_CHOICES])
        return [whisper(scene, "unknown_category", ticket, text=asked.text, choices=shown)]
    if Move.CORRECT not in MOVES[ticket.state]:
        return [cannot(scene, ticket, Move.CORRECT)]
    row = rules.category(asked.category)
    corrected = replace(
        ticket,
        category=row.key,
        private=row.private,
        matter="" if ticket.private and not row.private else ticket.matter,
        touched_at=scene.at,
        terms=(),
    )
    effects, corrected = _sent_on(scene, ticket, corrected)
    if corrected.private and not ticket.private:
        effects = [Unsay(ticket=ticket.id), *effects]
    return [
        changed(scene, ticket, corrected, Move.CORRECT, note=row.key),
        *learning.its_category(scene, replace(corrected, matter=ticket.matter)),
        whisper(
            scene,
            "corrected_category",
            corrected,
            number=ticket.label,
            what=row.name,
            who=_who(corrected, scene),
        ),
        *effects,
    ]


def set_place(scene: Scene, asked: Command, ticket: Ticket) -> list[Effect]:
    """改到5号楼: another place, and maybe another grid."""
    if Move.CORRECT not in MOVES[ticket.state]:
        return [cannot(scene, ticket, Move.CORRECT)]
    place = scene.place or asked.place
    if not place:
        return []
    place = replace(place, estate=place.estate or ticket.place.estate)
    corrected = replace(ticket, place=place, grid=scene.grid or ticket.grid, touched_at=scene.at)
    effects: list[Effect] = []
    if corrected.grid != ticket.grid:
        effects, corrected = _sent_on(scene, ticket, corrected)
    where = describing.where(corrected, scene.facts, full=True).strip()
    return [
        changed(scene, ticket, corrected, Move.CORRECT, note="place"),
        whisper(
            scene,
            "corrected_place",
            corrected,
            number=ticket.label,
            where=where,
            who=_who(corrected, scene),
        ),
        *effects,
    ]


def set_urgency(scene: Scene, asked: Command, ticket: Ticket) -> list[Effect]:
    """Another urgency by hand; the clocks start anew from now."""
    if asked.urgency is None or Move.CORRECT not in MOVES[ticket.state]:
        return []
    corrected = replace(ticket, urgency=Urgency(asked.urgency), touched_at=scene.at)
    effects, corrected = _sent_on(scene, ticket, corrected)
    what = names.URGENCIES[corrected.urgency]
    return [
        changed(scene, ticket, corrected, Move.CORRECT, note=corrected.urgency),
        *learning.its_urgency(scene, corrected),
        whisper(scene, "corrected_urgency", corrected, number=ticket.label, what=what),
        *effects,
    ]


def _sent_on(scene: Scene, before: Ticket, corrected: Ticket) -> tuple[list[Effect], Ticket]:
    """Unclaimed, it goes to those who answer for it now; claimed, it stays with its holder."""
    if before.state is not State.OPEN:
        return [], corrected
    facts = scene.facts
    claim = assigning.claim_limit(corrected, facts)
    corrected = replace(
        corrected,
        offered_to=(),
        claim_from=scene.at,
        claim_due=claim.from_(scene.at, facts.rules.calendar),
    )
    asked, told = assigning.dispatch(corrected, facts, scene.at)
    first = claim.part(facts.rules.patience.steps[0]).from_(scene.at, facts.rules.calendar)
    return [Remind(ticket=corrected.id, kind="claim", at=first), *told], asked


def dismiss(scene: Scene, ticket: Ticket) -> list[Effect]:
    """这不是报修: gone, and learned from."""
    if Move.DISMISS not in MOVES[ticket.state]:
        return [cannot(scene, ticket, Move.DISMISS)]
    gone = replace(
        ticket, state=after(ticket, Move.DISMISS), closed_at=scene.at, touched_at=scene.at
    )
    return [
        changed(scene, ticket, gone, Move.DISMISS),
        Forget(ticket=ticket.id),
        Unsay(ticket=ticket.id),
        *learning.not_a_request(scene, ticket),
        whisper(scene, "dismissed", ticket, number=ticket.label),
    ]


def _who(ticket: Ticket, scene: Scene) -> str:
    if ticket.assignee or ticket.private:
        return ""
    return assigning.next_words(ticket, scene.facts, scene.at)


def cannot(scene: Scene, ticket: Ticket, move: Move) -> Effect:
    return whisper(
        scene,
        "refuse_state",
        ticket,
        number=ticket.label,
        state=names.STATES[ticket.state],
        move=names.MOVES[move],
    )
