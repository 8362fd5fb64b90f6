"""Units of a building as people write them: `1-3,5` both ways."""

from __future__ import annotations

import re

from handlers.zh import roster as words

_MARK = f"[{re.escape(words.RANGE_MARKS)}]"
_RANGE = re.compile(rf"([0-9]{{1,3}})\s*{_MARK}+\s*([0-9]{{1,3}})\Z")
_SINGLE = re.compile(r"\w{1,8}\Z")
_SPLIT = re.compile(f"[{re.escape(words.SEPARATORS)}]+")
_MOST = 60


def split(text: str) -> list[str]:
    """The values of one cell, trimmed, without empty ones, each once."""
    if not text:
        return []
    return list(dict.fromkeys(part for p in _SPLIT.split(text) if (part := p.strip())))


def parse_units(text: str) -> tuple[str, ...] | None:
    """`1-3,5` -> ("1", "2", "3", "5"); empty for the whole building; None when not readable."""
    found: dict[str, None] = {}
    for part in split(text):
        span = _RANGE.match(part)
        if span is not None:
            first, last = int(span[1]), int(span[2])
            if not 0 < first <= last <= first + _MOST:
                return None
            found.update(dict.fromkeys(str(n) for n in range(first, last + 1)))
        elif _SINGLE.match(part):
            found[str(int(part)) if part.isascii() and part.isdigit() else part] = None
        else:
            return None
    return tuple(found)


def write_units(units: tuple[str, ...]) -> str:
    """("1", "2", "3", "5") -> `1-3,5`; the order stays."""
    said: list[str] = []
    run: list[int] = []
    for unit in (*units, ""):
        number = int(unit) if unit.isascii() and unit.isdigit() else None
        if run and number != run[-1] + 1:
            said.append(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]))
            run = []
        if number is not None:
            run.append(number)
        elif unit:
            said.append(unit)
    return ",".join(said)
