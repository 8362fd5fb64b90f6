"""Writes one decision: inbox key, tickets, history, reminders and words in a single commit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, delete, text

from domain.effects import (
    AddVoice,
    Ask,
    Bind,
    ChangeTicket,
    CleanUp,
    CloseQuestion,
    Effect,
    Erase,
    Forget,
    JoinMessage,
    Learn,
    NoteGap,
    OpenTicket,
    OptOut,
    Remind,
    Say,
    SetRoom,
    TakeLeave,
    Unlearn,
    Unsay,
)
from domain.rules import Patience
from storage import adjusting, notebook, outbox, reminders, retention, tables
from storage.columns import Moment
from storage.link import Link
from storage.offers import Offers
from storage.prepared import Values
from storage.tickets import TicketWriting

_QUESTIONS = tables.table_of(tables.Question)

_FIRST_TIME = text(
    "INSERT INTO inbox (town, key, at) VALUES (:town, :key, :at) ON CONFLICT DO NOTHING"
).bindparams(bindparam("at", type_=Moment()))
_CLOSE_QUESTION = delete(_QUESTIONS).where(
    _QUESTIONS.c.town == bindparam("town"), _QUESTIONS.c.id == bindparam("question")
)


def record(
    link: Link,
    town: str,
    event_key: str | None,
    effects: Iterable[Effect],
    *,
    at: datetime,
    cursor: tuple[str, str] | None,
    patience: Patience,
    offers: Offers,
) -> bool:
    """Write everything or nothing; see storage.store.Store.record."""
    with link.writing():
        if event_key is not None and not _is_first(link, town, event_key, at):
            return False
        recording = Recording(link, town, patience, offers)
        for effect in effects:
            recording.add(effect)
        recording.write()
        if cursor is not None:
            notebook.set_meta(link, town, *cursor)
    return True


def _is_first(link: Link, town: str, key: str, at: datetime) -> bool:
    reminder = reminders.id_in(key)
    if reminder is not None:
        return reminders.fire(link, town, reminder)
    return link.run(_FIRST_TIME, {"town": town, "key": key, "at": at}) == 1


class Recording:
    """The effects of one decision, sorted so that what depends on a row comes after it."""

    def __init__(self, link: Link, town: str, patience: Patience, offers: Offers) -> None:
        self._link = link
        self._town = town
        self._patience = patience
        self._tickets = TicketWriting(link, town, offers)
        self._wakings = reminders.Wakings()
        self._says: list[Say] = []
        self._asks: list[Ask] = []
        self._answered: list[CloseQuestion] = []
        self._later: list[
            Unsay
            | Learn
            | Unlearn
            | Bind
            | SetRoom
            | TakeLeave
            | OptOut
            | Erase
            | NoteGap
            | CleanUp
        ] = []

    def add(self, effect: Effect) -> None:  # noqa: C901  # one exhaustive match, or one table read in order
        """Take an effect in; nothing is written yet."""
        match effect:
            case OpenTicket():
                self._tickets.opened[effect.ticket.id] = effect.ticket
            case ChangeTicket():
                self._tickets.changes.append(effect)
            case JoinMessage():
                self._tickets.joins.append(effect)
            case AddVoice():
                self._tickets.voices[effect.ticket, effect.voice.person] = effect
            case Remind():
                self._wakings.remind(effect)
            case Forget():
                self._wakings.forget(effect)
            case Say():
                self._says.append(effect)
            case Ask():
                self._asks.append(effect)
            case CloseQuestion():
                self._answered.append(effect)
            case (
                Unsay()
                | Learn()
                | Unlearn()
                | Bind()
                | SetRoom()
                | TakeLeave()
                | OptOut()
                | Erase()
                | NoteGap()
                | CleanUp()
            ):
                self._later.append(effect)

    def write(self) -> None:
        """Carry everything out inside the transaction under way."""
        link, town = self._link, self._town
        self._tickets.write()
        self._wakings.write(link, town, self._tickets.opened)
        link.run_many(
            _CLOSE_QUESTION,
            [{"town": town, "question": c.question} for c in self._answered],
        )
        link.insert(_QUESTIONS, [_of_ask(town, ask) for ask in self._asks])
        self._write_later()
        outbox.put(link, town, self._says)

    def _write_later(self) -> None:  # noqa: C901  # one exhaustive match, or one table read in order
        link, town = self._link, self._town
        for effect in self._later:
            match effect:
                case Unsay():
                    outbox.unsay(link, town, effect)
                case Learn():
                    notebook.learn(link, town, effect)
                case Unlearn():
                    notebook.unlearn(link, town, effect.message)
                case NoteGap():
                    notebook.note_gap(link, town, effect)
                case Erase():
                    retention.erase(link, town, effect)
                case CleanUp():
                    retention.clean_up(link, town, effect, self._patience)
                case Bind():
                    adjusting.bind(link, town, effect)
                case SetRoom():
                    adjusting.set_room(link, town, effect)
                case TakeLeave():
                    adjusting.take_leave(link, town, effect)
                case OptOut():
                    adjusting.opt_out(link, town, effect)


def _of_ask(town: str, ask: Ask) -> Values:
    question = ask.question
    return {
        "town": town,
        "kind": question.kind,
        "ticket": question.ticket,
        "person": question.person,
        "room": question.room,
        "asked_at": question.asked_at,
        "expires_at": question.expires_at,
        "payload": question.payload,
    }
