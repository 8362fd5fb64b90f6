"""Unsure captures: one private line to the information officer, and what the answer does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from domain.effects import (
    Ask,
    CloseQuestion,
    Effect,
    JoinMessage,
    OpenTicket,
    Remind,
)
from domain.facts import Question
from domain.reading import Place, Urgency
from domain.ticket import State, Ticket, Voice
from handlers import assigning, learning
from handlers.masking import mask
from handlers.opening import grid_of
from handlers.pattern import Pattern
from handlers.scene import Scene, tell_member, whisper
from handlers.zh import names

_CHOICES = 8


def ask_capture(scene: Scene) -> list[Effect]:
    """Not sure: one private line to the information officer, and silence in the group."""
    facts = scene.facts
    chain = [g.key for g in facts.directory.chain(grid_of(scene))]
    info = next(
        (
            key
            for grid in chain
            for m in facts.directory.posted("info", grid)
            if (key := assigning.present_for(m, facts, scene.at))
        ),
        None,
    )
    if info is None:
        return []
    question = Question(
        id=0,
        kind="capture",
        ticket=None,
        person=f"member:{info}",
        room=scene.message.place_of_talk,
        asked_at=scene.at,
        expires_at=scene.at + facts.rules.patience.question,
        payload=captured(scene),
    )
    say = tell_member(
        info,
        "capture",
        scene.at,
        None,
        2,
        text=mask(scene.text),
        room=scene.room.name if scene.room else "",
    )
    return [Ask(question=question), say]


def ask_forwarder(scene: Scene) -> list[Effect]:
    """Not sure of what a member passed on: the member says whether it is one."""
    member = scene.member
    if member is None:
        return []
    question = Question(
        id=0,
        kind="capture",
        ticket=None,
        person=f"member:{member.key}",
        room=None,
        asked_at=scene.at,
        expires_at=scene.at + scene.facts.rules.patience.question,
        payload=captured(scene)
        | {"person": "", "name": scene.message.told_by, "relayed_by": member.key},
    )
    return [Ask(question=question), whisper(scene, "capture_forward", text=mask(scene.text))]


def captured(scene: Scene) -> dict[str, str]:
    """What a question keeps of a report that is not opened yet."""
    place = scene.place
    return {
        "text": mask(scene.text),
        "category": scene.reading.category or "other",
        "urgency": scene.reading.urgency,
        "message": scene.message.key,
        "community": scene.community,
        "person": scene.person,
        "name": scene.message.sender_name,
        "room": scene.message.place_of_talk or "",
        "grid": scene.grid or "",
        "estate": place.estate or "",
        "building": place.building or "",
        "unit": place.unit or "",
        "number": place.room or "",
        "landmark": place.landmark or "",
        "at": scene.at.isoformat(),
    }


_YES, _NO = Pattern(names.CAPTURE_YES), Pattern(names.CAPTURE_NO)


def answered(scene: Scene) -> tuple[Question, bool] | None:
    """(question, yes or no) when a private message answers what was asked last."""
    key = f"member:{scene.member.key}" if scene.member else ""
    open_ones = [q for q in scene.facts.questions if q.kind == "capture" and q.person == key]
    if not open_ones or not scene.message.private:
        return None
    yes, no = _YES.match(scene.text) is not None, _NO.match(scene.text) is not None
    return (max(open_ones, key=lambda q: q.asked_at), yes) if yes or no else None


def build(scene: Scene, question: Question, *, wanted: bool) -> list[Effect]:
    """建 or 不是: the answer to an unsure capture; either way an example to learn from."""
    held = question.payload
    lessons = learning.answer_to_capture(scene, held, wanted=wanted)
    closed = CloseQuestion(question=question.id)
    if not wanted:
        return [closed, *lessons, whisper(scene, "not_captured")]
    if known := next((t for t in scene.facts.tickets if t.opened_by == held["message"]), None):
        return [closed, *lessons, whisper(scene, "captured", known, number=known.label)]
    ticket = _from_capture(scene, question)
    asked, told = assigning.dispatch(ticket, scene.facts, scene.at)
    facts = scene.facts
    claim = assigning.claim_limit(asked, facts)
    first = claim.part(facts.rules.patience.steps[0]).from_(scene.at, facts.rules.calendar)
    return [
        OpenTicket(ticket=asked),
        JoinMessage(
            ticket=ticket.id,
            message=held["message"],
            kind="opened",
            person=held["person"],
            text=held["text"],
            at=ticket.opened_at,
        ),
        closed,
        *lessons,
        Remind(ticket=ticket.id, kind="claim", at=first),
        whisper(scene, "captured", asked, number=asked.label),
        *told,
    ]


def _from_capture(scene: Scene, question: Question) -> Ticket:
    held, facts = question.payload, scene.facts
    row = facts.rules.category(held["category"])
    room = facts.directory.rooms.get(held["room"])
    ticket = Ticket(
        id=facts.next_id,
        town=facts.directory.town,
        community=room.community if room else held.get("community") or scene.community,
        number=facts.next_number,
        category=row.key,
        urgency=Urgency(held["urgency"]),
        state=State.OPEN,
        opened_at=datetime.fromisoformat(held["at"]),
        touched_at=scene.at,
        matter=held["text"],
        place=held_place(held),
        grid=held["grid"] or (facts.directory.communities[scene.community].grid),
        private=row.private,
        reporter=held["person"],
        reporter_name=held["name"],
        relayed_by=held.get("relayed_by"),
        room=held["room"] or None,
        opened_by=held["message"],
        claim_from=scene.at,
        announced_at=scene.at,
        voices=_held_voices(held),
    )
    due = assigning.claim_limit(ticket, facts).from_(scene.at, facts.rules.calendar)
    return replace(ticket, claim_due=due)


def _held_voices(held: Mapping[str, str]) -> tuple[Voice, ...]:
    """The one who said it; nobody, when a member passed it on."""
    if not held["person"]:
        return ()
    room = held["room"] or None
    return (Voice(person=held["person"], name=held["name"], room=room, kind="reporter"),)


def held_place(held: Mapping[str, str]) -> Place:
    """The place of a kept report."""
    return Place(
        estate=held["estate"] or None,
        building=held["building"] or None,
        unit=held["unit"] or None,
        room=held["number"] or None,
        landmark=held["landmark"] or None,
    )
