"""Derives `handlers/zh/lexicon_needs.py` from the patterns: `python -m tests.needs` writes it again.

What is derived of a pattern is a clause: characters and pairs of neighbours of which every match
has at least one. A message that has none cannot match, and the slow search is spared. Two clauses
are kept, those least likely to hold by chance.
"""

# The parser of `re` is private and without types; it is only needed here, to write a table.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportPrivateUsage=false
# pyright: reportUnknownParameterType=false, reportMissingParameterType=false

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]

from handlers.zh import lexicon, lexicon_danger

FILE = Path(__file__).parent.parent / "handlers" / "zh" / "lexicon_needs.py"
KEPT = 2
Clause = frozenset[str]
Characters = frozenset[str] | None
"""None: it may be any."""

_COMMON = frozenset(
    "的一是不了在人有我他这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多"
    "然于心学么之都好看起发当没成只如事把还用第样道想作种开打水楼号请谢业区单元"
)
_MOST_PAIRS = 400
_MOST_IN_RANGE = 40
_START, _END = frozenset("\n"), frozenset("\n")
"""A line's ends: `patterns.Bank` puts one before and one behind every text."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What is known of a piece of a pattern: may it be empty, its ends, and its clauses."""

    empty: bool = False
    first: Characters = None
    last: Characters = None
    clauses: tuple[Clause, ...] = ()


def _cost(clause: Clause) -> tuple[int, list[str]]:
    """How easily a clause holds by chance; the list makes the order certain."""
    weights = (1 if len(k) > 1 else 40 if k in _COMMON else 12 for k in clause)
    return sum(weights), sorted(clause)


def _cheapest(clauses: Sequence[Clause]) -> list[Clause]:
    kept: list[Clause] = []
    for clause in sorted(set(clauses), key=_cost):
        if not any(other <= clause for other in kept):
            kept.append(clause)
    return kept[:KEPT]


def _joined(one: Characters, two: Characters) -> Characters:
    return None if one is None or two is None else one | two


def _either(parts: Sequence[Part]) -> Part:
    """Alternatives: the ends are those of any; a clause needs one clause of each."""
    first = last = frozenset[str]()
    ends: tuple[Characters, Characters] = (first, last)
    for part in parts:
        ends = _joined(ends[0], part.first), _joined(ends[1], part.last)
    options = [_cheapest(part.clauses) for part in parts]
    empty = any(part.empty for part in parts)
    clauses = [
        frozenset[str]().union(*(option[min(rank, len(option) - 1)] for option in options))
        for rank in (range(KEPT) if all(options) and not empty else ())
    ]
    return Part(empty=empty, first=ends[0], last=ends[1], clauses=tuple(clauses))


def _chain(parts: Sequence[Part]) -> Part:
    """One after the other: every clause of each that is there, and the pairs where two meet."""
    clauses: list[Clause] = []
    first: Characters = frozenset()
    last: Characters = frozenset()
    empty = True
    for i, part in enumerate(parts):
        if not part.empty:
            clauses += part.clauses
            behind = _first_of(parts[i + 1 :])
            if behind and part.last and len(behind) * len(part.last) <= _MOST_PAIRS:
                clauses.append(frozenset(a + b for a in part.last for b in behind))
        if empty:
            first = _joined(first, part.first)
        last = _joined(last, part.last) if part.empty else part.last
        empty = empty and part.empty
    return Part(empty=empty, first=first, last=last, clauses=tuple(clauses))


def _first_of(parts: Sequence[Part]) -> Characters:
    """With what these begin; None when that may be anything, or nothing at all."""
    first: Characters = frozenset()
    for part in parts:
        first = _joined(first, part.first)
        if not part.empty:
            return first
    return None


def _set(items) -> Characters:
    found: set[str] = set()
    for kind, value in items:
        if kind is ops.LITERAL:
            found.add(chr(value))
        elif kind is ops.RANGE and value[1] - value[0] < _MOST_IN_RANGE:
            found.update(map(chr, range(value[0], value[1] + 1)))
        else:
            return None
    return frozenset(found)


def _one(characters: Characters) -> Part:
    clauses = () if characters is None else (characters,)
    return Part(first=characters, last=characters, clauses=clauses)


_REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT)
_NOTHING = Part(empty=True, first=frozenset(), last=frozenset())


def _part(kind, value) -> Part:
    if kind is ops.LITERAL:
        return _one(frozenset(chr(value)))
    if kind is ops.IN:
        return _one(_set(value))
    if kind in (ops.ANY, ops.NOT_LITERAL):
        return Part()
    if kind is ops.BRANCH:
        return _either([_whole(option) for option in value[1]])
    if kind is ops.SUBPATTERN:
        return _whole(value[3])
    if kind in _REPEATS:
        inner = _whole(value[2])
        return inner if value[0] else Part(empty=True, first=inner.first, last=inner.last)
    if kind is ops.AT:
        # Nothing is consumed: only the side that looks at the line's end is known.
        if value in (ops.AT_BEGINNING, ops.AT_BEGINNING_STRING):
            return Part(last=_START)
        return Part(first=_END) if value in (ops.AT_END, ops.AT_END_STRING) else Part()
    if kind in (ops.ASSERT, ops.ASSERT_NOT):
        return _NOTHING
    raise ValueError(f"{kind} is new in a pattern: say here what it needs")


def _whole(items) -> Part:
    return _chain([_part(kind, value) for kind, value in items])


def clauses_of(pattern: str) -> tuple[Clause, ...]:
    """The clauses kept of a pattern, the most telling first."""
    return tuple(_cheapest(_whole(parser.parse(pattern, re.MULTILINE)).clauses))


def patterns() -> dict[str, str]:
    """Every pattern that is looked for in a `Bank`, by its name in the table."""
    found = {f"cue:{name}": p for name, p in lexicon.CUES.items()}
    found |= {f"danger:{i}": p for i, (_, p) in enumerate(lexicon_danger.DANGERS)}
    found |= {f"harmless:{i}": p for i, p in enumerate(lexicon_danger.HARMLESS)}
    return found | {"surely": lexicon_danger.SURELY}


def derived() -> dict[str, tuple[str, ...]]:
    """The table as it should stand in the file."""
    return {
        name: tuple("|".join(sorted(clause)) for clause in clauses_of(pattern))
        for name, pattern in patterns().items()
    }


def page() -> str:
    """The whole file."""
    lines = [
        '"""Without these a pattern cannot match: a quick look before the slow one. Derived by tests/needs.py."""',
        "",
        "from __future__ import annotations",
        "",
        "NEEDS: dict[str, tuple[str, ...]] = {",
    ]
    for name, clauses in derived().items():
        told = "".join(f"        {_quoted(clause)},\n" for clause in clauses)
        lines.append(f'    "{name}": (\n{told}    ),')
    lines += [
        "}  # fmt: skip",
        '"""Name of a pattern -> clauses: of each, one character or pair of neighbours stands in every match."""',
    ]
    return "\n".join(lines) + "\n"


def _quoted(clause: str) -> str:
    return '"' + clause.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
