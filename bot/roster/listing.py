"""Directory -> rows: the same sheets that a roster is read from."""

from __future__ import annotations

from collections.abc import Iterator

from bot.roster.units import write_units
from domain.grid import Directory, Member
from handlers.zh import roster as words

_JOIN = words.SEPARATORS[0]


def listed(directory: Directory | None) -> dict[str, list[list[str]]]:
    """Sheet key -> rows of text, the Chinese header first; only headers without a directory."""
    sheets = {key: [list(headers.values())] for key, headers in words.HEADERS.items()}
    if directory is not None:
        for key, rows in sheets.items():
            rows.extend(_ROWS[key](directory))
    return sheets


def _town(town: Directory) -> Iterator[list[str]]:
    yield [town.town, town.town_name]


def _communities(town: Directory) -> Iterator[list[str]]:
    for one in town.communities.values():
        yield [one.key, one.name, one.grid, one.duty]


def _grids(town: Directory) -> Iterator[list[str]]:
    for one in town.grids.values():
        kind = words.GRID_KINDS.get(one.kind, one.kind)
        yield [one.key, one.name, str(one.level), one.parent or "", one.community, kind]


def _estates(town: Directory) -> Iterator[list[str]]:
    for one in town.estates.values():
        yield [one.key, one.name, one.community, one.grid, _JOIN.join(one.nicknames)]


def _buildings(town: Directory) -> Iterator[list[str]]:
    for parts in town.buildings.values():
        for one in parts:
            yield [one.estate, one.number, write_units(one.units), one.grid]


def _landmarks(town: Directory) -> Iterator[list[str]]:
    for one in town.landmarks:
        yield [one.name, one.estate, one.grid, _JOIN.join(one.nicknames)]


def _rooms(town: Directory) -> Iterator[list[str]]:
    for one in town.rooms.values():
        kind = words.ROOM_KINDS.get(one.kind, one.kind)
        allowed = words.YES if one.allowed else words.NO
        yield [one.handle, one.name, one.community, kind, one.estate, one.grid, allowed]


def _members(town: Directory) -> Iterator[list[str]]:
    for one in town.members.values():
        yield [
            one.key,
            one.name,
            _posts(one),
            _JOIN.join(words.SKILL_NAMES.get(skill, skill) for skill in one.skills),
            _JOIN.join(one.fields),
            one.deputy or "",
            _JOIN.join(one.nicknames),
            str(one.daily_cap) if one.daily_cap else "",
            one.email,
        ]


def _posts(member: Member) -> str:
    return _JOIN.join(
        f"{words.ROLE_NAMES.get(post.role, post.role)}@{post.grid}" for post in member.posts
    )


_ROWS = {
    "town": _town,
    "communities": _communities,
    "grids": _grids,
    "estates": _estates,
    "buildings": _buildings,
    "landmarks": _landmarks,
    "rooms": _rooms,
    "members": _members,
}
