"""One tick of the clock over a million reminders: nothing due, and 500 due at once."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks import filling, material, plain
from benchmarks.rounds import Table, Watch, measure
from bot.wakings import Timekeeper
from storage.columns import utc_text
from storage.store import Store

_ROWS = 1_000_000
_DUE = 500
_OPEN = 600
"""Requests whose own reminders stand among the others."""
_LOOKS = 300
_SELECT = (
    "SELECT id, ticket, kind, step, due_at FROM reminders WHERE town = ? AND due_at <= ? "
    "ORDER BY due_at, id LIMIT 500"
)
_CHANGING = ("ticket_events", "ticket_members", "reminders", "outbox", "questions")


def nothing_due(folder: Path, *, rounds: int, rows: int = _ROWS) -> Table:
    """Milliseconds of a tick that finds nothing."""
    file = filling.reminders(folder, rows, open_=_OPEN)
    now = material.START - timedelta(hours=1)
    store = _open(file)
    timekeeper = Timekeeper(material.new_house(store), since=now)
    connection = plain.connect(file)

    def ours() -> float:
        return _median_ms(lambda: timekeeper.tick(now))

    def loop() -> float:
        at = utc_text(now)
        return _median_ms(lambda: len(connection.execute(_SELECT, ("bench", at)).fetchall()))

    variants = {"Xiaoge, tick": ours, "raw loop: one SELECT": loop}
    table = measure(
        f"Tick over {rows:,} reminders, none due",
        "ms",
        variants,
        rounds=rounds,
        more_is_better=False,
        goal=5.0,
    )
    store.close()
    connection.close()
    table.notes.append(f"each figure is the median of {_LOOKS} ticks")
    return table


def many_due(folder: Path, *, rounds: int, rows: int = _ROWS) -> Table:
    """Reminders a second when 500 fall due at once; each is decided by itself, all are one commit."""
    file = filling.reminders(folder, rows, open_=_OPEN)
    now, asked = _when_due(file)
    work: list[tuple[int, dict[str, list[plain.Row]]]] = []
    expected: dict[str, int] = {}
    taken: list[int] = []
    names = plain.COUNTED

    def ours():
        copied = plain.copy(file, folder / "tick.sqlite3")
        store = _open(copied)
        timekeeper = Timekeeper(material.new_house(store), since=now)
        store.directory()
        before = plain.counts(store._link._open())  # pyright: ignore[reportArgumentType] # sqlite3
        latest = _latest(store._link._open())
        watch = Watch()
        taken.append(timekeeper.tick(now))
        done = watch.done(taken[-1])
        store.close()
        connection = plain.connect(copied)
        found = plain.counts(connection)
        assert taken[-1] >= asked
        assert found["outbox"] > before["outbox"]
        if not work:
            work.extend(_work(connection, latest))
            expected.update(found)
        connection.close()
        return done

    def loop():
        copied = plain.copy(file, folder / "tick-raw.sqlite3")
        plainly = plain.PlainLoop(copied, [])
        run = plainly.connection.execute
        at = utc_text(now)
        rows_of = dict(work)
        watch = Watch()
        due = run(_SELECT, (material.TOWN, at)).fetchall()
        run("BEGIN IMMEDIATE")
        for id, ticket, *_ in due:
            run("DELETE FROM reminders WHERE town = ? AND id = ?", (material.TOWN, id))
            run("SELECT * FROM tickets WHERE town = ? AND id = ?", (material.TOWN, ticket))
            run("UPDATE tickets SET version = version + 1, announced_at = ? WHERE town = ? AND id = ?",
                (at, material.TOWN, ticket))  # fmt: skip
            for table, new in rows_of.pop(ticket, {}).items():
                for row in new:
                    run(plainly._inserts[table].replace("INSERT", "INSERT OR REPLACE"), row)
        run("COMMIT")
        done = watch.done(len(due))
        assert len(due) == asked
        found = plain.counts(plainly.connection)
        for name in ("outbox", "ticket_members"):
            assert abs(found[name] - expected[name]) <= expected[name] * 0.02, (
                name,
                found,
                expected,
            )
        plainly.close()
        return done

    variants = {"Xiaoge, tick": ours, "raw loop: same rows, one commit": loop}
    table = measure(
        f"Tick over {rows:,} reminders, {asked} due at once", "reminders/s", variants, rounds=rounds
    )
    table.notes.append(
        f"taken in one tick: {taken[-1]}; rows afterwards: "
        + ", ".join(f"{name} {expected[name]}" for name in names)
    )
    rate = table.median("Xiaoge, tick")
    table.notes.append(f"the whole tick takes {taken[-1] / rate:.2f} s; messages wait that long")
    return table


def _work(connection, latest: dict[str, int]) -> list[tuple[int, dict[str, list[plain.Row]]]]:
    """Rows that a tick wrote, by ticket."""
    found: defaultdict[int, dict[str, list[plain.Row]]] = defaultdict(lambda: defaultdict(list))
    for table in _CHANGING:
        for row in plain._rows(connection, table):
            if "id" not in row.keys() or row["id"] > latest[table]:  # noqa: SIM118
                found[row["ticket"]][table].append(tuple(row))
    return list(found.items())


def _when_due(file: Path) -> tuple[datetime, int]:
    """The last moment at which no more than 500 reminders have fallen due, and how many have."""
    connection = plain.connect(file)
    near = connection.execute(
        "SELECT due_at FROM reminders ORDER BY due_at, id LIMIT ?", (_DUE + 1,)
    ).fetchall()
    connection.close()
    moments = [at for (at,) in near if at < near[-1][0]]
    return datetime.fromisoformat(moments[-1]), len(moments)


def _latest(connection) -> dict[str, int]:
    """The last id in each table that numbers its rows."""
    return {
        table: connection.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}").fetchall()[0][0]
        for table in _CHANGING
        if table != "ticket_members"
    }


def _median_ms(look) -> float:
    times: list[float] = []
    for _ in range(_LOOKS):
        began = time.perf_counter()
        found = look()
        times.append(time.perf_counter() - began)
        assert found == 0
    return statistics.median(times) * 1000


def _open(file: Path) -> Store:
    return Store.open(f"sqlite:///{file}", material.TOWN, patience=material.rules().patience)
