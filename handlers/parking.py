"""A ticket waits or is decided together: pause with a reason, resume, council, decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.command import Command
from domain.effects import Effect, Forget, Remind, Unsay
from domain.ticket import Move, Ticket, after
from handlers import assigning, describing
from handlers.handing import may_hand_on, not_yours, passed_on
from handlers.scene import Scene, reply, tell_member, tell_room, whisper

_PAUSE_DAYS = 3
_COUNCIL_DAYS = 1
_CHOICES = 6


def pause(scene: Scene, asked: Command, ticket: Ticket) -> list[Effect]:
    """挂账: parked with a reason and a date; a reason is a must."""
    if not may_hand_on(scene, ticket):
        return not_yours(scene, ticket)
    reason = asked.reason or asked.text
    if not reason:
        return [whisper(scene, "pause_why", ticket, number=ticket.label)]
    until = asked.until or asked.when or scene.at + timedelta(days=_PAUSE_DAYS)
    parked = replace(
        ticket,
        state=after(ticket, Move.PAUSE),
        assignee=ticket.assignee or scene.actor,
        paused_until=until,
        note=reason,
        touched_at=scene.at,
    )
    when = describing.day(until)
    return [
        passed_on(scene, ticket, parked, Move.PAUSE, note=reason),
        Forget(ticket=ticket.id),
        Unsay(ticket=ticket.id, keys=("remind_solve", "remind_solve_late")),
        Remind(ticket=ticket.id, kind="paused", at=until),
        whisper(scene, "paused", ticket, number=ticket.label, when=when, reason=reason),
    ]


def resume(scene: Scene, ticket: Ticket) -> list[Effect]:
    """Work goes on: a new solve limit from now."""
    facts = scene.facts
    limit = assigning.solve_limit(ticket, facts)
    due = limit.from_(scene.at, facts.rules.calendar)
    going = replace(
        ticket,
        state=after(ticket, Move.RESUME),
        assignee=ticket.assignee or scene.actor,
        paused_until=None,
        solve_from=scene.at,
        solve_due=due,
        touched_at=scene.at,
    )
    first = limit.part(facts.rules.patience.steps[0]).from_(scene.at, facts.rules.calendar)
    return [
        passed_on(scene, ticket, going, Move.RESUME),
        Forget(ticket=ticket.id, kinds=("paused",)),
        Remind(ticket=ticket.id, kind="solve", at=first),
        whisper(scene, "resumed", ticket, number=ticket.label, due=describing.clock(due, scene.at)),
    ]


def to_council(scene: Scene, ticket: Ticket) -> list[Effect]:
    """上会: the agenda goes to the work room (private matters only to their team)."""
    if not may_hand_on(scene, ticket):
        return not_yours(scene, ticket)
    held = replace(
        ticket,
        state=after(ticket, Move.COUNCIL),
        assignee=ticket.assignee or scene.actor,
        touched_at=scene.at,
    )
    values = describing.about(ticket, scene.facts, full=not ticket.private)
    rooms = scene.facts.directory.work_rooms(ticket.community)[:1]
    team = assigning.route(ticket, scene.facts, scene.at).team
    agenda: list[Effect] = (
        [tell_member(k, "council", scene.at, ticket, 1, **values) for k in team]
        if ticket.private or not rooms
        else [tell_room(rooms[0].handle, "council", scene.at, ticket, 1, **values)]
    )
    due = scene.at + timedelta(days=_COUNCIL_DAYS)
    return [
        passed_on(scene, ticket, held, Move.COUNCIL),
        Forget(ticket=ticket.id),
        Remind(ticket=ticket.id, kind="council", at=due),
        *agenda,
    ]


def decide(scene: Scene, asked: Command, ticket: Ticket) -> list[Effect]:
    """决定: what the council agreed; work goes on under whoever leads."""
    facts = scene.facts
    limit = assigning.solve_limit(ticket, facts)
    due = asked.when or limit.from_(scene.at, facts.rules.calendar)
    lead = ticket.assignee or scene.actor
    going = replace(
        ticket,
        state=after(ticket, Move.DECIDE),
        assignee=lead,
        note=asked.text,
        solve_from=scene.at,
        solve_due=due,
        touched_at=scene.at,
    )
    first = limit.part(facts.rules.patience.steps[0]).from_(scene.at, facts.rules.calendar)
    who = describing.who(lead, facts)
    return [
        passed_on(scene, ticket, going, Move.DECIDE, note=asked.text),
        Forget(ticket=ticket.id, kinds=("council",)),
        Remind(ticket=ticket.id, kind="solve", at=first),
        reply(scene, "decided", ticket, number=ticket.label, text=asked.text, who=who)
        if not ticket.private
        else whisper(scene, "decided", ticket, number=ticket.label, text=asked.text, who=who),
    ]
