"""Time for a channel: waiting, backing off with jitter, and noticing that a link went silent."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

PATIENCE = 2.5
"""Heartbeats that may be missed before a link counts as dead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """How a channel waits; tests bring their own clock, so that no test ever sleeps."""

    wait: Callable[[float], Awaitable[None]] = asyncio.sleep
    elapsed: Callable[[], float] = time.monotonic
    """Seconds that never go back."""
    chance: Callable[[], float] = random.random
    """A number from 0 up to 1."""
    first: float = 1.0
    """Seconds before the first attempt to come back."""
    most: float = 30.0
    slow: float = 300.0
    """Seconds between attempts when a person must change something first (a wrong token)."""
    settled: float = 10.0
    """Seconds after which a link counts as good, and backing off starts from the beginning."""

    def delay(self, attempt: int) -> float:
        """Seconds before attempt 0, 1, 2 …: doubling up to `most`, half of it by chance."""
        whole = min(self.most, self.first * 2 ** min(attempt, 30))
        return whole * (0.5 + self.chance() / 2)


class Pinged(Protocol):
    """A socket, as far as the watch needs it."""

    @property
    def reads(self) -> int: ...

    async def ping(self) -> None: ...


class Silent(Exception):
    """Nothing was heard for too long: the link is dead, whatever the socket says."""


class Watch:
    """Notices a link that went silent: 2.5 heartbeats without a frame.

    As long as no heartbeat was ever heard (they can be switched off), an answered ping counts.
    """

    def __init__(self, timing: Timing, interval: float) -> None:
        self._timing = timing
        self._limit = PATIENCE * interval
        self._heard = timing.elapsed()
        self._beats = False

    def frame(self) -> None:
        """Any frame is a sign of life."""
        self._heard = self._timing.elapsed()

    def beat(self, interval: float) -> None:
        """A heartbeat, and how far apart they are from now on (seconds)."""
        self._beats = True
        if 0 < interval <= 3600:
            self._limit = PATIENCE * interval

    async def run(self, socket: Pinged) -> None:
        """Raises Silent when the link is dead; else never returns."""
        reads = socket.reads
        while True:
            await self._timing.wait(max(self._limit / 3, 0.001))
            if socket.reads != reads and not self._beats:
                self._heard = self._timing.elapsed()
            reads = socket.reads
            silent = self._timing.elapsed() - self._heard
            if silent >= self._limit:
                raise Silent
            if not self._beats:
                await socket.ping()
