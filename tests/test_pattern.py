"""Patterns that wait with their compilation do what compiled ones do."""

from __future__ import annotations

import re
from typing import Any

import pytest

from handlers.pattern import Pattern

_TEXT = "3号楼2单元，30号楼"


@pytest.mark.parametrize(
    ("use", "arguments"),
    [
        ("search", (_TEXT,)),
        ("search", (_TEXT, 3)),
        ("match", (_TEXT,)),
        ("fullmatch", (_TEXT,)),
        ("findall", (_TEXT,)),
        ("split", (_TEXT,)),
        ("sub", ("#", _TEXT)),
        ("sub", (lambda found: found[0] * 2, _TEXT, 1)),
    ],
)
def test_it_is_as_if_it_had_been_compiled(use: str, arguments: tuple[Any, ...]) -> None:
    text, flags = r"\d+号", re.IGNORECASE
    expected = getattr(re.compile(text, flags), use)(*arguments)
    late = Pattern(text, flags)
    for _ in range(2):
        found = getattr(late, use)(*arguments)
        if isinstance(expected, re.Match):
            assert (found.span(), found.re.flags) == (expected.span(), expected.re.flags)
        else:
            assert found == expected


def test_a_broken_one_fails_when_it_is_used_and_not_before() -> None:
    broken = Pattern("(")
    with pytest.raises(re.error):
        broken.search("a")


def test_it_has_nothing_that_a_pattern_has_not() -> None:
    with pytest.raises(AttributeError):
        _ = Pattern("a").substitute
