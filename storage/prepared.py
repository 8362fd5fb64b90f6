"""Statements in one database's words: compiled once, with what turns values into cells and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import SelectBase, Table, bindparam
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

from storage.columns import Moment, aware, of_text, utc_text

Cells = tuple[Any, ...]
"""One row as it was selected; the statement says what each cell is."""
Values = Mapping[str, object]
_Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement in one dialect's words, with what turns values into cells and back."""

    sql: str
    names: tuple[str, ...]
    binds: tuple[_Convert | None, ...]
    fixed: Mapping[str, object]
    results: tuple[tuple[int, _Convert], ...]

    def arguments(self, values: Values) -> list[Any]:
        """The values in the order of the statement's marks."""
        fixed = self.fixed
        found = [values[n] if n in values else fixed[n] for n in self.names]
        for at, convert in enumerate(self.binds):
            if convert is not None:
                found[at] = convert(found[at])
        return found

    def converted(self, row: Cells) -> Cells:
        """A fetched row with times, lists and booleans as Python has them."""
        if not self.results:
            return row
        cells = list(row)
        for at, convert in self.results:
            if cells[at] is not None:
                cells[at] = convert(cells[at])
        return tuple(cells)


def compiled(statement: ClauseElement, dialect: Dialect) -> Prepared:
    """The statement for a dialect, ready for the driver's own cursor."""
    # IN takes a list of single values here: an expanding one would be spelled out at each call.
    made = cast("SQLCompiler", statement.compile(dialect=dialect))
    binds = {name: _to_cell(bind.type, dialect) for name, bind in made.binds.items()}
    names = tuple(made.positiontup or ())
    results: list[tuple[int, _Convert]] = []
    if isinstance(statement, SelectBase):
        columns = statement.selected_columns
        for at, column in enumerate(columns):
            convert = _from_cell(column.type, dialect)
            if convert is not None:
                results.append((at, convert))
    return Prepared(
        sql=made.string,
        names=names,
        binds=tuple(binds[name] for name in names),
        fixed={n: v for n, v in made.params.items() if not made.binds[n].required},
        results=tuple(results),
    )


def _to_cell(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    if isinstance(kind, Moment):  # the shortest way for what every row has several of
        return _moment_to_text if dialect.name == "sqlite" else _moment_to_time
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _from_cell(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    if isinstance(kind, Moment) and dialect.name == "sqlite":
        return of_text
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _moment_to_text(value: datetime | None) -> str | None:
    return None if value is None else utc_text(value)


def _moment_to_time(value: datetime | None) -> datetime | None:
    return None if value is None else aware(value)


@cache
def insert_of(table: Table) -> ClauseElement:
    """The INSERT of all columns of a table, without an id that the database gives out."""
    given = [c for c in table.columns if c is not table.autoincrement_column]
    return table.insert().inline().values({c.name: bindparam(c.name) for c in given})
