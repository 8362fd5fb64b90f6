"""Every way to the newest schema leads to the same tables, from any folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from domain.errors import StoreError
from storage import migrate
from storage.engine import open_engine
from storage.store import Store
from storage.tables import METADATA
from tests.store.making import opened

ROOT = Path(__file__).parents[2]


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Engine]:
    """An empty database, and again empty at the end: PostgreSQL's schema is shared."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path / 'x.db'}")
        yield engine
        engine.dispose()
        return
    engine = open_engine(request.getfixturevalue("postgresql"))
    empty(engine)
    yield engine
    empty(engine)
    engine.dispose()


def empty(engine: Engine) -> None:
    with engine.begin() as connection:
        schema = connection.scalar(text("SELECT current_schema()"))
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA {schema}"))


BOTH = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    found: list[object] = compare_metadata(context, METADATA)
    return found


def picture(connection: Connection) -> dict[str, object]:
    """Every table with its columns, keys and indexes, as the database itself tells them."""
    look = inspect(connection)
    return {
        table: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(table)],
            look.get_pk_constraint(table),
            sorted(map(str, look.get_unique_constraints(table))),
            sorted(map(str, look.get_foreign_keys(table))),
            sorted(
                (
                    str(i["name"]),
                    str(i["column_names"]),
                    [str(v) for v in i.get("dialect_options", {}).values()],
                )
                for i in look.get_indexes(table)
            ),
        )
        for table in look.get_table_names()
    }


@BOTH
def test_the_migrations_end_in_exactly_the_tables(engine: Engine) -> None:
    with engine.begin() as connection:
        migrate.run_scripts(connection)
    with engine.connect() as connection:
        assert differences(connection) == []
        stepwise = picture(connection)
        names = inspect(connection).get_table_names()
    assert migrate.status(engine).up_to_date
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("PRAGMA foreign_keys = OFF"))
        for name in sorted(names, key=lambda name: name == "tickets"):
            connection.execute(text(f"DROP TABLE {name}"))
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert picture(connection) == stepwise
    assert migrate.status(engine).up_to_date


@BOTH
def test_an_upgrade_of_what_is_up_to_date_changes_nothing(engine: Engine) -> None:
    assert migrate.status(engine).current is None
    migrate.upgrade(engine)
    with engine.connect() as connection:
        before = picture(connection)
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert picture(connection) == before


@BOTH
def test_a_database_of_a_newer_program_is_refused_and_kept(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="install the newer Xiaoge"):
        migrate.upgrade(engine)
    assert migrate.status(engine).current == "9999"


def test_the_program_knows_the_names_of_all_migrations() -> None:
    scripts = ScriptDirectory(str(ROOT / "storage" / "migrations"))
    found = [script.revision for script in scripts.walk_revisions()]
    assert tuple(reversed(found)) == migrate.VERSIONS
    assert scripts.get_heads() == [migrate.HEAD]


def test_every_row_carries_its_town() -> None:
    without = [name for name, table in METADATA.tables.items() if "town" not in table.columns]
    assert without == []


def test_a_store_opens_from_any_folder(tmp_path: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from storage.engine import open_engine\n"
        "from storage import migrate\n"
        "engine = open_engine('sqlite://')\n"
        "with engine.begin() as connection: migrate.run_scripts(connection)\n"
        "print(migrate.status(engine).current)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == migrate.HEAD
    assert list(tmp_path.iterdir()) == []


def test_opening_a_store_does_not_load_alembic(tmp_path: Path) -> None:
    """It would cost more than the rest of the start."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    store = Store.open(url, "town")
    opened(store)
    store.close()
    code = (
        "import sys; from storage.store import Store; "
        f"Store.open({url!r}, 'town').close(); print('alembic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "False"
