"""Residents' words: a new matter, one more voice of a known one, or more about one's own."""

from __future__ import annotations

from dataclasses import replace

from domain.effects import AddVoice, ChangeTicket, Effect, Remind
from domain.reading import Place, Urgency
from domain.ticket import Move, Ticket
from handlers import assigning, describing, matching, resembling
from handlers.describing import OUTAGE_TERM
from handlers.masking import mask
from handlers.opening import joined, open_ticket, voice_of
from handlers.scene import Scene, tell_member, tell_room


def report(scene: Scene) -> list[Effect]:
    """A request: join the ticket it is really about, or open one."""
    known = matching.same_matter(scene)
    if known is not None:
        return join(scene, known)
    return open_ticket(scene)


def join(scene: Scene, ticket: Ticket) -> list[Effect]:
    """One more message of a ticket: by its own speaker, or by one more household."""
    mine = matching.speaks_in(ticket, scene.person)
    if not scene.message.told_by:
        mine = mine or matching.passed_on(ticket, scene)
    counted = not mine and _adds_household(scene, ticket)
    kind = "more" if mine or not counted else "me_too"
    effects: list[Effect] = [joined(scene, ticket, kind)]
    voices = ticket.voices
    if counted:
        voice = voice_of(scene, "me_too")
        voices = (*voices, voice)
        effects.append(AddVoice(ticket=ticket.id, voice=voice))
    after = replace(
        ticket,
        touched_at=scene.at,
        voices=voices,
        place=_place_after(scene, ticket, mine),
        urgency=_urgency_after(scene, ticket),
    )
    if after.place.building != ticket.place.building and (grid := scene.grid):
        after = replace(after, grid=grid)
    if after.urgency is not ticket.urgency:
        asked, told = assigning.dispatch(after, scene.facts, scene.at)
        return [*effects, _changed(scene, ticket, asked), *told]
    effects.append(_changed(scene, ticket, after))
    return [*effects, *_wait_on(scene, after), *_pass_on(scene, ticket, after)]


def _adds_household(scene: Scene, ticket: Ticket) -> bool:
    reading = scene.reading
    if reading.me_too or reading.is_request:
        return True
    return (
        OUTAGE_TERM in ticket.terms
        and bool(scene.place)
        and not resembling.is_home_fault(scene.text)
    )


def _place_after(scene: Scene, ticket: Ticket, mine: bool) -> Place:
    if not mine or not ticket.place.agrees_with(scene.place):
        return ticket.place
    if OUTAGE_TERM in ticket.terms and ticket.reporter != scene.person:
        return ticket.place
    return ticket.place.filled_by(scene.place)


def _urgency_after(scene: Scene, ticket: Ticket) -> Urgency:
    if scene.reading.danger and scene.reading.urgency is Urgency.EMERGENCY:
        return Urgency.EMERGENCY
    return ticket.urgency


def _wait_on(scene: Scene, ticket: Ticket) -> list[Effect]:
    """While more is coming, the one reply waits a little longer."""
    if ticket.announced_at is not None or ticket.private or not ticket.active:
        return []
    patience = scene.facts.rules.patience
    latest = ticket.opened_at + patience.pause_longest
    return [
        Remind(ticket=ticket.id, kind="announce", at=min(scene.at + patience.pause / 2, latest))
    ]


def _pass_on(scene: Scene, before: Ticket, after: Ticket) -> list[Effect]:
    """Those who work on it learn what is new; a room that has not heard of it gets one line."""
    if after.announced_at is None:
        return []
    effects: list[Effect] = []
    facts = scene.facts
    grew = after.households > before.households
    if grew and after.households in facts.rules.patience.voices_alarm and not after.private:
        values = describing.about(after, facts, full=False) | {"homes": str(after.households)}
        if after.assignee:
            effects.append(tell_member(after.assignee, "work_homes", scene.at, after, 2, **values))
        else:
            effects += [
                tell_room(r.handle, "work_homes", scene.at, after, 2, **values)
                for r in facts.directory.work_rooms(after.community)[:1]
            ]
    learned = after.place != before.place
    if after.assignee and (learned or scene.reading.is_request) and not grew:
        more = tell_member(
            after.assignee,
            "work_more",
            scene.at,
            after,
            number=after.label,
            text=mask(scene.text),
        )
        effects.append(replace(more, merge=f"more:{after.id}:{after.assignee}"))
    elif learned and not after.assignee:
        effects += _place_to_team(scene, after)
    return [*effects, *_first_word_here(scene, before, after)]


def _place_to_team(scene: Scene, ticket: Ticket) -> list[Effect]:
    """Where it is, to those who were asked before anybody knew; in danger to each alone too."""
    danger = ticket.urgency is Urgency.EMERGENCY
    values = {"number": ticket.label, "text": mask(scene.text)}
    priority = 0 if danger else 2
    rooms = scene.facts.directory.work_rooms(ticket.community)[:1]
    alone = danger or ticket.private or not rooms or len(ticket.offered_to) == 1
    said: list[Effect] = [
        tell_member(key, "work_more", scene.at, ticket, priority, **values)
        for key in ticket.offered_to
        if alone
    ]
    if not ticket.private and len(ticket.offered_to) != 1:
        said += [
            tell_room(r.handle, "work_more", scene.at, ticket, priority, **values) for r in rooms
        ]
    return said


def _first_word_here(scene: Scene, before: Ticket, after: Ticket) -> list[Effect]:
    """The first voice of another room is answered there once."""
    here = scene.message.place_of_talk
    heard = {before.room, *(v.room for v in before.voices)}
    if here is None or here in heard or after.private or len(after.voices) == len(before.voices):
        return []
    return [_announcement(scene, after, here)]


def _announcement(scene: Scene, ticket: Ticket, room: str) -> Effect:
    values = describing.about(ticket, scene.facts, full=False) | {
        "next": assigning.next_words(ticket, scene.facts, scene.at),
    }
    say = tell_room(room, "noted_many", scene.at, ticket, 1, **values)
    patience = scene.facts.rules.patience
    return replace(say, not_before=scene.at + patience.pause, merge=f"noted:{ticket.id}:{room}")


def _changed(scene: Scene, before: Ticket, after: Ticket) -> ChangeTicket:
    moved = Move.CORRECT if after.place != before.place else None
    return ChangeTicket(
        before=before,
        after=after,
        move=moved if before.active else None,
        state=after.state,
        by=scene.person,
        at=scene.at,
        message=scene.message.key,
    )
