"""Plan what goes out: resolve targets to channels, merge lines, hold what must wait. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from bot.addressing import Parcel, Way, address, last_resort
from bot.pacing import APART
from domain.calendar import LOCAL, within
from domain.grid import Directory
from domain.outgoing import Outgoing

_NIGHT = (time(22, 0), time(7, 0))
_STALE = timedelta(hours=2)
_ALWAYS_WORTH = frozenset(
    {"noted", "noted_many", "noted_where", "emergency", "emergency_where", "gap", "greeting"}
)
"""What a room is told even when the words that led to it are hours old."""
_LINES = 12
"""Merged lines in one message; the rest follow in the next."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """`parcels` go now, `held` wait until a time, `refused` will never go (row, reason code)."""

    parcels: tuple[Parcel, ...]
    held: tuple[tuple[Outgoing, datetime], ...]
    refused: tuple[tuple[Outgoing, str], ...]


def plan(
    rows: Sequence[Outgoing],
    directory: Directory,
    ways: Mapping[str, Way],
    now: datetime,
    last: Mapping[tuple[str, str], datetime],
    parked: frozenset[str] = frozenset(),
    resort: tuple[str, ...] = (),
) -> Plan:
    """What to do with claimed rows. `last`: (target, merge key) -> when one like it was sent.

    `parked` are rooms in doubt: nothing goes there, and nothing of it is lost. `resort` are the
    operator's handles: what reaches a member by no other way is passed on there.
    """
    parcels: list[Parcel] = []
    held: list[tuple[Outgoing, datetime]] = []
    refused: list[tuple[Outgoing, str]] = []
    for row in rows:
        if _too_late(row, directory, now):
            refused.append((row, "too_late"))
            continue
        addressed = address(row, directory, ways, parked)
        if addressed == "no_way_to_member":
            addressed = last_resort(row, directory, ways, resort, now) or addressed
        if isinstance(addressed, str):
            refused.append((row, addressed))
            continue
        wait = _hold_until(row, addressed, directory, now, last)
        if wait is not None:
            held.append((row, wait))
            continue
        parcels.append(addressed)
    return Plan(parcels=tuple(merged(parcels)), held=tuple(held), refused=tuple(refused))


def _too_late(row: Outgoing, directory: Directory, now: datetime) -> bool:
    """Small talk in a group about words of hours ago, read only now, is better left out."""
    room = directory.rooms.get(row.room or "")
    fresh = now - row.created_at < _STALE or row.error == "room_doubtful"
    return not (fresh or room is None or room.kind == "work" or row.key in _ALWAYS_WORTH)


def _hold_until(
    row: Outgoing,
    parcel: Parcel,
    directory: Directory,
    now: datetime,
    last: Mapping[tuple[str, str], datetime],
) -> datetime | None:
    if row.priority == 0:
        return None
    room = directory.rooms.get(f"{parcel.channel}:{parcel.room}") if parcel.room else None
    if room and room.muted_until and room.muted_until > now:
        return room.muted_until
    if row.priority >= 2 and within(now, *_NIGHT):
        local = now.astimezone(LOCAL)
        morning = local.replace(hour=_NIGHT[1].hour, minute=0, second=0, microsecond=0)
        return morning if morning > local else morning + timedelta(days=1)
    before = last.get((parcel.target, row.merge)) if row.merge else None
    if before is not None and row.priority >= 2 and now - before < APART:
        return before + APART
    return None


def merged(parcels: Sequence[Parcel]) -> list[Parcel]:
    """Parcels for one target with one merge key become one message of several lines."""
    together: dict[tuple[str, str], list[Parcel]] = {}
    result: list[list[Parcel]] = []
    for parcel in sorted(parcels, key=lambda p: (p.priority, p.rows[0].created_at, p.rows[0].id)):
        merge = parcel.rows[0].merge
        group = together.get((parcel.target, merge)) if merge else None
        if group is not None and len(group) < _LINES:
            group.append(parcel)
            continue
        group = [parcel]
        result.append(group)
        if merge:
            together[(parcel.target, merge)] = group
    return [_one(group) for group in result]


def _one(group: list[Parcel]) -> Parcel:
    if len(group) == 1:
        return group[0]
    first = group[0]
    lines = dict.fromkeys(p.text for p in group)
    return replace(
        first,
        text="\n".join(lines),
        rows=tuple(row for p in group for row in p.rows),
        mentions=tuple(dict.fromkeys(m for p in group for m in p.mentions)),
        reply_to=first.reply_to,
    )
