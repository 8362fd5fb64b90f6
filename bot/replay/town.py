"""A town made up from a transcript: its rooms become estates, its roles become bound members."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.replay.transcript import Line, roles_in
from domain.grid import KNOWN_ROLES, Community, Directory, Estate, Grid, Member, Post, Room
from handlers.zh.rooms import COMMUNITY, NOT_OF_THE_NAME, WORK_ROOM, skills_of, utility_of

_TOP, _MIDDLE = "G1", "G2"
_HOME = "c1"


def town_of(lines: Iterable[Line]) -> Directory:
    """A community with one third-level grid for each estate that a room is named after."""
    spoken = tuple(lines)
    rooms = {(x.channel, x.room): x.room for x in spoken if x.room}
    work: set[tuple[str, str | None]] = {k for k, name in rooms.items() if WORK_ROOM in name}
    estates = _estates(name for key, name in rooms.items() if key not in work)
    grids = {
        _TOP: Grid(key=_TOP, name=_TOP, level=1),
        _MIDDLE: Grid(key=_MIDDLE, name=_MIDDLE, level=2, parent=_TOP, community=_HOME),
    }
    for estate in estates.values():
        grids[estate.grid] = Grid(
            key=estate.grid, name=estate.name, level=3, parent=_MIDDLE, community=_HOME
        )
    members, bindings = _members(spoken, estates, work)
    return Directory(
        town="replay",
        town_name=COMMUNITY,
        communities={_HOME: Community(key=_HOME, name=COMMUNITY, grid=_MIDDLE)},
        grids=grids,
        estates={e.key: e for e in estates.values()},
        rooms={
            f"{channel}:{name}": Room(
                handle=f"{channel}:{name}",
                name=name or "",
                community=_HOME,
                kind="work" if (channel, name) in work else "residents",
                estate="" if (channel, name) in work else estates[_estate_name(name)].key,
                grid="" if (channel, name) in work else estates[_estate_name(name)].grid,
            )
            for (channel, _room), name in rooms.items()
            if name
        },
        members=members,
        bindings=bindings,
    )


def _estate_name(room: str) -> str:
    """The estate a room is named after, without 居民群, QQ群, 业主群 and numbers of groups."""
    return re.sub(NOT_OF_THE_NAME, "", room) or room


def _estates(rooms: Iterable[str | None]) -> dict[str, Estate]:
    found: dict[str, Estate] = {}
    for room in rooms:
        name = _estate_name(room or "")
        if name not in found:
            key = f"e{len(found) + 1}"
            found[name] = Estate(key=key, name=name, community=_HOME, grid=f"G3-{len(found) + 1}")
    return found


def _members(
    lines: tuple[Line, ...], estates: dict[str, Estate], work: set[tuple[str, str | None]]
) -> tuple[dict[str, Member], dict[str, str]]:
    """Members answer for the estates in whose rooms they speak; for all when only at work."""
    posts: dict[str, dict[Post, None]] = {}
    bindings: dict[str, str] = {}
    for channel, sender, role, room in roles_in(lines):
        known = role if role in KNOWN_ROLES else "info"
        if known == "utility":
            known = utility_of(sender)
        held = posts.setdefault(sender, {})
        bindings[f"{channel}:{sender}"] = sender
        if room and (channel, room) not in work and known != "supervisor":
            held[Post(role=known, grid=estates[_estate_name(room)].grid)] = None
        else:
            held[Post(role=known, grid=_MIDDLE)] = None
    return {
        name: Member(key=name, name=name, posts=tuple(held), skills=skills_of(name))
        for name, held in posts.items()
    }, bindings
