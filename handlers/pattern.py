"""Regular expressions that are compiled when they are first used: most messages need few of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Protocol

_Found = re.Match[str] | None
_USES = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub")


class _Sub(Protocol):
    def __call__(
        self, repl: str | Callable[[re.Match[str]], str], string: str, count: int = 0
    ) -> str: ...


class Pattern:
    """As `re.compile(text, flags)`, later; a broken text raises re.error at its first use."""

    __slots__ = ("_flags", "_text", *_USES)

    search: Callable[..., _Found]
    match: Callable[..., _Found]
    fullmatch: Callable[..., _Found]
    finditer: Callable[..., Iterator[re.Match[str]]]
    findall: Callable[..., list[Any]]
    split: Callable[..., list[str]]
    sub: _Sub

    def __init__(self, text: str, flags: re.RegexFlag = re.NOFLAG) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        """The first use of all: from then on the compiled pattern's own methods stand here."""
        if name not in _USES:
            raise AttributeError(name)
        compiled = re.compile(self._text, self._flags)
        for use in _USES:
            setattr(self, use, getattr(compiled, use))
        return getattr(compiled, name)
