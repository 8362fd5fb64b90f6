"""A roster as an Excel workbook: every cell as text, formulas and merged cells refused."""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Protocol, cast
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from bot.roster.problems import Problems
from bot.roster.sheets import (
    MOST_ROWS,
    Row,
    Sheets,
    named_rows,
    nearest_sheet,
    sheet_key,
)
from handlers.zh import roster as words

_LARGEST = 300_000_000
_OLD_OR_ENCRYPTED = b"\xd0\xcf\x11\xe0"
_MERGED = re.compile(rb'<mergeCell [^>]*ref="([A-Z0-9:]{2,30})"')
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    NotImplementedError,
    OSError,
    ParseError,
)
"""What openpyxl and zipfile let through when a file is damaged."""


class _Cell(Protocol):
    value: object
    data_type: str


class _Sheet(Protocol):
    title: str

    def iter_rows(self, *, max_row: int | None = None) -> Iterator[tuple[_Cell, ...]]: ...

    def reset_dimensions(self) -> None: ...


def read_workbook(path: Path, problems: Problems) -> Sheets:
    """The sheets of a workbook; what cannot be read is added to the problems."""
    if not _readable(path, problems):
        return Sheets()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _sheets(path, problems)
    except _BROKEN:
        problems.add("not_xlsx", file=path.name)
        return Sheets()


def _readable(path: Path, problems: Problems) -> bool:
    if not path.is_file():
        problems.add("not_found", file=path)
        return False
    if path.suffix.lower() not in {".xlsx", ".xlsm", ".xls", ".et"}:
        problems.add("wrong_type", file=path.name)
        return False
    with path.open("rb") as file:
        if file.read(4) == _OLD_OR_ENCRYPTED:
            problems.add("old_or_encrypted", file=path.name)
            return False
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except _BROKEN:
        problems.add("not_xlsx", file=path.name)
        return False
    if size > _LARGEST:
        problems.add("too_large", file=path.name, limit=_LARGEST // 1_000_000)
    return size <= _LARGEST


def _sheets(path: Path, problems: Problems) -> Sheets:
    book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
    rows: dict[str, list[Row]] = {}
    seen: set[str] = set()
    try:
        for sheet in cast("list[_Sheet]", book.worksheets):
            key = sheet_key(sheet.title)
            if key is None:
                _stranger(sheet, problems)
            elif key in seen:
                problems.add("double_sheet", sheet=sheet.title)
            else:
                seen.add(key)
                rows[key] = named_rows(key, _texts(key, sheet, problems), problems)
    finally:
        book.close()
    _refuse_merged(path, seen, problems)
    if not seen:
        problems.add("no_sheets", file=path.name)
    return Sheets(rows=rows, seen=frozenset(seen))


def _stranger(sheet: _Sheet, problems: Problems) -> None:
    if sheet.title == words.NOTES_SHEET:
        return
    for row in sheet.iter_rows(max_row=50):
        if any(cell.value is not None for cell in row):
            near = nearest_sheet(sheet.title)
            hint = words.HINT.format(near=near) if near else ""
            problems.add("unknown_sheet", sheet=sheet.title, hint=hint)
            return


def _texts(key: str, sheet: _Sheet, problems: Problems) -> Iterator[list[str]]:
    sheet.reset_dimensions()
    columns: list[str] = []
    for number, row in enumerate(sheet.iter_rows(max_row=MOST_ROWS + 2), 1):
        texts: list[str] = []
        for n, cell in enumerate(row):
            column = columns[n] if n < len(columns) else get_column_letter(n + 1)
            texts.append(_text(cell, key, number, column, problems))
        if number == 1:
            columns = [text or get_column_letter(n + 1) for n, text in enumerate(texts)]
        yield texts


def _text(cell: _Cell, sheet: str, row: int, column: str, problems: Problems) -> str:
    value = cell.value
    if value is None:
        return ""
    kind = cell.data_type
    if kind == "f":
        problems.add("formula", sheet=sheet, row=row, column=column, value=value)
        return ""
    if kind == "e":
        problems.add("error_cell", sheet=sheet, row=row, column=column, value=value)
        return ""
    if isinstance(value, (datetime, date, time, timedelta)):
        problems.add("date_cell", sheet=sheet, row=row, column=column, value=value)
        return ""
    if isinstance(value, bool):
        return words.YES if value else words.NO
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _refuse_merged(path: Path, seen: set[str], problems: Problems) -> None:
    """Look for merged cells in the parts themselves: the quick reader does not report them."""
    book = load_workbook_names(path)
    with zipfile.ZipFile(path) as archive:
        for title, part in book:
            key = sheet_key(title)
            if key in seen and part in archive.namelist():
                for found in _MERGED.findall(archive.read(part)):
                    problems.add("merged", sheet=key or title, value=found.decode("ascii"))


def load_workbook_names(path: Path) -> list[tuple[str, str]]:
    """(sheet title, part of the archive) of a workbook."""
    with zipfile.ZipFile(path) as archive:
        listing = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    targets: dict[str, str] = {}
    for link in re.findall(r"<(?:\w+:)?Relationship [^>]*>", links):
        id_, target = _attribute(link, "Id"), _attribute(link, "Target")
        targets[id_] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    found = re.findall(r"<(?:\w+:)?sheet [^>]*>", listing)
    return [
        (_attribute(sheet, "name"), targets.get(_attribute(sheet, r"\w+:id"), ""))
        for sheet in found
    ]


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return found[1] if found else ""


def write_workbook(sheets: dict[str, list[list[str]]], path: Path) -> None:
    """Write each sheet under its Chinese name, all cells as text."""
    book = Workbook(write_only=True)
    for key, lines in sheets.items():
        sheet = book.create_sheet(words.SHEETS[key])
        sheet.freeze_panes = "A2"
        for n, header in enumerate(words.HEADERS[key], 1):
            wide = header in {"posts", "nicknames", "handle", "name", "duty"}
            sheet.column_dimensions[get_column_letter(n)].width = 28 if wide else 14
        for line in lines:
            cells: list[Cell | None] = []
            for text in line:
                cell = WriteOnlyCell(sheet, value=text)
                cell.data_type = "s"
                cell.number_format = "@"
                cells.append(cell if text else None)
            sheet.append(cells)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def write_template(path: Path) -> None:
    """Write a workbook with headers, a note on each of them, and a sheet of explanations."""
    book = Workbook()
    notes = book.active
    if notes is None:
        notes = book.create_sheet()
    notes.title = words.NOTES_SHEET
    for note in words.NOTES:
        notes.append([note])
    for key, headers in words.HEADERS.items():
        sheet = book.create_sheet(words.SHEETS[key])
        sheet.append(list(headers.values()))
        sheet.freeze_panes = "A2"
        for n, (column, chinese) in enumerate(headers.items(), 1):
            explained = words.EXPLAINED[key][column]
            notes.append([words.SHEETS[key], chinese, explained])
            sheet.cell(row=1, column=n).comment = Comment(explained, "xiaoge")
            letter = get_column_letter(n)
            sheet.column_dimensions[letter].width = 22
            sheet.column_dimensions[letter].number_format = "@"
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
