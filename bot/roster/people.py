"""Members out of their rows: posts, skills, fields and deputies."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping

from bot.mail_address import is_address
from bot.roster.cells import Cells, by_name
from bot.roster.places import Once
from domain.grid import Member, Post
from handlers.zh import roster as words

_MOST_A_DAY = 99


def read_members(
    rows: list[Cells], grids: Collection[str], categories: Collection[str] | None
) -> dict[str, Member]:
    """Members by key, in the order of the file."""
    once = Once()
    found: dict[str, Member] = {}
    where: dict[str, Cells] = {}
    for cells in rows:
        key = once.key(cells)
        where.setdefault(key, cells)
        found[key] = Member(
            key=key,
            name=cells.text("name", required=True),
            posts=_posts(cells, grids),
            skills=cells.choices("skills", "unknown_skill", words.SKILL_NAMES),
            fields=_fields(cells, categories),
            deputy=unicodedata.normalize("NFKC", cells.text("deputy")) or None,
            nicknames=tuple(cells.values("nicknames")),
            daily_cap=cells.number_in("daily_cap", 0, _MOST_A_DAY, 0),
            email=_email(cells),
        )
    _check_deputies(found, where)
    return found


def _posts(cells: Cells, grids: Collection[str]) -> tuple[Post, ...]:
    found: list[Post] = []
    for text in cells.values("posts"):
        role_text, at, grid = unicodedata.normalize("NFKC", text).partition("@")
        role_text, grid = role_text.strip(), grid.strip()
        if not (role_text and at and grid):
            cells.complain("bad_post", "posts", value=text)
            continue
        role = by_name(role_text, words.ROLE_NAMES)
        if role is None:
            shown = [*words.ROLE_NAMES.values(), *words.ROLE_NAMES]
            near = cells.hint(role_text, shown, list_them=True)
            cells.complain("unknown_role", "posts", value=role_text, hint=near)
            continue
        if grid not in grids:
            cells.complain("unknown_grid", "posts", value=grid, hint=cells.hint(grid, grids))
        post = Post(role=role, grid=grid)
        if post not in found:
            found.append(post)
    return tuple(found)


def _email(cells: Cells) -> str:
    text = unicodedata.normalize("NFKC", cells.text("email"))
    if text and not is_address(text):
        cells.complain("bad_email", "email", value=text)
        return ""
    return text


def _fields(cells: Cells, categories: Collection[str] | None) -> tuple[str, ...]:
    listed = cells.values("fields")
    if categories is not None:
        for value in listed:
            if value not in categories:
                near = cells.hint(value, categories)
                cells.complain("unknown_field", "fields", value=value, hint=near)
    return tuple(listed)


def _check_deputies(members: Mapping[str, Member], where: Mapping[str, Cells]) -> None:
    for key, member in members.items():
        if member.deputy is None:
            continue
        if member.deputy == key:
            where[key].complain("own_deputy", "deputy")
        elif member.deputy not in members:
            near = where[key].hint(member.deputy, members)
            where[key].complain("unknown_member", "deputy", value=member.deputy, hint=near)
