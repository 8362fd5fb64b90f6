"""How long to wait before trying a link again: longer each time, and not in step with others."""

from __future__ import annotations

import random
from collections.abc import Callable


class Backoff:
    """Doubling waits in seconds, from `first` up to `longest`, each shortened by up to a half."""

    def __init__(
        self, *, first: float, longest: float, chance: Callable[[], float] = random.random
    ) -> None:
        self._first = first
        self._longest = longest
        self._chance = chance
        self._tries = 0

    def next(self) -> float:
        """The seconds to wait now; the following wait will be longer."""
        full = min(self._longest, self._first * 2.0 ** min(self._tries, 30))
        self._tries += 1
        return full * (1 - self._chance() / 2)

    def reset(self) -> None:
        """The link stood: begin small again."""
        self._tries = 0
