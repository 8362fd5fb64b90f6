"""Follows archive files (JSON lines, `*.jsonl`) in a folder, and remembers how far it has come."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

LINE_LIMIT = 1024 * 1024
BATCH = 1000
"""Lines per look: as many as the archive gives at once."""
OVERLAP = 50
"""Lines read again after a restart: what was taken but perhaps not yet decided."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One whole line of a file; `number` counts from 1, `content` is empty when it is too long."""

    file: str
    number: int
    content: bytes


@dataclass(kw_only=True, slots=True)
class _Place:
    offset: int = 0
    number: int = 0
    inode: int = 0
    seq: int = 0
    """The highest cursor taken from this file."""
    floor: int = 0
    """What the file held before it was written anew; not taken again."""
    starts: deque[tuple[int, int]] = field(
        default_factory=lambda: deque[tuple[int, int]](maxlen=OVERLAP)
    )
    """Where the last lines begin: (offset, number before it)."""


class Files:
    """The files of one folder; `cursor` is a small JSON file that only its owner may read."""

    def __init__(self, folder: Path | None, cursor: Path | None) -> None:
        self._folder = folder
        self._cursor = cursor
        self._places: dict[str, _Place] = {}
        self._pushes: deque[int] = deque(maxlen=OVERLAP)
        self.pushed = 0
        """Behind which cursor a pusher should go on after a restart."""
        if cursor is not None and cursor.is_file():
            self._load(cursor)

    def fresh(self) -> list[Line]:
        """Whole lines not read yet, at most BATCH; a line without its end waits for it."""
        found: list[Line] = []
        for path in self._paths():
            found.extend(self._read(path, BATCH - len(found)))
            if len(found) >= BATCH:
                break
        return found

    def all_lines(self) -> Iterator[Line]:
        """Every whole line there is, from the beginning; moves nothing."""
        for path in self._paths():
            with path.open("rb") as file:
                yield from _lines(file, path.name, _Place())

    def behind(self, file: str, seq: int) -> bool:
        """Whether a line was taken before its file was written anew."""
        place = self._places.get(file)
        return place is not None and 0 < seq <= place.floor

    def taken(self, file: str, seq: int) -> None:
        """Remember the cursor of a line."""
        if (place := self._places.get(file)) is not None:
            place.seq = max(place.seq, seq)

    def note_pushed(self, seq: int) -> None:
        """Remember the cursor of a record that was pushed, not read from a file."""
        if seq:
            self._pushes.append(seq)
            self.pushed = self._pushes[0]

    def save(self) -> None:
        """Write the cursor, whole or not at all."""
        if self._cursor is None:
            return
        self._cursor.parent.mkdir(parents=True, exist_ok=True)
        draft = self._cursor.with_name(self._cursor.name + ".new")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            files = {name: _kept(place) for name, place in self._places.items()}
            json.dump({"pushed": self.pushed, "files": files}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._cursor)

    def _paths(self) -> list[Path]:
        if self._folder is None:
            return []
        return sorted(path for path in self._folder.glob("*.jsonl") if path.is_file())

    def _read(self, path: Path, at_most: int) -> list[Line]:
        place = self._places.setdefault(path.name, _Place())
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            if state.st_size < place.offset or place.inode not in (0, state.st_ino):
                place.offset = place.number = 0
                place.floor = place.seq
                place.starts.clear()
            place.inode = state.st_ino
            file.seek(place.offset)
            return list(_lines(file, path.name, place, at_most))

    def _load(self, cursor: Path) -> None:
        try:
            value: object = json.loads(cursor.read_text(encoding="utf-8"))
        except ValueError:
            return
        state = _row(value)
        self.pushed = _count(state, "pushed")
        for name, kept in _row(state.get("files")).items():
            row = _row(kept)
            self._places[name] = _Place(
                offset=_count(row, "offset"),
                number=_count(row, "number"),
                inode=_count(row, "inode"),
                seq=_count(row, "seq"),
                floor=_count(row, "floor"),
            )


def _lines(file: BinaryIO, name: str, place: _Place, at_most: int | None = None) -> Iterator[Line]:
    count = 0
    while at_most is None or count < at_most:
        start = file.tell()
        raw = file.readline(LINE_LIMIT)
        too_long = len(raw) == LINE_LIMIT and not raw.endswith(b"\n")
        while raw and not raw.endswith(b"\n") and len(raw) == LINE_LIMIT:
            raw = file.readline(LINE_LIMIT)
        if not raw.endswith(b"\n"):
            return
        place.starts.append((start, place.number))
        place.offset = file.tell()
        place.number += 1
        count += 1
        yield Line(file=name, number=place.number, content=b"" if too_long else raw)


def _kept(place: _Place) -> Mapping[str, int]:
    offset, number = place.starts[0] if place.starts else (place.offset, place.number)
    return {
        "offset": offset,
        "number": number,
        "inode": place.inode,
        "seq": place.seq,
        "floor": place.floor,
    }


def _row(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _count(row: Mapping[str, object], key: str) -> int:
    value = row.get(key)
    return value if isinstance(value, int) and value >= 0 else 0
