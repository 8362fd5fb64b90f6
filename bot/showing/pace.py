"""Makes the time of a story last as long as one wants to watch, without long waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

LONGEST = 1.2
"""Seconds that nothing may happen for."""
SHORTEST = 0.15


def real_seconds(
    since: datetime, until: datetime, speed: float, *, longest: float = LONGEST
) -> float:
    """How long to wait between two moments of the story at a speed."""
    return min(max((until - since).total_seconds() / speed, 0.0), longest)


class Pacer:
    """Waits before each moment; never longer than `LONGEST`, at least a blink between two words."""

    def __init__(
        self, start: datetime, speed: float, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._last, self._speed, self._sleep = start, speed, sleep

    def until(self, at: datetime) -> None:
        """Let the time up to `at` pass."""
        wait = real_seconds(self._last, at, self._speed)
        self._sleep(max(wait, min(SHORTEST, SHORTEST * 60 / self._speed)))
        self._last = max(self._last, at)
