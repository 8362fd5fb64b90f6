"""Words and code agree: each key used has a sentence, each sentence is used and given its fields."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

import pytest

from handlers.zh.wording import WORDING

ROOT = Path(__file__).parent.parent
_SOURCES = sorted(
    path
    for folder in ("handlers", "bot")
    for path in (ROOT / folder).rglob("*.py")
    if "zh" not in path.parts
)
_SAYING = frozenset({"reply", "whisper", "tell_room", "tell_member", "tell_person", "words", "Say"})
_LISTS = frozenset({"my_work", "today", "overdue", "unclaimed"})
"""`supervising.listed` makes `my_work` and `my_work_none` of the act."""
_GIVEN = {
    "about": {"number", "where", "what", "mark", "homes"},
    "line_values": {"number", "where", "what", "state", "due"},
    "_offer_values": {"number", "where", "what", "mark", "homes", "matter"},
}
"""What the functions that gather values return."""


@dataclass(frozen=True)
class Use:
    """One place where a sentence is said. `open`: some values come from elsewhere."""

    key: str
    where: str
    fields: frozenset[str]
    open: bool


def _uses() -> list[Use]:
    return [use for path in _SOURCES for use in _in_file(path)]


def _in_file(path: Path) -> Iterator[Use]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and _name(call.func) in _SAYING:
                    yield from _said(call, function, f"{path.name}:{call.lineno}")


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _said(call: ast.Call, function: ast.FunctionDef, where: str) -> Iterator[Use]:
    named = {k.arg: k.value for k in call.keywords if k.arg}
    fields, is_open = set(named), False
    for given in [k.value for k in call.keywords if k.arg is None] + [
        v for k, v in named.items() if k == "values"
    ]:
        more, unknown = _fields(given, function)
        fields |= more
        is_open = is_open or unknown
    for argument in [*call.args, *([named["key"]] if "key" in named else [])]:
        for key in _keys(argument, function):
            if key in WORDING or re.fullmatch(r"[a-z]+(_[a-z]+)+", key):
                yield Use(key, where, frozenset(fields), is_open)


def _keys(node: ast.expr, function: ast.FunctionDef) -> Iterator[str]:
    """The keys that an argument may be: a literal, a choice of two, a name given one above."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _keys(node.body, function)
        yield from _keys(node.orelse, function)
    elif isinstance(node, ast.Name) and node.id == "key":
        for value in _assigned("key", function):
            yield from _keys(value, function)


def _assigned(name: str, function: ast.FunctionDef) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            if any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
                yield node.value
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            same = isinstance(node.target, ast.Name) and node.target.id == name
            if same and node.value is not None:
                yield node.value


def _fields(node: ast.expr, function: ast.FunctionDef) -> tuple[set[str], bool]:
    """(names that are surely given, whether more may be) of an expression of values."""
    if isinstance(node, ast.Dict):
        return {_text(k) for k in node.keys if k is not None}, None in node.keys
    if isinstance(node, ast.BinOp):
        left, right = _fields(node.left, function), _fields(node.right, function)
        return left[0] | right[0], left[1] or right[1]
    if isinstance(node, ast.Call) and _name(node.func) in _GIVEN:
        return set(_GIVEN[_name(node.func)]), False
    if isinstance(node, ast.Name):
        found = [_fields(value, function) for value in _assigned(node.id, function)]
        more = {
            _text(node.slice)
            for node in ast.walk(function)
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
        }
        fields = set[str]().union(*(f for f, _ in found)) | more if found else set[str]()
        return fields, not found or any(unknown for _, unknown in found)
    return set(), True


def _text(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def _wanted(key: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(WORDING[key]) if name}


_USES = _uses()


def test_the_walk_finds_what_is_said() -> None:
    assert len(_USES) > 80
    assert sum(not use.open for use in _USES) > 50, "too little is understood of the sources"


def test_every_key_that_is_said_has_a_sentence() -> None:
    missing = sorted({f"{u.where}: {u.key}" for u in _USES if u.key not in WORDING})
    assert missing == [], "a sentence in handlers/zh/wording.py is missing"


def test_every_sentence_is_said_somewhere() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in _SOURCES)
    made = (
        _LISTS
        | {f"{name}_none" for name in _LISTS}
        | {f"remind_{kind}{late}" for kind in ("claim", "solve") for late in ("", "_late")}
    )
    unused = [key for key in WORDING if f'"{key}"' not in text and key not in made]
    assert unused == [], "nobody says these any more: delete them"


@pytest.mark.parametrize(
    "use", [u for u in _USES if not u.open and u.key in WORDING], ids=lambda u: f"{u.where}-{u.key}"
)
def test_a_sentence_is_given_all_its_fields(use: Use) -> None:
    left = _wanted(use.key) - use.fields
    assert not left, f"{use.where} says {use.key} without {sorted(left)}"


@pytest.mark.parametrize("key", sorted(WORDING))
def test_a_sentence_is_well_formed(key: str) -> None:
    fields = _wanted(key)
    assert all(name.isidentifier() for name in fields)
    filled = WORDING[key].format_map(dict.fromkeys(fields, "字"))
    assert filled.strip()
    assert "{" not in filled
