"""The labelled corpus: reads its tables, groups near-duplicates, and freezes the test part."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from domain.errors import XiaogeError
from domain.reading import NOWHERE, Intent, Place, Urgency
from handlers.understanding.matrices import connected, rows_of, shared_counts
from handlers.understanding.normalise import normalise

INTENTS = {
    "R": Intent.REQUEST,
    "F": Intent.FOLLOW_UP,
    "T": Intent.THANKS_RESOLVED,
    "I": Intent.INQUIRY,
    "N": Intent.NOTICE,
    "A": Intent.AD,
    "C": Intent.CHATTER,
}
URGENCIES = {"E": Urgency.EMERGENCY, "U": Urgency.URGENT, "N": Urgency.NORMAL}
_PARTS = {"b": "building", "u": "unit", "f": "floor", "r": "room", "l": "landmark"}
_COLUMNS = (5, 6)
TEST_WRITERS = ("zz",)
"""Writers whose lines are never trained on."""
_FROZEN_SHARE = 8
"""Per cent of the other groups that are frozen too."""
_ALIKE = 0.6


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """One labelled message. `categories` are acceptable ones, best first; empty when none fits."""

    text: str
    intent: Intent
    categories: tuple[str, ...] = ()
    urgency: Urgency | None = None
    place: Place = NOWHERE
    context: tuple[str, ...] = ()
    source: str = "local"
    weight: float = 1.0
    """How many lines of the corpus it counts for."""
    talk: float = 0.3
    """The same, for what such words are in running talk."""
    me_too: bool | None = None
    """Of a follow-up: whether it is one more household; None: not known."""

    @property
    def writer(self) -> str:
        """Who wrote it: the part of the file's name before the dash."""
        return self.source.partition("-")[0]


def parse(table: str, source: str) -> Iterator[Example]:
    """The examples of one table (tab-separated, see the corpus card); a bad line raises."""
    for number, line in enumerate(table.splitlines(), 1):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) not in _COLUMNS or cells[0] not in INTENTS:
            raise XiaogeError(
                f"{source}.tsv line {number}: expected 5 or 6 columns and an intent letter "
                f"({'/'.join(INTENTS)}), found {len(cells)} columns; mend the line"
            )
        yield _example(cells, source)


def _example(cells: list[str], source: str) -> Example:
    categories = () if cells[1] == "-" else tuple(cells[1].split("/"))
    return Example(
        intent=INTENTS[cells[0]],
        categories=categories,
        urgency=URGENCIES.get(cells[2]) if cells[0] == "R" else None,
        place=place_of(cells[3]),
        text=cells[4].replace("\\n", "\n"),
        context=tuple(cells[5].split(" / ")) if len(cells) > _COLUMNS[0] and cells[5] else (),
        source=source,
    )


def place_of(written: str) -> Place:
    parts: dict[str, str] = {}
    for part in written.split(" "):
        key, mark, value = part.partition("=")
        if mark and key in _PARTS:
            parts.setdefault(_PARTS[key], value)
    return Place(
        building=parts.get("building"),
        unit=parts.get("unit"),
        floor=parts.get("floor"),
        room=parts.get("room"),
        landmark=parts.get("landmark"),
    )


def load_corpus() -> tuple[Example, ...]:
    """Every example that came with the product, each (text, context) once, in a fixed order."""
    folder = resources.files("handlers.understanding").joinpath("corpus")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".tsv")), key=lambda f: f.name)
    seen: set[tuple[str, tuple[str, ...]]] = set()
    found: list[Example] = []
    for file in files:
        for example in parse(file.read_text(encoding="utf-8"), file.name.removesuffix(".tsv")):
            key = (normalise(example.text).text or example.text, example.context)
            if key not in seen:
                seen.add(key)
                found.append(example)
    return tuple(found)


def groups(texts: Iterable[str]) -> NDArray[np.int64]:
    """One number per text; near-duplicates (shared character 3-grams) have the same one."""
    sets = [_trigrams(text) for text in texts]
    numbers: dict[str, int] = {}
    columns = [[numbers.setdefault(gram, len(numbers)) for gram in grams] for grams in sets]
    sizes = np.array([len(c) for c in columns], dtype=np.float64)
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    flat = np.array([c for column in columns for c in column], dtype=np.int64)
    values = np.ones(len(flat), dtype=np.float32)
    first, second, shared = shared_counts(
        rows_of(values, flat, starts, (len(sets), max(len(numbers), 1)))
    )
    alike = shared / np.maximum(sizes[first] + sizes[second] - shared, 1) >= _ALIKE
    return connected(first[alike], second[alike], len(sets))


def _trigrams(text: str) -> list[str]:
    plain = "".join(c for c in normalise(text).text if c.isalnum()) or text
    return sorted({plain[i : i + 3] for i in range(max(len(plain) - 2, 1))})


def frozen(examples: tuple[Example, ...]) -> NDArray[np.bool_]:
    """Which examples are the frozen test part: the test writers and a fixed share of the groups.

    A group with a line of a test writer is frozen as a whole, so no near-duplicate straddles.
    """
    numbers = groups(e.text for e in examples)
    first: dict[int, str] = {}
    testing: set[int] = set()
    for number, example in zip(numbers.tolist(), examples, strict=True):
        key = normalise(example.text).text or example.text
        first[number] = min(first.get(number, key), key)
        if example.writer in TEST_WRITERS:
            testing.add(number)
    for number, key in first.items():
        if hashlib.sha256(key.encode()).digest()[0] * 100 < _FROZEN_SHARE * 256:
            testing.add(number)
    return np.array([number in testing for number in numbers.tolist()], dtype=np.bool_)
