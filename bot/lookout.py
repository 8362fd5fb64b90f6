"""Watches how the channels stand: holes in the listening, long outages, rooms in doubt.

It only finds out; what is said about it is decided like everything else, from an event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, cast

import structlog

from bot.bulletins import Bulletins
from bot.channels.base import Channel, Health, Link
from bot.cursors import Cursors
from bot.doubts import Doubts
from domain.events import ChannelTrouble, Event, Gap, RoomDoubted

log = structlog.get_logger()

OPEN = (Link.UP, Link.DEGRADED)
_SHORTEST_GAP = timedelta(minutes=1)
"""A shorter hole at a start is the start itself."""


class _Confirms(Protocol):
    def confirm(self, room: str) -> bool: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Operator:
    """Who is told of trouble: `ways` are handles, the best first; `after` is how long we wait."""

    ways: tuple[str, ...] = ()
    after: timedelta = timedelta(minutes=5)


@dataclass(slots=True)
class _Seen:
    """A channel as it stood at the last look."""

    link: Link | None = None
    detail: str = ""
    login_qr: str | None = None
    away_since: datetime | None = None
    told: bool = False


class Lookout:
    """Looks again and again; every finding is put out once."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        cursors: Cursors,
        doubts: Doubts,
        *,
        bulletins: Bulletins,
        put: Callable[[Event], None],
        operator: Operator,
    ) -> None:
        self._channels = channels
        self._cursors = cursors
        self._doubts = doubts
        self._bulletins = bulletins
        self._put = put
        self._operator = operator
        self._seen = {name: _Seen() for name in channels}
        self._first_up = set(channels)
        self.on_health: list[Callable[[str, Health], None]] = []
        self.doubted = frozenset(doubts.all())
        """Rooms that must not be spoken to now."""

    def look(self, now: datetime) -> None:
        """Notice what changed since the last look."""
        for name, channel in self._channels.items():
            health = channel.health()
            self._link(channel, health, now)
            self._bulletins.post(name, health, now)
            if health.link in OPEN:
                self._cursors.listening(name, now)
        self._rooms(now)

    def paused(self, channel: str, now: datetime, code: str) -> None:
        """The outbox leaves an account alone for a while (`code`): the operator is told."""
        self._tell(self._channels[channel], now, now, change="paused", detail=code)

    def _link(self, channel: Channel, health: Health, now: datetime) -> None:
        seen = self._seen[channel.name]
        moved = (health.link, health.detail) != (seen.link, seen.detail)
        if moved:
            log.info("channel.health", channel=channel.name, link=health.link, detail=health.detail)
        if moved or health.login_qr != seen.login_qr:
            seen.login_qr = health.login_qr
            for listener in self.on_health:
                listener(channel.name, health)
        seen.link, seen.detail = health.link, health.detail
        if health.link in OPEN:
            self._back(channel, seen, now)
            return
        if seen.away_since is None:
            seen.away_since = self._cursors.alive(channel.name) or now
            self._first_up.discard(channel.name)
        if not seen.told and now - seen.away_since >= self._operator.after:
            seen.told = True
            self._tell(channel, now, seen.away_since, change="down", detail=health.detail)

    def _back(self, channel: Channel, seen: _Seen, now: datetime) -> None:
        since, told = seen.away_since, seen.told
        seen.away_since, seen.told = None, False
        if channel.name in self._first_up:
            self._first_up.discard(channel.name)
            since = since or self._cursors.alive(channel.name)
        if since is None:
            return
        if told:
            self._tell(channel, now, since, change="back", detail="")
        able = channel.capabilities
        if not able.hears or able.tells_gaps or now - since < _SHORTEST_GAP:
            return
        filled = able.history == "full"
        self._put(
            Gap(channel=channel.name, account=channel.account, at=now, since=since, filled=filled)
        )

    def _tell(
        self, channel: Channel, now: datetime, since: datetime, *, change: str, detail: str
    ) -> None:
        log.warning("channel.trouble", channel=channel.name, change=change, detail=detail)
        to = self._way(channel.name)
        self._put(
            ChannelTrouble(
                channel=channel.name,
                account=channel.account,
                at=now,
                since=since,
                change=change,
                detail=detail,
                to=to,
            )
        )
        if not to:
            log.warning("operator.unreachable", channel=channel.name)

    def _way(self, troubled: str) -> str:
        """The best way to the operator that is another channel, and open if any is."""
        ways = [
            w for w in self._operator.ways if (name := _channel(w)) != troubled and self._has(name)
        ]
        opened = [w for w in ways if self._channels[_channel(w)].health().link in OPEN]
        return next(iter(opened or ways), "")

    def _has(self, channel: str) -> bool:
        return channel in self._channels

    def _rooms(self, now: datetime) -> None:
        """Rooms in doubt are told of once; a confirmation is passed on to the channel."""
        found: set[str] = set()
        for name, channel in self._channels.items():
            health = channel.health()
            if health.link in OPEN:
                found |= {
                    f"{name}:{r}" for r in health.doubtful_rooms if not self._sure(channel, r)
                }
            else:
                found |= {room for room in self.doubted if _channel(room) == name}
        for room in sorted(self.doubted - found):
            self._doubts.clear(room)
        for room in sorted(found - self.doubted):
            self._doubts.doubt(room, now)
            self._doubted(self._channels[_channel(room)], room, now)
        self.doubted = frozenset(found)

    def _doubted(self, channel: Channel, room: str, now: datetime) -> None:
        log.warning("channel.room_doubted", channel=channel.name)
        bare = room.partition(":")[2]
        self._put(RoomDoubted(channel=channel.name, account=channel.account, room=bare, at=now))

    def _sure(self, channel: Channel, room: str) -> bool:
        """Whether an operator confirmed a room that is in doubt, and the channel took it."""
        handle = f"{channel.name}:{room}"
        if handle not in self.doubted or not self._doubts.confirmed(handle):
            return False
        return cast("_Confirms", channel).confirm(room)


def _channel(handle: str) -> str:
    return handle.partition(":")[0]
