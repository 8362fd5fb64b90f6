"""Find the way out for words: which channel, which room or person, with whom mentioned. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.channels.base import Capabilities, Link
from domain.grid import Directory, Room
from domain.outgoing import Outgoing
from handlers.wording import words

_BEFORE_RESORT = timedelta(minutes=10)
"""How long a way to a member may take to open again before the operator gets the words."""
_ANSWER = 1
"""Words of less weight answer nobody: where only answers may be sent they would be refused."""
TO_OPERATOR = frozenset({"operator_down", "operator_back", "operator_paused"})
"""These go to the operator's own room, which is in no roster."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """A channel as a way out: what it can do, and how it stands."""

    name: str
    capabilities: Capabilities
    link: Link = Link.UP
    login: str = ""
    """Handles of people begin with it where they are void after the next log-in."""

    @property
    def open(self) -> bool:
        return self.link in (Link.UP, Link.DEGRADED)

    @property
    def is_mail(self) -> bool:
        """It writes to people by their address and hears nothing."""
        return self.capabilities.can_private and not self.capabilities.hears

    def reaches(self, person: str) -> bool:
        """Whether this person, by the channel's own id, can be written to alone now."""
        current = not self.login or person.startswith(f"{self.login}.")
        return self.open and self.capabilities.can_private and current


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


def address(
    row: Outgoing,
    directory: Directory,
    ways: Mapping[str, Way],
    parked: frozenset[str] = frozenset(),
) -> Parcel | str:
    """Where a row goes, or the code of why it cannot go anywhere."""
    if row.room:
        return _to_room(row, row.room, directory, ways, parked)
    if row.member:
        return _to_member(row, row.member, directory, ways, parked)
    return _to_person(row, row.person or "", directory, ways, parked)


def _to_room(
    row: Outgoing,
    handle: str,
    directory: Directory,
    ways: Mapping[str, Way],
    parked: frozenset[str],
    mentions: tuple[str, ...] = (),
) -> Parcel | str:
    channel, _, room = handle.partition(":")
    known = directory.rooms.get(handle)
    if row.room and row.alone:
        return "private_matter"
    if row.key not in TO_OPERATOR and (known is None or not known.allowed):
        return "room_not_served"
    if handle in parked:
        return "room_doubtful"
    way = ways.get(channel)
    if way is None or not way.open:
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
    row: Outgoing,
    handle: str,
    directory: Directory,
    ways: Mapping[str, Way],
    parked: frozenset[str],
) -> Parcel | str:
    channel, _, person = handle.partition(":")
    way = ways.get(channel)
    if way and way.reaches(person):
        return Parcel(
            channel=channel, room=None, person=person, text=row.text, rows=(row,),
            reply_to=row.reply_to,
        )  # fmt: skip
    if row.fallback and not row.alone:
        return _to_room(row, row.fallback, directory, ways, parked, mentions=(person,))
    return "no_private_way"


def _to_member(
    row: Outgoing,
    member: str,
    directory: Directory,
    ways: Mapping[str, Way],
    parked: frozenset[str],
) -> Parcel | str:
    """The best private way that is open; else the work room with a mention."""
    handles = directory.handles_of(member)
    reachable = [
        h
        for h in handles
        if (way := ways.get(h.partition(":")[0])) and way.reaches(h.partition(":")[2])
        if way.capabilities.active_push or row.priority <= _ANSWER
    ]
    if reachable:
        best = min(reachable, key=lambda h: _worth(ways[h.partition(":")[0]]))
        return _to_person(row, best, directory, ways, parked)
    for room in _work_rooms(member, directory):
        channel = room.handle.partition(":")[0]
        if channel in ways and ways[channel].open and room.allowed and room.handle not in parked:
            own = tuple(h.partition(":")[2] for h in handles if h.partition(":")[0] == channel)
            name = directory.members[member].name
            spoken = words("private_waiting", name=name) if row.alone else row.text
            text = spoken if own else f"@{name} {spoken}"
            spoken_to = replace(row, text=text)
            return _to_room(spoken_to, room.handle, directory, ways, parked, own)
    return "no_way_to_member"


def last_resort(
    row: Outgoing,
    directory: Directory,
    ways: Mapping[str, Way],
    resort: tuple[str, ...],
    now: datetime,
) -> Parcel | None:
    """No chat is open: to the member's own mail, else to the operator, with whom it is for.

    Private matters stay here; the member is only told that there is one.
    """
    found = directory.members.get(row.member or "")
    patient = row.priority > 0 and now - row.created_at < _BEFORE_RESORT
    if patient or found is None:
        return None
    for way in ways.values():
        if found.email and way.open and way.is_mail:
            plain = words("private_waiting", name=found.name) if row.alone else row.text
            return _letter(row, way.name, found.email, words("by_mail", text=plain))
    if row.alone:
        return None
    text = words("resort", name=found.name, text=row.text)
    for handle in resort:
        channel, _, target = handle.partition(":")
        way = ways.get(channel)
        if way is None or not way.open:
            continue
        if way.is_mail:
            return _letter(row, channel, target, text)
        return Parcel(channel=channel, room=target, person=None, text=text, rows=(row,))
    return None


def _letter(row: Outgoing, channel: str, address: str, text: str) -> Parcel:
    return Parcel(channel=channel, room=None, person=address, text=text, rows=(row,))


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
