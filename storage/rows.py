"""Turns rows into the words of the domain, and back."""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter

from sqlalchemy import select
from sqlalchemy.sql.elements import ColumnElement

from domain.facts import Question
from domain.outgoing import Outgoing, SendState
from domain.reading import Place, Urgency
from domain.ticket import CLOSED, State, Ticket, Voice
from storage import tables
from storage.prepared import Cells, Values

_PLACE = tuple(field.name for field in fields(Place))
PLACE_COLUMNS = tuple(f"place_{name}" for name in _PLACE)
_TICKET = tuple(
    field.name for field in fields(Ticket) if field.name not in {"town", "place", "voices"}
)
_ticket_cells = attrgetter(*_TICKET)
_place_cells = attrgetter(*_PLACE)
_FIRST_PLACE = len(_TICKET)
_AT_URGENCY = _TICKET.index("urgency")
_AT_STATE = _TICKET.index("state")
AT_ID = _TICKET.index("id")
AT_VERSION = _TICKET.index("version")

TICKETS = tables.table_of(tables.Ticket).c
TICKET_COLUMNS: tuple[ColumnElement[object], ...] = (
    *(TICKETS[name] for name in _TICKET),
    *(TICKETS[name] for name in PLACE_COLUMNS),
)
SELECT_TICKET = select(*TICKET_COLUMNS)


def ticket_of(town: str, cells: Cells, voices: tuple[Voice, ...]) -> Ticket:
    """The ticket behind converted cells of SELECT_TICKET."""
    known = dict(zip(_TICKET, cells, strict=False))
    known["urgency"] = Urgency(cells[_AT_URGENCY])
    known["state"] = State(cells[_AT_STATE])
    return Ticket(town=town, place=Place(**_place(cells)), voices=voices, **known)


def _place(cells: Cells) -> dict[str, str | None]:
    return dict(zip(_PLACE, cells[_FIRST_PLACE:], strict=True))


def values_of_ticket(ticket: Ticket, state: State, version: int) -> dict[str, object]:
    """Every column of a ticket's row."""
    place = ticket.place
    values: dict[str, object] = dict(zip(_TICKET, _ticket_cells(ticket), strict=True))
    values.update(zip(PLACE_COLUMNS, _place_cells(place), strict=True))
    values["town"] = ticket.town
    values["state"] = state.value
    values["urgency"] = ticket.urgency.value
    values["version"] = version
    values["live"] = state not in CLOSED
    values["slot"] = ticket.id if state in CLOSED else 0
    values["faded"] = False
    return values


VOICES = tables.table_of(tables.Voice).c
VOICE_COLUMNS = (
    *(VOICES.ticket, VOICES.person, VOICES.name, VOICES.room, VOICES.kind),
    *(VOICES.home, VOICES.answer),
)


def voice_of(cells: Cells) -> Voice:
    """The voice behind VOICE_COLUMNS."""
    _ticket, person, name, room, kind, home, answer = cells
    return Voice(person=person, name=name, room=room, kind=kind, home=home, answer=answer)


def values_of_voice(town: str, ticket: int, voice: Voice, position: int) -> Values:
    """Every column of a voice's row."""
    return {
        "town": town,
        "ticket": ticket,
        "person": voice.person,
        "position": position,
        "name": voice.name,
        "room": voice.room,
        "kind": voice.kind,
        "home": voice.home,
        "answer": voice.answer,
    }


_OUTGOING = tuple(field.name for field in fields(Outgoing))
_AT_SEND_STATE = _OUTGOING.index("state")
OUTBOX = tables.table_of(tables.Outbox).c
SELECT_OUTGOING = select(*(OUTBOX[name] for name in _OUTGOING))


def outgoing_of(cells: Cells) -> Outgoing:
    """The outbox row behind SELECT_OUTGOING."""
    known = dict(zip(_OUTGOING, cells, strict=True))
    known["state"] = SendState(cells[_AT_SEND_STATE])
    return Outgoing(**known)


_QUESTION = tuple(field.name for field in fields(Question))
QUESTIONS = tables.table_of(tables.Question).c
SELECT_QUESTION = select(*(QUESTIONS[name] for name in _QUESTION))


def question_of(cells: Cells) -> Question:
    """The question behind SELECT_QUESTION."""
    return Question(**dict(zip(_QUESTION, cells, strict=True)))
