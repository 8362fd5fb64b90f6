"""Turn a wording key and its values into the sentence that is sent."""

from __future__ import annotations

from dataclasses import replace

from domain.effects import Effect, Say
from handlers.zh.wording import WORDING


class _Values(dict[str, str]):
    """Values that are not given read as nothing."""

    def __missing__(self, key: str) -> str:
        return ""


def render(say: Say) -> str:
    """The finished sentence; KeyError for a key that has no wording."""
    return WORDING[say.key].format_map(_Values(say.values)).strip()


def worded(effects: list[Effect]) -> list[Effect]:
    """The same effects, each sentence among them finished."""
    return [replace(e, text=render(e)) if isinstance(e, Say) else e for e in effects]


def words(key: str, **values: str) -> str:
    """A sentence by key, for lines within other sentences."""
    return WORDING[key].format_map(_Values(values)).strip()
