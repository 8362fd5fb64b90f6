"""A database that cannot be used is refused with what to do; one that recovers goes on."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from domain.effects import OpenTicket
from domain.errors import StoreError
from domain.outgoing import SendState
from storage.store import Store
from tests.store.making import AT, opened, record, say, ticket


def file_url(file: Path) -> str:
    return f"sqlite:///{file}"


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("sqlite:////nowhere/at/all/x.db", "make sure that its folder exists"),
        ("mysql://root@localhost/x", "only sqlite and postgresql"),
        ("not a url", "cannot be read: write sqlite"),
        ("postgresql://nobody@127.0.0.1:1/x", "does not answer: start it"),
    ],
)
def test_a_database_that_cannot_be_opened_is_refused(url: str, remedy: str) -> None:
    with pytest.raises(StoreError, match=remedy):
        Store.open(url, "town")


def test_no_password_is_told(url: str) -> None:
    del url
    with pytest.raises(StoreError) as told:
        Store.open("postgresql://nobody:geheim@127.0.0.1:1/x", "town")
    assert "geheim" not in str(told.value)


def test_a_database_of_postgresql_that_does_not_exist_is_refused(postgresql: str) -> None:
    url = make_url(postgresql).set(database="xiaoge_never_made")
    with pytest.raises(StoreError, match="createdb"):
        Store.open(url.render_as_string(hide_password=False), "town")


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    file.write_bytes(b"a letter to grandmother " * 1000)
    with pytest.raises(StoreError, match="put the last backup in its place"):
        Store.open(file_url(file), "town")
    assert file.read_bytes().startswith(b"a letter")


def filled(file: Path) -> None:
    store = Store.open(file_url(file), "town")
    for n in range(50):
        record(store, say(f"words {n} " * 50))
        opened(store)
    store.close()


@pytest.mark.parametrize("damage", ["flipped", "truncated"])
def test_a_damaged_file_is_refused(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "x.db"
    filled(file)
    content = bytearray(file.read_bytes())
    if damage == "truncated":
        content = content[: len(content) // 2]
    else:
        for page in range(2, len(content) // 4096):
            content[page * 4096 : page * 4096 + 16] = b"\xff" * 16
    file.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged"):
        Store.open(file_url(file), "town")


def test_a_file_that_may_not_be_written_is_refused_without_harm(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    filled(file)
    store = Store.open(f"sqlite:///file:{file}?mode=ro&uri=true", "town")
    assert len(store.tickets()) == 50
    with pytest.raises(StoreError, match="give this user the right to write"):
        record(store, say())
    assert len(store.tickets()) == 50
    store.close()


def test_a_locked_database_is_waited_for_and_then_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    store = Store.open(file_url(file), "town", wait=0.2)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked by another program"):
        store.record("m1", [say()], at=AT)
    assert store.outgoing_states()[SendState.QUEUED] == 0, "reading goes on"
    other.execute("ROLLBACK")
    other.close()
    assert store.record("m1", [say()], at=AT), "and so does writing, without loss"
    store.close()


def test_a_full_disk_is_told_and_recovers_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    filled(file)
    store = Store.open(file_url(file), "town")
    limit = asked(store, "PRAGMA max_page_count = 1")
    before = store.outgoing_states()[SendState.QUEUED]
    with pytest.raises(StoreError, match="free some space"):
        write_on(store)
    kept = store.outgoing_states()[SendState.QUEUED] - before
    assert [store.is_new(f"m{n}") for n in range(kept + 2)] == [False] * kept + [True, True]
    asked(store, f"PRAGMA max_page_count = {limit + 10_000}")
    assert store.record(f"m{kept}", [say()], at=AT)
    store.close()


def write_on(store: Store) -> None:
    for n in range(1000):
        store.record(f"m{n}", [say("x" * 4000)], at=AT)


def asked(store: Store, sql: str) -> int:
    """What the store's own connection answers; nobody else can limit or name it."""
    link = store._link
    driver = link._open()
    return int(driver.execute(sql).fetchall()[0][0])


def test_a_lost_server_connection_loses_nothing(postgresql: str) -> None:
    store = Store.open(postgresql, "lost", wait=2)
    record(store, say("before"))
    backend = asked(store, "SELECT pg_backend_pid()")
    plain = make_url(postgresql).set(drivername="postgresql")
    with psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [backend])
    with pytest.raises(StoreError):
        store.record("m1", [say("again")], at=AT)
    assert store.record("m1", [say("again")], at=AT)
    assert [row.text for row in store.claim_outgoing(AT)] == ["before", "again"]
    store.close()


_DIES = """
import os, sys
from storage.store import Store
from tests.store.making import AT, say, ticket
from domain.effects import OpenTicket
store = Store.open(sys.argv[1], "town")
with store.writing():
    store.record("m1", [OpenTicket(ticket=ticket(store)), say()], at=AT)
    if sys.argv[2] == "before":
        os._exit(9)
os._exit(9)
"""


@pytest.mark.parametrize(("when", "kept"), [("before", False), ("after", True)])
def test_a_process_that_dies_leaves_all_or_nothing(tmp_path: Path, when: str, kept: bool) -> None:
    url = file_url(tmp_path / "x.db")
    root = str(Path(__file__).parents[2])
    died = subprocess.run([sys.executable, "-c", _DIES, url, when], cwd=root, check=False)
    assert died.returncode == 9
    store = Store.open(url, "town")
    assert store.is_new("m1") is not kept
    again = store.record("m1", [OpenTicket(ticket=ticket(store)), say()], at=AT)
    assert again is not kept
    assert len(store.tickets()) == 1
    assert store.outgoing_states()[SendState.QUEUED] == 1
    store.close()


def test_a_closed_store_leaves_one_file(tmp_path: Path) -> None:
    filled(tmp_path / "x.db")
    assert [file.name for file in tmp_path.iterdir()] == ["x.db"]


def test_commits_survive_a_power_cut(tmp_path: Path) -> None:
    """FULL is what keeps the last commits; nobody may turn it off unnoticed."""
    store = Store.open(file_url(tmp_path / "x.db"), "town")
    assert asked(store, "PRAGMA synchronous") == 2
    assert asked(store, "PRAGMA foreign_keys") == 1
    store.close()
