"""A member says it is done: every home that waits is asked once."""

from __future__ import annotations

from dataclasses import replace

from domain.effects import Ask, ChangeTicket, Effect, Forget, Remind, Unsay
from domain.facts import Question
from domain.ticket import Move, State, Ticket, Voice, after
from handlers import describing
from handlers.scene import Scene, reply, tell_member, tell_person, whisper
from handlers.zh import names

_ASKED = 12
"""Homes asked one by one; a larger incident is asked for in its rooms."""
_STALE = ("work_new", "offer", "remind_claim", "remind_claim_late", "remind_solve", "remind_eta")


def done(scene: Scene, ticket: Ticket) -> list[Effect]:
    """Done, by whoever did it; the reporter has the last word."""
    if ticket.state is State.DONE:
        return []
    assert scene.member is not None
    finished = replace(
        ticket,
        state=after(ticket, Move.DONE),
        assignee=ticket.assignee or scene.member.key,
        helpers=_with(ticket, scene.member.key),
        claimed_at=ticket.claimed_at or scene.at,
        arrived_at=ticket.arrived_at or scene.at,
        done_at=scene.at,
        touched_at=scene.at,
    )
    silence = scene.at + scene.facts.rules.patience.silence
    return [
        ChangeTicket(
            before=ticket,
            after=finished,
            move=Move.DONE,
            state=finished.state,
            by=scene.actor,
            at=scene.at,
            message=scene.message.key,
        ),
        Forget(ticket=ticket.id),
        Unsay(ticket=ticket.id, keys=_STALE),
        Remind(ticket=ticket.id, kind="silence", at=silence),
        *ask_homes(scene, finished),
        *_thanks(scene, finished),
    ]


def _with(ticket: Ticket, member: str) -> tuple[str, ...]:
    known = {ticket.assignee or member, *ticket.helpers}
    return ticket.helpers if member in known else (*ticket.helpers, member)


def ask_homes(scene: Scene, ticket: Ticket) -> list[Effect]:
    """One question to each home, privately where that is possible."""
    facts = scene.facts
    values = describing.about(ticket, facts, full=False) | {
        "who": scene.member.name if scene.member else describing.who(ticket.assignee, facts)
    }
    shared = len(ticket.voices) > 1
    effects: list[Effect] = []
    for voice in _homes(ticket):
        key = "confirm_shared" if shared else "confirm"
        say = tell_person(voice.person, key, scene.at, ticket, room=voice.room, **values)
        effects.append(replace(say, merge=f"confirm:{ticket.id}:{voice.room}"))
        effects.append(Ask(question=_question(scene, ticket, voice.person, voice.room)))
    return [*effects, *_ask_relayer(scene, ticket, values)]


def _by_relayer(ticket: Ticket) -> bool:
    """Whether a member reported it for somebody who has no handle."""
    return bool(ticket.relayed_by) and not ticket.reporter and not ticket.part


def _ask_relayer(scene: Scene, ticket: Ticket, values: dict[str, str]) -> list[Effect]:
    """The one who reported has no handle: the member who passed it on is asked to ask."""
    if not _by_relayer(ticket) or ticket.relayed_by is None:
        return []
    name = names.REPORTER + ticket.reporter_name
    say = tell_member(
        ticket.relayed_by, "confirm_relayed", scene.at, ticket, 1, **values, name=name
    )
    return [say, Ask(question=_question(scene, ticket, f"member:{ticket.relayed_by}", None))]


def _homes(ticket: Ticket) -> tuple[Voice, ...]:
    """The reporter first, then the others, each home once."""
    known = [v for v in ticket.voices if ":" in v.person]  # who was erased has no handle left
    ordered = sorted(known, key=lambda v: v.kind != "reporter")
    unique = {v.home or v.person: v for v in reversed(ordered)}
    return tuple(v for v in ordered if v in unique.values())[:_ASKED]


def _question(scene: Scene, ticket: Ticket, person: str, room: str | None) -> Question:
    return Question(
        id=0,
        kind="confirm",
        ticket=ticket.id,
        person=person,
        room=room,
        asked_at=scene.at,
        expires_at=scene.at + scene.facts.rules.patience.silence,
    )


def _thanks(scene: Scene, ticket: Ticket) -> list[Effect]:
    key = (
        "done_noted"
        if (_homes(ticket) or _by_relayer(ticket)) and not ticket.private
        else "done_noted_quiet"
    )
    if scene.message.private:
        return [reply(scene, key, ticket, number=ticket.label)]
    if scene.in_work_room and scene.command and scene.command.certain:
        return [whisper(scene, key, ticket, number=ticket.label)]
    return []
