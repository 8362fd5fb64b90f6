"""Finds the spot that people name instead of an address: `菜市场门口`, `东门`, `老保健院后院`."""

from __future__ import annotations

import re

from handlers.pattern import Pattern
from handlers.zh import lexicon_places as words


def _any(options: tuple[str, ...]) -> str:
    return "|".join(sorted(map(re.escape, options), key=len, reverse=True))


def _by_first(options: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for option in sorted(options, key=len, reverse=True):
        found.setdefault(option[0], []).append(option)
    return {first: tuple(rest) for first, rest in found.items()}


_SPOTS = _by_first(words.SPOTS)
_GATE = Pattern(words.GATES)
_BESIDE = Pattern(_any(words.BESIDE))
_STREET = Pattern(words.STREETS)
_STOPS = frozenset(words.NOT_IN_NAME)
_LONGEST_NAME = 6
_SHORTEST = 3
_FIRST, _LAST = words.CHARACTERS
_GATE_FIRST = frozenset(words.GATE_FIRST)
_SPOT_FIRST = _GATE_FIRST | _SPOTS.keys()
_SPOT_PAIRS = frozenset(spot[:2] for spot in words.SPOTS)
_ROADS = frozenset(words.ROADS)


def find_landmark(text: str, pairs: tuple[str, ...]) -> tuple[int, int] | None:
    """(begin, end) of the first landmark in a judged text, or None. `pairs` are its neighbours."""
    if _SPOT_PAIRS.isdisjoint(pairs) and words.GATE not in text:
        return _street(text)
    skip = 0
    for at, character in enumerate(text):
        if at < skip or character not in _SPOT_FIRST:
            continue
        end = _spot_end(text, at, character)
        if end == at:
            continue
        skip = end
        if beside := _BESIDE.match(text, end):
            end = beside.end()
        begin = _beginning(text, at)
        if begin == at and end == skip and text[at:end] in words.SPOTLESS:
            continue
        return begin, end
    return _street(text)


def _spot_end(text: str, at: int, character: str) -> int:
    """Where a spot that begins here ends; `at` itself when none does."""
    for spot in _SPOTS.get(character, ()):
        if text.startswith(spot, at):
            return at + len(spot)
    if character in _GATE_FIRST and (gate := _GATE.match(text, at)):
        return gate.end()
    return at


def _street(text: str) -> tuple[int, int] | None:
    if _ROADS.isdisjoint(text) or not (found := _STREET.search(text)):
        return None
    begin = max(found.start(), _beginning(text, found.end() - 2))
    end = found.end()
    if end - begin < _SHORTEST:
        return None
    beside = _BESIDE.match(text, end)
    return begin, beside.end() if beside else end


def _beginning(text: str, at: int) -> int:
    """Where the name that ends in a spot begins: back to a space, a mark or a small word."""
    begin = at
    while begin > 0 and at - begin < _LONGEST_NAME:
        before = text[begin - 1]
        if before in _STOPS or not (_FIRST <= before <= _LAST):
            break
        begin -= 1
    if begin > 0 and at - begin == _LONGEST_NAME and _FIRST <= text[begin - 1] <= _LAST:
        return at
    return begin
