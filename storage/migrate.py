"""Brings a database to the schema of this program, and says how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DBAPIError

from domain.errors import StoreError
from storage import town_tables
from storage.engine import open_engine, translate, where
from storage.planner import expect_a_town
from storage.tables import METADATA

VERSIONS = ("0001", "0002", "0003")
"""The names of all migrations, oldest first; a test compares them with the files."""
HEAD = VERSIONS[-1]

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 7_164_001
"""Any number: two processes that start together take turns by it on PostgreSQL."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SchemaStatus:
    """`current` is None for a database without our tables."""

    current: str | None
    head: str = HEAD

    @property
    def up_to_date(self) -> bool:
        return self.current == self.head


def status(engine: Engine) -> SchemaStatus:
    """Which schema the database has, and which this program wants."""
    with engine.connect() as connection:
        return SchemaStatus(current=_current(connection))


def look(url: str) -> SchemaStatus:
    """The same for a database by its address; it is opened and closed again. Raises StoreError."""
    engine = open_engine(url)
    try:
        return status(engine)
    except DBAPIError as error:
        raise translate(error.orig or error, where(engine.url)) from error
    finally:
        engine.dispose()


def upgrade(engine: Engine) -> None:
    """Make the schema this program's; nothing happens when it already is.

    An empty database gets all tables at once (a test proves that the migrations lead to exactly
    the same). Raises StoreError when the database was written by a newer program.
    """
    try:
        if status(engine).up_to_date:
            return
        with engine.begin() as connection:
            _take_turns(connection)
            current = _current(connection)
            if current == HEAD:
                return
            if current is None:
                _create(connection)
                expect_a_town(connection)
                return
            if current not in VERSIONS:
                raise StoreError(
                    f"database {where(engine.url)} has schema {current}, newer than this program "
                    f"({HEAD}): install the newer Xiaoge, or put back the backup of before"
                )
            run_scripts(connection)
            expect_a_town(connection)
    except DBAPIError as error:
        raise translate(error.orig or error, where(engine.url)) from error


def run_scripts(connection: Connection, target: str = "head") -> None:
    """Run the migration scripts that this database has not seen, up to `target`."""
    # Imported here: alembic takes longer to load than Xiaoge takes to start.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, target)


def _create(connection: Connection) -> None:
    assert town_tables.Grid.metadata is METADATA
    METADATA.create_all(connection)
    connection.exec_driver_sql(
        "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.exec_driver_sql(f"INSERT INTO alembic_version (version_num) VALUES ('{HEAD}')")  # noqa: S608  # built from constants of this file


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return None if row is None else str(row[0])


def _take_turns(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
