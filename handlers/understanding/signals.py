"""What can be seen in a text by single words: cues, things named, words of trouble; found once."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.understanding.normalise import Normal
from handlers.understanding.patterns import Bank
from handlers.zh import lexicon as words
from handlers.zh.lexicon_things import THINGS

_CUES = Bank(words.CUES.items(), "cue:")
CUE_NAMES: tuple[str, ...] = tuple(words.CUES)
_MOST_TERMS = 12


def _by_term() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key, terms in THINGS.items():
        for term in terms:
            found[term] = (*found.get(term, ()), key)
    return found


def _by_first(terms: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """First character -> the terms that begin with it, the longest first."""
    found: dict[str, list[str]] = {}
    for term in sorted(terms, key=len, reverse=True):
        found.setdefault(term[0], []).append(term)
    return {first: tuple(rest) for first, rest in found.items()}


_TERM_OF = _by_term()
_TERMS = _by_first(tuple(_TERM_OF))
_FAULTS = _by_first(words.FAULTS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Signals:
    """The cues that stand in a text, the concrete things named in order, and the troubles counted."""

    cues: frozenset[str] = frozenset()
    terms: tuple[str, ...] = ()
    faults: int = 0

    def categories(self) -> dict[str, float]:
        """Category -> how much of it was named; longer words count more."""
        return categories_of(self.terms)


def signals(normal: Normal) -> Signals:
    """Everything seen in one message."""
    text = normal.text
    return Signals(
        cues=frozenset(_CUES.found(text, normal.characters)),
        terms=tuple(dict.fromkeys(_scan(text, _TERMS)))[:_MOST_TERMS],
        faults=len(_scan(text, _FAULTS)),
    )


def _scan(text: str, table: dict[str, tuple[str, ...]]) -> list[str]:
    """The words of a table in a text, left to right, the longest at each place."""
    found: list[str] = []
    skip = 0
    for at, character in enumerate(text):
        if at < skip or character not in table:
            continue
        for word in table[character]:
            if text.startswith(word, at):
                found.append(word)
                skip = at + len(word)
                break
    return found


def categories_of(terms: tuple[str, ...]) -> dict[str, float]:
    """Category -> how much of it these words name."""
    found: dict[str, float] = {}
    for term in terms:
        keys = _TERM_OF[term]
        for key in keys:
            found[key] = found.get(key, 0.0) + len(term) / len(keys)
    return found
