"""One message with everything a decision about it may look at, and the short ways to answer it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from domain.command import Command
from domain.effects import ChangeTicket, Say
from domain.events import Message
from domain.facts import Facts
from domain.grid import Member, Room
from domain.reading import Place, Reading
from domain.ticket import Move, Ticket


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """A message, read, in its world. `place` is the reading's place resolved to an estate."""

    message: Message
    reading: Reading
    facts: Facts
    place: Place
    grid: str | None = None
    command: Command | None = None
    text: str = ""
    """The message without quotes and mentions."""
    home: str = ""
    """The community that was recalled, for words that were said in no room."""

    @property
    def at(self) -> datetime:
        return self.message.at

    @property
    def person(self) -> str:
        return self.message.person

    @property
    def member(self) -> Member | None:
        return self.facts.member

    @property
    def room(self) -> Room | None:
        return self.facts.room

    @property
    def actor(self) -> str:
        """Who acts, for the history: the member's key, else the handle."""
        return self.member.key if self.member else self.person

    @property
    def community(self) -> str:
        """The community this is about: the room's, else that of the member's first post."""
        if self.room:
            return self.room.community
        if self.home:
            return self.home
        return home_of(self.member, self.facts) if self.member else ""

    @property
    def in_work_room(self) -> bool:
        return self.room is not None and self.room.kind == "work"

    def reading_as(self, command: Command) -> Scene:
        return replace(self, command=command)


_NEUTRAL = frozenset({"received"})
"""Words that give nothing away."""


def home_of(member: Member, facts: Facts) -> str:
    """The community of a member's first post that belongs to one; else the first community."""
    for post in member.posts:
        grid = facts.directory.grids.get(post.grid)
        if grid and grid.community:
            return grid.community
    return next(iter(facts.directory.communities), "")


def reply(scene: Scene, key: str, /, ticket: Ticket | None = None, **values: str) -> Say:
    """Answer the speaker where they spoke; of a private matter only alone."""
    if ticket is not None and ticket.private and key not in _NEUTRAL:
        return whisper(scene, key, ticket, **values)
    return Say(
        key=key,
        at=scene.at,
        values=values,
        room=scene.message.place_of_talk,
        person=scene.person if scene.message.private else None,
        ticket=ticket.id if ticket else None,
        reply_to=scene.message.id if not scene.message.private else None,
        priority=1,
    )


def whisper(scene: Scene, key: str, /, ticket: Ticket | None = None, **values: str) -> Say:
    """Answer the speaker alone; a member by whatever way reaches them best."""
    member = scene.member.key if scene.member else None
    return Say(
        key=key,
        at=scene.at,
        values=values,
        member=member,
        person=None if member else scene.person,
        ticket=ticket.id if ticket else None,
        priority=1,
        alone=ticket is not None and ticket.private,
    )


def tell_room(
    room: str, key: str, at: datetime, ticket: Ticket, /, priority: int = 2, **values: str
) -> Say:
    """Words to a group about a ticket."""
    return Say(
        key=key,
        at=at,
        values=values,
        room=room,
        ticket=ticket.id,
        priority=priority,
        alone=ticket.private,
    )


def tell_member(
    member: str, key: str, at: datetime, ticket: Ticket | None, /, priority: int = 2, **values: str
) -> Say:
    """Private words to a member."""
    return Say(
        key=key,
        at=at,
        values=values,
        member=member,
        ticket=ticket.id if ticket else None,
        priority=priority,
        alone=ticket is not None and ticket.private,
    )


def tell_person(
    person: str, key: str, at: datetime, ticket: Ticket, /, room: str | None, **values: str
) -> Say:
    """Private words to a resident; in `room` with a mention where no private way exists."""
    return Say(
        key=key,
        at=at,
        values=values,
        person=person,
        ticket=ticket.id,
        fallback=None if ticket.private else room,
        alone=ticket.private,
        priority=1,
    )


def changed(
    scene: Scene, before: Ticket, after: Ticket, move: Move | None, note: str = ""
) -> ChangeTicket:
    """The change of a ticket by the speaker of this scene."""
    return ChangeTicket(
        before=before,
        after=after,
        move=move,
        state=after.state,
        by=scene.actor,
        at=scene.at,
        note=note,
        message=scene.message.key,
    )
