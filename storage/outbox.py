"""Words on their way out: claimed with a lease, marked with what became of them.

A row is claimed by one process at a time. When that process dies, nobody knows whether the words
went out: they become `maybe_sent` and are shown, never blindly repeated. Only an emergency is
queued once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import String, and_, bindparam, case, func, literal, or_, select, update

from domain.effects import Say, Unsay
from domain.outgoing import Outgoing, SendState
from storage import rows, tables
from storage.columns import Moment
from storage.link import Link
from storage.prepared import Values
from storage.rows import OUTBOX, SELECT_OUTGOING

EMERGENCY = 0
TABLE = tables.table_of(tables.Outbox)

_IN_TOWN = OUTBOX.town == bindparam("town")
_NOW = bindparam("now", type_=Moment())
_QUEUED = and_(_IN_TOWN, OUTBOX.state == SendState.QUEUED.value)
_READY = (
    SELECT_OUTGOING.where(_QUEUED, OUTBOX.not_before <= _NOW)
    .order_by(OUTBOX.priority, OUTBOX.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_LEASE = (
    update(TABLE)
    .where(_IN_TOWN, OUTBOX.id == bindparam("row"))
    .values(state=SendState.SENDING.value, leased_until=bindparam("until"))
)
_NEXT = select(func.min(OUTBOX.not_before, type_=Moment())).where(_QUEUED)
_ON_ITS_WAY = or_(
    OUTBOX.state.in_([literal(SendState.SENDING.value), literal(SendState.MAYBE_SENT.value)]),
    and_(OUTBOX.state == SendState.QUEUED.value, OUTBOX.repeats > 0),
)
_MARK = (
    update(TABLE)
    .where(_IN_TOWN, OUTBOX.id == bindparam("row"), _ON_ITS_WAY)
    .values(
        state=bindparam("new_state"),
        sent_at=bindparam("moment"),
        remote_id=func.coalesce(bindparam("remote", type_=String()), OUTBOX.remote_id),
        error=bindparam("trouble"),
        leased_until=None,
    )
)
_REQUEUE = (
    update(TABLE)
    .where(_IN_TOWN, OUTBOX.id == bindparam("row"), OUTBOX.state == SendState.SENDING.value)
    .values(
        state=SendState.QUEUED.value,
        not_before=bindparam("moment"),
        attempts=OUTBOX.attempts + bindparam("tries"),
        error=bindparam("trouble"),
        leased_until=None,
    )
)
_UNSURE = OUTBOX.state.in_([literal(SendState.MAYBE_SENT.value), literal(SendState.FAILED.value)])
_RESEND = (
    update(TABLE)
    .where(_IN_TOWN, OUTBOX.id == bindparam("row"), _UNSURE)
    .values(
        state=SendState.QUEUED.value,
        not_before=bindparam("moment"),
        sent_at=None,
        attempts=0,
        error="",
        leased_until=None,
    )
)
_LOST = and_(
    _IN_TOWN,
    OUTBOX.state == SendState.SENDING.value,
    or_(bindparam("all") == 1, OUTBOX.leased_until <= _NOW),
)
_ONCE_MORE = and_(OUTBOX.priority == EMERGENCY, OUTBOX.repeats == 0)
_RECOVER = (
    update(TABLE)
    .where(_LOST)
    .values(
        state=case((_ONCE_MORE, SendState.QUEUED.value), else_=SendState.MAYBE_SENT.value),
        sent_at=case((_ONCE_MORE, None), else_=_NOW),
        attempts=OUTBOX.attempts + 1,
        repeats=OUTBOX.repeats + 1,
        leased_until=None,
    )
)
_STATES = select(OUTBOX.state, func.count()).where(_IN_TOWN).group_by(OUTBOX.state)
_IN_STATE = SELECT_OUTGOING.where(_IN_TOWN, OUTBOX.state == bindparam("state"))
_LIST = _IN_STATE.order_by(OUTBOX.id.desc()).limit(bindparam("most"))
_SAID = SELECT_OUTGOING.where(
    _IN_TOWN,
    OUTBOX.state.in_([literal(SendState.SENT.value), literal(SendState.MAYBE_SENT.value)]),
    OUTBOX.sent_at >= bindparam("since", type_=Moment()),
).order_by(OUTBOX.sent_at, OUTBOX.id)
_DROP = (
    update(TABLE)
    .where(_QUEUED, OUTBOX.ticket == bindparam("of_ticket"))
    .values(state=SendState.DROPPED.value)
)
_KEYS = 4
_DROP_KEYS = _DROP.where(OUTBOX.key.in_([bindparam(f"key{n}") for n in range(_KEYS)]))


def put(link: Link, town: str, says: Iterable[Say]) -> None:
    """Queue words; a Say without words or without exactly one target is a bug (ValueError)."""
    link.insert(TABLE, [_values(town, say) for say in says])


def unsay(link: Link, town: str, effect: Unsay) -> None:
    """Drop what is queued for a ticket: these wording keys, or all."""
    if not effect.keys:
        link.run(_DROP, {"town": town, "of_ticket": effect.ticket})
    for first in range(0, len(effect.keys), _KEYS):
        some = effect.keys[first : first + _KEYS]
        keys = {f"key{n}": some[min(n, len(some) - 1)] for n in range(_KEYS)}
        link.run(_DROP_KEYS, {"town": town, "of_ticket": effect.ticket, **keys})


def claim(link: Link, town: str, now: datetime, limit: int, lease: timedelta) -> list[Outgoing]:
    """Take up to `limit` rows that may go out now: urgent first, then the oldest.

    They are this process's until `now + lease`; each must be marked or requeued by then.
    """
    with link.writing():
        found = link.rows(_READY, {"town": town, "now": now, "most": limit})
        claimed = [replace(rows.outgoing_of(c), state=SendState.SENDING) for c in found]
        until = now + lease
        link.run_many(_LEASE, [{"town": town, "row": row.id, "until": until} for row in claimed])
    return claimed


def mark(
    link: Link,
    town: str,
    ids: Sequence[int],
    state: SendState,
    at: datetime,
    remote_id: str | None,
    error: str,
) -> int:
    """Say what became of claimed rows; how many were still on their way."""
    gone = state in {SendState.SENT, SendState.MAYBE_SENT, SendState.MERGED}
    values = {
        "town": town,
        "new_state": state.value,
        "moment": at if gone else None,
        "remote": remote_id,
        "trouble": error,
    }
    with link.writing():
        return sum(link.run(_MARK, {**values, "row": id}) for id in ids)


def requeue(link: Link, town: str, id: int, not_before: datetime, error: str, tries: int) -> bool:
    """Put a claimed row back until later; False when it was no longer claimed."""
    values = {
        "town": town,
        "row": id,
        "moment": not_before,
        "trouble": error,
        "tries": tries,
    }
    with link.writing():
        return link.run(_REQUEUE, values) == 1


def resend(link: Link, town: str, id: int, at: datetime) -> bool:
    """Queue a row again that failed or may have been sent; False when there is no such row."""
    with link.writing():
        return link.run(_RESEND, {"town": town, "row": id, "moment": at}) == 1


def recover(link: Link, town: str, now: datetime, *, everything: bool) -> int:
    """Settle rows whose sender died: `maybe_sent`, or an emergency queued once more."""
    with link.writing():
        return link.run(_RECOVER, {"town": town, "now": now, "all": int(everything)})


def next_outgoing(link: Link, town: str) -> datetime | None:
    """When the next queued row may go out, or None."""
    row = link.row(_NEXT, {"town": town})
    return None if row is None else row[0]


def states(link: Link, town: str) -> Mapping[SendState, int]:
    """How many rows are in each state."""
    counted = {SendState(state): count for state, count in link.rows(_STATES, {"town": town})}
    return {state: counted.get(state, 0) for state in SendState}


def in_states(link: Link, town: str, wanted: Iterable[SendState], limit: int) -> list[Outgoing]:
    """The newest rows in these states, newest first."""
    found = [
        rows.outgoing_of(cells)
        for state in dict.fromkeys(wanted)
        for cells in link.rows(_LIST, {"town": town, "state": state.value, "most": limit})
    ]
    return sorted(found, key=lambda row: -row.id)[:limit]


def said(link: Link, town: str, since: datetime) -> list[Outgoing]:
    """What went out, or may have, since a moment, in the order it did."""
    return [rows.outgoing_of(cells) for cells in link.rows(_SAID, {"town": town, "since": since})]


def _values(town: str, say: Say) -> Values:
    if not say.text:
        raise ValueError(f"say {say.key!r} has no words: render it before recording")
    if (say.room is None) + (say.member is None) + (say.person is None) != 2:
        raise ValueError(f"say {say.key!r} needs exactly one of room, member and person")
    return {
        "town": town,
        "key": say.key,
        "text": say.text,
        "created_at": say.at,
        "not_before": say.not_before or say.at,
        "priority": say.priority,
        "room": say.room,
        "member": say.member,
        "person": say.person,
        "ticket": say.ticket,
        "merge": say.merge,
        "mentions": say.mentions,
        "reply_to": say.reply_to,
        "fallback": say.fallback,
        "alone": say.alone,
        "state": SendState.QUEUED.value,
        "attempts": 0,
        "sent_at": None,
        "remote_id": None,
        "error": "",
        "leased_until": None,
        "repeats": 0,
    }
