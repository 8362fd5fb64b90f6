"""What a decision changes about the town: a binding, a room, a leave, an opt-out; and codes.

Every change counts the version of the directory up, so that all processes read it anew.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import bindparam, delete, or_, select, text, update

from domain.effects import Bind, OptOut, SetRoom, TakeLeave
from domain.errors import Conflict
from domain.grid import Leave
from storage import tables, town_tables
from storage.columns import Moment
from storage.link import Link

_COUNTERS = tables.table_of(town_tables.Counter)
_ROOMS = tables.table_of(town_tables.Room)
_MEMBERS = tables.table_of(town_tables.Member)
_BINDINGS = tables.table_of(town_tables.Binding)
_CODES = tables.table_of(town_tables.BindingCode)
_OPT_OUTS = tables.table_of(town_tables.OptOut)

_BUMP = text(
    "INSERT INTO counters (town, name, value) VALUES (:town, 'directory', 1) "
    "ON CONFLICT (town, name) DO UPDATE SET value = counters.value + 1"
)
_VERSION = select(_COUNTERS.c.value).where(
    _COUNTERS.c.town == bindparam("town"), _COUNTERS.c.name == "directory"
)
_USE_CODE = (
    update(_CODES)
    .where(_CODES.c.town == bindparam("of_town"), _CODES.c.code == bindparam("of_code"))
    .where(_CODES.c.member == bindparam("of_member"), _CODES.c.used_at.is_(None))
    .values(used_at=bindparam("moment"))
)
_BIND = text(
    "INSERT INTO bindings (town, person, member, at) VALUES (:town, :person, :member, :at) "
    "ON CONFLICT (town, person) DO UPDATE SET member = excluded.member, at = excluded.at"
).bindparams(bindparam("at", type_=Moment()))
_NEW_CODE = text(
    "INSERT INTO binding_codes (town, code, member, at, expires_at, used_at) VALUES "
    "(:town, :code, :member, :at, :expires, NULL) ON CONFLICT DO NOTHING"
).bindparams(bindparam("at", type_=Moment()), bindparam("expires", type_=Moment()))
_OLD_CODES = delete(_CODES).where(
    _CODES.c.town == bindparam("town"),
    or_(
        _CODES.c.used_at.is_not(None),
        _CODES.c.expires_at <= bindparam("at", type_=Moment()),
    ),
)
_UNBIND = delete(_BINDINGS).where(
    _BINDINGS.c.town == bindparam("town"), _BINDINGS.c.person == bindparam("of_person")
)
_SET_ROOM = (
    update(_ROOMS)
    .where(_ROOMS.c.town == bindparam("of_town"), _ROOMS.c.handle == bindparam("of_room"))
    .values(allowed=bindparam("now_allowed"), muted_until=bindparam("mute"))
)
_LEAVES = select(_MEMBERS.c.leaves).where(
    _MEMBERS.c.town == bindparam("town"), _MEMBERS.c.key == bindparam("member")
)
_SET_LEAVES = (
    update(_MEMBERS)
    .where(
        _MEMBERS.c.town == bindparam("of_town"),
        _MEMBERS.c.key == bindparam("of_member"),
    )
    .values(leaves=bindparam("new_leaves"))
)
_OPT_IN = delete(_OPT_OUTS).where(
    _OPT_OUTS.c.town == bindparam("town"), _OPT_OUTS.c.person == bindparam("of_person")
)
_OPT_OUT = text(
    "INSERT INTO opt_outs (town, person) VALUES (:town, :person) ON CONFLICT DO NOTHING"
)


def version(link: Link, town: str) -> int:
    """The number of the town's picture; another one means that it was changed."""
    row = link.row(_VERSION, {"town": town})
    return 0 if row is None else row[0]


def bind(link: Link, town: str, effect: Bind) -> None:
    """Use up a code and make the handle that member's; Conflict when the code is used up."""
    values = {"of_town": town, "of_code": effect.code, "of_member": effect.member}
    if link.run(_USE_CODE, {**values, "moment": effect.at}) != 1:
        raise Conflict(f"a binding code of {effect.member} is used up: recall and decide again")
    person = {"person": effect.person, "member": effect.member, "at": effect.at}
    link.run(_BIND, {"town": town, **person})
    bump(link, town)


def unbind(link: Link, town: str, person: str) -> None:
    """Take a handle's authority away, if it has any."""
    if link.run(_UNBIND, {"town": town, "of_person": person}):
        bump(link, town)


def set_room(link: Link, town: str, effect: SetRoom) -> None:
    """Allow, stop or mute a room; Conflict when the roster no longer has it."""
    values = {"now_allowed": effect.allowed, "mute": effect.muted_until}
    if link.run(_SET_ROOM, {"of_town": town, "of_room": effect.room, **values}) != 1:
        raise Conflict(f"room {effect.room} is not in the roster: recall and decide again")
    bump(link, town)


def take_leave(link: Link, town: str, effect: TakeLeave) -> None:
    """Add a leave; one with the same first day is replaced."""
    row = link.row(_LEAVES, {"town": town, "member": effect.member})
    if row is None:
        raise Conflict(f"member {effect.member} is not in the roster: recall and decide again")
    kept = [leave for leave in leaves_of(row[0]) if leave.first != effect.leave.first]
    leaves = words_of_leaves([*kept, effect.leave])
    link.run(_SET_LEAVES, {"of_town": town, "of_member": effect.member, "new_leaves": leaves})
    bump(link, town)


def opt_out(link: Link, town: str, effect: OptOut) -> None:
    """Never judge a person, or do again."""
    if effect.out:
        link.run(_OPT_OUT, {"town": town, "person": effect.person})
    else:
        link.run(_OPT_IN, {"town": town, "of_person": effect.person})
    bump(link, town)


def bump(link: Link, town: str) -> None:
    """Count the directory's version up."""
    link.run(_BUMP, {"town": town})


def new_code(link: Link, town: str, member: str, at: datetime, expires: datetime) -> str:
    """Six digits that make the account showing them this member's, once and until `expires`."""
    with link.writing():
        link.run(_OLD_CODES, {"town": town, "at": at})
        values = {"town": town, "member": member, "at": at, "expires": expires}
        while True:
            code = f"{secrets.randbelow(1_000_000):06}"
            if link.run(_NEW_CODE, {**values, "code": code}) == 1:
                return code


def leaves_of(words: str) -> list[Leave]:
    """The leaves kept as JSON in a member's row."""
    found: list[tuple[str, str, str | None]] = json.loads(words)
    return [
        Leave(
            first=date.fromisoformat(first),
            last=date.fromisoformat(last),
            stand_in=stand_in,
        )
        for first, last, stand_in in found
    ]


def words_of_leaves(leaves: Iterable[Leave]) -> str:
    """Leaves as JSON for a member's row."""
    return json.dumps(
        [[leave.first.isoformat(), leave.last.isoformat(), leave.stand_in] for leave in leaves],
        ensure_ascii=False,
    )
