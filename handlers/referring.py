"""A ticket goes one level up by a member's word, or comes back with a reason."""

from __future__ import annotations

from dataclasses import replace

from domain.command import Command
from domain.effects import Effect
from domain.ticket import Move, State, Ticket, after
from handlers import describing, rising
from handlers.handing import claim_clock, may_hand_on, name_of, not_yours, passed_on, release
from handlers.scene import Scene, tell_member, tell_room, whisper
from handlers.zh import names

_PAUSE_DAYS = 3
_COUNCIL_DAYS = 1
_CHOICES = 6


def escalate(scene: Scene, asked: Command, ticket: Ticket) -> list[Effect]:
    """上报: one level up, to whoever is in charge of the field there."""
    if not may_hand_on(scene, ticket):
        return not_yours(scene, ticket)
    reason = asked.reason or asked.text
    changed, told = rising.raised(scene.facts, ticket, scene.at, by=name_of(scene), note=reason)
    above = names.COMMA.join(describing.who(k, scene.facts) for k in changed.offered_to[:2])
    key = "escalated" if changed.level < ticket.level else "escalated_top"
    return [
        passed_on(scene, ticket, changed, Move.ESCALATE, note=reason),
        *claim_clock(scene, changed),
        *told,
        whisper(scene, key, ticket, number=ticket.label, who=above or names.ON_DUTY),
    ]


def give_back(scene: Scene, asked: Command, ticket: Ticket) -> list[Effect]:
    """退回 with a reason: the level below must find another way."""
    if not asked.reason:
        return [whisper(scene, "return_why", ticket, number=ticket.label)]
    if ticket.state is State.CLAIMED:
        return release(scene, ticket)
    below = ticket.helpers[0] if ticket.helpers else None
    down = replace(
        ticket,
        state=after(ticket, Move.RETURN),
        level=min(3, ticket.level + 1),
        assignee=None,
        offered_to=(below,) if below else (),
        note=asked.reason,
        touched_at=scene.at,
    )
    values = {"number": ticket.label, "who": name_of(scene), "reason": asked.reason}
    told: list[Effect] = (
        [tell_member(below, "returned_down", scene.at, ticket, 1, **values)]
        if below
        else [
            tell_room(r.handle, "returned_down", scene.at, ticket, 1, **values)
            for r in scene.facts.directory.work_rooms(ticket.community)[:1]
            if not ticket.private
        ]
    )
    return [
        passed_on(scene, ticket, down, Move.RETURN, note=asked.reason),
        *claim_clock(scene, down),
        whisper(scene, "returned", ticket, number=ticket.label),
        *told,
    ]
