"""Cuts long words into messages that a platform takes: at lines, else sentences, else letters."""

from __future__ import annotations

from collections.abc import Iterator

_SENTENCE_ENDS = "\n\u3002\uff01\uff1f\uff1b!?;"


def parts(text: str, limit: int) -> list[str]:
    """The text in pieces of at most `limit` bytes of UTF-8, in order; blank pieces fall away.

    Nothing but white space at the cuts is lost. `limit` must hold any letter (at least 4).
    """
    if limit < 4:
        raise ValueError(f"limit {limit} is too small: a letter may need 4 bytes")
    return list(_cut(_sound(text).strip(), limit))


def _cut(rest: str, limit: int) -> Iterator[str]:
    while rest:
        if len(rest.encode()) <= limit:
            yield rest
            return
        head = rest.encode()[:limit].decode(errors="ignore")
        end = _border(head)
        yield head[:end].rstrip()
        rest = rest[end:].strip()


def _border(head: str) -> int:
    least = len(head) // 2
    if (line := head.rfind("\n")) >= least:
        return line + 1
    sentence = max(head.rfind(mark) for mark in _SENTENCE_ENDS)
    return sentence + 1 if sentence >= least else len(head)


def _sound(text: str) -> str:
    """Lone surrogates cannot be sent."""
    return text.encode("utf-8", "replace").decode()
