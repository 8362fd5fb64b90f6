"""Opens the database behind a URL, SQLite or PostgreSQL, and puts its errors into plain words."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool, StaticPool

from domain.errors import Conflict, StoreError, XiaogeError

_CHECKED_IN_FULL = 64 * 1024 * 1024
"""Bytes up to which a SQLite file is checked page by page at every start (about 0.2 s)."""


def open_engine(url: str, *, wait: float = 5.0) -> Engine:
    """An engine for `sqlite://`, `sqlite:///FILE` or `postgresql+psycopg://…`, checked.

    `wait` is how many seconds a locked database is waited for. Raises StoreError when the
    database cannot be opened, is corrupt, or is of another kind.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite(parsed, wait)
    else:
        engine = _postgresql(parsed, wait)
    try:
        with engine.connect() as connection:
            if parsed.get_backend_name() == "sqlite":
                _refuse_corrupt(parsed, connection.connection.driver_connection)
    except DBAPIError as error:
        engine.dispose()
        raise translate(error.orig or error, where(parsed)) from error
    except XiaogeError:
        engine.dispose()
        raise
    return engine


def where(url: URL) -> str:
    """The database as a person knows it: the file, or host and name; never a password."""
    if url.get_backend_name() == "sqlite":
        return url.database or "memory"
    return f"{url.host or 'localhost'}:{url.port or 5432}/{url.database}"


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(
            "database.url cannot be read: write sqlite:///FILE or "
            "postgresql+psycopg://USER@HOST/NAME"
        ) from error
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise StoreError(
            f"database.url names {parsed.drivername}: only sqlite and postgresql+psycopg work"
        )
    return parsed


def _sqlite(url: URL, wait: float) -> Engine:
    in_memory = url.database in {None, "", ":memory:"}
    try:
        engine = create_engine(
            url,
            poolclass=StaticPool if in_memory else NullPool,
            paramstyle="qmark",
            connect_args={
                "timeout": wait,
                "isolation_level": None,
                "check_same_thread": False,
                "cached_statements": 256,
            },
        )
    except SQLAlchemyError as error:
        raise StoreError(f"database.url cannot be used: {error}") from error
    event.listen(engine, "connect", _tune_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a reader that turns writer is refused without waiting."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


_PRAGMAS = (
    "synchronous = FULL",
    "foreign_keys = ON",
    "temp_store = MEMORY",
    "wal_autocheckpoint = 8000",
    "journal_size_limit = 67108864",
    "cache_size = -8000",
)
"""Pages of the last few hundred commits are mostly the same ones: copying them back in larger
portions (32 MB) saves most of that work. The cache may take 8 MB: with 32 nothing is faster, as
the system keeps the file's pages anyway."""


def _tune_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """WAL keeps readers out of the writer's way; FULL means that a commit survives power loss."""
    cursor = connection.cursor()
    try:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "readonly" not in str(error):
                raise
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
    finally:
        cursor.close()


def _postgresql(url: URL, wait: float) -> Engine:
    try:
        return create_engine(
            url,
            poolclass=NullPool,
            paramstyle="format",
            connect_args={"connect_timeout": max(2, round(wait))},
        )
    except SQLAlchemyError as error:
        raise StoreError(f"database.url cannot be used: {error}") from error


def _refuse_corrupt(url: URL, connection: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        file = Path(url.database or "")
        if file.is_file() and file.stat().st_size <= _CHECKED_IN_FULL:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()
            if found[0] != "ok":
                raise sqlite3.DatabaseError(f"malformed: {found[0]}")
    except sqlite3.Error as error:
        raise translate(error, where(url)) from error


_SQLITE_WORDS = (
    (
        ("malformed", "not a database", "corrupt"),
        "is damaged: stop Xiaoge, keep the file, and put the last backup in its place",
    ),
    (
        ("is full",),
        "has no room left on its disk: free some space; nothing half-done was kept",
    ),
    (
        ("locked", "busy"),
        "is locked by another program: stop the other Xiaoge or close the tool that writes to it",
    ),
    (
        ("readonly",),
        "cannot be written: give this user the right to write the file and its folder",
    ),
    (
        ("unable to open",),
        "cannot be opened: make sure that its folder exists and that this user may write there",
    ),
    (
        ("disk i/o error",),
        "cannot be read or written: the disk reports an error; check it",
    ),
)

_POSTGRESQL_WORDS = {
    "53100": "has no room left on its disk: free some space; nothing half-done was kept",
    "53300": "takes no more connections: raise max_connections or run fewer processes",
    "28": "refuses this user: check user and password of database.url",
    "3D": "does not exist: create it (createdb) or correct database.url",
    "55P03": "is locked by another program: wait, or end the long transaction",
    "25006": "is read-only: point database.url at the primary server",
    "XX": "is damaged: stop Xiaoge and restore the last backup",
}
_AGAIN = frozenset({"23505", "40001", "40P01"})


def translate(error: BaseException, place: str) -> XiaogeError:
    """What a driver's error means: a Conflict (run again) or a StoreError with its remedy."""
    said = " ".join(str(error).split())
    code = getattr(error, "sqlstate", None)
    if isinstance(error, sqlite3.IntegrityError) and "UNIQUE" in said:
        return Conflict(f"somebody else was faster ({said}): recall and decide again")
    if code in _AGAIN:
        return Conflict(f"somebody else was faster ({said}): recall and decide again")
    if isinstance(error, sqlite3.Error):
        for marks, words in _SQLITE_WORDS:
            if any(mark in said.lower() for mark in marks):
                return StoreError(f"database {place} {words} ({said})")
    elif code is not None:
        for start, words in _POSTGRESQL_WORDS.items():
            if str(code).startswith(start):
                return StoreError(f"database {place} {words} ({said})")
    else:
        return StoreError(f"database {place} {_unreached(said)} ({said})")
    return StoreError(f"database {place} refused: {said}")


def _unreached(said: str) -> str:
    """A server that turned us away before it gave a code says why in words."""
    if "does not exist" in said:
        return _POSTGRESQL_WORDS["3D"]
    if "authentication" in said or "password" in said:
        return _POSTGRESQL_WORDS["28"]
    return "does not answer: start it or correct database.url"
