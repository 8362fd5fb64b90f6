"""Turns a message into features: character n-grams, cues, dangers, shape."""

from __future__ import annotations

import re

from handlers.understanding.normalise import Normal
from handlers.understanding.safety import HARMLESS_COUNT, KINDS, Alarm
from handlers.understanding.scores import CATEGORIES
from handlers.understanding.signals import CUE_NAMES, Signals

LONGEST_GRAM = 4
_DIGITS = re.compile(r"\d+")
_NUMBERED = re.compile(r"\d").search
_LENGTHS = (1, 3, 5, 8, 12, 17, 24, 35, 55, 90, 200)
_MEDIA = ("image", "video", "voice", "location", "file", "red_packet", "link", "sticker")
_MOST_FAULTS = 4
_MOST_CHARACTERS = 300
"""N-grams are taken from the head of a longer text; its cues from all of it."""


def _names() -> tuple[str, ...]:
    return (
        *(f"cue:{name}" for name in CUE_NAMES),
        *(f"{part}:{key}" for part in ("thing", "first", "most") for key in CATEGORIES),
        *(f"danger:{kind}" for kind in KINDS),
        *(f"harmless:{i}" for i in range(HARMLESS_COUNT)),
        *(f"media:{kind}" for kind in _MEDIA),
        *(f"faults:{i}" for i in range(_MOST_FAULTS + 1)),
        *(f"length:{i}" for i in range(len(_LENGTHS) + 1)),
        *("danger", "surely", "sticker", "mention", "quoted", "empty", "marks", "lines"),
        *("things", "bias"),
    )


NAMES: tuple[str, ...] = _names()
"""Features with a name; they are the first rows of the weights, in this order."""
_ROW = {name: i for i, name in enumerate(NAMES)}


def grams(text: str) -> list[str]:
    """Character 1- to 4-grams of a judged text, as often as they stand. Numbers count as `0`."""
    plain = _plain(text)
    end = len(plain)
    return [
        plain[i : i + size] for size in range(1, LONGEST_GRAM + 1) for i in range(end - size + 1)
    ]


def known_grams(text: str, rows: dict[str, int]) -> tuple[list[int], int]:
    """(rows of those n-grams that have one, how many n-grams there are).

    A longer n-gram is only looked up where the shorter one is known: it is at least as frequent.
    """
    plain = _plain(text)
    end = len(plain)
    found = [rows[c] for c in plain if c in rows]
    begins: range | list[int] = range(end - 1)
    for size in range(2, LONGEST_GRAM + 1):
        begins = [i for i in begins if plain[i : i + size] in rows]
        found += [rows[plain[i : i + size]] for i in begins]
        begins = [i for i in begins if i + size < end]
    return found, sum(max(end - size, 0) for size in range(LONGEST_GRAM))


def _plain(text: str) -> str:
    text = text[:_MOST_CHARACTERS]
    if _NUMBERED(text):
        text = _DIGITS.sub("0", text)
    return "^" + text.replace("\n", " ") + "$"


def named(normal: Normal, alarm: Alarm, seen: Signals) -> list[int]:
    """Rows of the features with a name that this message has."""
    text = normal.text
    found = ["bias"]
    found += [f"cue:{name}" for name in seen.cues]
    if seen.terms:
        things = seen.categories()
        found.append("things")
        found += [f"thing:{key}" for key in things]
        found.append(f"most:{max(things, key=things.__getitem__)}")
        first = Signals(terms=seen.terms[:1]).categories()
        found += [f"first:{key}" for key in first]
    if alarm.kinds:
        found += [f"danger:{kind}" for kind in alarm.kinds]
        found += [f"harmless:{i}" for i in alarm.harmless]
        if alarm.danger:
            found.append("danger")
        if alarm.surely:
            found.append("surely")
    if normal.media:
        found += [f"media:{kind}" for kind in set(normal.media)]
    found.append(f"faults:{min(seen.faults, _MOST_FAULTS)}")
    length = len(text)
    found.append(f"length:{sum(length >= n for n in _LENGTHS)}")
    found += _shape(normal)
    return [_ROW[name] for name in found]


def _shape(normal: Normal) -> list[str]:
    found: list[str] = []
    if normal.stickers:
        found.append("sticker")
    if normal.mentions:
        found.append("mention")
    if normal.quoted:
        found.append("quoted")
    if not normal.text:
        found.append("empty")
    if "?" in normal.text or "!" in normal.text:
        found.append("marks")
    if "\n" in normal.text:
        found.append("lines")
    return found


def gram_weight(count: int) -> float:
    """How much each of `count` n-grams of one message weighs."""
    return 4.0 / max(count, 1) ** 0.5


NAMED_WEIGHT = 1.4
"""How much a feature with a name weighs."""
