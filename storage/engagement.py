"""Who is in the middle of something: asked and not answered, or heard a moment ago."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select

from storage import tables
from storage.link import Link

_QUESTIONS = tables.table_of(tables.Question)
_MESSAGES = tables.table_of(tables.TicketMessage)
_ASKED = select(_QUESTIONS.c.person, _QUESTIONS.c.expires_at).where(
    _QUESTIONS.c.town == bindparam("town"),
    _QUESTIONS.c.person.is_not(None),
    _QUESTIONS.c.expires_at > bindparam("now"),
)
_HEARD = (
    select(_MESSAGES.c.person, func.max(_MESSAGES.c.at))
    .where(_MESSAGES.c.town == bindparam("town"), _MESSAGES.c.at > bindparam("since"))
    .group_by(_MESSAGES.c.person)
)
_A_WHILE = timedelta(minutes=15)


def engaged(link: Link, town: str, now: datetime) -> list[tuple[str, datetime]]:
    """(person handle, until when) of everybody whose next words may be an answer."""
    heard = link.rows(_HEARD, {"town": town, "since": now - _A_WHILE})
    asked = link.rows(_ASKED, {"town": town, "now": now})
    return [
        *((person, at + _A_WHILE) for person, at in heard if person),
        *((person, until) for person, until in asked),
    ]
