"""A roster as a folder of CSV files: UTF-8 or GB18030 in, UTF-8 with a mark for Excel out."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from bot.roster.problems import Problems
from bot.roster.sheets import Row, Sheets, named_rows, nearest_sheet, sheet_key
from handlers.zh import roster as words

_LARGEST = 64_000_000


def read_folder(path: Path, problems: Problems) -> Sheets:
    """The sheets of a folder; what cannot be read is added to the problems."""
    rows: dict[str, list[Row]] = {}
    seen: set[str] = set()
    for file in sorted(path.iterdir()):
        if file.suffix.lower() != ".csv" or file.name.startswith((".", "~")):
            continue
        key = sheet_key(file.stem)
        if key is None:
            near = nearest_sheet(file.stem)
            hint = words.HINT.format(near=f"{near}.csv") if near else ""
            problems.add("unknown_sheet", sheet=file.name, hint=hint)
        elif key in seen:
            problems.add("double_sheet", sheet=file.name)
        else:
            seen.add(key)
            lines = _lines(file, problems)
            if lines is not None:
                rows[key] = named_rows(key, lines, problems)
    if not seen:
        problems.add("no_sheets", file=path.name)
    return Sheets(rows=rows, seen=frozenset(seen))


def _lines(file: Path, problems: Problems) -> list[list[str]] | None:
    if file.stat().st_size > _LARGEST:
        problems.add("too_large", file=file.name, limit=_LARGEST // 1_000_000)
        return None
    text = decoded(file.read_bytes())
    if text is None or "\0" in text:
        problems.add("encoding", file=file.name)
        return None
    first = text.partition("\n")[0]
    delimiter = "\t" if "\t" in first and "," not in first else ","
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        problems.add("bad_csv", file=file.name, why=error)
        return None


def decoded(raw: bytes) -> str | None:
    """Text in UTF-8 (with or without mark), UTF-16 with its mark, or GB18030; else None."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def write_folder(sheets: dict[str, list[list[str]]], path: Path) -> None:
    """Write each sheet as `<key>.csv`; the first row of each is its header."""
    path.mkdir(parents=True, exist_ok=True)
    for key, lines in sheets.items():
        with (path / f"{key}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(lines)
