"""What each room is known to wait for: a line per fresh ticket, in memory, so that reading needs no query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.effects import AddVoice, ChangeTicket, Effect, OpenTicket
from domain.events import Message
from domain.facts import Pending
from domain.grid import Room
from domain.ticket import ACTIVE, State, Ticket, Voice

FRESH = timedelta(hours=24)
_PER_PLACE = 12
_OVER = frozenset({State.WITHDRAWN, State.MERGED, State.DISMISSED})


def within(community: str) -> str:
    """Where everything of a community is talked about: its work rooms."""
    return f"community:{community}"


def scope_of(message: Message, room: Room | None) -> str:
    """Whose matters are known where this is said: the community's at work, the room's, one's own."""
    if room is not None and room.kind == "work":
        return within(room.community)
    return message.place_of_talk or message.person


@dataclass(slots=True)
class Matters:
    """Fresh tickets by the room or the person that speaks of them."""

    _known: dict[int, Pending] = field(default_factory=dict[int, Pending])
    _where: dict[str, dict[int, None]] = field(default_factory=dict[str, dict[int, None]])

    def of(self, talk: str, at: datetime) -> tuple[Pending, ...]:
        """Those of a room or a private chat, last spoken of first, at most twelve."""
        ids = self._where.get(talk)
        if not ids:
            return ()
        found = [p for id in ids if (p := self._known.get(id)) and at - p.touched_at <= FRESH]
        found.sort(key=lambda p: (p.touched_at, p.ticket), reverse=True)
        return tuple(found[:_PER_PLACE])

    def follow(self, effects: Sequence[Effect]) -> None:
        """Keep up with what was recorded: afterwards this is what `restore` would make of it."""
        for effect in effects:
            match effect:
                case OpenTicket(ticket=ticket):
                    self._know(ticket)
                case ChangeTicket(after=ticket):
                    self._know(ticket)
                case AddVoice(ticket=id, voice=voice):
                    self._heard_of(id, voice)
                case _:
                    pass

    def restore(self, tickets: Iterable[Ticket]) -> None:
        """After a start: the fresh tickets of the store."""
        for ticket in tickets:
            self._know(ticket)

    def forget_person(self, person: str) -> None:
        self._where.pop(person, None)
        for id, pending in self._known.items():
            if person in pending.people:
                self._known[id] = replace(pending, people=pending.people - {person}, text="")

    def clean(self, at: datetime) -> None:
        """Let go of what nobody spoke of for a day."""
        stale = {id for id, p in self._known.items() if at - p.touched_at > FRESH}
        for id in stale:
            del self._known[id]
        for talk, ids in list(self._where.items()):
            for id in stale & ids.keys():
                del ids[id]
            if not ids:
                del self._where[talk]

    def _know(self, ticket: Ticket) -> None:
        if ticket.state in _OVER or ticket.part:
            self._known.pop(ticket.id, None)
            return
        self._known[ticket.id] = Pending(
            ticket=ticket.id,
            category=ticket.category,
            text=ticket.matter,
            place=ticket.place,
            touched_at=ticket.touched_at,
            finished=ticket.state not in ACTIVE,
            people=frozenset({ticket.reporter, *(v.person for v in ticket.voices)} - {""}),
        )
        self._note(ticket.id, ticket.room, ticket.reporter, within(ticket.community))
        for voice in ticket.voices:
            self._note(ticket.id, voice.room, voice.person)

    def _heard_of(self, id: int, voice: Voice) -> None:
        if known := self._known.get(id):
            self._known[id] = replace(known, people=known.people | {voice.person})
            self._note(id, voice.room, voice.person)

    def _note(self, id: int, *where: str | None) -> None:
        for talk in where:
            if talk:
                self._where.setdefault(talk, {})[id] = None
