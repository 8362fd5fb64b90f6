"""The one connection of a store: statements compiled once, one writer, one transaction at a time.

The message path must not pay for building SQL: a Core statement is compiled when it is first
used and runs on the driver's own cursor from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import RLock
from typing import Any, Protocol, cast

from sqlalchemy import Engine, SelectBase, Table, bindparam
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

from domain.errors import StoreError
from storage.columns import Moment, aware, of_text, utc_text
from storage.engine import translate, where

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


def _compiled(statement: ClauseElement, dialect: Dialect) -> Prepared:
    # IN takes a list of single values here: an expanding one would be spelled out at each call.
    compiled = cast("SQLCompiler", statement.compile(dialect=dialect))
    binds = {name: _to_cell(bind.type, dialect) for name, bind in compiled.binds.items()}
    names = tuple(compiled.positiontup or ())
    results: list[tuple[int, _Convert]] = []
    if isinstance(statement, SelectBase):
        columns = statement.selected_columns
        for at, column in enumerate(columns):
            convert = _from_cell(column.type, dialect)
            if convert is not None:
                results.append((at, convert))
    return Prepared(
        sql=compiled.string,
        names=names,
        binds=tuple(binds[name] for name in names),
        fixed={n: v for n, v in compiled.params.items() if not compiled.binds[n].required},
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


class _Cursor(Protocol):
    """What sqlite3 and psycopg give back for a statement."""

    @property
    def rowcount(self) -> int: ...
    def fetchall(self) -> list[Cells]: ...
    def executemany(self, sql: str, many: Sequence[Sequence[Any]], /) -> object: ...


class _Driver(Protocol):
    """What the connections of sqlite3 and psycopg have in common."""

    def execute(self, sql: str, arguments: Sequence[Any] = ..., /) -> _Cursor: ...
    def cursor(self) -> _Cursor: ...


_PREPARED: dict[tuple[ClauseElement, str], Prepared] = {}


@cache
def insert_of(table: Table) -> ClauseElement:
    """The INSERT of all columns of a table, without an id that the database gives out."""
    given = [c for c in table.columns if c is not table.autoincrement_column]
    return table.insert().inline().values({c.name: bindparam(c.name) for c in given})


class Link:
    """A lazily opened connection; reads see the last commit, or the transaction under way."""

    def __init__(self, engine: Engine) -> None:
        self.dialect_name = engine.dialect.name
        self._engine = engine
        self._place = where(engine.url)
        self._lock = RLock()
        self._pooled: PoolProxiedConnection | None = None
        self._driver: _Driver | None = None
        self._driver_error = cast("type[Exception]", engine.dialect.loaded_dbapi.Error)
        self._depth = 0
        self._begin = "BEGIN IMMEDIATE" if self.dialect_name == "sqlite" else "BEGIN"
        self.after_rollback: list[Callable[[], None]] = []
        """What must be forgotten when a transaction comes to nothing."""

    def close(self) -> None:
        """Give the connection and the engine back; the link cannot be used afterwards."""
        with self._lock:
            self._drop()
            self._engine.dispose()

    @contextmanager
    def writing(self) -> Generator[None]:
        """One transaction: committed at the end, or nothing of it. May be nested."""
        with self._lock:
            if self._depth == 0:
                self._command(self._begin)
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._undo()
                raise
            self._depth -= 1
            if self._depth == 0:
                self._finish()

    def rows(self, statement: ClauseElement, values: Values | None = None) -> list[Cells]:
        """All rows of a query, converted."""
        prepared = self.prepared(statement)
        found = self.raw_rows(prepared, values or {})
        return [prepared.converted(row) for row in found] if prepared.results else found

    def row(self, statement: ClauseElement, values: Values | None = None) -> Cells | None:
        """The first row of a query, or None."""
        return next(iter(self.rows(statement, values)), None)

    def raw_rows(self, prepared: Prepared, values: Values) -> list[Cells]:
        """All rows as the driver gives them, for those who convert only some."""
        with self._lock:
            try:
                found = self._open().execute(prepared.sql, prepared.arguments(values))
                return found.fetchall()
            except self._driver_error as error:
                raise self._failed(error) from error

    def run(self, statement: ClauseElement, values: Values | None = None) -> int:
        """Carry out a change and say how many rows it touched."""
        prepared = self.prepared(statement)
        with self._lock:
            try:
                return self._open().execute(prepared.sql, prepared.arguments(values or {})).rowcount
            except self._driver_error as error:
                raise self._failed(error) from error

    def run_many(self, statement: ClauseElement, many: Sequence[Values]) -> None:
        """Carry out a change once for each of the values."""
        if len(many) == 1:
            self.run(statement, many[0])
        elif many:
            prepared = self.prepared(statement)
            with self._lock:
                try:
                    cursor = self._open().cursor()
                    cursor.executemany(
                        prepared.sql, [prepared.arguments(values) for values in many]
                    )
                except self._driver_error as error:
                    raise self._failed(error) from error

    def insert(self, table: Table, many: Iterable[Values]) -> None:
        """Insert rows; an id that the database gives out is left to it."""
        self.run_many(insert_of(table), list(many))

    def prepared(self, statement: ClauseElement) -> Prepared:
        """The statement in this database's words; compiled when first asked for."""
        key = (statement, self.dialect_name)
        found = _PREPARED.get(key)
        if found is None:
            found = _PREPARED[key] = _compiled(statement, self._engine.dialect)
        return found

    def _open(self) -> _Driver:
        """The driver's connection, opened when there is none."""
        if self._driver is not None:
            return self._driver
        if self._depth:
            raise StoreError(
                f"database {self._place} went away in the middle of a commit: "
                "nothing of it was kept, take the event again"
            )
        try:
            self._pooled = self._engine.raw_connection()
        except DBAPIError as error:
            raise translate(error.orig or error, self._place) from error
        driver = cast("Any", self._pooled.driver_connection)
        if self.dialect_name == "postgresql":
            driver.autocommit = True
        self._driver = cast("_Driver", driver)
        return self._driver

    def _command(self, sql: str) -> None:
        try:
            self._open().execute(sql)
        except self._driver_error as error:
            raise self._failed(error) from error

    def _finish(self) -> None:
        try:
            self._command("COMMIT")
        except BaseException:
            self._undo()
            raise

    def _undo(self) -> None:
        """Roll back; a connection that cannot even do that is dropped, which rolls back too."""
        for forget in self.after_rollback:
            forget()
        try:
            if self._driver is not None and self._in_transaction(self._driver):
                self._command("ROLLBACK")
        except StoreError:
            self._drop()

    def _in_transaction(self, driver: Any) -> bool:
        return driver.in_transaction if self.dialect_name == "sqlite" else not driver.closed

    def _failed(self, error: Exception) -> Exception:
        """The error in plain words; a connection that was closed on us is opened anew next time."""
        driver: Any = self._driver
        if self.dialect_name == "postgresql" and driver is not None and driver.closed:
            self._drop()
        return translate(error, self._place)

    def _drop(self) -> None:
        pooled, self._pooled, self._driver = self._pooled, None, None
        if pooled is not None:
            pooled.close()
