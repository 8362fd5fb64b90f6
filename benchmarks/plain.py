"""The plain loop beside the product: the same reader, the same rows, raw sqlite3, one commit each."""

from __future__ import annotations

import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import material
from bot.loop import Read
from domain.events import Message
from domain.reading import Reading
from handlers.understanding.context import Context
from storage.columns import utc_text

Row = tuple[object, ...]
Heard = tuple[str, Context | None]
"""What a reader is given: the words, and the talk around them."""
_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "temp_store = MEMORY",
    "wal_autocheckpoint = 8000",
    "cache_size = -8000",
)
OF_TICKET = ("ticket_events", "ticket_messages", "voices", "ticket_members", "reminders", "outbox")
"""Tables whose rows belong to a ticket, beside the tickets themselves and the questions."""
COUNTED = ("inbox", "tickets", *OF_TICKET, "questions")
_NEARBY = (
    "SELECT * FROM tickets WHERE town = ? AND community = ? AND live = 1 AND category = ? "
    "ORDER BY touched_at DESC LIMIT 50"
)


def connect(file: Path) -> sqlite3.Connection:
    """A connection that is as careful as the product's."""
    connection = sqlite3.connect(file, isolation_level=None, cached_statements=256)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def copy(source: Path, target: Path) -> Path:
    """A database file to begin a round with."""
    for file in (target, Path(f"{target}-wal"), Path(f"{target}-shm")):
        file.unlink(missing_ok=True)
    shutil.copyfile(source, target)
    return target


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Rows in each table of the work."""
    return {
        table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in COUNTED
    }


@dataclass
class Share:
    """The rows that one message, or one reminder, left behind: table -> rows."""

    key: str
    at: str
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    sent: list[tuple[object, ...]] = field(default_factory=list)
    """Ids of words that are marked as sent in this commit."""


def shares(connection: sqlite3.Connection) -> list[Share]:
    """Every row of a finished run, with the message whose commit it goes into.

    Rows of a ticket go with the message that opened it, the rest with the first message.
    """
    found: dict[str, Share] = {}
    for town, key, at in connection.execute("SELECT town, key, at FROM inbox ORDER BY at"):
        found[key] = Share(key=key, at=at)
        found[key].rows["inbox"].append((town, key, at))
    first = next(iter(found.values()))
    opened: dict[int, Share] = {}
    for row in _rows(connection, "tickets"):
        share = found.get(str(row["opened_by"]), first)
        opened[row["id"]] = share
        share.rows["tickets"].append(tuple(row))
    for table in (*OF_TICKET, "questions"):
        for row in _rows(connection, table):
            opened.get(row["ticket"], first).rows[table].append(tuple(row))
    return list(found.values())


_WRITTEN_AT = {
    "inbox": "at",
    "tickets": "opened_at",
    "ticket_events": "at",
    "ticket_messages": "at",
    "ticket_members": "at",
    "outbox": "created_at",
    "questions": "asked_at",
}


def moments(connection: sqlite3.Connection) -> list[Share]:
    """What a finished run wrote and sent, moment by moment: what comes with one moment is one commit.

    Reminders and voices do not say when: they go with their ticket; nothing goes before it.
    """
    opened = {row["id"]: row["opened_at"] for row in _rows(connection, "tickets")}
    found: dict[str, Share] = {}

    def at(moment: str) -> Share:
        return found.setdefault(moment, Share(key=moment, at=moment))

    for table in COUNTED:
        for row in _rows(connection, table):
            column = _WRITTEN_AT.get(table)
            begun = opened.get(row["ticket"], "") if "ticket" in row.keys() else ""  # noqa: SIM118
            moment = begun if column is None else max(row[column], begun)
            at(moment).rows[table].append(tuple(row))
            if table == "outbox" and row["sent_at"]:
                at(row["sent_at"]).sent.append((row["id"],))
    return [found[key] for key in sorted(found)]


def _rows(connection: sqlite3.Connection, table: str) -> list[sqlite3.Row]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(f"SELECT * FROM {table} ORDER BY rowid" if _has_rowid(connection, table)
                          else f"SELECT * FROM {table}").fetchall()  # fmt: skip


def _has_rowid(connection: sqlite3.Connection, table: str) -> bool:
    sql = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    return "WITHOUT ROWID" not in sql.upper()


@dataclass
class Overhearing:
    """A reader that keeps what it was asked: the plain loop asks the same again."""

    read: Read
    heard: list[Heard] = field(default_factory=list[Heard])

    def __call__(self, text: str, context: Context | None) -> Reading:
        self.heard.append((text, context))
        return self.read(text, context)


class PlainLoop:
    """Reads every message; where the product recorded something, writes the very same rows."""

    def __init__(self, file: Path, run: Iterable[Share]) -> None:
        self.connection = connect(file)
        self._read = material.read()
        self._run = {share.key: share for share in run}
        self._inserts: dict[str, str] = {}
        for table in COUNTED:
            columns = self.connection.execute(f"PRAGMA table_info({table})").fetchall()
            marks = ", ".join("?" * len(columns))
            self._inserts[table] = f"INSERT INTO {table} VALUES ({marks})"

    def take_all(self, messages: Sequence[Message]) -> int:
        """How many commits were made."""
        commits = 0
        for message in messages:
            self._read(message.text, None)
            share = self._run.get(message.key)
            if share is not None:
                self.write(share)
                commits += 1
        return commits

    def follow(
        self, messages: Sequence[Message], heard: Sequence[Heard], moments: Sequence[Share]
    ) -> int:
        """Read every message as it was `heard`, and write what each moment brings in its time."""
        waiting = iter(moments)
        share = next(waiting, None)
        commits = 0
        for message, (text, context) in zip(messages, heard, strict=True):
            self._read(text, context)
            now = utc_text(message.at)
            while share is not None and share.at <= now:
                self.write(share)
                commits += 1
                share = next(waiting, None)
        while share is not None:
            self.write(share)
            commits += 1
            share = next(waiting, None)
        return commits

    def write(self, share: Share) -> None:
        """One look for an incident nearby, then all rows of one message in one durable commit."""
        run = self.connection.execute
        run("BEGIN IMMEDIATE")
        tickets = share.rows.get("tickets", ())
        for ticket in tickets:
            run(_NEARBY, (material.TOWN, ticket[2], ticket[5])).fetchall()
        for table in COUNTED:
            for row in share.rows.get(table, ()):
                run(self._inserts[table], row)
        for sent in share.sent:
            run("UPDATE outbox SET state = 'sent' WHERE id = ?", sent)
        if tickets:
            run(
                "UPDATE counters SET value = value + ? WHERE town = ? AND name = 'ticket'",
                (len(tickets), material.TOWN),
            )
        run("COMMIT")

    def close(self) -> None:
        self.connection.close()
