"""Read transcripts: one JSON object per line, with `at` or seconds `t`, perhaps in scenes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from domain.calendar import LOCAL
from domain.errors import TranscriptError

DEFAULT_START = datetime(2026, 11, 23, 9, 0, tzinfo=LOCAL)
"""When a scene that counts seconds begins: a working Monday morning."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One message of a transcript; `role` stands for a bound member of that role."""

    id: str
    at: datetime
    channel: str
    room: str | None
    sender: str
    role: str
    text: str
    reply_to: str | None = None
    images: int = 0
    private: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcript:
    """One scene, or a whole file without scenes, in time order."""

    scene: str
    lines: tuple[Line, ...]


def read_file(path: Path, start: datetime = DEFAULT_START) -> list[Transcript]:
    """All scenes of a file, in order; raises TranscriptError naming file, line and remedy."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TranscriptError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    return read_lines(text.splitlines(), path.name, start)


def read_lines(rows: Iterable[str], name: str, start: datetime = DEFAULT_START) -> list[Transcript]:
    """The same for lines already in hand; `name` is the scene of a file without scenes."""
    scenes: dict[str, list[Line]] = {}
    for number, row in enumerate(rows, 1):
        if not row.strip():
            continue
        scene, line = _line(row, f"{name}:{number}", number, start)
        scenes.setdefault(scene or Path(name).stem, []).append(line)
    if not scenes:
        raise TranscriptError(f"{name}: holds no message: each line must be one JSON object")
    return [
        Transcript(scene=scene, lines=tuple(sorted(lines, key=lambda x: x.at)))
        for scene, lines in scenes.items()
    ]


def _line(row: str, where: str, number: int, start: datetime) -> tuple[str, Line]:
    try:
        data: Any = json.loads(row)
    except json.JSONDecodeError as error:
        raise TranscriptError(f"{where}: is not JSON: {error.msg}") from error
    if not isinstance(data, dict):
        raise TranscriptError(f"{where}: must be one JSON object per line")
    values = cast("dict[str, Any]", data)
    scene = values.get("scene")
    return (
        "" if scene is None else str(scene),
        Line(
            id=str(values.get("id") or f"l{number}"),
            at=_time(values, where, start),
            channel=str(values.get("channel") or "wechat"),
            room=None if values.get("room") in (None, "") else str(values["room"]),
            sender=_text(values, "sender", where),
            role=str(values.get("role") or "resident"),
            text=_text(values, "text", where),
            reply_to=None if values.get("reply_to") is None else str(values["reply_to"]),
            images=_count(values.get("images"), where),
            private=bool(values.get("private", False)),
        ),
    )


def _text(values: dict[str, Any], key: str, where: str) -> str:
    value = values.get(key)
    if not isinstance(value, str):
        raise TranscriptError(f"{where}: `{key}` must be a text, it is {type(value).__name__}")
    return value


def _count(value: Any, where: str) -> int:
    if value is None:
        return 0
    if isinstance(value, list):
        return len(list[Any](value))  # pyright: ignore[reportUnknownArgumentType] # a JSON list
    if isinstance(value, bool) or not isinstance(value, int):
        raise TranscriptError(f"{where}: `images` must be a number")
    return value


def _time(values: dict[str, Any], where: str, start: datetime) -> datetime:
    if "at" in values:
        try:
            at = datetime.fromisoformat(str(values["at"]))
        except ValueError as error:
            raise TranscriptError(
                f"{where}: `at` must be a time such as 2026-11-23T08:00:00+08:00"
            ) from error
        return at if at.tzinfo else at.replace(tzinfo=LOCAL)
    seconds = values.get("t")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TranscriptError(f"{where}: needs `at` (a time) or `t` (seconds from the start)")
    return start + timedelta(seconds=float(seconds))


def roles_in(lines: Iterable[Line]) -> Iterator[tuple[str, str, str, str | None]]:
    """(channel, sender, role, room) of everybody who is not a resident, once each."""
    seen: set[tuple[str, str, str, str | None]] = set()
    for line in lines:
        row = (line.channel, line.sender, line.role, line.room)
        if line.role != "resident" and row not in seen:
            seen.add(row)
            yield row
