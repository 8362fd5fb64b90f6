"""Kills a replay at random moments, goes on, and compares what the store holds at the end.

    python -m tests.kill_replay [--rounds 5] [--kills 4] [--seed 1] [FILE]

A round plays a transcript into a SQLite file, kills the process with SIGKILL a few times, lets
the last one finish, and compares every row that a replay without a kill leaves. It is exact
because the cursor of a replay moves in the commit of the line that is recorded (`House.take`),
and before time passes for anything else to be recorded (`bot.replay.run`).
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

from bot.app import rules_of
from bot.config import load_config
from bot.reading import reader_of
from bot.replay.run import replay
from bot.replay.transcript import read_file
from storage.store import Store

ROOT = Path(__file__).parent.parent
DAY = Path(__file__).parent / "transcripts" / "day.jsonl"
_LATER = frozenset({"outbox", "meta", "inbox", "alembic_version"})
"""What may differ: words on their way when the process died, and the cursor itself."""
_IDS_DIFFER = frozenset({"reminders", "questions"})
"""Rows that are written anew each time: their ids say nothing."""

Row = tuple[object, ...]
Rows = dict[str, list[Row]]


def play(transcript: Path, database: Path) -> None:
    """The child: replay into a file, one line on stdout for each message taken."""
    config = load_config(ROOT / "config.yaml", {})
    store = Store.open(f"sqlite:///{database}", "replay")
    with closing(store):
        _report = replay(
            read_file(transcript)[0],
            store,
            rules_of(config),
            reader_of(config).read,
            on_message=lambda count: print(count, flush=True),
        )


def start(transcript: Path, database: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.kill_replay", "--play", str(transcript), str(database)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def finish(transcript: Path, database: Path) -> None:
    """Play to the end; raises CalledProcessError when the child breaks."""
    with start(transcript, database) as child:
        assert child.stdout is not None
        for _line in child.stdout:
            pass
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, child.args)


def kill_somewhere(transcript: Path, database: Path, after: int, pause: float) -> int:
    """Kill the child `pause` seconds after it took `after` messages; returns how far it was."""
    taken = 0
    with start(transcript, database) as child:
        assert child.stdout is not None
        for line in child.stdout:
            taken = int(line)
            if taken >= after:
                break
        time.sleep(pause)
        child.kill()
        with suppress(ValueError):
            taken = max([taken, *map(int, child.stdout.read().split())])
    return taken


def rows_of(database: Path) -> Rows:
    """Everything that was decided, table by table."""
    with closing(sqlite3.connect(database)) as link:
        tables = [
            name
            for (name,) in link.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name not in _LATER and not name.startswith("sqlite_")
        ]
        return {table: sorted(_rows(link, table), key=repr) for table in tables}


def _rows(link: sqlite3.Connection, table: str) -> Iterator[Row]:
    found = link.execute(f"SELECT * FROM {table}")
    keys = [column[0] for column in found.description]
    left_out = {keys.index("id")} if table in _IDS_DIFFER else set[int]()
    for row in found:
        yield tuple(value for at, value in enumerate(row) if at not in left_out)


def differences(expected: Rows, found: Rows) -> list[str]:
    """One line for each row that only one of the two has."""
    lines: list[str] = []
    for table in sorted(expected.keys() | found.keys()):
        here, there = expected.get(table, []), found.get(table, [])
        lines += [f"{table} lost {row}" for row in here if row not in there]
        lines += [f"{table} has more {row}" for row in there if row not in here]
        if len(here) != len(there):
            lines.append(f"{table}: {len(there)} rows instead of {len(here)}")
    return lines


def one_round(transcript: Path, folder: Path, chance: random.Random, kills: int) -> Rows:
    """A replay that is killed `kills` times and then finished."""
    database = folder / "killed.sqlite3"
    lines = sum(1 for row in transcript.read_text(encoding="utf-8").splitlines() if row.strip())
    for after in sorted(chance.randint(1, lines) for _ in range(kills)):
        pause = chance.choice((0.0, chance.uniform(0, 0.005), chance.uniform(0, 0.05)))
        _taken = kill_somewhere(transcript, database, after, pause)
    finish(transcript, database)
    return rows_of(database)


def compare(transcript: Path, seeds: Sequence[int], kills: int) -> list[str]:
    """Every difference that the kills made, over one round for each seed."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.sqlite3"
        finish(transcript, whole)
        expected = rows_of(whole)
    if not expected.get("tickets"):
        return ["the replay without a kill opened no ticket: nothing was compared"]
    found: list[str] = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            rows = one_round(transcript, Path(folder), random.Random(seed), kills)
            found += [f"seed {seed}: {line}" for line in differences(expected, rows)]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    _ = parser.add_argument("--play", nargs=2, type=Path, metavar=("FILE", "DATABASE"))
    _ = parser.add_argument("--rounds", type=int, default=5)
    _ = parser.add_argument("--kills", type=int, default=4)
    _ = parser.add_argument("--seed", type=int, default=1)
    _ = parser.add_argument("file", nargs="?", type=Path, default=DAY)
    given = parser.parse_args()
    if given.play:
        play(*given.play)
        return 0
    found = compare(given.file, range(given.seed, given.seed + given.rounds), given.kills)
    for line in found:
        print(line)
    print(f"{given.rounds} rounds, {given.kills} kills each: {len(found)} differences")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
