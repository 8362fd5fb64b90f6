"""Stores on both engines: every test here runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from storage.store import Store
from tests.store.making import OpenStore

_DEFAULT = "postgresql+psycopg://postgres@127.0.0.1:5432/test"


@pytest.fixture(scope="session")
def postgresql() -> Generator[str]:
    """The URL of a schema of our own, dropped afterwards; skips where no server answers."""
    given = make_url(os.environ.get("XIAOGE_TEST_POSTGRES", _DEFAULT))
    plain = given.set(drivername="postgresql").render_as_string(hide_password=False)
    schema = f"xiaoge_{uuid4().hex[:12]}"
    try:
        server = psycopg.connect(plain, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        reason = f"no PostgreSQL answers at XIAOGE_TEST_POSTGRES: {error}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with server:
        server.execute(f"CREATE SCHEMA {schema}".encode())
        ours = given.update_query_dict({"options": f"-csearch_path={schema}"})
        yield ours.render_as_string(hide_password=False)
        server.execute(f"DROP SCHEMA {schema} CASCADE".encode())


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    found: str = request.getfixturevalue("postgresql")
    return found


@pytest.fixture
def open_store(url: str) -> Generator[OpenStore]:
    """Opens the same town again and again, as several processes would."""
    town = f"town-{uuid4().hex[:8]}"
    opened: list[Store] = []

    def open_it() -> Store:
        opened.append(Store.open(url, town, wait=2))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    """An empty town."""
    return open_store()


@pytest.fixture
def open_other(url: str) -> Generator[Store]:
    """Another town in the same database."""
    other = Store.open(url, f"other-{uuid4().hex[:8]}")
    yield other
    other.close()
