"""Finds what a decision may need to know: a few indexed queries, nothing for chatter."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, or_, select
from sqlalchemy.sql.elements import ClauseElement

from domain.facts import Question, Wanted
from domain.ticket import Ticket, Voice
from storage import candidates, numbers, rows, tables, town_tables
from storage.columns import Moment
from storage.link import Link
from storage.offers import Offers
from storage.prepared import Cells
from storage.rows import OUTBOX, QUESTIONS, SELECT_QUESTION, SELECT_TICKET, VOICES

_REMEMBERED = 2048
_AT_ONCE = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class Recalled:
    """The store's part of domain.facts.Facts, field by field the same."""

    tickets: tuple[Ticket, ...] = ()
    quoted: int | None = None
    questions: tuple[Question, ...] = ()
    next_id: int = 1
    next_number: int = 1
    last_offers: Mapping[str, int] = field(default_factory=dict[str, int])
    codes: Mapping[str, str] = field(default_factory=dict[str, str])
    directory_version: int = 0


_MESSAGES = tables.table_of(tables.TicketMessage).c
_CODES = tables.table_of(town_tables.BindingCode).c

_OF_MESSAGE = (
    select(_MESSAGES.ticket)
    .where(_MESSAGES.town == bindparam("town"), _MESSAGES.message == bindparam("message"))
    .order_by(_MESSAGES.ticket.desc())
    .limit(1)
)
_OF_OWN_WORDS = (
    select(OUTBOX.ticket)
    .where(OUTBOX.town == bindparam("town"), OUTBOX.remote_id == bindparam("message"))
    .order_by(OUTBOX.id.desc())
    .limit(1)
)
_ASKED = (
    SELECT_QUESTION.where(QUESTIONS.town == bindparam("town"))
    .where(QUESTIONS.expires_at > bindparam("at", type_=Moment()))
    .where(
        or_(
            QUESTIONS.person.in_([bindparam("person"), bindparam("as_member")]),
            and_(QUESTIONS.room == bindparam("room"), QUESTIONS.person.is_(None)),
        )
    )
    .order_by(QUESTIONS.id.desc())
)
_SEVERAL = SELECT_TICKET.where(candidates.ONE_OF_SEVERAL)
_CODE = select(_CODES.code, _CODES.member).where(
    _CODES.town == bindparam("town"),
    _CODES.code == bindparam("code"),
    _CODES.used_at.is_(None),
    _CODES.expires_at > bindparam("at", type_=Moment()),
)


@cache
def _voices_of(count: int) -> Select[*tuple[Any, ...]]:
    wanted = [bindparam(f"ticket{n}", type_=Integer()) for n in range(count)]
    return (
        select(*rows.VOICE_COLUMNS)
        .where(VOICES.town == bindparam("town"), VOICES.ticket.in_(wanted))
        .order_by(VOICES.ticket, VOICES.position)
    )


class Recollection:
    """Reads tickets with their voices, and remembers those whose version did not change."""

    def __init__(self, link: Link, town: str) -> None:
        self._link = link
        self.town = town
        self.offers = Offers(link, town)
        self._known: OrderedDict[int, Ticket] = OrderedDict()
        link.after_rollback.append(self._known.clear)

    def tickets(self, statement: ClauseElement, **values: object) -> list[Ticket]:
        """The tickets that a query on SELECT_TICKET finds, in its order."""
        return self._whole(self._found(statement, **values))

    def recall(self, wanted: Wanted, at: datetime) -> Recalled:
        """Everything the store can say about what is wanted; see storage.store.Store.recall."""
        promised = numbers.promise(self._link, self.town, wanted.community, at)
        quoted = self._quoted(wanted.quoted)
        found: dict[int, int] = {}
        for statement, values in candidates.queries(wanted, quoted):
            found.update((id, version) for id, version, _ in self._found(statement, **values))
        tickets = self._current(found)
        tickets.sort(key=lambda t: (t.id != wanted.ticket, -t.touched_at.timestamp(), -t.id))
        return Recalled(
            tickets=tuple(tickets),
            quoted=quoted,
            questions=self._questions(wanted, at),
            next_id=promised.id,
            next_number=promised.number,
            last_offers=self.offers.on_day(at) if wanted.community else {},
            codes=self._codes(wanted.code, at),
            directory_version=promised.directory,
        )

    def _found(self, statement: ClauseElement, **values: object) -> list[Cells]:
        prepared = self._link.prepared(statement)
        return self._link.raw_rows(prepared, {"town": self.town, **values})

    def _current(self, found: Mapping[int, int]) -> list[Ticket]:
        """Tickets by id and version: remembered ones, and the others read."""
        known = self._known
        current = {
            id: ticket
            for id, version in found.items()
            if (ticket := known.get(id)) is not None and ticket.version == version
        }
        others = [id for id in found if id not in current]
        for first in range(0, len(others), candidates.AT_ONCE):
            values = candidates.several(others[first:])
            current.update((t.id, t) for t in self.tickets(_SEVERAL, **values))
        return list(current.values())

    def _whole(self, found: Sequence[Cells]) -> list[Ticket]:
        """Tickets of raw cells: remembered ones by id and version, the others read with voices."""
        known = self._known
        unknown = [
            cells
            for cells in found
            if (ticket := known.get(cells[rows.AT_ID])) is None
            or ticket.version != cells[rows.AT_VERSION]
        ]
        if unknown:
            prepared = self._link.prepared(SELECT_TICKET)
            voices = self._voices([cells[rows.AT_ID] for cells in unknown])
            for cells in unknown:
                id = cells[rows.AT_ID]
                known[id] = rows.ticket_of(self.town, prepared.converted(cells), tuple(voices[id]))
        whole = [known[cells[rows.AT_ID]] for cells in found]
        while len(known) > _REMEMBERED:
            known.popitem(last=False)
        return whole

    def _voices(self, tickets: Sequence[int]) -> Mapping[int, list[Voice]]:
        found: defaultdict[int, list[Voice]] = defaultdict(list)
        for first in range(0, len(tickets), _AT_ONCE):
            some = tickets[first : first + _AT_ONCE]
            room = 1 << (len(some) - 1).bit_length()
            names = {f"ticket{n}": some[min(n, len(some) - 1)] for n in range(room)}
            for cells in self._link.rows(_voices_of(room), {"town": self.town, **names}):
                found[cells[0]].append(rows.voice_of(cells))
        return found

    def _quoted(self, message: str | None) -> int | None:
        """The ticket that a quoted message, a resident's or our own, belongs to."""
        if message is None:
            return None
        values = {"town": self.town, "message": message}
        row = self._link.row(_OF_MESSAGE, values) or self._link.row(_OF_OWN_WORDS, values)
        return None if row is None else row[0]

    def _questions(self, wanted: Wanted, at: datetime) -> tuple[Question, ...]:
        if wanted.person is None and wanted.room is None:
            return ()
        values = {
            "town": self.town,
            "at": at,
            "person": wanted.person,
            "as_member": wanted.member and f"member:{wanted.member}",
            "room": wanted.room,
        }
        return tuple(rows.question_of(cells) for cells in self._link.rows(_ASKED, values))

    def _codes(self, code: str | None, at: datetime) -> Mapping[str, str]:
        if code is None:
            return {}
        found = self._link.rows(_CODE, {"town": self.town, "code": code, "at": at})
        return dict(found)
