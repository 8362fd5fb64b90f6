"""Keeps what belongs to no ticket: lessons, gaps of a channel, who looked at what, small values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select, text

from domain.effects import Learn, NoteGap
from storage import tables, town_tables
from storage.columns import Moment
from storage.link import Link

_MESSAGES = tables.table_of(tables.TicketMessage)
_LESSONS = tables.table_of(town_tables.Lesson)
_GAPS = tables.table_of(town_tables.Gap)
_VIEWS = tables.table_of(town_tables.View)
_META = tables.table_of(town_tables.Meta)

_SET_META = text(
    "INSERT INTO meta (town, name, value) VALUES (:town, :name, :value) "
    "ON CONFLICT (town, name) DO UPDATE SET value = excluded.value"
)
_GET_META = select(_META.c.value).where(
    _META.c.town == bindparam("town"), _META.c.name == bindparam("name")
)
_OF_LESSON = ("text", "intent", "category", "at", "source", "urgency", "person", "message")
_ALL_LESSONS = (
    select(*(_LESSONS.c[n] for n in _OF_LESSON))
    .where(_LESSONS.c.town == bindparam("town"))
    .order_by(_LESSONS.c.id)
)
_SAID_LAST = (
    select(_MESSAGES.c.text, _MESSAGES.c.message)
    .where(
        _MESSAGES.c.town == bindparam("town"),
        _MESSAGES.c.ticket == bindparam("ticket"),
        _MESSAGES.c.person == bindparam("person"),
        _MESSAGES.c.text != "",
    )
    .order_by(_MESSAGES.c.at.desc(), _MESSAGES.c.message.desc())
    .limit(1)
)
_UNLEARN = delete(_LESSONS).where(
    _LESSONS.c.town == bindparam("of_town"), _LESSONS.c.message == bindparam("of_message")
)
_GAPS_SINCE = (
    select(*(_GAPS.c[n] for n in ("channel", "since", "until", "filled")))
    .where(
        _GAPS.c.town == bindparam("town"),
        _GAPS.c.until >= bindparam("moment", type_=Moment()),
    )
    .order_by(_GAPS.c.since, _GAPS.c.id)
)
_VIEWS_SINCE = (
    select(_VIEWS.c.member, _VIEWS.c.what, _VIEWS.c.at)
    .where(
        _VIEWS.c.town == bindparam("town"),
        _VIEWS.c.at >= bindparam("moment", type_=Moment()),
    )
    .order_by(_VIEWS.c.id)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """A member looked at something (`ticket 17`, `export 2026-03`)."""

    member: str
    what: str
    at: datetime


def learn(link: Link, town: str, effect: Learn) -> None:
    """Keep a correction as a labelled example; words that are not kept anywhere teach nothing."""
    words, message = effect.text, effect.message
    if effect.said_to is not None:
        found = link.row(
            _SAID_LAST, {"town": town, "ticket": effect.said_to, "person": effect.person}
        )
        words, message = found or ("", None)
    if not words.strip():
        return
    link.insert(
        _LESSONS,
        [
            {
                "town": town,
                "text": words,
                "intent": effect.intent,
                "category": effect.category,
                "at": effect.at,
                "source": effect.source,
                "urgency": effect.urgency,
                "person": effect.person,
                "message": message,
            }
        ],
    )


def unlearn(link: Link, town: str, message: str) -> None:
    """A message was taken back: what was learnt from it goes too."""
    link.run(_UNLEARN, {"of_town": town, "of_message": message})


def lessons(link: Link, town: str) -> list[Learn]:
    """Every correction kept, the oldest first."""
    return [
        Learn(**dict(zip(_OF_LESSON, row, strict=True)))
        for row in link.rows(_ALL_LESSONS, {"town": town})
    ]


def note_gap(link: Link, town: str, effect: NoteGap) -> None:
    """Keep that a channel was away."""
    link.insert(
        _GAPS,
        [
            {
                "town": town,
                "channel": effect.channel,
                "since": effect.since,
                "until": effect.until,
                "filled": effect.filled,
            }
        ],
    )


def gaps(link: Link, town: str, since: datetime) -> list[NoteGap]:
    """Gaps that ended at or after a moment, in the order they began."""
    return [
        NoteGap(channel=channel, since=first, until=last, filled=filled)
        for channel, first, last, filled in link.rows(_GAPS_SINCE, {"town": town, "moment": since})
    ]


def note_view(link: Link, town: str, view: View) -> None:
    """Keep that a member looked at something."""
    link.insert(
        _VIEWS,
        [{"town": town, "member": view.member, "what": view.what, "at": view.at}],
    )


def views(link: Link, town: str, since: datetime) -> list[View]:
    """Who looked at what since a moment, the oldest first."""
    return [
        View(member=member, what=what, at=at)
        for member, what, at in link.rows(_VIEWS_SINCE, {"town": town, "moment": since})
    ]


def set_meta(link: Link, town: str, name: str, value: str) -> None:
    """Keep a small value under a name."""
    link.run(_SET_META, {"town": town, "name": name, "value": value})


def get_meta(link: Link, town: str, name: str) -> str | None:
    """The value under a name, or None."""
    row = link.row(_GET_META, {"town": town, "name": name})
    return None if row is None else row[0]
