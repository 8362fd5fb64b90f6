"""Turns a message into features: character n-grams, cues, dangers, shape."""

from __future__ import annotations

import re
from bisect import bisect_right

from handlers.understanding.normalise import Normal
from handlers.understanding.safety import HARMLESS_COUNT, KINDS, Alarm
from handlers.understanding.scores import CATEGORIES
from handlers.understanding.signals import CUE_NAMES, Signals, categories_of

LONGEST_GRAM = 4
_DIGITS = re.compile(r"\d+")
_NUMBERED = re.compile(r"\d").search
_LENGTHS = (1, 3, 5, 8, 12, 17, 24, 35, 55, 90, 200)
_MEDIA = ("image", "video", "voice", "location", "file", "red_packet", "link", "sticker")
_MOST_FAULTS = 4
MOST_CHARACTERS = 300
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
_BIAS, _THINGS = _ROW["bias"], _ROW["things"]
_CUE = {name: _ROW[f"cue:{name}"] for name in CUE_NAMES}
_THING = {key: _ROW[f"thing:{key}"] for key in CATEGORIES}
_FIRST = {key: _ROW[f"first:{key}"] for key in CATEGORIES}
_MOST = {key: _ROW[f"most:{key}"] for key in CATEGORIES}
_FAULTS = tuple(_ROW[f"faults:{i}"] for i in range(_MOST_FAULTS + 1))
_LENGTH = tuple(_ROW[f"length:{i}"] for i in range(len(_LENGTHS) + 1))


def grams(text: str) -> list[str]:
    """Character 1- to 4-grams of a judged text, as often as they stand. Numbers count as `0`."""
    marked = plain(text)
    end = len(marked)
    return [
        marked[i : i + size] for size in range(1, LONGEST_GRAM + 1) for i in range(end - size + 1)
    ]


def plain(text: str) -> str:
    """The part of a judged text that n-grams are taken from, its ends marked."""
    text = text[:MOST_CHARACTERS]
    if _NUMBERED(text):
        text = _DIGITS.sub("0", text)
    return "^" + text.replace("\n", " ") + "$"


def named(normal: Normal, alarm: Alarm, seen: Signals) -> list[int]:
    """Rows of the features with a name that this message has."""
    found = [_BIAS]
    found += [_CUE[name] for name in seen.cues]
    if seen.terms:
        things = seen.categories()
        found.append(_THINGS)
        found += [_THING[key] for key in things]
        found.append(_MOST[max(things, key=things.__getitem__)])
        found += [_FIRST[key] for key in categories_of(seen.terms[:1])]
    if alarm.kinds:
        found += _alarmed(alarm)
    if normal.media:
        found += [_ROW[f"media:{kind}"] for kind in set(normal.media)]
    found.append(_FAULTS[min(seen.faults, _MOST_FAULTS)])
    found.append(_LENGTH[bisect_right(_LENGTHS, len(normal.text))])
    found += _shape(normal)
    return found


def _alarmed(alarm: Alarm) -> list[int]:
    found = [_ROW[f"danger:{kind}"] for kind in alarm.kinds]
    found += [_ROW[f"harmless:{i}"] for i in alarm.harmless]
    if alarm.danger:
        found.append(_ROW["danger"])
    if alarm.surely:
        found.append(_ROW["surely"])
    return found


def _shape(normal: Normal) -> list[int]:
    text = normal.text
    found: list[int] = []
    if normal.stickers:
        found.append(_ROW["sticker"])
    if normal.mentions:
        found.append(_ROW["mention"])
    if normal.quoted:
        found.append(_ROW["quoted"])
    if not text:
        found.append(_ROW["empty"])
    if "?" in text or "!" in text:
        found.append(_ROW["marks"])
    if "\n" in text:
        found.append(_ROW["lines"])
    return found


def gram_weight(count: int) -> float:
    """How much each of `count` n-grams of one message weighs."""
    return 4.0 / max(count, 1) ** 0.5


NAMED_WEIGHT = 1.4
"""How much a feature with a name weighs."""
