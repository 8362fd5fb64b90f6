"""Writes the reference pages from the code: `python dev.py docs`; `--check` only compares."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

from pydantic import BaseModel  # noqa: E402
from typer.main import get_command  # noqa: E402

from bot.commands import app  # noqa: E402
from bot.config import Config  # noqa: E402
from bot.secrets import known_variables  # noqa: E402
from domain.ticket import ACTIVE, AWAITING_RESIDENT, MOVES, UNCLAIMED, State  # noqa: E402
from handlers.zh.names import MOVES as MOVE_NAMES  # noqa: E402
from handlers.zh.names import STATES as STATE_NAMES  # noqa: E402

_NOTE = "<!-- Written by `python dev.py docs`: change the code, not this page. -->\n"
_LINE = re.compile(r"(?P<indent> *)(?P<key>[A-Za-z_][\w-]*):(?P<rest>.*)")
_NOT_OF_THE_FILE = ("base", "secrets", "unknown_environment", "file")
_EACH = "<key>"


def keys_of(model: type[BaseModel], prefix: str = "") -> list[tuple[str, Any]]:
    """Every dotted key with its default, in the order of the file."""
    found: list[tuple[str, Any]] = []
    for name, field in model.model_fields.items():
        if not prefix and name in _NOT_OF_THE_FILE:
            continue
        key = f"{prefix}{name}"
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found.append((key, None))
            found += keys_of(inner, f"{key}.")
        elif key == "categories":
            found.append((key, None))
            row = next(t for t in _inside(inner) if issubclass(t, BaseModel))
            found += keys_of(row, f"{key}.{_EACH}.")
        else:
            found.append((key, None if field.is_required() else field.default))
    return found


def _inside(annotation: Any) -> list[type]:
    return [t for t in getattr(annotation, "__args__", ()) if isinstance(t, type)]


def comments_of(text: str) -> dict[str, str]:
    """What `config.yaml` says of each dotted key: the lines above it and the words behind it."""
    found: dict[str, str] = {}
    above: list[str] = []
    path: list[tuple[int, str]] = []
    for line in text.splitlines():
        words = line.strip()
        match = _LINE.match(line)
        if words.startswith("#"):
            above.append(words.removeprefix("#").removeprefix(" "))
        elif match is None:
            above = []
        else:
            indent = len(match["indent"])
            path = [(at, key) for at, key in path if at < indent]
            path.append((indent, match["key"]))
            behind = match["rest"].partition(" #")[2].strip()
            dotted = ".".join(key for _, key in path)
            if dotted == "categories":
                found |= _rows(above)
                above = above[:1]
            said = " ".join(" ".join([*above, behind]).split())
            found.setdefault(dotted, said)
            above = []
    return found


def _rows(above: list[str]) -> dict[str, str]:
    """What the head of the catalogue says of the keys of each row: `name, other   meaning`."""
    found: dict[str, str] = {}
    keys: list[str] = []
    for line in above:
        match = re.match(r" {2}(?P<keys>[a-z_]+(?:, [a-z_]+)*) {2,}(?P<said>\S.*)", line)
        if match:
            keys = [f"categories.{_EACH}.{key}" for key in match["keys"].split(", ")]
            found |= dict.fromkeys(keys, match["said"])
        elif keys:
            found |= {key: f"{found[key]} {' '.join(line.split())}" for key in keys}
    for key in (k for k in list(found) if k.endswith((".claim", ".solve"))):
        for urgency in ("emergency", "urgent", "normal"):
            found[f"{key}.{urgency}"] = f"`{urgency}`: 15min, 2h, 8wh, 3wd"
    return found


def configuration() -> str:
    """The page of every key of `config.yaml`, and of the environment."""
    said = comments_of((ROOT / "config.yaml").read_text("utf-8"))
    lines = ["# config.yaml", "", _NOTE, "| key | default | meaning |", "|---|---|---|"]
    for key, default in keys_of(Config):
        shown = "" if default is None else f"`{_shown(default)}`"
        lines.append(f"| `{key}` | {shown} | {_cell(said.get(key, ''))} |")
    lines += ["", "## Environment", "", "Secrets are read from the environment only.", ""]
    lines += [f"* `{name}`" for name in known_variables()]
    return "\n".join(lines) + "\n"


def _shown(default: Any) -> str:
    if isinstance(default, tuple):
        return "[" + ", ".join(map(str, default)) + "]"
    if isinstance(default, bool):
        return str(default).lower()
    return str(default) if default != "" else '""'


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def commands() -> str:
    """The page of every command with its options and examples."""
    lines = ["# The command `xiaoge`", "", _NOTE]
    lines.append("Exit codes: 0 done, 1 something was found, 2 refused, 130 interrupted.\n")
    for name, command in _verbs(get_command(app), "xiaoge"):
        lines += [f"## `{name}`", "", (command.help or "").strip(), ""]
        rows = [_option(p) for p in command.params if p.name != "help"]
        if rows:
            lines += ["| option | meaning |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def _verbs(command: Any, name: str) -> list[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        return [(name, command)]
    return [verb for key, value in inner.items() for verb in _verbs(value, f"{name} {key}")]


def _option(param: Any) -> str:
    if param.param_type_name == "argument":
        shown = f"`{param.name}`"
    else:
        value = "" if param.is_flag else f" {param.metavar or param.name.upper()}"
        shown = ", ".join(f"`{name}{value}`" for name in param.opts)
    default = f" (default: {param.default})" if isinstance(param.default, int | float) else ""
    said = "" if isinstance(param.default, bool) else default
    return f"| {shown} | {_cell(param.help or '')}{said} |"


def lifecycle() -> str:
    """The page of the lifecycle: the chart and the table, from the one table in the code."""
    lines = ["# The lifecycle of a ticket", "", _NOTE, "```mermaid", "stateDiagram-v2"]
    lines.append(f"    [*] --> {State.OPEN}")
    for state, moves in MOVES.items():
        ways: dict[State, list[str]] = {}
        for move, to in moves.items():
            if to is not state:
                ways.setdefault(to, []).append(move.value)
        lines += [f"    {state} --> {to}: {', '.join(names)}" for to, names in ways.items()]
    lines += ["```", "", "| state | 名称 | somebody must act | nobody has it | moves |"]
    lines.append("|---|---|---|---|---|")
    for state in State:
        names = ", ".join(f"{m} {MOVE_NAMES[m]}" for m in MOVES[state])
        acts = "resident" if state in AWAITING_RESIDENT else "yes" if state in ACTIVE else ""
        free = "yes" if state in UNCLAIMED else ""
        lines.append(f"| `{state}` | {STATE_NAMES[state]} | {acts} | {free} | {names} |")
    return "\n".join(lines) + "\n"


PAGES = {
    "configuration.md": configuration,
    "commands.md": commands,
    "lifecycle.md": lifecycle,
}


def main() -> int:
    """Write the pages, or say which one is not what it should be."""
    stale = 0
    for name, page in PAGES.items():
        file = HERE / "reference" / name
        wanted = page()
        if file.is_file() and file.read_text("utf-8") == wanted:
            continue
        if "--check" in sys.argv:
            print(f"docs/reference/{name} is not up to date: python dev.py docs")
            stale = 1
        else:
            file.parent.mkdir(exist_ok=True)
            file.write_text(wanted, "utf-8")
            print(f"written: docs/reference/{name}")
    return stale


if __name__ == "__main__":
    sys.exit(main())
