"""Resolves a written place against the roster: which estate, which grid answers, how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from domain.grid import Building, Directory, Estate, Landmark, Room
from domain.reading import Place
from handlers.understanding.place import canonical, plain_number
from handlers.zh.lexicon_places import ESTATE_WORDS


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolved:
    """A place with its estate key filled where known, and the grid that answers for it.

    `grid` is None when nothing in the roster tells. `certain` is False when the estate was only
    assumed from the room, or the building is not in the roster.
    """

    place: Place
    grid: str | None = None
    certain: bool = False


def resolve(place: Place, text: str, directory: Directory, room: Room | None = None) -> Resolved:
    """Where a place lies. `text` is the message in judged form, for an estate named in passing."""
    spot = _landmark(place, text, directory)
    estate, named = _estate(place, text, directory, room, spot)
    found = place if estate is None else replace(place, estate=estate.key)
    if estate is not None and place.building and (house := _house(estate, place, directory)):
        return Resolved(place=found, grid=house.grid, certain=True)
    if spot is not None:
        return Resolved(place=found, grid=spot.grid, certain=True)
    if estate is not None and place.building:
        known = estate.key in _names(_This(directory)).built
        return Resolved(place=found, grid=estate.grid, certain=named and not known)
    if estate is not None:
        return Resolved(place=found, grid=estate.grid, certain=named)
    return Resolved(place=found, grid=room.grid or None if room else None)


def _estate(
    place: Place, text: str, directory: Directory, room: Room | None, spot: Landmark | None
) -> tuple[Estate | None, bool]:
    """(the estate meant, whether it was named): written before looked up before assumed."""
    if place.estate and (estate := directory.estates.get(place.estate)):
        return estate, True
    community = room.community if room else ""
    if written := _named(text, directory, community):
        return written, True
    if spot is not None and (estate := directory.estates.get(spot.estate)):
        return estate, True
    if room is None:
        return None, False
    if estate := directory.estates.get(room.estate):
        return estate, False
    return _only_with(place, directory, room), False


def _named(text: str, directory: Directory, community: str) -> Estate | None:
    """The estate whose name stands in the text: the longest name, the room's community first."""
    best: tuple[bool, int] = (False, 0)
    found: Estate | None = None
    for name, length, estate in _names(_This(directory)).estates:
        if name in text:
            rank = (estate.community == community, length)
            if rank > best:
                best, found = rank, estate
    return found


@dataclass(frozen=True, slots=True)
class _Names:
    """(name in judged form, its length as written, whose it is), in roster order."""

    estates: tuple[tuple[str, int, Estate], ...]
    landmarks: tuple[tuple[str, int, Landmark], ...]
    built: frozenset[str]
    """Estates with buildings in the roster."""


class _This:
    """A directory as a key: this very one, not one that is equal."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory

    def __hash__(self) -> int:
        return id(self.directory)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _This) and other.directory is self.directory


@lru_cache(maxsize=4)
def _names(this: _This) -> _Names:
    """The names of a directory: the same ones for every message until the roster changes."""
    directory = this.directory
    return _Names(
        estates=tuple(
            (name.lower(), len(name), estate)
            for estate in directory.estates.values()
            for name in dict.fromkeys((estate.name, _short(estate.name), *estate.nicknames))
            if len(name) >= _ESTATE_TAIL
        ),
        landmarks=tuple(
            (name.lower(), len(name), spot)
            for spot in directory.landmarks
            for name in (spot.name, *spot.nicknames)
            if len(name) >= _ESTATE_TAIL
        ),
        built=frozenset(estate for estate, _ in directory.buildings),
    )


_ESTATE_TAIL = 2


def _short(name: str) -> str:
    """`保健院小区` is also called `保健院`."""
    for tail in ESTATE_WORDS:
        if name.endswith(tail) and len(name) - len(tail) >= _ESTATE_TAIL:
            return name[: -len(tail)]
    return name


def _only_with(place: Place, directory: Directory, room: Room) -> Estate | None:
    """The one estate of the room's community that has this building; None when several do."""
    if not place.building:
        return None
    having = [
        estate
        for estate in directory.estates.values()
        if estate.community == room.community and _house(estate, place, directory)
    ]
    return having[0] if len(having) == 1 else None


def _house(estate: Estate, place: Place, directory: Directory) -> Building | None:
    """The roster's row for a building; among rows by units, the one with the unit named."""
    plain = canonical(place)
    number = plain.building or ""
    rows = directory.buildings.get((estate.key, number), ())
    if not rows:
        rows = directory.buildings.get((estate.key, place.building or ""), ())
    if not rows:
        return None
    for row in rows:
        if not row.units or (plain.unit and plain.unit in map(plain_number, row.units)):
            return row
    if plain.unit is None and len({row.grid for row in rows}) == 1:
        return rows[0]
    return None


def _landmark(place: Place, text: str, directory: Directory) -> Landmark | None:
    """The roster's landmark that is named, the longest name first."""
    best: Landmark | None = None
    longest = 0
    written = (place.landmark or "").lower()
    for name, length, spot in _names(_This(directory)).landmarks:
        if length > longest and (name in text or name in written):
            best, longest = spot, length
    return best
