"""The sample day: what the residents and members of the sample town say, and when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import yaml

from domain.calendar import LOCAL
from domain.errors import TranscriptError
from domain.events import Message
from storage.store import Store

SCRIPT = Path(__file__).parent / "day.yaml"
CHANNEL = "sandbox"
_TICKET = re.compile(r"\{ticket:([a-z0-9]+)\}")
_BEFORE = timedelta(minutes=2)
_AFTER = timedelta(minutes=10)
_KEYS = frozenset({"at", "room", "who", "text", "label", "images", "quote"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One thing said; `room` is the room's name, or None in private. `number` counts from 1."""

    number: int
    at: datetime
    room: str | None
    who: str
    text: str
    label: str = ""
    images: int = 0
    quote: str = ""

    @property
    def id(self) -> str:
        return f"day-{self.number}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """The whole script in time order."""

    community: str
    lines: tuple[Line, ...]
    labels: Mapping[str, Line] = field(default_factory=dict[str, Line])

    @property
    def start(self) -> datetime:
        return self.lines[0].at - _BEFORE

    @property
    def end(self) -> datetime:
        return self.lines[-1].at + _AFTER

    @property
    def rooms(self) -> frozenset[str]:
        return frozenset(line.room for line in self.lines if line.room)

    def number_of(self, label: str, store: Store, account: str) -> str | None:
        """What people call the ticket that a labelled line is part of; None when there is none."""
        key = f"{CHANNEL}:{account}:{self.labels[label].id}"
        for ticket in store.tickets(opened_since=self.start - _AFTER):
            if any(message.message == key for message in store.messages(ticket.id)):
                return ticket.label
        return None

    def words(self, line: Line, store: Store, account: str) -> tuple[str, tuple[str, ...]]:
        """The text with ticket numbers in it, and the labels that have no ticket."""
        missing: list[str] = []

        def number(match: re.Match[str]) -> str:
            found = self.number_of(match[1], store, account)
            if found is None:
                missing.append(match[1])
            return found or ""

        return _TICKET.sub(number, line.text).strip(), tuple(missing)

    def message(self, line: Line, text: str, account: str) -> Message:
        """The line as the message that the sandbox would deliver."""
        return Message(
            channel=CHANNEL,
            account=account,
            id=line.id,
            at=line.at,
            sender=line.who,
            sender_name=line.who,
            text=text,
            room=line.room,
            room_name=line.room or "",
            reply_to=self.labels[line.quote].id if line.quote else None,
            images=tuple(f"{line.id}#{n}" for n in range(line.images)),
        )


def read_day(path: Path = SCRIPT) -> Day:
    """The script of a file; raises TranscriptError for what it does not say clearly."""
    data = cast("dict[str, Any]", yaml.safe_load(path.read_text(encoding="utf-8")))
    rooms = cast("dict[str, str]", data["rooms"])
    lines: list[Line] = []
    for day in data["days"]:
        for row in day["lines"]:
            lines.append(_line(len(lines) + 1, day["date"], row, rooms, path.name))
    labels = {line.label: line for line in lines if line.label}
    for line in lines:
        for label in (*_TICKET.findall(line.text), *([line.quote] if line.quote else [])):
            if label not in labels or labels[label].at >= line.at:
                raise TranscriptError(f"{path.name}: `{line.text}`: no line before has {label}")
    ordered = [a.at <= b.at for a, b in pairwise(lines)]
    if not lines or not all(ordered):
        raise TranscriptError(f"{path.name}: the lines must be in the order of time")
    return Day(community=data["community"], lines=tuple(lines), labels=labels)


def _line(number: int, day: date, row: dict[str, Any], rooms: dict[str, str], name: str) -> Line:
    if unknown := sorted(set(row) - _KEYS):
        raise TranscriptError(f"{name}: line {number}: unknown key {unknown[0]}: remove it")
    room = row.get("room")
    if room is not None and room not in rooms:
        raise TranscriptError(f"{name}: line {number}: no room {room}: name it under `rooms`")
    return Line(
        number=number,
        at=datetime.combine(day, time.fromisoformat(row["at"]), LOCAL),
        room=None if room is None else rooms[room],
        who=row["who"],
        text=row["text"],
        label=row.get("label", ""),
        images=row.get("images", 0),
        quote=row.get("quote", ""),
    )
