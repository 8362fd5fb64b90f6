"""Everything wrong with a roster, collected in order and said in the town's own words."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

from domain.errors import RosterError
from handlers.zh import roster as words

_LONGEST_SHOWN = 40
_WHOLE = frozenset({"hint", "headers", "choices", "remedy", "file"})
_MOST_HINTS = 50
_MOST_COMPARED = 3000


class Problems:
    """Collects complaints; `raise_if_any` turns them into one RosterError."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._hints_left = _MOST_HINTS

    def __len__(self) -> int:
        return len(self._found)

    def add(
        self,
        code: str,
        *,
        sheet: str = "",
        row: int | None = None,
        column: str = "",
        **values: object,
    ) -> None:
        """One complaint: its wording key, where it is, and the values its template names."""
        shown = {n: str(v) if n in _WHOLE else _shown(v) for n, v in values.items()}
        where = self.where(sheet, row, column)
        text = words.PROBLEMS[code].format(where=where, **shown)
        self._found.append(text)

    def where(self, sheet: str, row: int | None = None, column: str = "") -> str:
        """`成员 第 3 行“岗位”`, as far as it is known."""
        name = words.SHEETS.get(sheet, sheet)
        header = words.HEADERS.get(sheet, {}).get(column, column)
        if row is None:
            return words.WHERE_SHEET.format(sheet=name)
        if not column:
            return words.WHERE_ROW.format(sheet=name, row=row)
        return words.WHERE_CELL.format(sheet=name, row=row, column=header)

    def hint(self, value: str, known: Iterable[str], *, list_them: bool = False) -> str:
        """A suggestion: the nearest known value, else (when asked) what is known, else nothing.

        Looking for the nearest is slow, so only the first complaints get one.
        """
        if self._hints_left == 0:
            return ""
        self._hints_left -= 1
        choices = (
            list(islice(known, _MOST_COMPARED)) if list_them else sorted(known)[:_MOST_COMPARED]
        )
        if near := get_close_matches(value, choices, n=1, cutoff=0.5):
            return words.HINT.format(near=near[0])
        if list_them:
            return words.HINT_CHOICES.format(choices=words.LIST_COMMA.join(choices))
        return ""

    def raise_if_any(self) -> None:
        """Raise RosterError with all of them; nothing when there are none."""
        if self._found:
            raise RosterError(list(dict.fromkeys(self._found)))


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
