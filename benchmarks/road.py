"""The whole road, message by message: chatter that leaves no trace, requests with one commit each."""

from __future__ import annotations

import gc
import sqlite3
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import material, plain
from benchmarks.rounds import Done, Table, Watch, measure
from bot.loop import House
from domain.events import Message
from storage.store import Store


def empty_database(folder: Path) -> Path:
    """A SQLite file with the town in it, to copy for each round."""
    file = folder / "empty.sqlite3"
    if not file.exists():
        store = material.new_store(f"sqlite:///{file}")
        store._link.run(_text("PRAGMA wal_checkpoint(TRUNCATE)"))
        store.close()
    return file


def _text(sql: str):
    from sqlalchemy import text  # loaded only when needed: start-up stays short

    return text(sql)


def chatter(folder: Path, *, count: int, rounds: int) -> Table:
    """Messages a second that are none of our business; neither a read nor a write is allowed."""
    empty = empty_database(folder)
    said = material.chatter(count)
    messages = said.messages
    file = plain.copy(empty, folder / "chatter.sqlite3")
    store = material.Store.open(
        f"sqlite:///{file}", material.TOWN, patience=material.rules().patience
    )
    read = material.read()
    times: list[float] = []

    def ours() -> Done:
        house = material.new_house(store)
        clock = time.perf_counter
        _calm()
        watch, before = Watch(), clock()
        for message in messages:
            house.take(message)
            now = clock()
            times.append(now - before)
            before = now
        done = watch.done(len(messages))
        assert house.counts["judged"] == len(messages)
        assert house.counts["poisoned"] == 0
        return done

    def loop() -> Done:
        _calm()
        watch = Watch()
        for message in messages:
            read(message.text, None)
        return watch.done(len(messages))

    house = material.new_house(store)
    store.directory()
    touched = material.statements_of(store, lambda: _all(house, messages))
    assert touched == [], f"chatter touched the database: {touched[:3]}"
    before = _changes(store)
    variants = {"Xiaoge, whole road": ours, "raw loop: the same reader only": loop}
    table = measure(
        "Chatter, no write and no read", "messages/s", variants, rounds=rounds, goal=10_000
    )
    assert _changes(store) == before
    store.close()
    table.notes += [
        (
            f"{said.kept} of {said.offered} lines of chatter, notices, ads and questions are "
            "nothing to the reader; the others (false alarms, mostly) are left out of this table"
        ),
        f"statements carried out during {len(messages)} messages: 0",
        _quantiles(times),
    ]
    return table


def _all(house: House, messages: Sequence[Message]) -> None:
    for message in messages:
        house.take(message)


def _changes(store: Store) -> int:
    """How many rows the store's connection has written so far."""
    driver = store._link._open()
    assert isinstance(driver, sqlite3.Connection)
    return driver.total_changes


def requests(folder: Path, *, count: int, rounds: int) -> Table:
    """Requests a second, each read, merged, decided and kept in one durable commit."""
    empty = empty_database(folder)
    messages = material.requests(count)
    times: list[float] = []
    run: list[plain.Share] = []
    expected: dict[str, int] = {}

    def ours() -> Done:
        file = plain.copy(empty, folder / "ours.sqlite3")
        store = material.Store.open(
            f"sqlite:///{file}", material.TOWN, patience=material.rules().patience
        )
        house = material.new_house(store)
        store.directory()
        clock = time.perf_counter
        _calm()
        watch, before = Watch(), clock()
        recorded = 0
        for message in messages:
            recorded += house.take(message)
            now = clock()
            times.append(now - before)
            before = now
        done = watch.done(count)
        store.close()
        connection = plain.connect(file)
        found = plain.counts(connection)
        assert recorded == found["inbox"] == found["tickets"] == count, found
        if not run:
            run.extend(plain.shares(connection))
            expected.update(found)
        connection.close()
        return done

    def loop() -> Done:
        file = plain.copy(empty, folder / "raw.sqlite3")
        plainly = plain.PlainLoop(file, run)
        _calm()
        watch = Watch()
        commits = plainly.take_all(messages)
        done = watch.done(count)
        found = plain.counts(plainly.connection)
        plainly.close()
        assert commits == count, commits
        assert found == expected, (found, expected)
        return done

    variants = {"Xiaoge, whole road": ours, "raw loop: same reader, same rows": loop}
    table = measure(
        "Requests, one durable commit each", "requests/s", variants, rounds=rounds, goal=1_500
    )
    table.notes += [
        f"rows after {count} requests, the same in both: "
        + ", ".join(f"{name} {number}" for name, number in expected.items()),
        _quantiles(times),
    ]
    return table


def _calm() -> None:
    gc.collect()
    gc.freeze()


def _quantiles(times: list[float]) -> str:
    cuts = statistics.quantiles(times, n=1000)
    half, most, nearly_all = (cuts[i] * 1e6 for i in (499, 989, 998))
    return f"one message: p50 {half:.0f} µs, p99 {most:.0f} µs, p99.9 {nearly_all:.0f} µs"
