"""Databases with years in them: 100,000 closed tickets, a million reminders; made in SQL at once."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

from benchmarks import material, plain, road, said
from domain.calendar import LOCAL
from domain.events import Message
from storage.columns import utc_text
from storage.store import Store

_COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
FAR = "2031-01-01T00:00:00.000000+00:00"


def closed_tickets(folder: Path, count: int) -> Path:
    """The town's database with so many closed tickets, each with history, words and a voice."""
    file = folder / f"closed-{count}.sqlite3"
    if file.exists():
        return file
    plain.copy(road.empty_database(folder), file)
    messages = material.requests(201)
    said.keep(folder, material.chatter(2000).messages, messages[1:])
    _take(file, messages[:1])
    connection = sqlite3.connect(file, isolation_level=None)
    long_ago = utc_text(material.START.astimezone(LOCAL) - timedelta(days=200))
    changed = {
        "id": "1000 + i",
        "number": "1 + i % 999",
        "community": "'C' || substr('0' || (1 + i % 21), -2)",
        "state": "'confirmed'",
        "live": "0",
        "slot": "1000 + i",
        "reporter": "'wechat:old' || i",
        "opened_by": "'wechat:bench:old' || i",
        "touched_at": f"'{long_ago}'",
        "closed_at": f"'{long_ago}'",
    }
    of_ticket = {"ticket": "1000 + i", "message": "'wechat:bench:old' || i"}
    of_voice = {"ticket": "1000 + i", "person": "'wechat:old' || i"}
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN")
    multiply(connection, "tickets", count, changed)
    multiply(connection, "ticket_events", count, {"id": "1000 + i", **of_ticket})
    multiply(connection, "ticket_messages", count, of_ticket)
    multiply(connection, "voices", count, of_voice)
    for table in (
        "inbox",
        "reminders",
        "outbox",
        "voices",
        "ticket_members",
        "ticket_messages",
        "ticket_events",
    ):
        where = "" if table in ("inbox", "reminders", "outbox") else " WHERE ticket < 1000"
        connection.execute(f"DELETE FROM {table}{where}")
    connection.execute("DELETE FROM tickets WHERE id < 1000")
    connection.execute("UPDATE counters SET value = ? WHERE name = 'ticket'", (2000 + count,))
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert connection.execute("SELECT count(*) FROM tickets").fetchone()[0] == count
    connection.close()
    return file


def reminders(folder: Path, count: int, *, open_: int) -> Path:
    """So many reminders years ahead, beside `open_` tickets with their own ones."""
    file = folder / f"reminders-{count}-{open_}.sqlite3"
    if file.exists():
        return file
    plain.copy(road.empty_database(folder), file)
    _take(file, material.requests(open_))
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN")
    multiply(
        connection,
        "reminders",
        count,
        {
            "id": "1000000 + i",
            "ticket": "1000000 + i",
            "due_at": f"strftime('%Y-%m-%dT%H:%M:%f', '{FAR[:19]}', (i % 50000000) || ' seconds')"
            " || '000+00:00'",
        },
    )
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return file


def multiply(
    connection: sqlite3.Connection, table: str, count: int, changed: dict[str, str]
) -> None:
    """Insert a table's first row again and again, with these columns as expressions of `i`."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    cells = ", ".join(changed.get(c, f'r."{c}"') for c in columns)
    connection.execute(
        f"INSERT INTO {table} {_COUNT.format(count=count)} "
        f"SELECT {cells} FROM n, (SELECT * FROM {table} LIMIT 1) AS r"
    )


def _take(file: Path, messages: tuple[Message, ...]) -> None:
    store = Store.open(f"sqlite:///{file}", material.TOWN, patience=material.rules().patience)
    house = material.new_house(store)
    for message in messages:
        assert house.take(message)
    store.close()
