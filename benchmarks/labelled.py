"""Labelled scenes as the replay takes them: a transcript for each, and what a reader would make of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.replay.transcript import Line, Transcript
from domain.calendar import LOCAL
from handlers.understanding.corpus import URGENCIES
from handlers.understanding.scenes import SceneLine, parse_scenes

START = datetime(2026, 11, 23, 9, 0, tzinfo=LOCAL)
_STEPS = {"claim": "claimed", "done": "done", "confirm": "confirmed", "reopen": "reopened"}


def read(file: Path) -> tuple[list[Transcript], dict[str, Any]]:
    """The scenes of one table, and their truth by scene."""
    scenes: dict[str, list[SceneLine]] = {}
    for line in parse_scenes(file.read_text(encoding="utf-8"), file.stem):
        scenes.setdefault(line.scene, []).append(line)
    transcripts = [
        Transcript(scene=scene, lines=tuple(_line(line, n) for n, line in enumerate(lines, 1)))
        for scene, lines in scenes.items()
    ]
    return transcripts, {scene: {"tickets": _truth(lines)} for scene, lines in scenes.items()}


def _line(line: SceneLine, number: int) -> Line:
    return Line(
        id=f"{line.scene}-{number}",
        at=START + timedelta(seconds=line.seconds),
        channel=line.channel,
        room=line.room,
        sender=line.sender,
        role=line.role,
        text=line.text,
        reply_to=None,
        images=line.text.count("[图片]"),
    )


def _truth(lines: Iterable[SceneLine]) -> list[dict[str, Any]]:
    tickets: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(lines, 1):
        if line.ticket:
            _tell(tickets.setdefault(line.ticket, _empty()), line, f"{line.scene}-{number}")
    return [ticket for ticket in tickets.values() if ticket["opened_by"]]


def _empty() -> dict[str, Any]:
    steps = {f"{step}_by": None for step in _STEPS.values()}
    return {"opened_by": None, "messages": [], "me_too": [], "staff": [], "final": "open", **steps}


def _tell(ticket: dict[str, Any], line: SceneLine, id: str) -> None:
    """Add what one line did."""
    if "open" in line.acts:
        urgency = URGENCIES.get(line.urgency)
        ticket["opened_by"], ticket["urgency"] = id, str(urgency) if urgency else None
        ticket["category"], *ticket["category_alt"] = line.categories or ("other",)
    if "metoo" in line.acts:
        ticket["me_too"].append(id)
    elif line.intent is None or (line.staff and "open" not in line.acts):
        ticket["staff"].append(id)
    else:
        ticket["messages"].append(id)
    for act in line.acts:
        if act in _STEPS:
            ticket[f"{_STEPS[act]}_by"] = ticket[f"{_STEPS[act]}_by"] or id
            ticket["final"] = "claimed" if act == "reopen" else _STEPS[act]
        elif act == "withdraw":
            ticket["final"] = "withdrawn"
