"""The town as one frozen picture: read as a whole, replaced as a whole."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Table, bindparam, delete, select

from domain.grid import (
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
from storage import adjusting, notebook, tables, town_tables
from storage.link import Link
from storage.prepared import Values

_COMMUNITIES = tables.table_of(town_tables.Community)
_GRIDS = tables.table_of(town_tables.Grid)
_ESTATES = tables.table_of(town_tables.Estate)
_BUILDINGS = tables.table_of(town_tables.Building)
_LANDMARKS = tables.table_of(town_tables.Landmark)
_ROOMS = tables.table_of(town_tables.Room)
_MEMBERS = tables.table_of(town_tables.Member)
_BINDINGS = tables.table_of(town_tables.Binding)
_OPT_OUTS = tables.table_of(town_tables.OptOut)
_REPLACED = (_COMMUNITIES, _GRIDS, _ESTATES, _BUILDINGS, _LANDMARKS, _ROOMS, _MEMBERS)
_ALL = {
    table.name: select(*(c for c in table.columns if c.name not in {"town", "position"}))
    .where(table.c.town == bindparam("town"))
    .order_by(*(table.c[n] for n in ("position", "id") if n in table.c))
    for table in (*_REPLACED, _BINDINGS, _OPT_OUTS)
}
_CLEAR = {
    table.name: delete(table).where(table.c.town == bindparam("town"))
    for table in (*_REPLACED, _BINDINGS)
}


def read(link: Link, town: str) -> Directory:
    """The town as it is now; an empty one has version 0."""
    version = adjusting.version(link, town)
    return Directory(
        town=town,
        town_name=notebook.get_meta(link, town, "town_name") or "",
        communities={row["key"]: Community(**row) for row in _rows(link, town, _COMMUNITIES)},
        grids={row["key"]: Grid(**row) for row in _rows(link, town, _GRIDS)},
        estates={row["key"]: Estate(**row) for row in _rows(link, town, _ESTATES)},
        buildings=_buildings(_rows(link, town, _BUILDINGS)),
        landmarks=tuple(Landmark(**_bare(row)) for row in _rows(link, town, _LANDMARKS)),
        rooms={row["handle"]: Room(**row) for row in _rows(link, town, _ROOMS)},
        members={row["key"]: _member(row) for row in _rows(link, town, _MEMBERS)},
        bindings={row["person"]: row["member"] for row in _rows(link, town, _BINDINGS)},
        opted_out=frozenset(row["person"] for row in _rows(link, town, _OPT_OUTS)),
        version=version,
    )


def replace_all(link: Link, town: str, new: Directory) -> None:
    """Put a new town in place of the old one, in one commit.

    Bindings are kept unless new ones are given; those of members who are gone go with them.
    Opt-outs are kept, and a room stays muted unless the new one says until when itself.
    """
    with link.writing():
        old = read(link, town)
        bindings = dict(new.bindings or old.bindings)
        bindings = {p: m for p, m in bindings.items() if m in new.members}
        for table in (*_REPLACED, _BINDINGS):
            link.run(_CLEAR[table.name], {"town": town})
        _write(link, town, new, old)
        link.insert(
            _BINDINGS,
            [{"town": town, "person": p, "member": m, "at": None} for p, m in bindings.items()],
        )
        link.insert(
            _OPT_OUTS,
            [{"town": town, "person": p} for p in sorted(new.opted_out - old.opted_out)],
        )
        notebook.set_meta(link, town, "town_name", new.town_name)
        adjusting.bump(link, town)


def _write(link: Link, town: str, new: Directory, old: Directory) -> None:
    rooms = (_still_muted(room, old.rooms.get(room.handle)) for room in new.rooms.values())
    contents: tuple[tuple[Table, Iterable[object]], ...] = (
        (_COMMUNITIES, new.communities.values()),
        (_GRIDS, new.grids.values()),
        (_ESTATES, new.estates.values()),
        (_BUILDINGS, [b for some in new.buildings.values() for b in some]),
        (_LANDMARKS, new.landmarks),
        (_ROOMS, rooms),
    )
    for table, things in contents:
        link.insert(table, [_values(town, table, at, t) for at, t in enumerate(things)])
    link.insert(
        _MEMBERS,
        [
            {
                **_values(town, _MEMBERS, at, member),
                "posts": json.dumps([[p.role, p.grid] for p in member.posts], ensure_ascii=False),
                "leaves": adjusting.words_of_leaves(member.leaves),
            }
            for at, member in enumerate(new.members.values())
        ],
    )


def _values(town: str, table: Table, position: int, thing: object) -> Values:
    given = {"town": town, "position": position}
    return {
        c.name: given[c.name] if c.name in given else getattr(thing, c.name)
        for c in table.columns
        if c.name != "id"
    }


def _still_muted(room: Room, before: Room | None) -> Room:
    if before is None or room.muted_until is not None:
        return room
    return replace(room, muted_until=before.muted_until)


def _rows(link: Link, town: str, table: Table) -> list[dict[str, Any]]:
    query = _ALL[table.name]
    names = [c.name for c in query.selected_columns]
    return [dict(zip(names, cells, strict=True)) for cells in link.rows(query, {"town": town})]


def _bare(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}


def _member(row: dict[str, Any]) -> Member:
    posts: Sequence[Sequence[str]] = json.loads(row["posts"])
    row["posts"] = tuple(Post(role=role, grid=grid) for role, grid in posts)
    row["leaves"] = tuple(adjusting.leaves_of(row["leaves"]))
    return Member(**row)


def _buildings(
    found: list[dict[str, Any]],
) -> dict[tuple[str, str], tuple[Building, ...]]:
    grouped: defaultdict[tuple[str, str], list[Building]] = defaultdict(list)
    for row in found:
        building = Building(**_bare(row))
        grouped[building.estate, building.number].append(building)
    return {key: tuple(some) for key, some in grouped.items()}
