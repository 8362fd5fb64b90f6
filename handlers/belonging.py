"""Who somebody is and where the product may speak: binding codes, rooms, messages taken back."""

from __future__ import annotations

from dataclasses import replace

from domain.command import Act
from domain.effects import (
    Bind,
    ChangeTicket,
    Effect,
    Forget,
    JoinMessage,
    Say,
    SetRoom,
    Unlearn,
    Unsay,
)
from domain.events import Recalled, RoomChanged
from domain.facts import Facts
from domain.ticket import MOVES, Move, State, Ticket
from handlers import describing, recognising
from handlers.scene import Scene, whisper
from handlers.zh import names


def bind(scene: Scene) -> list[Effect] | None:
    """A one-time code in a private chat makes this account that member; None for other words."""
    asked = scene.command
    if asked is None or asked.act is not Act.BIND:
        return None
    if not scene.message.private:
        return [whisper(scene, "bind_private")]
    member = scene.facts.directory.members.get(scene.facts.codes.get(asked.code, ""))
    if member is None:
        return [_alone(scene, "bind_failed")]
    roles = names.COMMA.join(dict.fromkeys(names.ROLES.get(p.role, p.role) for p in member.posts))
    return [
        Bind(person=scene.person, member=member.key, code=asked.code, at=scene.at),
        *recognising.bound(scene),
        _alone(scene, "bound", name=member.name, roles=roles),
    ]


def _alone(scene: Scene, key: str, **values: str) -> Say:
    return Say(key=key, at=scene.at, values=values, person=scene.person, priority=1)


def taken_back(event: Recalled, facts: Facts) -> list[Effect]:
    """A message taken back keeps its place in a ticket, without its words; nothing is learnt."""
    unlearnt = Unlearn(message=event.message)
    if facts.quoted is None:
        return [unlearnt]
    gone = JoinMessage(
        ticket=facts.quoted,
        message=event.message,
        kind="recalled",
        person="",
        text="",
        at=event.at,
    )
    ticket = facts.ticket(facts.quoted)
    if ticket is None or ticket.opened_by != event.message:
        return [gone, unlearnt]
    return [gone, unlearnt, *_without_words(event, ticket)]


def _without_words(event: Recalled, ticket: Ticket) -> list[Effect]:
    """The request itself was taken back: unheard yet, it is withdrawn; else its words go."""
    unheard = ticket.announced_at is None and Move.WITHDRAW in MOVES[ticket.state]
    after = replace(ticket, matter="")
    if unheard:
        after = replace(after, state=State.WITHDRAWN, closed_at=event.at)
    change = ChangeTicket(
        before=ticket,
        after=after,
        move=Move.WITHDRAW if unheard else None,
        state=after.state,
        by=ticket.reporter,
        at=event.at,
    )
    return [change, Forget(ticket=ticket.id), Unsay(ticket=ticket.id)] if unheard else [change]


def room_changed(event: RoomChanged, facts: Facts) -> list[Effect]:
    """Put out of a room: nothing is sent there any more. Let in: the notice of who is listening."""
    handle = f"{event.channel}:{event.room}"
    room = facts.directory.rooms.get(handle)
    if event.whose != "self" or room is None:
        return []
    if event.change == "left":
        told = [
            Say(
                key="room_lost",
                at=event.at,
                values={"room": room.name},
                member=m.key,
                priority=2,
            )
            for m in facts.directory.supervisors(room.community)
        ]
        return [SetRoom(room=handle, allowed=False), *told]
    values = {
        "town": facts.directory.town_name,
        "elsewhere": describing.elsewhere(facts.rules),
    }
    return [Say(key="greeting", at=event.at, values=values, room=handle, priority=2)]
