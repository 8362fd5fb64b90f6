"""A member takes a ticket: claim, second claim, time promised, on site, and the news of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from domain.command import Act, Command
from domain.effects import Ask, CloseQuestion, Effect, Forget, Remind, Unsay
from domain.facts import Question
from domain.reading import Urgency
from domain.ticket import UNCLAIMED, Move, State, Ticket, after
from handlers import assigning, describing, subtasks
from handlers.pattern import Pattern
from handlers.scene import Scene, changed, reply, tell_member, tell_room, whisper
from handlers.zh import names

_MOVE = {
    Act.CLAIM: Move.CLAIM,
    Act.ACCEPT: Move.ACCEPT,
    Act.ETA: Move.ETA,
    Act.ARRIVE: Move.ARRIVE,
    Act.DONE: Move.DONE,
    Act.RELEASE: Move.RELEASE,
    Act.TRANSFER: Move.TRANSFER,
    Act.PAUSE: Move.PAUSE,
    Act.RESUME: Move.RESUME,
    Act.ESCALATE: Move.ESCALATE,
    Act.RETURN: Move.RETURN,
    Act.COUNCIL: Move.COUNCIL,
    Act.DECIDE: Move.DECIDE,
}


_RESTORED_BY = Pattern(names.RESTORED_BY)


def claim(scene: Scene, asked: Command, ticket: Ticket) -> list[Effect]:
    """Hand the ticket to the member; who comes second is offered to help."""
    member = scene.member
    if member is None:
        return [whisper(scene, "refuse_unbound")]
    if ticket.assignee == member.key and ticket.state is State.CLAIMED:
        return promise(scene, asked, ticket) if asked.when else progress(scene, ticket)
    if ticket.assignee and ticket.state is State.CLAIMED:
        return _second(scene, asked, ticket)
    return [
        *taken(scene, ticket, eta=asked.when),
        *_promised(scene, asked, ticket),
        *subtasks.root_cause(scene, ticket),
    ]


def taken(
    scene: Scene, ticket: Ticket, *, eta: datetime | None = None, arrived: datetime | None = None
) -> list[Effect]:
    """The claim itself: the solve clock starts, the claim clock stops."""
    facts, member = scene.facts, scene.member
    assert member is not None
    move = Move.ACCEPT if ticket.state is State.ESCALATED else Move.CLAIM
    limit = assigning.solve_limit(ticket, facts)
    due = limit.from_(scene.at, facts.rules.calendar)
    held = replace(
        ticket,
        state=after(ticket, move),
        assignee=member.key,
        claimed_at=ticket.claimed_at or scene.at,
        touched_at=scene.at,
        solve_from=scene.at,
        solve_due=due,
        eta=eta or ticket.eta,
        arrived_at=arrived or ticket.arrived_at,
        offered_to=(),
    )
    first = limit.part(facts.rules.patience.steps[0]).from_(scene.at, facts.rules.calendar)
    effects: list[Effect] = [
        changed(scene, ticket, held, move),
        Forget(ticket=ticket.id, kinds=("claim", "offer", "paused", "council")),
        Unsay(ticket=ticket.id, keys=("offer", "work_new", "remind_claim", "remind_claim_late")),
        Remind(ticket=ticket.id, kind="solve", at=first, step=0),
        *_acknowledged(scene, held, move),
    ]
    return effects


def _acknowledged(scene: Scene, ticket: Ticket, move: Move) -> list[Effect]:
    facts, member = scene.facts, scene.member
    assert member is not None
    due = ticket.solve_due or scene.at
    values = {
        "number": ticket.label,
        "place": describing.where(ticket, facts, full=True),
        "due": names.DUE_BEFORE.format(when=describing.clock(due, scene.at)),
    }
    said: list[Effect] = [
        whisper(scene, "claimed" if move is Move.CLAIM else "accepted", ticket, **values)
        if scene.message.private or not scene.in_work_room
        else reply(scene, "claimed" if move is Move.CLAIM else "accepted", ticket, **values)
    ]
    if move is Move.ACCEPT and ticket.offered_to == ():
        said += [
            tell_member(
                key, "accepted_down", scene.at, ticket, number=ticket.label, who=member.name
            )
            for key in ticket.helpers[:1]
        ]
    return said


def _second(scene: Scene, asked: Command, ticket: Ticket) -> list[Effect]:
    """Somebody has it already: offered to help, and noted as helping when they say so again."""
    member, facts = scene.member, scene.facts
    assert member is not None
    if member.key in ticket.helpers:
        return []
    offered = [
        q
        for q in facts.questions
        if q.kind == "offer" and q.person == scene.person and q.ticket == ticket.id
    ]
    if not offered and not asked.certain:
        return progress(scene, ticket)
    lead = describing.who(ticket.assignee, facts)
    if not offered:
        when = describing.clock(ticket.claimed_at or scene.at, scene.at)
        return [
            Ask(question=_offer(scene, ticket)),
            whisper(scene, "claimed_taken", ticket, number=ticket.label, who=lead, when=when),
        ]
    joined = replace(ticket, helpers=(*ticket.helpers, member.key), touched_at=scene.at)
    number, holder = ticket.label, ticket.assignee or ""
    answered: list[Effect] = [CloseQuestion(question=q.id) for q in offered]
    return [
        *answered,
        changed(scene, ticket, joined, Move.HELP),
        whisper(scene, "helping", ticket, number=number, who=lead),
        tell_member(holder, "helper_joined", scene.at, ticket, number=number, who=member.name),
    ]


def _offer(scene: Scene, ticket: Ticket) -> Question:
    return Question(
        id=0,
        kind="offer",
        ticket=ticket.id,
        person=scene.person,
        room=scene.message.place_of_talk,
        asked_at=scene.at,
        expires_at=scene.at + scene.facts.rules.patience.question,
    )


def decline(scene: Scene, ticket: Ticket) -> list[Effect]:
    """`去不了`: the next one is asked."""
    if ticket.state not in UNCLAIMED:
        return []
    asked, told = assigning.dispatch(ticket, scene.facts, scene.at)
    asked = replace(asked, touched_at=scene.at)
    return [
        changed(scene, ticket, asked, None),
        Forget(ticket=ticket.id, kinds=("offer",)),
        whisper(scene, "declined", ticket),
        *told,
    ]


def promise(scene: Scene, asked: Command, ticket: Ticket) -> list[Effect]:
    """A time: kept, watched, and passed on to the residents who wait."""
    if ticket.state in UNCLAIMED:
        return [*taken(scene, ticket, eta=asked.when), *_promised(scene, asked, ticket)]
    if ticket.state not in (State.CLAIMED, State.PAUSED) or asked.when is None:
        return progress(scene, ticket)
    held = replace(
        ticket,
        state=after(ticket, Move.ETA),
        eta=asked.when,
        touched_at=scene.at,
        assignee=ticket.assignee or scene.actor,
        solve_from=scene.at if ticket.state is State.PAUSED else ticket.solve_from,
        paused_until=None,
    )
    return [
        changed(scene, ticket, held, Move.ETA),
        *_goes_on(scene, ticket),
        *_promised(scene, asked, held, noted=True),
    ]


def _goes_on(scene: Scene, ticket: Ticket) -> list[Effect]:
    """What was parked is worked on again: its solve clock runs."""
    if ticket.state is not State.PAUSED:
        return []
    facts = scene.facts
    limit = assigning.solve_limit(ticket, facts).part(facts.rules.patience.steps[0])
    first = limit.from_(scene.at, facts.rules.calendar)
    return [
        Forget(ticket=ticket.id, kinds=("paused",)),
        Remind(ticket=ticket.id, kind="solve", at=first, step=0),
    ]


def _promised(scene: Scene, asked: Command, ticket: Ticket, *, noted: bool = False) -> list[Effect]:
    if asked.when is None:
        return [] if noted else _news_of_claim(scene, asked, ticket)
    if not noted:
        effects: list[Effect] = []
    else:
        when = describing.clock(asked.when, scene.at)
        effects = [whisper(scene, "eta_noted", ticket, number=ticket.label, when=when)]
    watch = Remind(ticket=ticket.id, kind="eta", at=asked.when + timedelta(minutes=10))
    return [*effects, watch, *news(scene, ticket, *_eta_words(scene, asked, ticket))]


def _eta_words(scene: Scene, asked: Command, ticket: Ticket) -> tuple[str, dict[str, str]]:
    assert asked.when is not None
    assert scene.member is not None
    outage = describing.OUTAGE_TERM in ticket.terms
    shared = outage and _RESTORED_BY.search(scene.text) is not None
    values = {
        "number": ticket.label,
        "what": describing.what(ticket, scene.facts.rules),
        "who": scene.member.name,
        "when": describing.clock(asked.when, scene.at),
    }
    return ("eta_shared" if shared else "eta_group"), values


def _news_of_claim(scene: Scene, asked: Command, ticket: Ticket) -> list[Effect]:
    """Residents hear of a claim that was plainly made, not of one read out of talk."""
    plain = asked.certain or scene.facts.quoted == ticket.id
    if scene.member is None or not plain:
        return []
    values = {"number": ticket.label, "who": scene.member.name}
    return news(scene, ticket, "claimed_group", values)


def news(scene: Scene, ticket: Ticket, key: str, values: dict[str, str]) -> list[Effect]:
    """One line to each room that waits for this ticket, but not where it was just said."""
    if ticket.private:
        return []
    rooms = dict.fromkeys([ticket.room, *(v.room for v in ticket.voices)])
    here = scene.message.place_of_talk
    said: list[Effect] = []
    for room in rooms:
        known = scene.facts.directory.rooms.get(room or "")
        if room is None or room == here or known is None or known.kind == "work":
            continue
        priority = 0 if ticket.urgency is Urgency.EMERGENCY else 2
        line = tell_room(room, key, scene.at, ticket, priority, **values)
        said.append(replace(line, merge=f"news:{ticket.id}:{room}"))
    return said


def arrive(scene: Scene, ticket: Ticket) -> list[Effect]:
    """On site: the headline figure is measured to here."""
    if ticket.state in UNCLAIMED:
        return taken(scene, ticket, arrived=scene.at)
    if ticket.state not in (State.CLAIMED, State.PAUSED) or ticket.arrived_at:
        return progress(scene, ticket)
    held = replace(
        ticket,
        state=after(ticket, Move.ARRIVE),
        arrived_at=scene.at,
        touched_at=scene.at,
        assignee=ticket.assignee or scene.actor,
        solve_from=scene.at if ticket.state is State.PAUSED else ticket.solve_from,
        paused_until=None,
    )
    when = describing.clock(scene.at, scene.at)
    alone = scene.message.private
    return [
        changed(scene, ticket, held, Move.ARRIVE),
        Forget(ticket=ticket.id, kinds=("eta",)),
        *_goes_on(scene, ticket),
        *([whisper(scene, "arrived", ticket, number=ticket.label, when=when)] if alone else []),
    ]


def progress(scene: Scene, ticket: Ticket) -> list[Effect]:
    """Words about the work: kept with the ticket, nothing said."""
    held = replace(ticket, touched_at=scene.at)
    return [changed(scene, ticket, held, None)]
