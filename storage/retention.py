"""Forgets: what is past its time, and whoever asks to be forgotten.

A ticket past its time keeps category, grid and times. A voice keeps counting as a household
under a name that means nothing.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import (
    String,
    and_,
    bindparam,
    cast,
    delete,
    false,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.sql.elements import ClauseElement, ColumnElement

from domain.effects import CleanUp, Erase
from domain.outgoing import SendState
from domain.rules import Patience
from storage import adjusting, rows, tables, town_tables
from storage.columns import Moment
from storage.link import Link
from storage.prepared import Values

_TICKETS = tables.table_of(tables.Ticket)
_EVENTS = tables.table_of(tables.TicketEvent)
_MESSAGES = tables.table_of(tables.TicketMessage)
_VOICES = tables.table_of(tables.Voice)
_OUTBOX = tables.table_of(tables.Outbox)
_QUESTIONS = tables.table_of(tables.Question)
_INBOX = tables.table_of(tables.Inbox)
_GIVEN = tables.table_of(tables.TicketMember)
_LESSONS = tables.table_of(town_tables.Lesson)
_GAPS = tables.table_of(town_tables.Gap)
_VIEWS = tables.table_of(town_tables.View)
_CODES = tables.table_of(town_tables.BindingCode)

_LOGS_KEPT = timedelta(days=30)
"""Words that were sent, and gaps: no longer than a log."""
_BEFORE = bindparam("before", type_=Moment())
_GONE = {"name": "", "room": None, "home": ""}
_NAMELESS: ColumnElement[str] = literal("-") + cast(_VOICES.c.position, String)
_WAITING = (literal(SendState.QUEUED.value), literal(SendState.SENDING.value))


def _in(table: object, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(tables.METADATA.tables[str(table)].c.town == bindparam("of_town"), *conditions)


_CLOSED = _in("tickets", _TICKETS.c.live == false(), _TICKETS.c.closed_at < _BEFORE)
_FADING = _in("tickets", _CLOSED, _TICKETS.c.faded == false())
_FADING_IDS = select(_TICKETS.c.id).where(_FADING)
_FADE: tuple[ClauseElement, ...] = (
    update(_EVENTS)
    .where(_in("ticket_events", _EVENTS.c.ticket.in_(_FADING_IDS)))
    .values(by="", note="", message=None),
    delete(_MESSAGES).where(_in("ticket_messages", _MESSAGES.c.ticket.in_(_FADING_IDS))),
    update(_VOICES)
    .where(_in("voices", _VOICES.c.ticket.in_(_FADING_IDS)))
    .values(person=_NAMELESS, answer="", **_GONE),
    delete(_GIVEN).where(_in("ticket_members", _GIVEN.c.ticket.in_(_FADING_IDS))),
    update(_TICKETS)
    .where(_FADING)
    .values(
        matter="",
        reporter="",
        reporter_name="",
        relayed_by=None,
        room=None,
        opened_by="",
        assignee=None,
        helpers=(),
        offered_to=(),
        note="",
        terms=(),
        faded=true(),
        version=_TICKETS.c.version + 1,
        **dict.fromkeys(rows.PLACE_COLUMNS),
    ),
)
_DROP_PHOTOS = (
    update(_MESSAGES)
    .where(_in("ticket_messages", _MESSAGES.c.images != ()))
    .where(_MESSAGES.c.ticket.in_(select(_TICKETS.c.id).where(_CLOSED)))
    .values(images=())
)
_OF_LOGS: tuple[ClauseElement, ...] = (
    delete(_OUTBOX).where(
        _in("outbox", _OUTBOX.c.created_at < _BEFORE, _OUTBOX.c.state.not_in(_WAITING))
    ),
    delete(_GAPS).where(_in("gaps", _GAPS.c.until < _BEFORE)),
)
_OF_TEXT: tuple[ClauseElement, ...] = (
    delete(_INBOX).where(_in("inbox", _INBOX.c.at < _BEFORE)),
    delete(_VIEWS).where(_in("views", _VIEWS.c.at < _BEFORE)),
)
_OF_EXAMPLES = delete(_LESSONS).where(_in("lessons", _LESSONS.c.at < _BEFORE))
_OF_TODAY: tuple[ClauseElement, ...] = (
    delete(_CODES).where(
        _in(
            "binding_codes",
            or_(_CODES.c.expires_at < _BEFORE, _CODES.c.used_at.is_not(None)),
        )
    ),
    delete(_QUESTIONS).where(_in("questions", _QUESTIONS.c.expires_at < _BEFORE)),
)


def clean_up(link: Link, town: str, effect: CleanUp, patience: Patience) -> None:
    """Apply retention as of a moment; running it again changes nothing more."""
    spans = (
        (_FADE, patience.text_kept),
        ((_DROP_PHOTOS,), patience.photo_kept),
        (_OF_LOGS, _LOGS_KEPT),
        (_OF_TEXT, patience.text_kept),
        ((_OF_EXAMPLES,), patience.examples_kept),
        (_OF_TODAY, timedelta()),
    )
    for statements, kept in spans:
        values: Values = {"of_town": town, "before": effect.at - kept}
        for statement in statements:
            link.run(statement, values)


_PERSON = bindparam("of_person", type_=String())
_REPORTED = _in("tickets", _TICKETS.c.reporter == _PERSON)
_SPOKEN = select(_VOICES.c.ticket).where(_in("voices", _VOICES.c.person == _PERSON))
_ERASE: tuple[ClauseElement, ...] = (
    delete(_MESSAGES).where(_in("ticket_messages", _MESSAGES.c.person == _PERSON)),
    update(_EVENTS).where(_in("ticket_events", _EVENTS.c.by == _PERSON)).values(by="", note=""),
    delete(_QUESTIONS).where(_in("questions", _QUESTIONS.c.person == _PERSON)),
    delete(_OUTBOX).where(_in("outbox", _OUTBOX.c.person == _PERSON)),
    delete(_LESSONS).where(_in("lessons", _LESSONS.c.person == _PERSON)),
    update(_OUTBOX)
    .where(_in("outbox", _OUTBOX.c.state.not_in(_WAITING)))
    .where(
        or_(
            _OUTBOX.c.ticket.in_(select(_TICKETS.c.id).where(_REPORTED)),
            _OUTBOX.c.ticket.in_(_SPOKEN),
        )
    )
    .values(text=""),
    update(_TICKETS)
    .where(_in("tickets", _TICKETS.c.id.in_(_SPOKEN)))
    .values(version=_TICKETS.c.version + 1),
    update(_VOICES)
    .where(_in("voices", _VOICES.c.person == _PERSON))
    .values(person=_NAMELESS, **_GONE),
    update(_TICKETS)
    .where(_in("tickets", _TICKETS.c.relayed_by == _PERSON))
    .values(relayed_by=None, version=_TICKETS.c.version + 1),
    update(_TICKETS)
    .where(_REPORTED)
    .values(matter="", reporter="", reporter_name="", version=_TICKETS.c.version + 1),
)


def erase(link: Link, town: str, effect: Erase) -> None:
    """Take a person's handle, name and words out of every row; an opt-out is still honoured."""
    for statement in _ERASE:
        link.run(statement, {"of_town": town, "of_person": effect.person})
    _drop_questions_about(link, town, effect.person)
    adjusting.unbind(link, town, effect.person)


_PAYLOADS = select(_QUESTIONS.c.id, _QUESTIONS.c.payload).where(
    _QUESTIONS.c.town == bindparam("of_town")
)
_DROP_QUESTION = delete(_QUESTIONS).where(
    _QUESTIONS.c.town == bindparam("of_town"), _QUESTIONS.c.id == bindparam("of_question")
)


def _drop_questions_about(link: Link, town: str, person: str) -> None:
    """A member was asked about their words (an unsure capture) and has not answered yet."""
    about = [
        {"of_town": town, "of_question": id}
        for id, payload in link.rows(_PAYLOADS, {"of_town": town})
        if payload.get("person") == person
    ]
    link.run_many(_DROP_QUESTION, about)
