"""A merged record as words: a head line, then `name: words` for each thing that was said in it."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.zh.placeholders import NEIGHBOUR, PLACEHOLDERS

_LINES = 100
_LETTERS = 3000
_NAME = 20


def as_words(said: Iterable[tuple[str, str]]) -> str | None:
    """(name, words) pairs in order as the reader of forwards knows them; None when none has words.

    No name, and it was a neighbour. What is too much at the end is left out.
    """
    found: list[str] = []
    letters = 0
    for who, words in said:
        text = " ".join(words.split())
        line = f"{_name(who)}: {text}"
        letters += len(line)
        if len(found) == _LINES or letters > _LETTERS:
            break
        if text:
            found.append(line)
    return "\n".join((PLACEHOLDERS["forward"], *found)) if found else None


def _name(who: str) -> str:
    """A colon would end the name too early."""
    return "".join(who.split()).replace(":", "").replace("\uff1a", "")[:_NAME] or NEIGHBOUR
