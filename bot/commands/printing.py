"""How commands speak: tables for people, JSON for programs, one line for an error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from domain.errors import XiaogeError

if TYPE_CHECKING:
    from rich.console import Console

_WIDE = 120
"""Columns of a table that is piped into a file or another program."""


def console(*, no_color: bool = False, stderr: bool = False) -> Console:
    """A console on the terminal; plain and wide when the output goes elsewhere."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _WIDE
    return Console(stderr=stderr, no_color=no_color or None, width=width, highlight=False)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; a cell's text is shown as it is, never read as markup."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    console().print(drawn)


def say(text: str) -> None:
    """One plain line."""
    write(sys.stdout, text)


def as_json(value: object) -> None:
    """One JSON value on one line, Chinese as it is."""
    write(sys.stdout, json.dumps(value, ensure_ascii=False))


def write(stream: TextIO, text: str) -> None:
    """A line; what the terminal's encoding cannot show becomes `?` instead of a crash."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    stream.flush()


def complain(error: XiaogeError) -> None:
    """What was refused and what to do about it."""
    write(sys.stderr, f"xiaoge: {error}")
