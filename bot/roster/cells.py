"""Reads single cells of a row, and complains about those that cannot be used."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping

from bot.roster.problems import Problems
from bot.roster.sheets import Row
from bot.roster.units import split
from handlers.zh import roster as words

_KEY = re.compile(r"[\w.\-]{1,40}\Z")
_LONGEST = 200
_YES = frozenset({words.YES, "yes", "y", "true", "1", "√", "✓", ""})
_NO = frozenset({words.NO, "no", "n", "false", "0", "×", "x"})


class Cells:
    """One row of one sheet; every reader returns something usable and notes what is wrong."""

    def __init__(self, sheet: str, row: Row, problems: Problems) -> None:
        self.sheet = sheet
        self.number = row.number
        self._row = row
        self._problems = problems

    def to(self, problems: Problems) -> Cells:
        """The same row, complaining to somebody else."""
        return Cells(self.sheet, self._row, problems)

    def complain(self, code: str, column: str, **values: object) -> None:
        self._problems.add(code, sheet=self.sheet, row=self.number, column=column, **values)

    def hint(self, value: str, known: Iterable[str], *, list_them: bool = False) -> str:
        """A suggestion for a complaint; empty when nothing is near."""
        return self._problems.hint(value, known, list_them=list_them)

    def text(self, column: str, *, required: bool = False) -> str:
        """The text of a cell, checked for length and invisible characters."""
        text = self._row[column]
        if not text:
            if required:
                self.complain("required", column, remedy=words.EXPLAINED[self.sheet][column])
            return ""
        if len(text) > _LONGEST:
            self.complain("too_long", column, value=len(text), limit=_LONGEST)
            return text[:_LONGEST]
        if not text.isprintable() and not text.replace("\n", "").isprintable():
            self.complain("control_character", column)
            return ""
        return text

    def key(self, column: str) -> str:
        """A key of its own: required, plain, full-width letters made narrow."""
        text = unicodedata.normalize("NFKC", self.text(column, required=True))
        if text and not _KEY.match(text):
            self.complain("bad_key", column, value=text)
        return text

    def reference(
        self, column: str, code: str, known: Collection[str], *, required: bool = False
    ) -> str:
        """A key of another sheet; a stranger is complained about and comes back as it is."""
        text = unicodedata.normalize("NFKC", self.text(column, required=required))
        if text and text not in known:
            self.complain(code, column, value=text, hint=self.hint(text, known))
        return text

    def values(self, column: str) -> list[str]:
        """Several values of one cell."""
        return split(self.text(column))

    def choice(self, column: str, names: Mapping[str, str]) -> str:
        """A key by its key or Chinese name; the first one when the cell is empty."""
        text = self.text(column)
        if not text:
            return next(iter(names))
        found = by_name(text, names)
        if found is None:
            choices = words.LIST_COMMA.join(names.values())
            self.complain("unknown_value", column, value=text, choices=choices)
            return next(iter(names))
        return found

    def choices(self, column: str, code: str, names: Mapping[str, str]) -> tuple[str, ...]:
        """Several keys by their keys or Chinese names."""
        found: list[str] = []
        for text in self.values(column):
            key = by_name(text, names)
            if key is None:
                shown = [*names.values(), *names]
                self.complain(code, column, value=text, hint=self.hint(text, shown, list_them=True))
            elif key not in found:
                found.append(key)
        return tuple(found)

    def number_in(self, column: str, low: int, high: int, default: int) -> int:
        """A whole number of a range; the default when empty."""
        text = unicodedata.normalize("NFKC", self.text(column))
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and low <= int(text[:9]) <= high):
            self.complain("not_a_number", column, value=text, low=low, high=high)
            return default
        return int(text)

    def yes(self, column: str) -> bool:
        """Whether a cell says yes; an empty one does."""
        text = self.text(column).lower()
        if text not in _YES and text not in _NO:
            choices = words.LIST_COMMA.join((words.YES, words.NO))
            self.complain("unknown_value", column, value=text, choices=choices)
        return text in _YES


def by_name(text: str, names: Mapping[str, str]) -> str | None:
    """The key that a text is, or whose Chinese name it is."""
    if text in names:
        return text
    return next((key for key, name in names.items() if name == text), None)
