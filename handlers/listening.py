"""What is said about the listening itself: holes, outages, rooms in doubt. Honest, and once."""

from __future__ import annotations

from datetime import datetime, time

from domain.calendar import LOCAL
from domain.effects import Effect, Say
from domain.events import ChannelTrouble, Gap, RoomDoubted
from domain.facts import Facts
from handlers import describing
from handlers.zh import digest, names

_SHORT = 300
"""Seconds; shorter holes are only noted for the digest."""
_DAY = (time(7, 0), time(22, 0))
"""A hole in the night alone is no news for a room."""
_TROUBLE = {"down": "operator_down", "back": "operator_back", "paused": "operator_paused"}


def away(event: Gap, facts: Facts) -> list[Effect]:
    """After a hole: its rooms once, if it was in the day and stays open; the supervisors."""
    if (event.at - event.since).total_seconds() < _SHORT:
        return []
    values = _span(event.since, event.at)
    rooms = facts.directory.rooms.values()
    said: list[Effect] = []
    if not event.filled and _in_the_day(event.since, event.at):
        said += [
            Say(
                key="gap",
                at=event.at,
                values=values,
                room=r.handle,
                priority=2,
                merge=f"gap:{r.handle}",
            )
            for r in rooms
            if r.allowed and r.kind == "residents" and r.handle.startswith(f"{event.channel}:")
        ]
    homes = {r.community for r in rooms if r.handle.startswith(f"{event.channel}:")}
    key = "channel_away_filled" if event.filled else "channel_away"
    values = {**values, "channel": digest.CHANNELS.get(event.channel, event.channel)}
    return said + [
        Say(key=key, at=event.at, values=values, member=member, priority=2)
        for member in _supervisors(homes, facts)
    ]


def trouble(event: ChannelTrouble) -> list[Effect]:
    """To the operator, by another way than the one in trouble."""
    if not event.to:
        return []
    values = {
        **_span(event.since, event.at),
        "channel": event.channel,
        "why": names.TROUBLES.get(event.detail, event.detail),
    }
    person = event.to.partition(":")[2]
    alone = "@" in person
    return [
        Say(
            key=_TROUBLE[event.change],
            at=event.at,
            values=values,
            person=event.to if alone else None,
            room=None if alone else event.to,
            priority=1,
        )
    ]


def doubted(event: RoomDoubted, facts: Facts) -> list[Effect]:
    """The supervisors of its community hear that a room is not spoken to until somebody looks."""
    room = facts.directory.rooms.get(f"{event.channel}:{event.room}")
    if room is None:
        return []
    return [
        Say(key="room_doubted", at=event.at, values={"room": room.name}, member=key, priority=2)
        for key in _supervisors({room.community}, facts)
    ]


def _supervisors(homes: set[str], facts: Facts) -> list[str]:
    return sorted({m.key for home in homes for m in facts.directory.supervisors(home)})


def _span(since: datetime, until: datetime) -> dict[str, str]:
    return {"since": describing.clock(since, until), "until": describing.clock(until, until)}


def _in_the_day(since: datetime, until: datetime) -> bool:
    """Whether any of it lies between seven and ten in the evening."""
    first, last = since.astimezone(LOCAL), until.astimezone(LOCAL)
    if first.date() == last.date():
        return first.time() < _DAY[1] and last.time() > _DAY[0]
    one_night = (last.date() - first.date()).days == 1
    return not one_night or first.time() < _DAY[1] or last.time() > _DAY[0]
