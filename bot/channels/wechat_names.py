"""Calling people by name in WeChat, where a mention is a name in the text."""

from __future__ import annotations

from collections.abc import Iterable

BLANK = "\u2005"
"""What WeChat puts behind `@name`."""
_ENDS = (BLANK, " ", "\u00a0", "\n", "\t")


def calls(text: str, names: Iterable[str]) -> bool:
    """Whether the text holds `@name`, followed by a blank of any kind or by nothing."""
    for name in names:
        start = text.find(f"@{name}") if name else -1
        while start >= 0:
            end = start + 1 + len(name)
            if end == len(text) or text[end] in _ENDS:
                return True
            start = text.find(f"@{name}", end)
    return False


def addressed(text: str, names: Iterable[str]) -> str:
    """The text with `@name` in front for each person, as WeChat writes it."""
    return "".join(f"@{name}{BLANK}" for name in names if name) + text
