"""All benchmarks in one run: `python -m benchmarks` in minutes, `--long` with more of everything.

    python -m benchmarks [--long] [--only NAME,NAME]

Prints every round, and writes benchmarks/out/bench.txt and bench.json. Names: machine, chatter,
requests, start, memory, replay, idle, due, dispatch, quality. Each has its own limits of what is
asked; what is not reached is said at the end.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import structlog

from benchmarks import dispatch, machine, material, quality, replaying, road, starting, ticking
from benchmarks.rounds import Table


@dataclass(kw_only=True)
class Run:
    """One run of what was chosen, and what it found."""

    folder: Path
    long: bool
    lines: list[str] = field(default_factory=list)
    data: dict[str, object] = field(default_factory=dict)
    verdicts: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        print(text, flush=True)
        self.lines.append(text)

    def keep(self, name: str, table: Table) -> None:
        self.say(table.text())
        self.data.setdefault("tables", {})[name] = table.data()  # pyright: ignore[reportIndexIssue] # a dict
        if table.goal is not None:
            mine = f"{table.median(table.ours):,.3g} {table.unit}"
            self.verdicts.append(f"{table.title}: {mine}; {table.verdict()}")

    @property
    def rounds(self) -> int:
        return 7 if self.long else 3


def _machine(run: Run) -> None:
    for number, table in enumerate(machine.calibration(run.folder, run.rounds)):
        run.keep(f"machine-{number}", table)


def _chatter(run: Run) -> None:
    count = 20_000 if run.long else 1_500
    run.keep("chatter", road.chatter(run.folder, count=count, rounds=run.rounds))


def _requests(run: Run) -> None:
    count = 2_000 if run.long else 250
    run.keep("requests", road.requests(run.folder, count=count, rounds=run.rounds))


def _start(run: Run) -> None:
    run.keep("start", starting.start(run.folder, rounds=5 if run.long else 2))


def _memory(run: Run) -> None:
    run.keep("memory", starting.memory(run.folder, rounds=3 if run.long else 1))


def _replay(run: Run) -> None:
    road.empty_database(run.folder)
    each = replaying.EACH if run.long else replaying.EACH // 25
    run.keep("replay", replaying.table(run.folder, rounds=run.rounds, each=each))


def _idle(run: Run) -> None:
    run.keep("idle", ticking.nothing_due(run.folder, rounds=run.rounds))


def _due(run: Run) -> None:
    run.keep("due", ticking.many_due(run.folder, rounds=5 if run.long else 2))


def _dispatch(run: Run) -> None:
    rounds, count = (5, 10_000) if run.long else (2, 1_000)
    run.keep("dispatch", dispatch.table(run.folder, rounds=rounds, count=count))


def _quality(run: Run) -> None:
    found = quality.scores(5 if run.long else 1)
    run.say(quality.text(found))
    run.data["quality"] = [asdict(score) for score in found]


BENCHMARKS: dict[str, Callable[[Run], None]] = {
    "machine": _machine,
    "chatter": _chatter,
    "requests": _requests,
    "start": _start,
    "memory": _memory,
    "replay": _replay,
    "idle": _idle,
    "due": _due,
    "dispatch": _dispatch,
    "quality": _quality,
}


def main() -> int:
    """0 when every goal is reached, by itself or by the ratio to the plain loop; else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_AsWritten)
    parser.add_argument("--long", action="store_true", help="more rounds, more messages")
    parser.add_argument("--only", default="", help="names, with commas between")
    given = parser.parse_args()
    wanted = [n for n in given.only.split(",") if n] or list(BENCHMARKS)
    if unknown := [n for n in wanted if n not in BENCHMARKS]:
        parser.error(
            f"no benchmark is called {', '.join(unknown)}: choose of {', '.join(BENCHMARKS)}"
        )
    warnings.simplefilter("ignore")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    material.OUT.mkdir(exist_ok=True)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=material.OUT) as folder:
        run = Run(folder=Path(folder), long=given.long)
        run.data["machine"] = machine.described()
        for name in wanted:
            BENCHMARKS[name](run)
    run.say(f"\nall in {time.perf_counter() - began:.0f} s")
    for verdict in run.verdicts:
        run.say(f"  {verdict}")
    run.data["verdicts"] = run.verdicts
    (material.OUT / "bench.txt").write_text("\n".join(run.lines) + "\n", encoding="utf-8")
    (material.OUT / "bench.json").write_text(
        json.dumps(run.data, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    return int(any("NOT REACHED" in verdict for verdict in run.verdicts))


class _AsWritten(argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of the description."""


if __name__ == "__main__":
    sys.exit(main())
