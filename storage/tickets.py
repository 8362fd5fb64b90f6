"""Writes tickets: new ones with the promised id and number, changed ones if nobody was faster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, text, update

from domain.effects import AddVoice, ChangeTicket, JoinMessage
from domain.errors import Conflict, IllegalMove
from domain.ticket import Ticket, Voice, after
from storage import numbers, rows, tables, town_tables
from storage.columns import Moment
from storage.link import Link
from storage.offers import Offers
from storage.prepared import Values

_TICKETS = tables.table_of(tables.Ticket)
_EVENTS = tables.table_of(tables.TicketEvent)
_VOICES = tables.table_of(tables.Voice)
_COUNTERS = tables.table_of(town_tables.Counter)

_TAKE_IDS = (
    update(_COUNTERS)
    .where(_COUNTERS.c.town == bindparam("town"), _COUNTERS.c.name == "ticket")
    .where(_COUNTERS.c.value == bindparam("promised"))
    .values(value=bindparam("next"))
)
_CHANGED = [c.name for c in _TICKETS.columns if c.name not in {"town", "id"}]
_CHANGE = (
    update(_TICKETS)
    .where(_TICKETS.c.town == bindparam("of_town"), _TICKETS.c.id == bindparam("of_id"))
    .where(_TICKETS.c.version == bindparam("of_version"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGED})
)
_TOUCH = (
    update(_TICKETS)
    .where(_TICKETS.c.town == bindparam("town"), _TICKETS.c.id == bindparam("ticket"))
    .values(version=_TICKETS.c.version + 1)
)
_SET_VOICE = text(
    "INSERT INTO voices (town, ticket, person, position, name, room, kind, home, answer) VALUES "
    "(:town, :ticket, :person, (SELECT COALESCE(MAX(position) + 1, 0) FROM voices "
    "WHERE town = :town AND ticket = :ticket), :name, :room, :kind, :home, :answer) "
    "ON CONFLICT (town, ticket, person) DO UPDATE SET name = excluded.name, "
    "room = excluded.room, kind = excluded.kind, home = excluded.home, answer = excluded.answer"
)
_DROP_VOICE = (
    delete(_VOICES)
    .where(_VOICES.c.town == bindparam("town"), _VOICES.c.ticket == bindparam("ticket"))
    .where(_VOICES.c.person == bindparam("person"))
)
_JOIN = text(
    "INSERT INTO ticket_messages (town, ticket, message, kind, person, text, at, images) VALUES "
    "(:town, :ticket, :message, :kind, :person, :text, :at, :images) "
    "ON CONFLICT (town, ticket, message) DO UPDATE SET kind = excluded.kind, text = excluded.text"
).bindparams(
    bindparam("at", type_=Moment()),
    bindparam("images", type_=tables.table_of(tables.TicketMessage).c.images.type),
)
_GIVE = text(
    "INSERT INTO ticket_members (town, ticket, member, part, at) VALUES "
    "(:town, :ticket, :member, :part, :at) "
    "ON CONFLICT (town, ticket, member, part) DO UPDATE SET at = excluded.at"
).bindparams(bindparam("at", type_=Moment()))


class TicketWriting:
    """What one commit does to tickets; fill it in, then `write` once."""

    def __init__(self, link: Link, town: str, offers: Offers) -> None:
        self._link = link
        self._offers = offers
        self._town = town
        self.opened: dict[int, Ticket] = {}
        self.changes: list[ChangeTicket] = []
        self.joins: list[JoinMessage] = []
        self.voices: dict[tuple[int, str], AddVoice] = {}
        self._versions: dict[int, int] = {}
        """Versions of the tickets that this very commit wrote."""

    def write(self) -> None:
        """Carry everything out inside the transaction under way."""
        self._open()
        for change in self.changes:
            self._change(change)
        self._write_voices()
        self._link.run_many(_JOIN, [_of_join(self._town, join) for join in self.joins])

    def _open(self) -> None:
        opened = list(self.opened.values())
        if not opened:
            return
        link, town = self._link, self._town
        first = opened[0].id
        if [t.id for t in opened] != list(range(first, first + len(opened))):
            raise ValueError(f"new tickets {[t.id for t in opened]} do not count up by one")
        promise = {"town": town, "promised": first, "next": first + len(opened)}
        if link.run(_TAKE_IDS, promise) != 1:
            raise Conflict(f"ticket id {first} is taken: recall and decide again")
        last = {t.community: t.number for t in opened if t.part == 0}
        link.run_many(
            numbers.TAKE_NUMBER,
            [{"town": town, "name": f"number:{c}", "number": n} for c, n in last.items()],
        )
        for ticket in opened:
            if ticket.town != town:
                raise ValueError(f"ticket {ticket.id} is of town {ticket.town!r}, not {town!r}")
            self._versions[ticket.id] = ticket.version
        link.insert(_TICKETS, [rows.values_of_ticket(t, t.state, t.version) for t in opened])
        link.insert(_EVENTS, [_of_opening(ticket) for ticket in opened])
        link.insert(
            _VOICES,
            [
                rows.values_of_voice(town, ticket.id, voice, position)
                for ticket in opened
                for position, voice in enumerate(ticket.voices)
            ],
        )
        for ticket in opened:
            self._give(ticket, (), (), ticket.opened_at)

    def _change(self, effect: ChangeTicket) -> None:
        before, ticket = effect.before, effect.after
        state = before.state if effect.move is None else after(before, effect.move)
        if state is not effect.state:
            raise IllegalMove(
                f"ticket {before.number} is {before.state}: {effect.move or 'no move'} leads to "
                f"{state}, not to {effect.state}"
            )
        version = self._versions.get(ticket.id, before.version)
        new = rows.values_of_ticket(ticket, state, version + 1)
        values: dict[str, object] = {f"new_{name}": new[name] for name in _CHANGED}
        values.update(of_town=self._town, of_id=ticket.id, of_version=version)
        try:
            changed = self._link.run(_CHANGE, values)
        except Conflict as error:
            if "number" not in str(error):
                raise
            raise IllegalMove(
                f"ticket {ticket.number} was closed so long ago that its number belongs to "
                "another one now: report the matter anew"
            ) from error
        if changed != 1:
            raise Conflict(f"ticket {ticket.number} changed meanwhile: recall and decide again")
        self._versions[ticket.id] = version + 1
        self._link.insert(_EVENTS, [_of_change(effect, self._town)])
        self._give(ticket, before.offered_to, before.helpers, effect.at)
        if before.voices != ticket.voices:
            self._revoice(ticket.id, before.voices, ticket.voices)

    def _give(
        self,
        ticket: Ticket,
        offered: Sequence[str],
        helping: Sequence[str],
        at: datetime,
    ) -> None:
        new = [(m, "offered") for m in ticket.offered_to if m not in offered]
        new += [(m, "helping") for m in ticket.helpers if m not in helping]
        self._offers.add(ticket.id, [m for m, part in new if part == "offered"], at)
        values = {"town": self._town, "ticket": ticket.id, "at": at}
        self._link.run_many(_GIVE, [{**values, "member": m, "part": p} for m, p in new])

    def _revoice(self, id: int, before: Sequence[Voice], now: Sequence[Voice]) -> None:
        """Voices that a change took away (a split) or altered, beside those added on their own."""
        kept = {voice.person for voice in now}
        gone = [v.person for v in before if v.person not in kept]
        where = {"town": self._town, "ticket": id}
        self._link.run_many(_DROP_VOICE, [{**where, "person": person} for person in gone])
        for voice in now:
            if voice not in before:
                self.voices.setdefault((id, voice.person), AddVoice(ticket=id, voice=voice))

    def _write_voices(self) -> None:
        town = self._town
        given = [
            rows.values_of_voice(town, effect.ticket, effect.voice, 0)
            for effect in self.voices.values()
        ]
        self._link.run_many(_SET_VOICE, given)
        others = dict.fromkeys(t for t, _ in self.voices if t not in self.opened)
        self._link.run_many(_TOUCH, [{"town": town, "ticket": ticket} for ticket in others])


def _of_opening(ticket: Ticket) -> Values:
    return {
        "town": ticket.town,
        "ticket": ticket.id,
        "at": ticket.opened_at,
        "by": ticket.relayed_by or ticket.reporter,
        "move": None,
        "from_state": None,
        "to_state": ticket.state.value,
        "note": "",
        "message": ticket.opened_by or None,
    }


def _of_change(effect: ChangeTicket, town: str) -> Values:
    return {
        "town": town,
        "ticket": effect.after.id,
        "at": effect.at,
        "by": effect.by,
        "move": None if effect.move is None else effect.move.value,
        "from_state": effect.before.state.value,
        "to_state": effect.state.value,
        "note": effect.note,
        "message": effect.message,
    }


def _of_join(town: str, join: JoinMessage) -> Values:
    return {
        "town": town,
        "ticket": join.ticket,
        "message": join.message,
        "kind": join.kind,
        "person": join.person,
        "text": join.text,
        "at": join.at,
        "images": join.images,
    }
