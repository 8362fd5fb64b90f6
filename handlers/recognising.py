"""Members whose handle ended with a log-in: told once to be bound again, never obeyed before that."""

from __future__ import annotations

from datetime import timedelta

from domain.command import Act
from domain.effects import Ask, CloseQuestion, Effect
from domain.events import IdScope, Message
from domain.facts import Question
from domain.grid import Directory, Member, Room
from handlers.scene import Scene, whisper

_ASKED = "login"
_REMEMBERED = timedelta(days=30)
_TAKING = frozenset(
    {
        Act.CLAIM,
        Act.ACCEPT,
        Act.ETA,
        Act.ARRIVE,
        Act.RELEASE,
        Act.TRANSFER,
        Act.CALL_IN,
        Act.PAUSE,
        Act.ESCALATE,
    }
)
"""What only a member says of a ticket that somebody else reported."""
_ENDING = frozenset({Act.DONE, Act.PROGRESS})
"""What a neighbour says as well: a member's words only of the ticket in hand."""


def is_void(message: Message, room: Room | None, directory: Directory) -> bool:
    """Whether this handle may be that of a member who was bound in an older log-in.

    A name is no proof: it only decides who is asked to bind again.
    """
    if message.id_scope is not IdScope.LOGIN or directory.member_behind(message.person):
        return False
    at_work = room is not None and room.kind == "work"
    return at_work or _namesake(message, directory) is not None


def claimed_as_void(scene: Scene) -> list[Effect] | None:
    """The answer to a void handle that speaks as a member does; None for other words."""
    asked, message = scene.command, scene.message
    if asked is None or not is_void(message, scene.room, scene.facts.directory):
        return None
    known = _namesake(message, scene.facts.directory)
    tickets = [t for t in scene.facts.tickets if t.active and asked.number in (None, t.number)]
    mine = [t for t in tickets if known is not None and t.assignee == known.key]
    if (asked.act in _TAKING and tickets) or (asked.act in _ENDING and mine):
        return ask(scene)
    return None


def ask(scene: Scene) -> list[Effect]:
    """Asked alone to bind again; a handle, and so a log-in, is asked once."""
    if any(q.kind == _ASKED and q.person == scene.person for q in scene.facts.questions):
        return []
    question = Question(
        id=0,
        kind=_ASKED,
        ticket=None,
        person=scene.person,
        room=None,
        asked_at=scene.at,
        expires_at=scene.at + _REMEMBERED,
    )
    return [Ask(question=question), whisper(scene, "refuse_login")]


def bound(scene: Scene) -> list[Effect]:
    """The handle is known again: nothing is left to be asked."""
    mine = [q for q in scene.facts.questions if q.kind == _ASKED and q.person == scene.person]
    return [CloseQuestion(question=q.id) for q in mine]


def _namesake(message: Message, directory: Directory) -> Member | None:
    """The member of this name who is bound on this channel, but not in this log-in."""
    here = f"{message.channel}:"
    login = message.sender.partition(".")[0] if "." in message.sender else None
    for member in directory.bound_as(message.sender_name):
        held = [h for h in directory.handles_of(member.key) if h.startswith(here)]
        if held and not any(h.startswith(f"{here}{login}.") for h in held):
            return member
    return None
