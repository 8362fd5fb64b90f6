"""What can be seen in a text by single words: cues, things named, words of trouble; found once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat

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


def _by_pair(terms: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Two first characters -> the longer terms that begin with them, the longest first."""
    found: dict[str, list[str]] = {}
    for term in sorted(terms, key=len, reverse=True):
        if len(term) > 1:
            found.setdefault(term[:2], []).append(term)
    return {first: tuple(rest) for first, rest in found.items()}


_TERM_OF = _by_term()
_LONGER = _by_pair(_TERM_OF)
_SINGLE = {term: term for term in _TERM_OF if len(term) == 1}
_ANY_SINGLE = re.compile(f"[{''.join(map(re.escape, _SINGLE))}]")
_FAULTS = re.compile("|".join(sorted(map(re.escape, words.FAULTS), key=len, reverse=True)))


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
    terms = _terms(text, normal.pairs)
    return Signals(
        cues=frozenset(_CUES.found(text, normal.possible)),
        terms=tuple(dict.fromkeys(terms))[:_MOST_TERMS] if terms else (),
        faults=len(_FAULTS.findall(text)),
    )


def _terms(text: str, pairs: tuple[str, ...]) -> list[str]:
    """The things named in a text, left to right, the longest at each place."""
    found: list[str] = []
    skip = 0
    singles = map(_SINGLE.get, text) if _ANY_SINGLE.search(text) else repeat(None)
    looked = zip(map(_LONGER.get, pairs[1:]), singles, strict=False)
    for at, (longer, term) in enumerate(looked):
        if (longer or term) and at >= skip:
            for word in longer or ():
                if text.startswith(word, at):
                    term = word  # noqa: PLW2901  # the longer one wins; `next(…)` costs twice this loop
                    break
            if term:
                found.append(term)
                skip = at + len(term)
    return found


def categories_of(terms: tuple[str, ...]) -> dict[str, float]:
    """Category -> how much of it these words name."""
    found: dict[str, float] = {}
    for term in terms:
        keys = _TERM_OF[term]
        for key in keys:
            found[key] = found.get(key, 0.0) + len(term) / len(keys)
    return found
