"""A town at a glance: its communities with their sizes, or the members of one."""

from __future__ import annotations

from domain.grid import Directory, Member
from handlers.zh import terminal
from handlers.zh.names import COMMA, ROLES

Row = tuple[str, ...]


def communities(town: Directory) -> list[Row]:
    """Key, name, and how many grids, rooms, members and supervisors."""
    return [
        (
            key,
            home.name,
            str(sum(grid.community == key for grid in town.grids.values())),
            str(sum(room.community == key for room in town.rooms.values())),
            str(len(_members(town, key))),
            str(len(town.supervisors(key))),
        )
        for key, home in town.communities.items()
    ]


def members(town: Directory, community: str) -> list[Row]:
    """Key, name, posts, and whether an account is bound."""
    return [
        (
            member.key,
            member.name,
            COMMA.join(f"{ROLES.get(p.role, p.role)}@{p.grid}" for p in member.posts),
            terminal.SERVED[bool(town.handles_of(member.key))],
        )
        for member in _members(town, community)
    ]


def _members(town: Directory, community: str) -> list[Member]:
    grids = {key for key, grid in town.grids.items() if grid.community == community}
    grids |= {c.grid for c in town.communities.values() if c.key == community}
    return [m for m in town.members.values() if any(p.grid in grids for p in m.posts)]
