"""The one connection of a store: statements compiled once, one writer, one transaction at a time.

The message path must not pay for building SQL: a Core statement is compiled when it is first
used and runs on the driver's own cursor from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Any, Protocol, cast

from sqlalchemy import Engine, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql.elements import ClauseElement

from domain.errors import StoreError
from storage.engine import translate, where
from storage.prepared import Cells, Prepared, Values, compiled, insert_of


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
        self._levels = 0
        self._begun = 0
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
        """One transaction: committed at the end, or nothing of it. Inside another it joins it."""
        with self._lock:
            if self._levels:
                yield
            else:
                with self.apart():
                    yield

    @contextmanager
    def apart(self) -> Generator[None]:
        """As `writing`, but inside another it can come to nothing by itself (a savepoint).

        The database hears of it with the first statement: where there is none it costs nothing.
        """
        with self._lock:
            self._levels += 1
            try:
                yield
                self._finish()
            except BaseException:
                self._undo()
                raise
            finally:
                self._levels -= 1
                self._begun = min(self._begun, self._levels)

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
                found = self._ready().execute(prepared.sql, prepared.arguments(values))
                return found.fetchall()
            except self._driver_error as error:
                raise self._failed(error) from error

    def run(self, statement: ClauseElement, values: Values | None = None) -> int:
        """Carry out a change and say how many rows it touched."""
        prepared = self.prepared(statement)
        with self._lock:
            try:
                return (
                    self._ready().execute(prepared.sql, prepared.arguments(values or {})).rowcount
                )
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
                    cursor = self._ready().cursor()
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
            found = _PREPARED[key] = compiled(statement, self._engine.dialect)
        return found

    def _ready(self) -> _Driver:
        """The driver's connection, in the transaction and savepoints that were asked for."""
        driver = self._open()
        while self._begun < self._levels:
            self._command(f"SAVEPOINT level{self._begun}" if self._begun else self._begin)
            self._begun += 1
        return driver

    def _open(self) -> _Driver:
        """The driver's connection, opened when there is none."""
        if self._driver is not None:
            return self._driver
        if self._begun:
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
        if self._begun == self._levels:
            outer = self._levels - 1
            self._command(f"RELEASE SAVEPOINT level{outer}" if outer else "COMMIT")

    def _undo(self) -> None:
        """Roll back; a connection that cannot even do that is dropped, which rolls back too."""
        for forget in self.after_rollback:
            forget()
        if self._begun < self._levels or self._driver is None:
            return
        outer = self._levels - 1
        try:
            if outer:
                self._command(f"ROLLBACK TO SAVEPOINT level{outer}")
                self._command(f"RELEASE SAVEPOINT level{outer}")
            elif self._in_transaction(self._driver):
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
