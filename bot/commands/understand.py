"""`xiaoge understand`: texts in, readings out, line by line."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, cast

import typer

if TYPE_CHECKING:
    from domain.reading import Reading

_CHUNK = 1 << 20
_FAULTY = 1
Read = Callable[[str], "Reading"]


def understand() -> None:
    """Read JSON lines {"id","text"} on stdin and write one reading per line.

    A reading holds `id intent is_request category urgency place confidence`. A line that cannot
    be read is reported on stderr with its number, the others are read all the same, and the exit
    code is 1 at the end. Needs no configuration, no database and no network.

    Examples:

    * `echo '{"id": 1, "text": "3号楼2单元停水了"}' | xiaoge understand`

    * `xiaoge understand < messages.jsonl > readings.jsonl`
    """
    from handlers.understanding import understand as read

    faulty = 0
    number = 0
    for lines in _blocks():
        written: list[str] = []
        for line in lines:
            number += 1
            if not line.strip():
                continue
            try:
                written.append(reading_of(line, read))
            except ValueError as error:
                faulty += 1
                sys.stderr.write(f"xiaoge: line {number}: {error}\n")
        sys.stdout.buffer.write("".join(written).encode())
        sys.stdout.buffer.flush()
    if faulty:
        raise typer.Exit(_FAULTY)


def reading_of(line: bytes, read: Read) -> str:
    """The reading of one line as a line of JSON; ValueError says what is wrong with the line."""
    try:
        loaded: object = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError("is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON ({error})") from error
    given = cast("dict[str, object]", loaded) if isinstance(loaded, dict) else {}
    text = given.get("text")
    if not isinstance(text, str):
        raise ValueError(  # noqa: TRY004 # one kind of complaint about a line
            'must be an object with a "text", as in {"id": 1, "text": "…"}'
        )
    found = read(text)
    place = found.place
    answer = {
        "id": given.get("id"),
        "intent": found.intent.value,
        "is_request": found.is_request,
        "category": found.category,
        "urgency": found.urgency.value,
        "place": {
            "building": place.building,
            "unit": place.unit,
            "floor": place.floor,
            "room": place.room,
            "landmark": place.landmark,
        },
        "confidence": found.confidence,
    }
    return json.dumps(answer, ensure_ascii=False) + "\n"


def _blocks() -> Generator[list[bytes]]:
    """Whole lines as they arrive: what is there is answered before more is waited for."""
    stream = sys.stdin.buffer
    rest = b""
    while chunk := _read(stream.fileno()):
        *lines, rest = (rest + chunk).split(b"\n")
        yield lines
    yield [rest] if rest else []


def _read(descriptor: int) -> bytes:
    return os.read(descriptor, _CHUNK)
