"""How fast words may go out: token buckets, and a breaker after trouble."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta


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
        if self.last is not None:
            gone = max(0.0, (now - self.last).total_seconds())
            self.tokens = min(self.burst, self.tokens + gone * self.per_minute / 60)
        self.last = now
        if self.tokens >= 1:
            return timedelta()
        return timedelta(seconds=(1 - self.tokens) * 60 / self.per_minute)

    def take(self) -> None:
        self.tokens -= 1


@dataclass(slots=True)
class Breaker:
    """After several timed-out sends in a row an account is left alone for a while."""

    timeouts: int = 0
    open_until: datetime | None = None
