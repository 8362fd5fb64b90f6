"""Sheets between a file and a town: named columns of plain text, with the rows they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from bot.roster.problems import Problems
from handlers.zh import roster as words

MOST_ROWS = 200_000
OPTIONAL_SHEETS = frozenset({"landmarks"})
OPTIONAL_COLUMNS: Mapping[str, frozenset[str]] = {
    "communities": frozenset({"duty"}),
    "grids": frozenset({"community", "kind"}),
    "estates": frozenset({"nicknames"}),
    "buildings": frozenset({"units"}),
    "landmarks": frozenset({"estate", "nicknames"}),
    "rooms": frozenset({"estate", "grid", "allowed", "kind"}),
    "members": frozenset({"skills", "fields", "deputy", "nicknames", "daily_cap", "email"}),
}
"""Columns that a file may leave out altogether."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row: its number as the spreadsheet shows it, and text by column key."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheets:
    """Rows by sheet key; `seen` are the sheets that the file has, even if they could not be read."""

    rows: Mapping[str, list[Row]] = field(default_factory=dict[str, list[Row]])
    seen: frozenset[str] = frozenset()

    def __getitem__(self, sheet: str) -> list[Row]:
        return self.rows.get(sheet, [])


def sheet_key(name: str) -> str | None:
    """The key of a sheet or file by its Chinese or English name; None for a stranger."""
    wanted = name.strip().lower()
    for key, chinese in words.SHEETS.items():
        if wanted in {key, chinese}:
            return key
    return None


def nearest_sheet(name: str) -> str:
    """The name that was most likely meant, or nothing."""
    known = [*words.SHEETS, *words.SHEETS.values()]
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    return near[0] if near else ""


def named_rows(
    sheet: str, lines: Iterable[tuple[str, ...] | list[str]], problems: Problems
) -> list[Row]:
    """Rows by column; blank ones left out. Problems with the header leave no rows at all."""
    numbered = enumerate(lines, 1)
    first = next(numbered, None)
    if first is None or not any(first[1]):
        headers = words.LIST_COMMA.join(words.HEADERS[sheet].values())
        problems.add("no_header", sheet=sheet, headers=headers)
        return []
    columns = _columns(sheet, first[1], problems)
    return [] if columns is None else list(_rows(sheet, columns, numbered, problems))


def _rows(
    sheet: str,
    columns: list[str],
    numbered: Iterable[tuple[int, tuple[str, ...] | list[str]]],
    problems: Problems,
) -> Iterator[Row]:
    width = len(columns)
    for number, line in numbered:
        if number > MOST_ROWS:
            problems.add("too_many_rows", sheet=sheet, limit=MOST_ROWS)
            return
        texts = [text.strip() for text in line]
        if not any(texts):
            continue
        for extra in texts[width:]:
            if extra:
                problems.add("beyond_header", sheet=sheet, row=number, value=extra)
        cells = dict(zip(columns, texts, strict=False))
        if "" in cells and any(t for c, t in zip(columns, texts, strict=False) if not c):
            problems.add("beyond_header", sheet=sheet, row=number, value=cells[""])
        yield Row(number=number, cells=cells)


def _columns(
    sheet: str, header: tuple[str, ...] | list[str], problems: Problems
) -> list[str] | None:
    known = words.HEADERS[sheet]
    by_name = {chinese: key for key, chinese in known.items()} | {key: key for key in known}
    before = len(problems)
    found: list[str] = []
    for text in (cell.strip() for cell in header):
        key = by_name.get(text, "") if text else ""
        if text and not key:
            near = get_close_matches(text, list(by_name), n=1, cutoff=0.5)
            hint = words.HINT.format(near=near[0]) if near else ""
            problems.add("unknown_header", sheet=sheet, row=1, value=text, hint=hint)
        elif key and key in found:
            problems.add("double_header", sheet=sheet, row=1, value=text)
        found.append(key)
    for key, chinese in known.items():
        if key not in found and key not in OPTIONAL_COLUMNS.get(sheet, frozenset()):
            problems.add("missing_header", sheet=sheet, row=1, value=chinese)
    return None if len(problems) > before else found
