"""Plan what goes out: resolve targets to channels, merge lines, hold what must wait. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from bot.channels.base import Capabilities, Link
from domain.calendar import LOCAL, within
from domain.grid import Directory, Room
from domain.outgoing import Outgoing
from handlers.wording import words

_NIGHT = (time(22, 0), time(7, 0))
_HOUR = timedelta(hours=1)
_LINES = 12
"""Merged lines in one message; the rest follow in the next."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """A channel as a way out: what it can do, and how it stands."""

    name: str
    capabilities: Capabilities
    link: Link = Link.UP

    @property
    def open(self) -> bool:
        return self.link in (Link.UP, Link.DEGRADED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """One send: `room` or `person` are the channel's own ids; `rows` what it settles."""

    channel: str
    room: str | None
    person: str | None
    text: str
    rows: tuple[Outgoing, ...]
    mentions: tuple[str, ...] = ()
    reply_to: str | None = None

    @property
    def target(self) -> str:
        return f"{self.channel}:{self.room or '@' + (self.person or '')}"

    @property
    def priority(self) -> int:
        return min(row.priority for row in self.rows)


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
) -> Plan:
    """What to do with claimed rows. `last`: (target, merge key) -> when one like it was sent."""
    parcels: list[Parcel] = []
    held: list[tuple[Outgoing, datetime]] = []
    refused: list[tuple[Outgoing, str]] = []
    for row in rows:
        addressed = address(row, directory, ways)
        if isinstance(addressed, str):
            refused.append((row, addressed))
            continue
        wait = _hold_until(row, addressed, directory, now, last)
        if wait is not None:
            held.append((row, wait))
            continue
        parcels.append(addressed)
    return Plan(parcels=tuple(merged(parcels)), held=tuple(held), refused=tuple(refused))


def address(row: Outgoing, directory: Directory, ways: Mapping[str, Way]) -> Parcel | str:
    """Where a row goes, or the code of why it cannot go anywhere."""
    if row.room:
        return _to_room(row, row.room, directory, ways)
    if row.member:
        return _to_member(row, row.member, directory, ways)
    return _to_person(row, row.person or "", directory, ways)


def _to_room(
    row: Outgoing,
    handle: str,
    directory: Directory,
    ways: Mapping[str, Way],
    mentions: tuple[str, ...] = (),
) -> Parcel | str:
    channel, _, room = handle.partition(":")
    known = directory.rooms.get(handle)
    if row.room and row.alone:
        return "private_matter"
    if known is None or not known.allowed:
        return "room_not_served"
    way = ways.get(channel)
    if way is None:
        return "no_channel"
    named = mentions or _handles(row.mentions, channel, directory)
    return Parcel(
        channel=channel,
        room=room,
        person=None,
        text=row.text,
        rows=(row,),
        mentions=named if way.capabilities.can_mention else (),
        reply_to=row.reply_to,
    )


def _to_person(
    row: Outgoing, handle: str, directory: Directory, ways: Mapping[str, Way]
) -> Parcel | str:
    channel, _, person = handle.partition(":")
    way = ways.get(channel)
    if way and way.open and way.capabilities.can_private:
        return Parcel(
            channel=channel, room=None, person=person, text=row.text, rows=(row,),
            reply_to=row.reply_to,
        )  # fmt: skip
    if row.fallback and not row.alone:
        return _to_room(row, row.fallback, directory, ways, mentions=(person,))
    return "no_private_way"


def _to_member(
    row: Outgoing, member: str, directory: Directory, ways: Mapping[str, Way]
) -> Parcel | str:
    """The best private way that is open; else the work room with a mention."""
    handles = directory.handles_of(member)
    reachable = [
        h
        for h in handles
        if (way := ways.get(h.partition(":")[0])) and way.open and way.capabilities.can_private
    ]
    if reachable:
        best = min(reachable, key=lambda h: _worth(ways[h.partition(":")[0]]))
        return _to_person(row, best, directory, ways)
    for room in _work_rooms(member, directory):
        channel = room.handle.partition(":")[0]
        if channel in ways and ways[channel].open and room.allowed:
            own = tuple(h.partition(":")[2] for h in handles if h.partition(":")[0] == channel)
            name = directory.members[member].name
            spoken = words("private_waiting", name=name) if row.alone else row.text
            text = spoken if own else f"@{name} {spoken}"
            return _to_room(replace(row, text=text), room.handle, directory, ways, mentions=own)
    return "no_way_to_member"


def _worth(way: Way) -> tuple[bool, bool]:
    return (way.link is not Link.UP, not way.capabilities.active_push)


def _work_rooms(member: str, directory: Directory) -> Iterable[Room]:
    found = directory.members.get(member)
    for post in found.posts if found else ():
        grid = directory.grids.get(post.grid)
        if grid:
            yield from directory.work_rooms(grid.community)


def _handles(persons: tuple[str, ...], channel: str, directory: Directory) -> tuple[str, ...]:
    """The ids on this channel of member keys and person handles."""
    found: list[str] = []
    for person in persons:
        if person in directory.members:
            handles = directory.handles_of(person)
            found += [h.partition(":")[2] for h in handles if h.partition(":")[0] == channel]
        elif person.partition(":")[0] == channel:
            found.append(person.partition(":")[2])
    return tuple(found)


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
    if before is not None and row.priority >= 2 and now - before < _HOUR:
        return before + _HOUR
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
