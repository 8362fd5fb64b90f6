"""Knows what came in lately, so that a repeated or old request of a webhook is refused."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=5)
"""How far a request's own time stamp may lie from ours."""


class Seen:
    """Keys of the last `keep`, at most `at_most` of them; the oldest go first."""

    def __init__(self, *, keep: timedelta = 2 * WINDOW, at_most: int = 20_000) -> None:
        self._keep = keep
        self._at_most = at_most
        self._keys: OrderedDict[str, datetime] = OrderedDict()

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: str, at: datetime) -> bool:
        """Whether the key was new; it is remembered from `at` on."""
        self._forget(at)
        if key in self._keys:
            return False
        self._keys[key] = at
        return True

    def _forget(self, at: datetime) -> None:
        while self._keys:
            oldest = next(iter(self._keys))
            if len(self._keys) < self._at_most and at - self._keys[oldest] <= self._keep:
                return
            del self._keys[oldest]


def fresh(stamp: str, now: datetime) -> bool:
    """Whether a stamp in whole seconds lies within WINDOW of `now`; False for anything else."""
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        return False
    return abs(int(stamp) - now.timestamp()) <= WINDOW.total_seconds()
