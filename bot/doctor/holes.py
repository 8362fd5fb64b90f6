"""Holes of the roster: grids without a head, categories nobody answers, members out of reach."""

from __future__ import annotations

from collections.abc import Iterator

from bot.config import Config
from bot.doctor.findings import Finding, Level
from domain.grid import Community, Directory, Grid

_SHOWN = 8
_COMMA = ", "


def examine_roster(config: Config, directory: Directory) -> list[Finding]:
    """What is missing in the town as it was imported."""
    town = _Town(directory)
    found = [_counts(directory)]
    if config.town.key != directory.town:
        values = {"config": config.town.key, "roster": directory.town}
        found.append(
            Finding(level=Level.ERROR, code="town.differs", where="town.key", values=values)
        )
    found += _headless(town)
    for community in directory.communities.values():
        found += _community(town, community)
        found += _unanswered(config, town, community)
    found += _unbound(directory)
    found += _strange_fields(config, directory)
    return found


class _Town:
    """The directory with what is asked again and again worked out once."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.held: dict[str, set[str]] = {}
        for member in directory.members.values():
            for post in member.posts:
                self.held.setdefault(post.grid, set()).add(post.role)
        parents = {grid.parent for grid in directory.grids.values()}
        self.leaves = [grid for grid in directory.grids.values() if grid.key not in parents]

    def roles_reaching(self, grid: Grid) -> set[str]:
        """Every role held in a grid or above it."""
        return {
            role
            for above in self.directory.chain(grid.key)
            for role in self.held.get(above.key, ())
        }

    def leaves_of(self, community: str) -> list[Grid]:
        return [leaf for leaf in self.leaves if leaf.community == community]


def _counts(directory: Directory) -> Finding:
    values = {
        "communities": str(len(directory.communities)),
        "grids": str(len(directory.grids)),
        "rooms": str(len(directory.rooms)),
        "members": str(len(directory.members)),
    }
    return Finding(level=Level.FINE, code="roster.counts", where=directory.town_name, values=values)


def _headless(town: _Town) -> Iterator[Finding]:
    for grid in town.leaves:
        chain = town.directory.chain(grid.key)
        level = next((g.level for g in chain if "grid_head" in town.held.get(g.key, ())), None)
        values = {"grid": grid.name, "key": grid.key}
        if level is None:
            yield Finding(level=Level.ERROR, code="grid.no_head", where=grid.key, values=values)
        elif grid.level - level > 1:
            values["level"] = str(level)
            yield Finding(level=Level.WARNING, code="grid.head_far", where=grid.key, values=values)


def _community(town: _Town, community: Community) -> Iterator[Finding]:
    directory = town.directory
    values = {"community": community.name}
    rooms = [room for room in directory.rooms.values() if room.community == community.key]
    checks = (
        (bool(directory.supervisors(community.key)), "community.no_supervisor", Level.WARNING),
        (bool(directory.work_rooms(community.key)), "community.no_work_room", Level.WARNING),
        (bool(community.duty), "community.no_duty", Level.NOTE),
        (bool(rooms), "community.no_room", Level.WARNING),
    )
    for fine, code, level in checks:
        if not fine:
            yield Finding(level=level, code=code, where=community.key, values=values)


def _unanswered(config: Config, town: _Town, community: Community) -> Iterator[Finding]:
    leaves = town.leaves_of(community.key)
    reaching = {leaf.key: town.roles_reaching(leaf) for leaf in leaves}
    for key, row in config.categories.items():
        wanted = [role for role in (row.handler, *row.roles) if role]
        empty = [leaf for leaf in leaves if not _any_held(wanted, reaching[leaf.key])]
        if not empty:
            continue
        values = {
            "community": community.name,
            "category": row.name,
            "roles": _COMMA.join(wanted),
            "grids": _some([leaf.name for leaf in empty]),
            "count": str(len(empty)),
        }
        everywhere = len(empty) == len(leaves)
        code = "category.unanswered" if everywhere else "category.unanswered_in_part"
        level = Level.ERROR if everywhere else Level.WARNING
        yield Finding(level=level, code=code, where=f"{community.key}/{key}", values=values)


def _any_held(wanted: list[str], held: set[str]) -> bool:
    return any(
        role == other or other.startswith(role + ".") or role.startswith(other + ".")
        for role in wanted
        for other in held
    )


def _unbound(directory: Directory) -> Iterator[Finding]:
    bound = set(directory.bindings.values())
    unbound = [member for member in directory.members.values() if member.key not in bound]
    chiefs = [member for member in unbound if member.has_role("supervisor")]
    others = [m for m in unbound if m not in chiefs and m.posts]
    idle = [member for member in directory.members.values() if not member.posts]
    for members, code, level in (
        (chiefs, "member.supervisor_unbound", Level.WARNING),
        (others, "member.unbound", Level.WARNING),
        (idle, "member.no_post", Level.NOTE),
    ):
        if members:
            names = _some([member.name for member in members])
            values = {"count": str(len(members)), "names": names}
            yield Finding(level=level, code=code, values=values)


def _strange_fields(config: Config, directory: Directory) -> Iterator[Finding]:
    for member in directory.members.values():
        for key in member.fields:
            if key not in config.categories:
                values = {"member": member.name, "category": key}
                yield Finding(
                    level=Level.ERROR, code="member.unknown_field", where=member.key, values=values
                )


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return _COMMA.join(names[:_SHOWN]) + (f" +{more}" if more > 0 else "")
