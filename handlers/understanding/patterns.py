"""Many patterns over one text: a quick look at its characters tells which can match at all."""

from __future__ import annotations

import re
from collections.abc import Iterable

from handlers.zh.lexicon_needs import NEEDS


class Bank:
    """Named patterns, each with characters of which every match has at least one."""

    def __init__(self, patterns: Iterable[tuple[str, str]], prefix: str = "") -> None:
        """Raises KeyError when `handlers.zh.lexicon_needs` has no row for `prefix + name`."""
        self._all: list[tuple[int, str, re.Pattern[str]]] = []
        self._masks: dict[str, int] = {}
        for place, (name, pattern) in enumerate(patterns):
            bit = 1 << place
            self._all.append((bit, name, re.compile(pattern, re.MULTILINE)))
            for character in NEEDS[prefix + name]:
                self._masks[character] = self._masks.get(character, 0) | bit

    def found(self, text: str, characters: frozenset[str]) -> list[str]:
        """Names of the patterns that stand in the text, in the bank's order."""
        possible = 0
        masks = self._masks
        for character in characters:
            if character in masks:
                possible |= masks[character]
        if not possible:
            return []
        return [name for bit, name, p in self._all if possible & bit and p.search(text)]
