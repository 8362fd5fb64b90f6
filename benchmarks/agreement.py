"""How far two labellers agree who did not see each other's labels.

    python -m benchmarks.agreement

`labels_twice.tsv` holds, for each line of the corpus, a key of its text, the first label and the
blind second one, as they were before the differences were settled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("labels_twice.tsv")
REQUEST = "R"


@dataclass(frozen=True, kw_only=True)
class Twice:
    """One line: (intent, categories, urgency) by the first and by the second labeller."""

    key: str
    first: tuple[str, tuple[str, ...], str]
    second: tuple[str, tuple[str, ...], str]


def read(file: Path = FILE) -> list[Twice]:
    """Every line that was labelled twice."""
    found: list[Twice] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        key, *cells = line.split("\t")
        one, other = cells[:3], cells[3:]
        found.append(
            Twice(
                key=key,
                first=(one[0], tuple(one[1].split("/")), one[2]),
                second=(other[0], tuple(other[1].split("/")), other[2]),
            )
        )
    return found


def kappa(pairs: Sequence[tuple[str, str]]) -> float:
    """Cohen's kappa: agreement beyond what chance would give."""
    count = len(pairs)
    same = sum(a == b for a, b in pairs) / count
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(first[k] * second[k] for k in first) / count**2
    return (same - chance) / (1 - chance)


def main() -> None:
    rows = read()
    intents = [(r.first[0], r.second[0]) for r in rows]
    both = [r for r in rows if r.first[0] == r.second[0] == REQUEST]
    asked = sum((a == REQUEST) == (b == REQUEST) for a, b in intents)
    kinds = sum(not set(r.first[1]).isdisjoint(r.second[1]) for r in both)
    urgencies = [(r.first[2], r.second[2]) for r in both]
    print(f"{len(rows)} lines labelled twice, the second time blind")
    print(f"intent of seven: {share(intents)}, kappa {kappa(intents):.3f}")
    print(f"request or not: {asked}/{len(rows)} = {asked / len(rows):.3f}")
    print(f"category of the {len(both)} requests of both: {kinds / len(both):.3f}")
    print(f"urgency of the same: {share(urgencies)}, kappa {kappa(urgencies):.3f}")
    grave = [(a == "E", b == "E") for a, b in urgencies]
    print(f"  emergency or not: {sum(a == b for a, b in grave) / len(grave):.3f}")


def share(pairs: Sequence[tuple[str, str]]) -> str:
    same = sum(a == b for a, b in pairs)
    return f"{same}/{len(pairs)} = {same / len(pairs):.3f}"


if __name__ == "__main__":
    main()
