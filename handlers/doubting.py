"""Was it the same one? A member says it was another lamp: the resident is asked, and two are made."""

from __future__ import annotations

from dataclasses import replace

from domain.effects import AddVoice, Ask, CloseQuestion, Effect, Forget
from domain.facts import Question
from domain.ticket import Move, State, Ticket, after
from handlers import describing, splitting
from handlers.masking import mask
from handlers.pattern import Pattern
from handlers.scene import Scene, changed, reply, tell_member, tell_person
from handlers.zh import names

_ANOTHER = Pattern(names.ANOTHER_ONE)


def in_doubt(scene: Scene) -> Ticket | None:
    """The reopened ticket of which its holder says that the resident means another thing."""
    member = scene.member
    if member is None or _ANOTHER.search(scene.text) is None:
        return None
    mine = [
        t
        for t in scene.facts.tickets
        if t.reopened and t.state is State.CLAIMED and t.assignee == member.key and t.reporter
    ]
    quoted = [t for t in mine if t.id == scene.facts.quoted]
    return next(iter(quoted or mine), None)


def ask(scene: Scene, ticket: Ticket) -> list[Effect]:
    """One question to the reporter: is it the same thing, or another one."""
    member, facts = scene.member, scene.facts
    question = Question(
        id=0,
        kind="same",
        ticket=ticket.id,
        person=ticket.reporter,
        room=ticket.room,
        asked_at=scene.at,
        expires_at=scene.at + facts.rules.patience.question,
    )
    values = describing.about(ticket, facts, full=False) | {"who": member.name if member else ""}
    say = tell_person(ticket.reporter, "another_one", scene.at, ticket, room=ticket.room, **values)
    noted = replace(ticket, touched_at=scene.at)
    return [changed(scene, ticket, noted, None), Ask(question=question), say]


def two_matters(scene: Scene, question: Question, ticket: Ticket) -> list[Effect]:
    """The reporter names another place: the first is over, the second is a ticket of its own."""
    facts = scene.facts
    voice = next((v for v in ticket.voices if v.person == scene.person), None)
    if voice is None or ticket.state is not State.CLAIMED:
        return []
    over = replace(
        ticket,
        state=after(ticket, Move.CONFIRM),
        touched_at=scene.at,
        done_at=ticket.done_at or scene.at,
        closed_at=scene.at,
    )
    place = replace(scene.place, estate=scene.place.estate or ticket.place.estate)
    effects: list[Effect] = [
        CloseQuestion(question=question.id),
        changed(scene, ticket, over, Move.CONFIRM),
        AddVoice(ticket=ticket.id, voice=replace(voice, answer="yes")),
        Forget(ticket=ticket.id),
        *splitting.on_its_own(scene, ticket, voice, place, matter=mask(scene.text)),
        reply(scene, "split", ticket, number=ticket.label, other=str(facts.next_number)),
    ]
    if ticket.assignee:
        took = describing.span(scene.at - ticket.opened_at)
        number = ticket.label
        effects.append(
            tell_member(
                ticket.assignee, "resident_confirmed", scene.at, ticket, number=number, took=took
            )
        )
    return effects
