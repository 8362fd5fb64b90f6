"""Messages on disk, for processes that must not load what made them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from domain.events import Message

_FIELDS = ("channel", "account", "id", "at", "sender", "sender_name", "text", "room", "room_name")


def keep(folder: Path, chatter: Iterable[Message], requests: Iterable[Message]) -> None:
    """Write both kinds beside the databases."""
    for name, messages in (("chatter", chatter), ("requests", requests)):
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            for message in messages:
                found = asdict(message)
                row = {k: found[k] for k in _FIELDS} | {"at": message.at.isoformat()}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


def load(folder: Path, chatter: int, requests: int) -> Iterator[Message]:
    """The first so many of each, one kind after the other."""
    for name, count in (("requests", requests), ("chatter", chatter)):
        with (folder / f"{name}.jsonl").open(encoding="utf-8") as file:
            for _, line in zip(range(count), file, strict=False):
                row = json.loads(line)
                row["at"] = datetime.fromisoformat(row["at"])
                yield Message(**row)
