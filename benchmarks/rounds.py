"""Measures variants of one piece of work: interleaved, rotated, every round printed, in a table."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Figure = float


@dataclass(frozen=True)
class Done:
    """One round of one variant: how much was done, and in how many seconds by clock and by CPU."""

    count: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds


Variant = Callable[[], Figure | Done]
"""One round; what comes back is the figure in the table's unit, or what was done."""


class Watch:
    """Counts seconds from its making."""

    def __init__(self) -> None:
        self._cpu = time.process_time()
        self._began = time.perf_counter()

    def done(self, count: int) -> Done:
        seconds = time.perf_counter() - self._began
        return Done(count, seconds, time.process_time() - self._cpu)


@dataclass(kw_only=True)
class Table:
    """The rounds of some variants of the same work; the first variant is ours."""

    title: str
    unit: str
    more_is_better: bool = True
    rounds: dict[str, list[Figure]] = field(default_factory=dict)
    cpu: dict[str, list[Figure]] = field(default_factory=dict)
    """CPU microseconds for one piece of work; other programs disturb these less."""
    loads: list[float] = field(default_factory=list)
    goal: Figure | None = None
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, found: Figure | Done) -> None:
        """Keep a round."""
        if isinstance(found, Done):
            self.rounds[name].append(found.rate)
            self.cpu.setdefault(name, []).append(found.cpu / found.count * 1e6)
        else:
            self.rounds[name].append(found)

    def median(self, name: str) -> Figure:
        return statistics.median(self.rounds[name])

    @property
    def ours(self) -> str:
        return next(iter(self.rounds))

    def ratio(self, name: str) -> float:
        """How much better ours is than another variant, as the median of paired rounds."""
        pairs = zip(self.rounds[self.ours], self.rounds[name], strict=True)
        return statistics.median(
            (mine / other if self.more_is_better else other / mine) for mine, other in pairs
        )

    def verdict(self) -> str:
        """Whether the goal is reached: by itself, else by a third of the plain loop's speed."""
        if self.goal is None:
            return ""
        mine = self.median(self.ours)
        if mine >= self.goal if self.more_is_better else mine <= self.goal:
            return f"goal {_number(self.goal)} {self.unit}: REACHED"
        raw = next((name for name in self.rounds if name.startswith("raw")), None)
        if raw is not None and self.ratio(raw) >= 1 / 3:
            return (
                f"goal {_number(self.goal)} {self.unit}: missed on this machine; "
                f"{self.ratio(raw):.2f} of the plain loop (at least 0.33 is asked): REACHED BY RATIO"
            )
        return f"goal {_number(self.goal)} {self.unit}: NOT REACHED"

    def text(self) -> str:
        """The table as it is printed: every round, the load before each, medians, ratios."""
        lines = [f"\n{self.title} [{self.unit}]"]
        lines.append("  load       " + " ".join(f"{load:>9.2f}" for load in self.loads))
        for name, figures in self.rounds.items():
            each = " ".join(f"{_number(f):>9}" for f in figures)
            beside = "" if name == self.ours else f"  ours is {self.ratio(name):.2f} x"
            lines.append(f"  {name:34} {each}  median {_number(self.median(name))}{beside}")
        if self.cpu:
            each = (f"{name} {statistics.median(f):,.0f} µs" for name, f in self.cpu.items())
            lines.append("  CPU for one: " + ", ".join(each))
        lines += [f"  {note}" for note in self.notes]
        if self.goal is not None:
            lines.append(f"  {self.verdict()}")
        return "\n".join(lines)

    def data(self) -> dict[str, object]:
        """The same for a JSON file."""
        return {
            "title": self.title,
            "unit": self.unit,
            "more_is_better": self.more_is_better,
            "rounds": self.rounds,
            "median": {name: self.median(name) for name in self.rounds},
            "ours_is_x_times": {n: self.ratio(n) for n in self.rounds if n != self.ours},
            "cpu_us": self.cpu,
            "load": self.loads,
            "goal": self.goal,
            "verdict": self.verdict(),
            "notes": self.notes,
        }


def measure(
    title: str,
    unit: str,
    variants: Mapping[str, Variant],
    *,
    rounds: int,
    more_is_better: bool = True,
    goal: Figure | None = None,
) -> Table:
    """Run every variant once a round, another one first each time; one round more to warm up."""
    table = Table(title=title, unit=unit, more_is_better=more_is_better, goal=goal)
    table.rounds = {name: [] for name in variants}
    names = list(variants)
    for name in names:
        variants[name]()
    for number in range(rounds):
        table.loads.append(os.getloadavg()[0])
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            table.add(name, variants[name]())
    return table


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3f}"
