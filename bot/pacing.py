"""How fast words may go out: token buckets, words kept apart, and a breaker after trouble."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from bot.channels.base import Rate

APART = timedelta(hours=1)
"""Between two lines alike in one place, unless they are urgent."""


@dataclass(kw_only=True, slots=True)
class Pace:
    """How fast an account and a room may be written to, and when to stop trying."""

    account_per_minute: int = 20
    account_burst: int = 5
    room_per_minute: int = 6
    room_burst: int = 3
    jitter_s: float = 1.5
    attempts: int = 5
    breaker_timeouts: int = 3
    breaker_rest: timedelta = timedelta(minutes=10)


@dataclass(slots=True)
class Bucket:
    """A token bucket on a given clock."""

    per_minute: float
    burst: float
    tokens: float = field(init=False)
    last: datetime | None = None

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def wait(self, now: datetime) -> timedelta:
        """How long until one token is there; zero when it is."""
        self._fill(now)
        if self.tokens >= 1:
            return timedelta()
        return timedelta(seconds=(1 - self.tokens) * 60 / self.per_minute)

    def full(self, now: datetime) -> bool:
        """Whether it is as good as a new one."""
        self._fill(now)
        return self.tokens >= self.burst

    def take(self) -> None:
        self.tokens -= 1

    def _fill(self, now: datetime) -> None:
        if self.last is not None:
            gone = max(0.0, (now - self.last).total_seconds())
            self.tokens = min(self.burst, self.tokens + gone * self.per_minute / 60)
        self.last = now


class Rhythm:
    """When whom was written to: what holds an account, a place, or a line like the last one back.

    It remembers an hour or two: of whom nobody wrote to for longer, nothing is kept.
    """

    def __init__(self, pace: Pace, random: Random) -> None:
        self._pace = pace
        self._random = random
        self._buckets: dict[str, Bucket] = {}
        self._not_before: dict[str, datetime] = {}
        self._last: dict[tuple[str, str], datetime] = {}
        self._looked_at: datetime | None = None

    def __len__(self) -> int:
        """How many accounts, places and lines it remembers."""
        return len(self._buckets) + len(self._last)

    @property
    def last(self) -> Mapping[tuple[str, str], datetime]:
        """(target, merge key) -> when a line like it was said."""
        return self._last

    def wait(self, channel: str, target: str, rate: Rate, now: datetime) -> timedelta:
        """How long words of one channel for one target must wait; zero: they may go."""
        pace = self._pace
        per_minute = min(pace.account_per_minute, rate.count * 60 / rate.seconds)
        account = self._bucket(channel, per_minute, pace.account_burst)
        place = self._bucket(target, pace.room_per_minute, pace.room_burst)
        apart = max(self._not_before.get(channel, now) - now, timedelta())
        return max(account.wait(now), place.wait(now), apart)

    def take(self, channel: str, target: str, rate: Rate, now: datetime) -> None:
        """Count a send for which `wait` was asked; the next keeps apart, never twice the same."""
        for key in (channel, target):
            self._buckets[key].take()
        more = self._random.uniform(0, self._pace.jitter_s)
        self._not_before[channel] = now + timedelta(seconds=rate.apart + more)
        self._forget(now)

    def said(self, target: str, merges: Iterable[str], now: datetime) -> None:
        """Lines with these merge keys reached the target."""
        for merge in merges:
            self._last[(target, merge)] = now

    def _forget(self, now: datetime) -> None:
        """Once an hour: what holds nobody back any more."""
        if self._looked_at is not None and now - self._looked_at < APART:
            return
        self._looked_at = now
        self._last = {k: at for k, at in self._last.items() if now - at < APART}
        self._buckets = {k: b for k, b in self._buckets.items() if not b.full(now)}

    def _bucket(self, key: str, per_minute: float, burst: float) -> Bucket:
        found = self._buckets.get(key)
        if found is None:
            found = self._buckets[key] = Bucket(per_minute, burst)
        return found


@dataclass(slots=True)
class Breaker:
    """After several timed-out sends in a row an account is left alone for a while."""

    timeouts: int = 0
    open_until: datetime | None = None
