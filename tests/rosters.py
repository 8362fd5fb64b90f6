"""Towns for the tests of the roster: any that a roster can hold, and a small whole one."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import strategies as st

from bot.roster import read
from bot.roster.listing import listed
from domain.errors import RosterError
from domain.grid import (
    KNOWN_ROLES,
    SKILLS,
    Building,
    Community,
    Directory,
    Estate,
    Grid,
    Landmark,
    Member,
    Post,
    Room,
)
from handlers.zh import roster as words

Lines = dict[str, list[list[str]]]
NAMES = st.text("赵钱孙李周吴郑王小大老AZaz09", min_size=1, max_size=6)
KEYS = st.text("ABab09-_.栋", min_size=1, max_size=6)
MANY = st.lists(NAMES, max_size=3, unique=True).map(tuple)
UNITS = st.lists(st.integers(1, 12), max_size=6, unique=True).map(
    lambda found: tuple(str(n) for n in sorted(found))
)


@st.composite
def towns(draw: st.DrawFn) -> Directory:
    """Any town that a roster can hold."""
    keys = draw(st.lists(KEYS, min_size=1, max_size=6, unique=True))
    grids: dict[str, Grid] = {}
    communities = draw(st.lists(KEYS, min_size=1, max_size=3, unique=True))
    for key in keys:
        above = draw(st.sampled_from([None, *grids.values()]))
        grids[key] = Grid(
            key=key,
            name=draw(NAMES),
            level=1 if above is None else above.level + 1,
            parent=None if above is None else above.key,
            community=draw(st.sampled_from(["", *communities])),
            kind=draw(st.sampled_from(list(words.GRID_KINDS))),
        )
    grid, community = st.sampled_from(keys), st.sampled_from(communities)
    estates = {
        key: Estate(
            key=key,
            name=draw(NAMES),
            community=draw(community),
            grid=draw(grid),
            nicknames=draw(MANY),
        )
        for key in draw(st.lists(KEYS, max_size=3, unique=True))
    }
    estate = st.sampled_from(["", *estates])
    return Directory(
        town=draw(KEYS),
        town_name=draw(NAMES),
        grids=grids,
        communities={
            key: Community(
                key=key, name=draw(NAMES), grid=draw(grid), duty=draw(NAMES | st.just(""))
            )
            for key in communities
        },
        estates=estates,
        buildings={
            (key, "6"): (Building(estate=key, number="6", grid=draw(grid), units=draw(UNITS)),)
            for key in estates
        },
        landmarks=tuple(
            Landmark(name=name, grid=draw(grid), estate=draw(estate), nicknames=draw(MANY))
            for name in draw(st.lists(NAMES, max_size=3, unique=True))
        ),
        rooms={
            (handle := f"wechat:{name}"): Room(
                handle=handle,
                name=name,
                community=draw(community),
                kind=draw(st.sampled_from(["residents", "work"])),
                estate=draw(estate),
                grid=draw(st.sampled_from(["", *keys])),
                allowed=draw(st.booleans()),
            )
            for name in draw(st.lists(NAMES, max_size=3, unique=True))
        },
        members=draw(_members(keys)),
    )


@st.composite
def _members(draw: st.DrawFn, grids: list[str]) -> dict[str, Member]:
    keys = draw(st.lists(KEYS, max_size=4, unique=True))
    post = st.builds(Post, role=st.sampled_from(KNOWN_ROLES), grid=st.sampled_from(grids))
    found: dict[str, Member] = {}
    for key in keys:
        others = [other for other in keys if other != key]
        found[key] = Member(
            key=key,
            name=draw(NAMES),
            posts=tuple(draw(st.lists(post, max_size=4, unique=True))),
            skills=tuple(draw(st.lists(st.sampled_from(SKILLS), max_size=3, unique=True))),
            fields=draw(st.sampled_from([(), ("heating",), ("heating", "gas")])),
            deputy=draw(st.sampled_from([None, *others])),
            nicknames=draw(MANY),
            daily_cap=draw(st.integers(0, 99)),
            email=draw(st.sampled_from(["", "zhou@example.cn", "li.wu+1@mail.example.cn"])),
        )
    return found


def town() -> Directory:
    """A small town that nothing is wrong with."""
    grids = {
        "G1": Grid(key="G1", name="东片", level=1),
        "G2": Grid(key="G2", name="东二", level=2, parent="G1", community="C1"),
        "G3": Grid(key="G3", name="东三", level=3, parent="G2", community="C1"),
    }
    return Directory(
        town="qinghe",
        town_name="青禾镇",
        grids=grids,
        communities={"C1": Community(key="C1", name="东社区", grid="G1")},
        estates={"E1": Estate(key="E1", name="东苑", community="C1", grid="G3")},
        buildings={
            ("E1", "6"): (
                Building(estate="E1", number="6", grid="G3", units=("1", "2")),
                Building(estate="E1", number="6", grid="G2", units=("3",)),
            )
        },
        landmarks=(Landmark(name="小广场", grid="G3", estate="E1"),),
        rooms={"qq:1": Room(handle="qq:1", name="东苑群", community="C1", estate="E1")},
        members={
            "M1": Member(key="M1", name="周", posts=(Post(role="grid_head", grid="G3"),)),
            "M2": Member(key="M2", name="吴", deputy="M1", skills=("plumber",)),
        },
    )


def save(lines: Lines, folder: Path, encoding: str = "utf-8") -> None:
    """Write sheets as CSV files."""
    for sheet, rows in lines.items():
        with (folder / f"{sheet}.csv").open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows(rows)


def complaints(change: Callable[[Lines], None], folder: Path) -> list[str]:
    """What is said of the small town after a change."""
    lines = listed(town())
    change(lines)
    save(lines, folder)
    with pytest.raises(RosterError) as caught:
        read(folder, ["heating"])
    return caught.value.problems


def put(sheet: str, row: int, column: str, text: str) -> Callable[[Lines], None]:
    """A change of one cell; `row` counts as the spreadsheet does."""

    def change(lines: Lines) -> None:
        lines[sheet][row - 1][list(words.HEADERS[sheet]).index(column)] = text

    return change
