"""Grids, communities, estates, buildings, landmarks and rooms out of their rows."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from bot.roster.cells import Cells
from bot.roster.tree import check_tree
from bot.roster.units import parse_units, write_units
from domain.grid import Building, Community, Estate, Grid, Landmark, Room
from handlers.zh import roster as words

_HANDLE = re.compile(r"[a-z][a-z0-9_]{0,30}:\S.{0,118}\Z")
_DEEPEST = 9


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """The keys that other sheets may point at."""

    grids: Collection[str]
    communities: Collection[str]
    estates: Collection[str]


class Once:
    """Remembers what stood where, and complains about the second one."""

    def __init__(self) -> None:
        self._first: dict[str, int] = {}

    def key(self, cells: Cells, column: str = "key") -> str:
        """A key that no row above has."""
        return self.value(cells, column, cells.key(column))

    def value(self, cells: Cells, column: str, value: str, shown: str = "") -> str:
        """A value that no row above has; `shown` is what a person calls it."""
        first = self._first.setdefault(value, cells.number)
        if value and first != cells.number:
            cells.complain("duplicate", column, value=shown or value, first=first)
        return value


def read_grids(
    rows: list[Cells], known: Collection[str], communities: Collection[str]
) -> dict[str, Grid]:
    """Grids by key; the tree they form is checked."""
    once = Once()
    grids: dict[str, Grid] = {}
    where: dict[str, Cells] = {}
    for cells in rows:
        key = once.key(cells)
        if not cells.text("level"):
            cells.text("level", required=True)
        grid = Grid(
            key=key,
            name=cells.text("name", required=True),
            level=cells.number_in("level", 1, _DEEPEST, 1),
            parent=cells.reference("parent", "unknown_grid", known) or None,
            community=cells.reference("community", "unknown_community", communities),
            kind=cells.choice("kind", words.GRID_KINDS),
        )
        where.setdefault(key, cells)
        grids.setdefault(key, grid)
    check_tree(grids, where)
    return grids


def read_communities(rows: list[Cells], grids: Collection[str]) -> dict[str, Community]:
    """Communities by key."""
    once = Once()
    found: dict[str, Community] = {}
    for cells in rows:
        key = once.key(cells)
        found[key] = Community(
            key=key,
            name=cells.text("name", required=True),
            grid=cells.reference("grid", "unknown_grid", grids, required=True),
            duty=cells.text("duty"),
        )
    return found


def read_estates(
    rows: list[Cells], communities: Collection[str], grids: Collection[str]
) -> dict[str, Estate]:
    """Estates by key."""
    once = Once()
    found: dict[str, Estate] = {}
    for cells in rows:
        key = once.key(cells)
        found[key] = Estate(
            key=key,
            name=cells.text("name", required=True),
            community=cells.reference("community", "unknown_community", communities, required=True),
            grid=cells.reference("grid", "unknown_grid", grids, required=True),
            nicknames=tuple(cells.values("nicknames")),
        )
    return found


def read_buildings(rows: list[Cells], known: Known) -> dict[tuple[str, str], tuple[Building, ...]]:
    """(estate, number) -> its parts; no unit may belong to two grids."""
    found: dict[tuple[str, str], tuple[Building, ...]] = {}
    where: dict[tuple[str, str], list[int]] = {}
    for cells in rows:
        estate = cells.reference("estate", "unknown_estate", known.estates, required=True)
        number = cells.key("number")
        grid = cells.reference("grid", "unknown_grid", known.grids, required=True)
        units = parse_units(cells.text("units"))
        if units is None:
            cells.complain("bad_units", "units", value=cells.text("units"))
            continue
        at = (estate, number)
        before = found.get(at, ())
        _complain_of_overlap(cells, units, before, where.get(at, []))
        part = Building(estate=estate, number=number, grid=grid, units=units)
        found[at] = (*before, part)
        where.setdefault(at, []).append(cells.number)
    return found


def _complain_of_overlap(
    cells: Cells, units: tuple[str, ...], before: tuple[Building, ...], rows: list[int]
) -> None:
    for other, row in zip(before, rows, strict=True):
        if units and other.units:
            both = tuple(unit for unit in units if unit in other.units)
            if not both:
                continue
            value = words.UNITS_OF.format(units=write_units(both))
        else:
            value = words.WHOLE_BUILDING
        cells.complain("overlap", "units", value=value, first=row, grid=other.grid)


def read_landmarks(rows: list[Cells], known: Known) -> tuple[Landmark, ...]:
    """Landmarks in the order of the file."""
    once = Once()
    found: list[Landmark] = []
    for cells in rows:
        name = cells.text("name", required=True)
        estate = cells.reference("estate", "unknown_estate", known.estates)
        once.value(cells, "name", f"{estate}\n{name}" if name else "", name)
        found.append(
            Landmark(
                name=name,
                grid=cells.reference("grid", "unknown_grid", known.grids, required=True),
                estate=estate,
                nicknames=tuple(cells.values("nicknames")),
            )
        )
    return tuple(found)


def read_rooms(rows: list[Cells], known: Known) -> dict[str, Room]:
    """Rooms by handle."""
    once = Once()
    found: dict[str, Room] = {}
    for cells in rows:
        handle = once.value(cells, "handle", cells.text("handle", required=True))
        if handle and not _HANDLE.match(handle):
            cells.complain("bad_handle", "handle", value=handle)
        found[handle] = Room(
            handle=handle,
            name=cells.text("name", required=True),
            community=cells.reference(
                "community", "unknown_community", known.communities, required=True
            ),
            kind=cells.choice("kind", words.ROOM_KINDS),
            estate=cells.reference("estate", "unknown_estate", known.estates),
            grid=cells.reference("grid", "unknown_grid", known.grids),
            allowed=cells.yes("allowed"),
        )
    return found
