"""Finds the known n-grams of a text all at once: each is one number, looked up in a numpy table."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from domain.errors import XiaogeError
from handlers.understanding import features

Rows = NDArray[np.int64]
_Keys = NDArray[np.uint64]

_UNKNOWN = "\uffff"
"""No character of any text: stands behind the end, and for characters wider than 16 bits."""
_WIDE = re.compile("[\U00010000-\U0010ffff]")
_BEHIND = _UNKNOWN * (features.LONGEST_GRAM - 1)
_MIXERS = np.array([[0x9E3779B97F4A7C15], [0xC2B2AE3D27D4EB4F]], dtype=np.uint64)
"""A number times one of these, its highest bits: the two slots it may lie in."""
_PARTS = np.array([0xFFFF, 0xFFFF_FFFF, 0xFFFF_FFFF_FFFF, 2**64 - 1], dtype=np.uint64)
_SIZES = np.tile(_PARTS, 2)
"""What is kept of four characters to have the first 1, 2, 3 or all of them; for both slots."""
_MIXED = np.tile(np.repeat(_MIXERS, len(_PARTS)), features.MOST_CHARACTERS + 2)
"""The factor for each number of the longest text, in one piece: numpy needs a third of the time
for arrays of one shape that it needs for arrays that it must spread over each other."""
_COUNT = tuple(
    sum(max(length - size, 0) for size in range(features.LONGEST_GRAM))
    for length in range(features.MOST_CHARACTERS + 3)
)
"""Length of a marked text -> how many n-grams it has."""
MOST_GRAMS = _COUNT[-1]
_ROUNDS = 200


class KnownGrams:
    """n-grams with a row number each.

    Four characters of 16 bits fill a number of 64; a shorter n-gram is filled up with zeros (a
    judged text has no NUL). Each number lies in one of two slots of a table (cuckoo hashing), so
    one vectorised look at two slots tells whether it is known: far fewer steps and far less
    memory touched than a dictionary of strings.
    """

    def __init__(self, grams: Sequence[str], first: int = 0) -> None:
        """The rows are `first` and on, in the order of `grams`. Raises XiaogeError for a repeat."""
        if len(set(grams)) != len(grams):
            raise XiaogeError(
                "the weights name an n-gram twice; train them again with `xiaoge train`"
            )
        packed = _packed(grams)
        places = np.flatnonzero(packed)
        numbers = packed[places]
        bits, slots = _table(numbers)
        used = slots >= 0
        self._shift = np.uint64(64 - bits)
        self._keys = np.where(used, numbers[slots], np.uint64(0))
        self._rows = np.where(used, places[slots] + first, 0)

    def find(self, text: str) -> tuple[Rows, int]:
        """(rows of those n-grams of a judged text that are known, how many n-grams there are)."""
        plain = features.plain(text)
        length = len(plain)
        units = (plain + _BEHIND).encode("utf-16-le", "surrogatepass")
        if len(units) != 2 * (length + len(_BEHIND)):
            units = (_WIDE.sub(_UNKNOWN, plain) + _BEHIND).encode("utf-16-le", "surrogatepass")
        # Four characters from each begin: numbers of 8 bytes that begin 2 bytes apart.
        windows = np.ndarray((length, 1), "<u8", units, 0, (2, 0))
        keys = (windows & _SIZES).reshape(-1)
        mixed = keys * _MIXED[: len(keys)]
        mixed >>= self._shift
        slots = mixed.view(np.int64)
        met = slots[self._keys.take(slots) == keys]
        return self._rows.take(met), _COUNT[length]


def _packed(grams: Sequence[str]) -> _Keys:
    """One number for each n-gram; zero for one with a wide character, which is not looked up."""
    size = features.LONGEST_GRAM
    text = _WIDE.sub(_UNKNOWN, "".join([gram.ljust(size, "\0") for gram in grams]))
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "<u2").reshape(-1, size)
    known = (units != ord(_UNKNOWN)).all(axis=1)
    return np.where(known, units.view("<u8").reshape(-1), np.uint64(0))


def _table(numbers: _Keys) -> tuple[int, Rows]:
    """(bits of a slot's number, what lies in each slot): a third full, or less when it must be."""
    bits = max(8, (3 * len(numbers)).bit_length())
    while (slots := _placed(numbers, bits)) is None:
        bits += 1
    return bits, slots


def _placed(numbers: _Keys, bits: int) -> Rows | None:
    """The index of a number for each slot, -1 where it is empty; None when they do not fit.

    All numbers go to their first slot at once; whoever is pushed out goes to its other one.
    """
    homes = ((numbers * _MIXERS) >> np.uint64(64 - bits)).astype(np.int64)
    slots = np.full(1 << bits, -1, dtype=np.int64)
    side = np.zeros(len(numbers), dtype=np.int64)
    homeless = np.arange(len(numbers))
    for _ in range(_ROUNDS):
        wanted = homes[side[homeless], homeless]
        before = slots[wanted]
        slots[wanted] = homeless
        lost = homeless[slots[wanted] != homeless]
        homeless = np.concatenate((lost, np.unique(before[before >= 0])))
        if not len(homeless):
            return slots
        side[homeless] ^= 1
    return None
