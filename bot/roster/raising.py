"""Rows -> Directory: every cell checked, every problem noted, nothing half-imported."""

from __future__ import annotations

from collections.abc import Collection

from bot.roster import places
from bot.roster.cells import Cells
from bot.roster.people import read_members
from bot.roster.problems import Problems
from bot.roster.sheets import OPTIONAL_SHEETS, Sheets
from domain.grid import Directory
from handlers.zh import roster as words

_NEEDS_ROWS = ("town", "communities", "grids")


def raised(sheets: Sheets, problems: Problems, categories: Collection[str] | None) -> Directory:
    """The town of these sheets. With any problem noted it must not be used."""
    if sheets.seen:
        _check_presence(sheets, problems)
    town, town_name = _town(sheets, problems)
    grid_rows = _cells("grids", sheets, problems)
    community_rows = _cells("communities", sheets, problems)
    grid_keys = {cells.key("key") for cells in _silent(grid_rows)}
    community_keys = {cells.key("key") for cells in _silent(community_rows)}
    grids = places.read_grids(grid_rows, grid_keys, community_keys)
    communities = places.read_communities(community_rows, grid_keys)
    estates = places.read_estates(_cells("estates", sheets, problems), community_keys, grid_keys)
    known = places.Known(grids=grid_keys, communities=community_keys, estates=set(estates))
    return Directory(
        town=town,
        town_name=town_name,
        communities=communities,
        grids=grids,
        estates=estates,
        buildings=places.read_buildings(_cells("buildings", sheets, problems), known),
        landmarks=places.read_landmarks(_cells("landmarks", sheets, problems), known),
        rooms=places.read_rooms(_cells("rooms", sheets, problems), known),
        members=read_members(_cells("members", sheets, problems), grid_keys, categories),
    )


def _check_presence(sheets: Sheets, problems: Problems) -> None:
    for key, name in words.SHEETS.items():
        if key not in sheets.seen and key not in OPTIONAL_SHEETS:
            problems.add("missing_sheet", name=name)
    if len(problems):
        return
    for key in _NEEDS_ROWS:
        if not sheets[key]:
            problems.add("empty_sheet", sheet=key, remedy=words.REMEDY_EMPTY)


def _town(sheets: Sheets, problems: Problems) -> tuple[str, str]:
    rows = _cells("town", sheets, problems)
    for extra in rows[1:]:
        extra.complain("one_row", "")
    if not rows:
        return "", ""
    return rows[0].key("key"), rows[0].text("name", required=True)


def _cells(sheet: str, sheets: Sheets, problems: Problems) -> list[Cells]:
    return [Cells(sheet, row, problems) for row in sheets[sheet]]


def _silent(rows: list[Cells]) -> list[Cells]:
    """The same rows, read once ahead for their keys, complaining to nobody."""
    nobody = Problems()
    return [cells.to(nobody) for cells in rows]
