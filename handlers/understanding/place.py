"""Finds where: building, unit, floor, room and landmark, as written; invents nothing."""

from __future__ import annotations

import re
from dataclasses import replace

from domain.reading import NOWHERE, Place
from handlers.pattern import Pattern
from handlers.understanding.landmark import find_landmark
from handlers.understanding.normalise import Normal
from handlers.zh import lexicon_address as address
from handlers.zh import lexicon_places as words

_TRIPLE = Pattern(address.TRIPLE)
_PAIR_ROOM = Pattern(address.PAIR_ROOM)
_PAIR_UNIT = Pattern(address.PAIR_UNIT)
_PAIR_NAMED = Pattern(address.PAIR_NAMED)
_BUILDING = Pattern(address.BUILDING)
_HIGH_HOUSE = Pattern(address.HIGH_HOUSE)
_HOUSE = Pattern(address.HOUSE)
_HOUSE_OF_WORKS = Pattern(address.HOUSE_OF_WORKS)
_PAIR_LEVEL = Pattern(address.PAIR_LEVEL)
_TOWER = Pattern(address.TOWER)
_SEVERAL = Pattern(address.SEVERAL)
_UNIT = Pattern(address.UNIT)
_FLOOR = Pattern(address.FLOOR)
_ROOM_NEXT = Pattern(address.ROOM_NEXT)
_ROOM_NAMED = Pattern(address.ROOM_NAMED)
_ROOM_ALONE = Pattern(address.ROOM_ALONE)
_MIGHT = Pattern(address.MIGHT)
_WEAK = Pattern(address.WEAK)


def find_place(normal: Normal) -> Place:
    """The place written in a message; falsy when none is.

    A list or range of buildings (`1-3号楼`) gives the first one; `buildings_in` gives all.
    """
    text = normal.text
    place = _address(text) if _MIGHT.search(text) else NOWHERE
    spot = find_landmark(text, normal.pairs)
    if spot is not None:
        begin, end = spot
        place = replace(place, landmark=normal.written[begin:end])
    return _as_written(place, normal)


def _as_written(place: Place, normal: Normal) -> Place:
    """Letters back in the writer's own case (`A座` was judged as `a座`)."""
    if place and normal.written != normal.text:
        place = replace(
            place,
            building=_own_case(place.building, normal),
            unit=_own_case(place.unit, normal),
        )
    return place


def _own_case(value: str | None, normal: Normal) -> str | None:
    if value is None or value.isdigit():
        return value
    at = normal.text.find(value)
    return normal.written[at : at + len(value)]


def _address(text: str) -> Place:
    """Building, unit, floor and room of a text in judged form."""
    if found := _TRIPLE.search(text):
        return Place(building=found[1], unit=found[2], room=found[3])
    building, end = _building(text)
    if building is None and (found := _PAIR_ROOM.search(text)) and _is_room(found[2]):
        return Place(building=found[1], room=found[2])
    if building is None and (found := _HIGH_HOUSE.search(text)) and found[1] != found[2][:-2]:
        return Place(building=found[1], room=found[2])
    unit: str | None = None
    if building is None and (found := _pair(text)):
        building, unit, end = found[1], found[2], found.end()
    if unit is None and (found := _UNIT.search(text, max(end, 0))):
        unit, end = found[1], found.end()
    elif unit is None and end > 0 and (found := _UNIT.search(text)):
        unit = found[1]
    floor = None
    if found := _FLOOR.search(text, max(end, 0)):
        floor, end = found[1], found.end()
    elif end > 0 and (found := _FLOOR.search(text)):
        floor = found[1]
    return Place(building=building, unit=unit, floor=floor, room=_room(text, end))


def _pair(text: str) -> re.Match[str] | None:
    """`27-2单元`, `3-2`: a building and a unit with a dash between them."""
    if found := _PAIR_NAMED.search(text):
        return found
    if (found := _PAIR_LEVEL.search(text)) and int(found[2]) <= int(found[1]):
        return found
    found = _PAIR_UNIT.search(text)
    return found if found and not _is_score(text) else None


def _is_score(text: str) -> bool:
    return any(word in text for word in words.SCORE_WORDS)


def _building(text: str) -> tuple[str | None, int]:
    """The first building named, and where its words end; (None, -1) when there is none."""
    several = _SEVERAL.search(text)
    for found in _BUILDING.finditer(text):
        begin = found.start()
        if several and several.start() <= begin < several.end():
            return several[1], several.end()
        before = text[begin - 1] if begin else ""
        if before and before in words.NOT_BEFORE_BUILDING and not found[1].isdigit():
            continue
        if found[1] in address.NOT_BUILDINGS or _counts(found, text):
            continue
        if text[max(begin - 4, 0) : begin].endswith(words.ELSEWHERE):
            continue
        return found[1], found.end()
    for pattern in (_TOWER, _HOUSE_OF_WORKS, _HOUSE):
        if found := pattern.search(text):
            return found[1], found.end()
    return None, -1


def _counts(found: re.Match[str], text: str) -> bool:
    """`一栋楼`, `三座桥`: a number of buildings rather than the name of one."""
    name, after = found[0], text[found.end() : found.end() + 1]
    if not _WEAK.match(name[0]):
        return False
    if name.endswith(address.COUNTED_BLOCK):
        return after not in address.PART_OF_HOUSE
    return (
        name.endswith(address.COUNTED_TOWER)
        and len(found[1]) == 1
        and not after.isdigit()
        and after not in address.UNIT_START
    )


def _room(text: str, end: int) -> str | None:
    """The room right behind the address, or one that stands alone."""
    if end > 0 and (found := _ROOM_NEXT.match(text, end)) and _is_room(found[1], strict=False):
        return found[1]
    if found := _ROOM_NAMED.search(text):
        return found[1]
    for found in _ROOM_ALONE.finditer(text):
        after = text[found.end() : found.end() + 3].lstrip()
        if _is_room(found[1]) and not after.startswith(words.AFTER_ROOM_INSTEAD):
            return found[1]
    return None


def _is_room(value: str, *, strict: bool = True) -> bool:
    """Whether a number looks like floor + door: `501`, `1203`, `0302`."""
    if not value.isdigit():
        return True
    floor, door = int(value[:-2]), int(value[-2:])
    if not strict:
        return floor <= 60 and door <= 60
    return value not in words.NOT_ROOMS and 1 <= floor <= 45 and 1 <= door <= 20


def buildings_in(normal: Normal) -> tuple[str, ...]:
    """Every building named, ranges spelled out (`1-3号楼` -> 1, 2, 3), at most 40."""
    found: dict[str, None] = {}
    for several in _SEVERAL.finditer(normal.text):
        found.update(dict.fromkeys(_spelled(several[1] + several[2])))
    for one in _BUILDING.finditer(normal.text):
        found.setdefault(plain_number(one[1]))
    if not found and (place := _address(normal.text)).building:
        found[plain_number(place.building)] = None
    return tuple(found)[:40]


def _spelled(text: str) -> list[str]:
    parts = re.split(rf"\s?([{words.RANGE_WORDS}{words.LIST_WORDS}])\s?", text)
    numbers = [plain_number(parts[0])]
    for mark, value in zip(parts[1::2], parts[2::2], strict=False):
        last, number = numbers[-1], plain_number(value)
        if mark in words.RANGE_WORDS and last.isdigit() and number.isdigit():
            first, final = int(last), int(number)
            numbers += [str(n) for n in range(first + 1, min(final, first + 30) + 1)]
        elif number:
            numbers.append(number)
    return numbers


def plain_number(written: str) -> str:
    """`十五` -> 15, `四零一` -> 401, `0302` -> 302, `a` -> A; other text upper-cased, as it is."""
    if written.isascii() and written.isdigit():
        return str(int(written))
    if not all(c in words.DIGITS or c in (address.TEN, address.HUNDRED) for c in written):
        return written.upper()
    if address.TEN not in written and address.HUNDRED not in written:
        return str(int("".join(str(words.DIGITS[c]) for c in written)))
    total, digit = 0, 0
    for c in written:
        if c in words.DIGITS:
            digit = words.DIGITS[c]
        else:
            total, digit = total + (digit or 1) * (10 if c == address.TEN else 100), 0
    return str(total + digit)


def canonical(place: Place) -> Place:
    """The same place with plain numbers, for comparing: 十五 -> 15, 四零一 -> 401, 0302 -> 302."""

    def plain(value: str | None) -> str | None:
        return None if not value else plain_number(value.strip())

    return replace(
        place,
        building=plain(place.building),
        unit=plain(place.unit),
        floor=plain(place.floor),
        room=plain(place.room),
    )
