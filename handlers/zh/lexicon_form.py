"""The form of the lexicon's tables: words with spaces between them."""

from __future__ import annotations


def several(words: str) -> tuple[str, ...]:
    """The words of a text with spaces or line breaks between them, each once, in order."""
    return tuple(dict.fromkeys(words.split()))
