"""From the start of a process to the first message taken, and the memory of a large town."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import filling, material, plain, road
from benchmarks.rounds import Table, measure

PRODUCT, PLAIN = "benchmarks.first_message", "benchmarks.first_message_plain"


def start(folder: Path, *, rounds: int) -> Table:
    """Seconds to the first request taken, on an existing database and on none."""
    empty = road.empty_database(folder)

    def again() -> float:
        return _begin(PRODUCT, plain.copy(empty, folder / "again.sqlite3"))[0]

    def first() -> float:
        file = folder / "first.sqlite3"
        for old in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
            old.unlink(missing_ok=True)
        return _begin(PRODUCT, file)[0]

    def loop() -> float:
        return _begin(PLAIN, plain.copy(empty, folder / "plain.sqlite3"))[0]

    variants = {
        "Xiaoge, started again": again,
        "Xiaoge, first start of all": first,
        "raw loop: reader, sqlite3": loop,
    }
    table = measure(
        "Start of the process to the first request kept",
        "s",
        variants,
        rounds=rounds,
        more_is_better=False,
        goal=3.0,
    )
    table.notes.append(
        "the first start of all makes the schema and loads the sample town; the app runs in both"
    )
    return table


def memory(folder: Path, *, rounds: int, tickets: int = 100_000) -> Table:
    """Resident MB with 210 third-level grids, 500 rooms and 100,000 closed tickets, at work."""
    full = filling.closed_tickets(folder, tickets)
    highest: list[float] = []

    def ours() -> float:
        _, found = _begin(PRODUCT, plain.copy(full, folder / "memory.sqlite3"), "2000", "200")
        assert found["tickets"] >= tickets + 200, found
        highest.append(found["highest_mb"])
        return found["rss_mb"]

    def loop() -> float:
        _, found = _begin(PLAIN, plain.copy(full, folder / "memory.sqlite3"), "2000", "200")
        return found["rss_mb"]

    variants = {"Xiaoge": ours, "raw loop: reader, sqlite3": loop}
    table = measure(
        "Resident memory after 2,000 chatter and 200 requests",
        "MB",
        variants,
        rounds=rounds,
        more_is_better=False,
        goal=150.0,
    )
    grids = sum(grid.level == 3 for grid in material.town().grids.values())
    table.notes.append(
        f"{grids} third-level grids ({len(material.town().grids)} in all), "
        f"{len(material.town().rooms)} rooms, {tickets:,} closed tickets; "
        f"highest ever {max(highest):.0f} MB"
    )
    return table


def _begin(module: str, file: Path, *more: str) -> tuple[float, dict[str, float]]:
    """(seconds until the process said that its first message was taken, what it said at last)."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", module, str(file), *more],
        stdout=subprocess.PIPE,
        text=True,
        cwd=material.ROOT,
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    taken = time.perf_counter() - began
    rest = process.stdout.read()
    assert process.wait() == 0, rest
    assert said.startswith("taken"), (said, rest)
    return taken, json.loads(rest)
