"""What the machine gives at this moment: durable appends, a CPU loop, the load; figures mean little alone."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from pathlib import Path

from benchmarks.rounds import Table, measure

_APPENDS = 400
_TURNS = 400_000


def calibration(folder: Path, rounds: int) -> list[Table]:
    """Durable appends a second, and turns of an empty loop a second."""
    sync = getattr(os, "fdatasync", os.fsync)

    def appends() -> float:
        with (folder / "appended").open("ab", buffering=0) as file:
            began = time.perf_counter()
            for _ in range(_APPENDS):
                file.write(b"x" * 4096)
                sync(file.fileno())
            return _APPENDS / (time.perf_counter() - began)

    def turns() -> float:
        began = time.perf_counter()
        total = 0
        for n in range(_TURNS):
            total += n & 7
        assert total
        return _TURNS / (time.perf_counter() - began) / 1e6

    return [
        measure("Durable appends of 4 KB (fdatasync)", "1/s", {"appends": appends}, rounds=rounds),
        measure("Turns of a plain Python loop", "million/s", {"turns": turns}, rounds=rounds),
    ]


def described() -> dict[str, object]:
    """The machine in a few words; never its name."""
    return {
        "cores": os.cpu_count(),
        "python": sys.version.split()[0],
        "sqlite": sqlite3.sqlite_version,
        "load": os.getloadavg(),
    }


def rss_mb() -> float:
    """Resident memory of this process now, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS in /proc/self/status")


def highest_mb() -> float:
    """The most resident memory that this process ever had, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmHWM in /proc/self/status")
