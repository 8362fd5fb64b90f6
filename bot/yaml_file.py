"""Read a YAML file so that every complaint about it can name the line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import cast

import yaml

from domain.errors import ConfigError

Location = tuple[str | int, ...]

_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}\Z")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{1,18}\Z")
_LITERALS: Mapping[str, object] = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "false": False,
}
_LARGEST = 2_000_000
_DEEPEST = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class YamlFile:
    """The content of a file (`data`: dicts, lists, str, int, float, bool, None) and its lines."""

    name: str
    data: object
    lines: Mapping[Location, int]

    @property
    def mapping(self) -> Mapping[str, object] | None:
        """The content when it is keys and values, else None."""
        return cast("Mapping[str, object]", self.data) if isinstance(self.data, dict) else None

    def where(self, location: Location) -> str:
        """`config.yaml:12` for a key, or for the nearest key above it that exists."""
        for end in range(len(location), -1, -1):
            if line := self.lines.get(location[:end]):
                return f"{self.name}:{line}"
        return f"{self.name}:1"


def dotted(location: Location) -> str:
    """`categories.heating.roles[1]`, or `(top)` for the whole file."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".") or "(top)"


def nearest(word: str, known: list[str] | tuple[str, ...]) -> str:
    """` (did you mean X?)` or, when nothing is near, what is known; empty for no choice."""
    if close := get_close_matches(word, known, n=1, cutoff=0.6):
        return f" (did you mean `{close[0]}`?)"
    shown = ", ".join(known[:30])
    return f" (known: {shown})" if known else ""


def read_yaml(path: Path) -> YamlFile:
    """The file as plain data; raises ConfigError naming the line when it is not usable YAML.

    Stricter than YAML 1.1 on purpose: `12:00`, `off`, `yes` and dates stay text, a key given
    twice is refused, aliases are refused.
    """
    name = path.name
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}): check the path") from error
    if len(raw) > _LARGEST:
        raise ConfigError(f"{path}: larger than {_LARGEST} bytes: is it the right file?")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError(f"{name}:{line}: not UTF-8: save the file as UTF-8") from error
    return parse_yaml(text, name)


def parse_yaml(text: str, name: str) -> YamlFile:
    """The same for text at hand; `name` is what complaints call it."""
    lines: dict[Location, int] = {(): 1}
    try:
        node = _compose(text, name)
    except yaml.YAMLError as error:
        raise ConfigError(_syntax(error, name)) from error
    empty: dict[str, object] = {}
    data = empty if node is None else _Walk(name, lines).plain(node, ())
    return YamlFile(name=name, data=data, lines=lines)


def _compose(text: str, name: str) -> yaml.Node | None:
    loader = _LOADER(text)
    try:
        depth = 0
        for event in yaml.parse(text, Loader=_LOADER):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent):
                raise ConfigError(
                    f"{name}:{line}: aliases (*name) are not used here: write the value out"
                )
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise ConfigError(f"{name}:{line}: nested too deeply: check brackets and quotes")
        node: yaml.Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


def _syntax(error: yaml.YAMLError, name: str) -> str:
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    problem = error.problem if isinstance(error, yaml.MarkedYAMLError) else str(error)
    line = mark.line + 1 if mark else 1
    return f"{name}:{line}: not YAML: {problem}; check indentation (spaces, no tabs) and quotes"


class _Walk:
    """Turns nodes into plain data while noting the line of each key."""

    def __init__(self, name: str, lines: dict[Location, int]) -> None:
        self._name = name
        self._lines = lines

    def plain(self, node: yaml.Node, at: Location) -> object:
        self._lines.setdefault(at, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, at)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, (*at, n)) for n, item in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, at: Location) -> dict[str, object]:
        found: dict[str, object] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise ConfigError(f"{self._name}:{line}: a key must be a plain word")
            key = str(key_node.value)
            here = (*at, key)
            if key in found:
                raise ConfigError(
                    f"{self._name}:{line}: `{dotted(here)}` is given twice "
                    f"(first in line {self._lines[here]}): remove one"
                )
            self._lines[here] = line
            found[key] = self.plain(value_node, here)
        return found


def _scalar(node: yaml.Node) -> object:
    value = str(node.value)
    if not isinstance(node, yaml.ScalarNode) or node.style in {"'", '"', "|", ">"}:
        return value
    if value in _LITERALS:
        return _LITERALS[value]
    if _WHOLE.match(value):
        return int(value)
    if _DECIMAL.match(value):
        return float(value)
    return value
