"""The roster: who is where, read from and written to a workbook or a folder of CSV files."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from bot.roster.difference import Difference, difference
from bot.roster.folder import read_folder, write_folder
from bot.roster.listing import listed
from bot.roster.problems import Problems
from bot.roster.raising import raised
from domain.grid import Directory

__all__ = ["Difference", "difference", "read", "template", "write"]


def read(path: Path, categories: Collection[str] | None = None) -> Directory:
    """The town of a workbook (.xlsx) or a folder of CSV files, whole.

    Raises RosterError with every problem by sheet, row and column, and what to do; then nothing
    comes back. `categories` are the keys that a member may be in charge of; None: not checked.
    Bindings, leaves and opt-outs are no part of a roster.
    """
    problems = Problems()
    if path.is_dir():
        sheets = read_folder(path, problems)
    else:
        from bot.roster.workbook import read_workbook  # slow to import, seldom needed  # noqa: PLC0415  # loaded only when needed: start-up stays short

        sheets = read_workbook(path, problems)
    directory = raised(sheets, problems, categories)
    problems.raise_if_any()
    return directory


def write(directory: Directory, path: Path) -> None:
    """Write a town to `path`: a workbook when it ends in .xlsx, else a folder of CSV files."""
    if path.suffix.lower() == ".xlsx":
        from bot.roster.workbook import write_workbook  # slow to import, seldom needed  # noqa: PLC0415  # loaded only when needed: start-up stays short

        write_workbook(listed(directory), path)
    else:
        write_folder(listed(directory), path)


def template(path: Path) -> None:
    """Write an empty roster to fill in, with a sheet that explains each column."""
    if path.suffix.lower() == ".xlsx":
        from bot.roster.workbook import write_template  # slow to import, seldom needed  # noqa: PLC0415  # loaded only when needed: start-up stays short

        write_template(path)
    else:
        write_folder(listed(None), path)
