"""Two tickets made one, and one made two: merge, split, and take back either."""

from __future__ import annotations

from dataclasses import replace

from domain.command import Command
from domain.effects import (
    AddVoice,
    Effect,
    Forget,
    JoinMessage,
    OpenTicket,
    Remind,
    Unsay,
)
from domain.reading import Place
from domain.ticket import MOVES, Move, State, Ticket, Voice, after
from handlers import assigning, learning
from handlers.correcting import cannot
from handlers.scene import Scene, changed, reply, whisper

_CHOICES = 8


def merge(scene: Scene, asked: Command, ticket: Ticket) -> list[Effect]:
    """并到: its voices move over, it rests; `拆开` brings it back."""
    into = next((t for t in scene.facts.tickets if t.number == asked.into and t.part == 0), None)
    if into is None:
        return [whisper(scene, "refuse_no_number", number=str(asked.into or ""))]
    if into.id == ticket.id:
        return [whisper(scene, "merge_self", ticket, number=ticket.label)]
    if Move.MERGE not in MOVES[ticket.state] or not into.active:
        return [cannot(scene, ticket, Move.MERGE)]
    resting = replace(
        ticket, state=after(ticket, Move.MERGE), merged_into=into.id, closed_at=scene.at
    )
    known = {v.person for v in into.voices}
    moving = [replace(v, kind="me_too") for v in ticket.voices if v.person not in known]
    grown = replace(into, touched_at=scene.at, voices=(*into.voices, *moving))
    return [
        changed(scene, ticket, resting, Move.MERGE),
        changed(scene, into, grown, None),
        *[AddVoice(ticket=into.id, voice=v) for v in moving],
        Forget(ticket=ticket.id),
        Unsay(ticket=ticket.id),
        *learning.joined_other(scene, ticket, into),
        reply(
            scene,
            "merged",
            into,
            number=ticket.label,
            into=into.label,
            homes=str(grown.households),
        ),
    ]


def split(scene: Scene, ticket: Ticket) -> list[Effect]:
    """拆开: a merged ticket lives again; else the last me-too voice gets a ticket of its own."""
    if ticket.state in (State.MERGED, State.DISMISSED):
        return revive(scene, ticket)
    others = [v for v in ticket.voices if v.kind == "me_too"]
    if not others or Move.SPLIT not in MOVES[ticket.state]:
        return [whisper(scene, "split_nothing", ticket, number=ticket.label)]
    return split_off(scene, ticket, others[-1], ticket.place)


def split_off(scene: Scene, ticket: Ticket, voice: Voice, place: Place) -> list[Effect]:
    """A second ticket for one voice of the first, which goes on without it."""
    left = replace(
        ticket,
        touched_at=scene.at,
        voices=tuple(v for v in ticket.voices if v.person != voice.person),
    )
    other = str(scene.facts.next_number)
    return [
        changed(scene, ticket, left, Move.SPLIT if Move.SPLIT in MOVES[ticket.state] else None),
        *learning.was_its_own(scene, ticket, voice.person),
        reply(scene, "split", ticket, number=ticket.label, other=other),
        *on_its_own(scene, ticket, voice, place, matter=ticket.matter),
    ]


def on_its_own(
    scene: Scene, ticket: Ticket, voice: Voice, place: Place, *, matter: str
) -> list[Effect]:
    """The new ticket of a voice: opened, asked around, its claim clock started."""
    facts = scene.facts
    fresh = _fresh(scene, ticket, voice, place, matter)
    claim = assigning.claim_limit(fresh, facts)
    fresh = replace(fresh, claim_due=claim.from_(scene.at, facts.rules.calendar))
    asked, told = assigning.dispatch(fresh, facts, scene.at)
    first = claim.part(facts.rules.patience.steps[0]).from_(scene.at, facts.rules.calendar)
    return [
        OpenTicket(ticket=asked),
        JoinMessage(
            ticket=fresh.id,
            message=scene.message.key,
            kind="opened",
            person=voice.person,
            text=matter,
            at=scene.at,
        ),
        Remind(ticket=fresh.id, kind="claim", at=first),
        *told,
    ]


def _fresh(scene: Scene, ticket: Ticket, voice: Voice, place: Place, matter: str) -> Ticket:
    """The ticket as that voice alone would have opened it now."""
    facts = scene.facts
    return replace(
        ticket,
        id=facts.next_id,
        number=facts.next_number,
        part=0,
        state=State.OPEN,
        opened_at=scene.at,
        touched_at=scene.at,
        matter=matter,
        place=place,
        grid=scene.grid or ticket.grid,
        reopened=0,
        escalated=0,
        eta=None,
        reporter=voice.person,
        reporter_name=voice.name,
        room=voice.room,
        opened_by=scene.message.key,
        assignee=None,
        helpers=(),
        offered_to=(),
        voices=(replace(voice, kind="reporter", answer=""),),
        claimed_at=None,
        done_at=None,
        arrived_at=None,
        closed_at=None,
        claim_from=scene.at,
        announced_at=scene.at,
        version=0,
    )


def revive(scene: Scene, ticket: Ticket) -> list[Effect]:
    """A merged or dismissed ticket lives again by itself."""
    if Move.REVIVE not in MOVES[ticket.state]:
        return [cannot(scene, ticket, Move.REVIVE)]
    facts = scene.facts
    claim = assigning.claim_limit(ticket, facts)
    back = replace(
        ticket,
        state=after(ticket, Move.REVIVE),
        merged_into=None,
        assignee=None,
        eta=None,
        closed_at=None,
        touched_at=scene.at,
        claim_from=scene.at,
        claim_due=claim.from_(scene.at, facts.rules.calendar),
    )
    first = claim.part(facts.rules.patience.steps[0]).from_(scene.at, facts.rules.calendar)
    return [
        changed(scene, ticket, back, Move.REVIVE),
        *learning.stood_alone(scene, ticket),
        *_given_back(scene, ticket),
        Remind(ticket=ticket.id, kind="claim", at=first),
        reply(scene, "revived", ticket, number=ticket.label),
    ]


def _given_back(scene: Scene, ticket: Ticket) -> list[Effect]:
    """The voices that came with a merge leave the other ticket again."""
    into = scene.facts.ticket(ticket.merged_into)
    if into is None:
        return []
    moved = {v.person for v in ticket.voices} - {into.reporter}
    left = tuple(v for v in into.voices if v.person not in moved)
    if left == into.voices:
        return []
    return [changed(scene, into, replace(into, voices=left, touched_at=scene.at), None)]
