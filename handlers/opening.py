"""A new ticket: its first message and what came just before, its clocks, its first words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from domain.effects import Ask, Effect, JoinMessage, OpenTicket, Remind
from domain.facts import Heard, Question
from domain.reading import Band, Urgency
from domain.ticket import State, Ticket, Voice
from handlers import assigning, describing, resembling
from handlers.describing import OUTAGE_TERM
from handlers.masking import mask
from handlers.scene import Scene, reply
from handlers.zh import names

_BARE = re.compile(r"(?:\s*\[[^\[\]]{1,10}\]\s*)+")
_BEFORE = timedelta(minutes=5)
"""A picture this long before the words belongs to them."""
_IN_ONE_BREATH = timedelta(minutes=1)
"""So do the speaker's own words this shortly before."""


def is_bare(text: str) -> bool:
    """Whether a message is nothing but pictures, voice notes and stickers."""
    return not text.strip() or _BARE.fullmatch(text) is not None


def joined(scene: Scene, ticket: Ticket, kind: str) -> JoinMessage:
    return JoinMessage(
        ticket=ticket.id,
        message=scene.message.key,
        kind=kind,
        person=scene.person,
        text=mask(scene.text),
        at=scene.at,
        images=scene.message.images,
    )


def voice_of(scene: Scene, kind: str) -> Voice:
    place = scene.place
    home = "-".join(p for p in (place.estate, place.building, place.unit, place.room) if p)
    return Voice(
        person=scene.person,
        name=scene.message.sender_name,
        room=scene.message.place_of_talk,
        kind=kind,
        home=home if place.room else "",
    )


def grid_of(scene: Scene) -> str:
    if scene.grid:
        return scene.grid
    room, directory = scene.room, scene.facts.directory
    if room and room.grid:
        return room.grid
    if room and room.estate in directory.estates:
        return directory.estates[room.estate].grid
    home = directory.communities.get(scene.community)
    return home.grid if home else ""


def open_ticket(
    scene: Scene,
    *,
    category: str | None = None,
    relayed: bool = False,
    text: str | None = None,
    told_by: str | None = None,
) -> list[Effect]:
    """A new ticket, its earlier pictures, its clocks; an emergency is spoken of at once.

    `told_by`: a member reports for this person, who has no handle; empty when not named.
    """
    facts = scene.facts
    key = category or scene.reading.category or "other"
    words = " ".join((text if text is not None else scene.text).splitlines())
    row = facts.rules.category(key)
    urgency = _opening_urgency(scene, row.urgency)
    ticket = Ticket(
        id=facts.next_id,
        town=facts.directory.town,
        community=scene.community,
        number=facts.next_number,
        category=row.key,
        urgency=urgency,
        state=State.OPEN,
        opened_at=scene.at,
        touched_at=scene.at,
        matter=mask(words),
        place=scene.place,
        grid=grid_of(scene),
        private=row.private,
        reporter=scene.person if told_by is None else "",
        reporter_name=scene.message.sender_name if told_by is None else told_by,
        relayed_by=scene.member.key if relayed and scene.member else None,
        room=scene.message.place_of_talk,
        opened_by=scene.message.key,
        claim_from=scene.at,
        voices=() if relayed else (voice_of(scene, "reporter"),),
        terms=(OUTAGE_TERM,) if resembling.is_outage(words, row.key) else (),
    )
    ticket = replace(
        ticket,
        claim_due=assigning.claim_limit(ticket, facts).from_(scene.at, facts.rules.calendar),
    )
    return [*_opening(scene, ticket)]


def _opening(scene: Scene, ticket: Ticket) -> list[Effect]:
    facts = scene.facts
    first = assigning.claim_limit(ticket, facts).part(facts.rules.patience.steps[0])
    clock = Remind(
        ticket=ticket.id, kind="claim", at=first.from_(scene.at, facts.rules.calendar), step=0
    )
    messages = [*_earlier(scene, ticket), joined(scene, ticket, "opened")]
    if ticket.urgency is Urgency.EMERGENCY or ticket.private or ticket.relayed_by:
        asked, told = assigning.dispatch(ticket, facts, scene.at)
        asked = replace(asked, announced_at=scene.at)
        return [OpenTicket(ticket=asked), *messages, *_at_once(scene, asked), *told, clock]
    wait = Remind(ticket=ticket.id, kind="announce", at=scene.at + facts.rules.patience.pause)
    return [OpenTicket(ticket=ticket), *messages, wait, clock]


def _at_once(scene: Scene, ticket: Ticket) -> list[Effect]:
    """What the room hears without a pause: safety first; of private matters nothing."""
    if ticket.relayed_by:
        return to_relayer(scene, ticket)
    if ticket.private:
        return [reply(scene, "received", ticket)] if scene.message.mentions_me else []
    facts = scene.facts
    values = describing.about(ticket, facts, full=False)
    team = assigning.route(ticket, facts, scene.at).team[:2]
    told = names.COMMA.join(assigning.role_words(k, ticket, facts) for k in team)
    say = reply(
        scene,
        "emergency" if ticket.place else "emergency_where",
        ticket,
        **values,
        who=told or names.ON_DUTY,
        care=names.CARE.get(ticket.category, names.CARE_OTHER),
    )
    effects: list[Effect] = [replace(say, priority=0)]
    return effects if ticket.place else [*effects, ask_place(scene, ticket)]


def to_relayer(scene: Scene, ticket: Ticket) -> list[Effect]:
    """What a member hears who reports for somebody else: noted, and asked once where it is."""
    facts = scene.facts
    named = ticket.reporter_name and not ticket.reporter
    values = describing.about(ticket, facts, full=False) | {
        "next": assigning.next_words(ticket, facts, scene.at),
        "by": names.REPORTED_BY.format(name=ticket.reporter_name) if named else "",
    }
    if ticket.reporter or scene.member is None or not _somewhere_in(ticket, scene):
        return [reply(scene, "relayed", ticket, **values)]
    asked = replace(ask_place(scene, ticket).question, person=f"member:{scene.member.key}")
    return [reply(scene, "relayed_where", ticket, **values), Ask(question=asked)]


def _somewhere_in(ticket: Ticket, scene: Scene) -> bool:
    """Whether nobody could find it: no spot at all, or a building of an estate not named."""
    place = ticket.place
    unknown = not place or (not place.estate and (place.building is not None or not scene.grid))
    return unknown and scene.facts.rules.category(ticket.category).place


def ask_place(scene: Scene, ticket: Ticket) -> Ask:
    """Remember that this reporter was asked where it is."""
    patience = scene.facts.rules.patience
    return Ask(
        question=Question(
            id=0,
            kind="place",
            ticket=ticket.id,
            person=ticket.reporter,
            room=ticket.room,
            asked_at=scene.at,
            expires_at=scene.at + patience.question,
        )
    )


def _opening_urgency(scene: Scene, usual: Urgency) -> Urgency:
    reading = scene.reading
    if reading.danger or reading.urgency is Urgency.EMERGENCY:
        return Urgency.EMERGENCY
    if reading.band is Band.NOT:
        return usual
    return reading.urgency


def _earlier(scene: Scene, ticket: Ticket) -> list[Effect]:
    """Pictures and voice notes that the speaker sent just before the words."""
    return [added(heard, ticket) for heard in scene.facts.recent if _came_before(heard, scene)]


def added(heard: Heard, ticket: Ticket) -> JoinMessage:
    """Words that were heard on their own belong to a ticket after all."""
    return JoinMessage(
        ticket=ticket.id,
        message=heard.key,
        kind="more",
        person=heard.person,
        text=mask(heard.text),
        at=heard.at,
        images=heard.images,
    )


def _came_before(heard: Heard, scene: Scene) -> bool:
    if heard.person != scene.person or heard.key == scene.message.key:
        return False
    gone = scene.at - heard.at
    return gone <= (_BEFORE if is_bare(heard.text) else _IN_ONE_BREATH)
