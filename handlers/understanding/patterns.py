"""Many patterns over one text: a quick look at its characters tells which can match at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from operator import add

from handlers.pattern import Pattern
from handlers.zh.lexicon_needs import NEEDS

_PLACE = {name: place for place, name in enumerate(NEEDS)}
_HALF = len(NEEDS)


def _masks() -> tuple[dict[str, int], int]:
    """(a number for each character and pair that somebody needs, the number of every text).

    A bit stands for a pattern: in the low half those whose first need is met, in the high half
    the second. A pattern without a second need has it met by every text.
    """
    masks: dict[str, int] = {}
    always = 0
    for place, needs in enumerate(NEEDS.values()):
        for rank in (0, 1):
            bit = 1 << (place + rank * _HALF)
            if rank >= len(needs):
                always |= bit
                continue
            for key in needs[rank].split("|"):
                masks[key] = masks.get(key, 0) | bit
    return masks, always


_MASKS, _ALWAYS = _masks()
_mask_of = _MASKS.get


def neighbours(text: str) -> tuple[str, ...]:
    """Each character with the one behind it; a line's end stands before and behind the text."""
    return tuple(map(add, "\n" + text, text + "\n"))


def possible(text: str, pairs: tuple[str, ...]) -> int:
    """The patterns whose needs a text meets, a bit for each, in the order of the table."""
    met = _ALWAYS
    for mask in filter(None, map(_mask_of, chain(text, pairs))):
        met |= mask
    return met & (met >> _HALF)


class Bank:
    """Named patterns; one is only searched for when it is possible."""

    def __init__(self, patterns: Iterable[tuple[str, str]], prefix: str = "") -> None:
        """Raises KeyError when `handlers.zh.lexicon_needs` has no row for `prefix + name`."""
        self._all = {
            _PLACE[prefix + name]: (name, Pattern(pattern, re.MULTILINE))
            for name, pattern in patterns
        }
        self._mine = sum(1 << place for place in self._all)

    def found(self, text: str, possible: int) -> list[str]:
        """Names of the patterns that stand in the text, in the table's order."""
        names: list[str] = []
        left = possible & self._mine
        while left:
            lowest = left & -left
            left ^= lowest
            name, pattern = self._all[lowest.bit_length() - 1]
            if pattern.search(text):
                names.append(name)
        return names
