"""Residents have the last word: it is over, it is not, never mind, how does it stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.effects import (
    AddVoice,
    CloseQuestion,
    Effect,
    Forget,
    JoinMessage,
    Remind,
    Unsay,
)
from domain.ticket import AWAITING_RESIDENT, MOVES, Move, State, Ticket, after
from handlers import assigning, describing, matching
from handlers.masking import mask
from handlers.reporting import join
from handlers.scene import Scene, changed, reply, tell_member, tell_room, whisper
from handlers.zh import names


def it_is_over(scene: Scene, ticket: Ticket) -> list[Effect]:
    """`好了`, `不漏了`: closes the speaker's own voice; the reporter's closes the ticket."""
    if ticket.reporter != scene.person:
        return _own_answer(scene, ticket, "yes")
    if ticket.state in (State.OPEN, State.ESCALATED) and ticket.assignee is None:
        return withdraw(scene, ticket)
    if Move.CONFIRM not in MOVES[ticket.state]:
        return []
    return confirm(scene, ticket)


def confirm(scene: Scene, ticket: Ticket) -> list[Effect]:
    """The reporter says it is done: closed, counted, and the one who did it hears so."""
    asked = ticket.state in AWAITING_RESIDENT
    closed = replace(
        ticket,
        state=after(ticket, Move.CONFIRM),
        touched_at=scene.at,
        closed_at=scene.at,
        done_at=ticket.done_at or scene.at,
    )
    took = describing.span(scene.at - ticket.opened_at)
    effects: list[Effect] = [
        changed(scene, ticket, closed, Move.CONFIRM),
        *_own_answer(scene, ticket, "yes"),
        Forget(ticket=ticket.id),
        Unsay(ticket=ticket.id, keys=("confirm", "confirm_shared", "remind_solve")),
        *_answered(scene, ticket),
    ]
    if ticket.assignee:
        told = tell_member(
            ticket.assignee, "resident_confirmed", scene.at, ticket, number=ticket.label, took=took
        )
        effects.append(replace(told, merge=f"closed:{ticket.assignee}"))
    if scene.message.private:
        key = "confirmed_rate" if asked else "confirmed"
        effects.append(reply(scene, key, ticket, number=ticket.label))
    return effects


def not_yet(scene: Scene, ticket: Ticket) -> list[Effect]:
    """`还在漏`, `又凉了`: what was called done is open again, with half the time."""
    if ticket.active:
        return [*join(scene, ticket), *_press(scene, ticket)]
    move = Move.REOPEN if ticket.assignee else Move.REOPEN_UNCLAIMED
    if move not in MOVES[ticket.state]:
        move = Move.REOPEN_UNCLAIMED
    if move not in MOVES[ticket.state]:
        return []
    facts = scene.facts
    half = assigning.solve_limit(ticket, facts).part(50)
    due = half.from_(scene.at, facts.rules.calendar)
    opened = replace(
        ticket,
        state=after(ticket, move),
        assignee=ticket.assignee if move is Move.REOPEN else None,
        touched_at=scene.at,
        solve_from=scene.at,
        solve_due=due,
        claim_from=scene.at if move is Move.REOPEN_UNCLAIMED else ticket.claim_from,
        claim_due=due if move is Move.REOPEN_UNCLAIMED else ticket.claim_due,
        done_at=None,
        closed_at=None,
        reopened=ticket.reopened + 1,
        voices=tuple(replace(v, answer="") for v in ticket.voices),
    )
    first = half.part(facts.rules.patience.steps[0]).from_(scene.at, facts.rules.calendar)
    clock = "solve" if move is Move.REOPEN else "claim"
    return [
        changed(scene, ticket, opened, move),
        *_reopening_words(scene, opened, move),
        Forget(ticket=ticket.id),
        Unsay(ticket=ticket.id, keys=("confirm", "confirm_shared")),
        Remind(ticket=ticket.id, kind=clock, at=first, step=0),
        *_own_answer(scene, opened, "no"),
        *_answered(scene, ticket),
        *_message(scene, ticket),
    ]


def _reopening_words(scene: Scene, ticket: Ticket, move: Move) -> list[Effect]:
    facts = scene.facts
    values = describing.about(ticket, facts, full=True)
    if move is Move.REOPEN and ticket.assignee:
        due = describing.clock(ticket.solve_due or scene.at, scene.at)
        said: list[Effect] = [
            tell_member(
                ticket.assignee,
                "reopened_member",
                scene.at,
                ticket,
                1,
                **values,
                name=names.SOMEBODY if ticket.private else scene.message.sender_name,
                text=mask(scene.text)[:30],
                due=due,
            )
        ]
    else:
        said = _to_those_who_answer(scene, ticket, "reopened_room", values)
    if ticket.private and not scene.message.private:
        return said
    key = "reopened_resident" if ticket.assignee else "reopened_open"
    who = describing.who(ticket.assignee, facts)
    return [*said, reply(scene, key, ticket, number=ticket.label, who=who)]


def _to_those_who_answer(
    scene: Scene, ticket: Ticket, key: str, values: dict[str, str]
) -> list[Effect]:
    """The work room; a private matter only to its own people, each alone."""
    if ticket.private:
        team = assigning.route(ticket, scene.facts, scene.at).team[:3]
        return [tell_member(k, key, scene.at, ticket, 1, **values) for k in team]
    rooms = scene.facts.directory.work_rooms(ticket.community)[:1]
    return [tell_room(r.handle, key, scene.at, ticket, 1, **values) for r in rooms]


def withdraw(scene: Scene, ticket: Ticket) -> list[Effect]:
    """`不用了`: the reporter takes it back; whoever had it hears so."""
    if Move.WITHDRAW not in MOVES[ticket.state]:
        return it_is_over(scene, ticket) if ticket.state is State.DONE else []
    gone = replace(
        ticket, state=after(ticket, Move.WITHDRAW), touched_at=scene.at, closed_at=scene.at
    )
    effects: list[Effect] = [
        changed(scene, ticket, gone, Move.WITHDRAW),
        Forget(ticket=ticket.id),
        Unsay(ticket=ticket.id),
        *_answered(scene, ticket),
        *_message(scene, ticket),
    ]
    effects += _called_off(scene, ticket)
    if scene.message.private:
        effects.append(reply(scene, "withdrawn", ticket, number=ticket.label))
    return effects


def _called_off(scene: Scene, ticket: Ticket) -> list[Effect]:
    """Whoever holds it hears so, else the one asked, else the work room that was told of it."""
    told = (ticket.assignee,) if ticket.assignee else ticket.offered_to
    told = tuple(key for key in told if scene.member is None or key != scene.member.key)
    rooms = scene.facts.directory.work_rooms(ticket.community)[:1]
    if len(told) > 1 and rooms and not ticket.private:
        return [
            tell_room(r.handle, "resident_withdrew", scene.at, ticket, number=ticket.label)
            for r in rooms
        ]
    return [
        tell_member(key, "resident_withdrew", scene.at, ticket, number=ticket.label) for key in told
    ]


def urge(scene: Scene, ticket: Ticket) -> list[Effect]:
    """`咋还没来人`: kept, passed on, and answered when the product was asked by name."""
    effects = [*join(scene, ticket), *_press(scene, ticket)]
    if scene.message.private or scene.message.mentions_me:
        effects.append(status(scene, ticket))
    return effects


def _press(scene: Scene, ticket: Ticket) -> list[Effect]:
    facts = scene.facts
    values = describing.about(ticket, facts, full=True) | {"homes": str(ticket.households)}
    if _past_promise(scene, ticket) and ticket.assignee:
        said = tell_member(
            ticket.assignee,
            "remind_not_restored",
            scene.at,
            ticket,
            1,
            **values,
            who=names.SOMEBODY if ticket.private else scene.message.sender_name,
            text=mask(scene.text)[:30],
        )
        return [replace(said, merge=f"urge:{ticket.id}")]
    if ticket.assignee:
        said = tell_member(ticket.assignee, "resident_urges", scene.at, ticket, 2, **values)
        return [replace(said, merge=f"urge:{ticket.id}")]
    if ticket.private:
        return [
            replace(
                tell_member(key, "resident_urges", scene.at, ticket, 2, **values),
                merge=f"urge:{ticket.id}:{key}",
            )
            for key in ticket.offered_to
        ]
    return [
        replace(
            tell_room(r.handle, "resident_urges", scene.at, ticket, 2, **values),
            merge=f"urge:{ticket.id}",
        )
        for r in facts.directory.work_rooms(ticket.community)[:1]
    ]


def _past_promise(scene: Scene, ticket: Ticket) -> bool:
    return ticket.eta is not None and scene.at - ticket.eta > timedelta(minutes=0)


def status(scene: Scene, ticket: Ticket) -> Effect:
    """How it stands, to whoever asked: of private matters only to the person alone."""
    state = names.STATES[ticket.state]
    if ticket.assignee and not ticket.private:
        state += f"（{describing.who(ticket.assignee, scene.facts)}）"
    if ticket.eta and ticket.active and ticket.eta > scene.at:
        state += f"，{describing.clock(ticket.eta, scene.at)}"
    values = describing.about(ticket, scene.facts, full=False) | {"state": state}
    if ticket.private:
        return whisper(scene, "status", ticket, **values)
    return reply(scene, "status", ticket, **values)


def rate(scene: Scene, ticket: Ticket, rating: str) -> list[Effect]:
    """`满意` or `不满意` after the end; a bad one goes to those in charge."""
    rated = replace(ticket, rating=rating, touched_at=scene.at)
    effects: list[Effect] = [changed(scene, ticket, rated, None)]
    if rating == "satisfied":
        return [*effects, reply(scene, "rated", ticket)]
    values = describing.about(ticket, scene.facts, full=True)
    heads = scene.facts.directory.supervisors(ticket.community)
    effects += [
        tell_member(m.key, "reporter_unsatisfied", scene.at, ticket, 2, **values) for m in heads[:2]
    ]
    return [*effects, reply(scene, "rated_bad", ticket, number=ticket.label)]


def _own_answer(scene: Scene, ticket: Ticket, answer: str) -> list[Effect]:
    voice = next((v for v in ticket.voices if v.person == scene.person), None)
    if voice is None:
        return []
    return [
        AddVoice(ticket=ticket.id, voice=replace(voice, answer=answer)),
        *_message(scene, ticket),
    ]


def _message(scene: Scene, ticket: Ticket) -> list[Effect]:

    return [
        JoinMessage(
            ticket=ticket.id,
            message=scene.message.key,
            kind="more",
            person=scene.person,
            text=mask(scene.text),
            at=scene.at,
            images=scene.message.images,
        )
    ]


def _answered(scene: Scene, ticket: Ticket) -> list[Effect]:
    return [CloseQuestion(question=q.id) for q in scene.facts.questions if q.ticket == ticket.id]


def own_tickets(scene: Scene, number: int | None) -> tuple[Ticket, ...]:
    """The speaker's tickets, those with this number if one was given."""
    mine = matching.own(scene)
    return mine if number is None else tuple(t for t in mine if t.number == number)
