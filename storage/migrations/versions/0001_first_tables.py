"""The first tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op

from storage.columns import Moment, Pairs, Words

revision = "0001"
down_revision = None

_KINDS: Mapping[str, type[sa.types.TypeEngine[Any]]] = {
    "": sa.String,
    "number": sa.Integer,
    "flag": sa.Boolean,
    "time": Moment,
    "words": Words,
    "pairs": Pairs,
}


def _column(words: str) -> sa.Column[Any]:
    """A column from `name`, `name:kind` or, where it may be empty, `name:kind?`."""
    name, _, kind = words.rstrip("?").partition(":")
    return sa.Column(name, _KINDS[kind](), nullable=words.endswith("?"))


class _Table(NamedTuple):
    name: str
    columns: str
    key: str
    unique: str = ""
    of_ticket: bool = False
    autoincrement: bool = False
    rowid: bool = True

    def create(self) -> None:
        parts: list[sa.Column[Any] | sa.Constraint] = [_column(c) for c in self.columns.split()]
        parts.append(sa.PrimaryKeyConstraint(*self.key.split(), name=f"pk_{self.name}"))
        if self.unique:
            names = self.unique.split()
            name = f"uq_{self.name}_{'_'.join(names)}"
            parts.append(sa.UniqueConstraint(*names, name=name))
        if self.of_ticket:
            here, there = ["town", "ticket"], ["tickets.town", "tickets.id"]
            name = f"fk_{self.name}_tickets"
            parts.append(sa.ForeignKeyConstraint(here, there, name=name))
        op.create_table(
            self.name,
            *parts,
            sqlite_autoincrement=self.autoincrement,
            sqlite_with_rowid=self.rowid,
        )


def upgrade() -> None:
    """Make every table, then the indexes."""
    for table in _TABLES:
        table.create()
    for table, columns, where in _INDEXES:
        known = None if where is None else sa.text(where)
        names = columns.split()
        name = f"ix_{table}_{'_'.join(names)}"
        op.create_index(name, table, names, sqlite_where=known, postgresql_where=known)


_TABLES = (
    _Table(
        "binding_codes",
        "town code member at:time expires_at:time used_at:time?",
        key="town code",
        rowid=False,
    ),
    _Table(
        "bindings",
        "town person member at:time?",
        key="town person",
        rowid=False,
    ),
    _Table(
        "buildings",
        "id:number town estate number grid units:words",
        key="id",
    ),
    _Table(
        "communities",
        "town key name grid duty position:number",
        key="town key",
        rowid=False,
    ),
    _Table(
        "counters",
        "town name value:number",
        key="town name",
        rowid=False,
    ),
    _Table(
        "estates",
        "town key name community grid nicknames:words position:number",
        key="town key",
        rowid=False,
    ),
    _Table(
        "gaps",
        "id:number town channel since:time until:time filled:flag",
        key="id",
    ),
    _Table(
        "grids",
        "town key name level:number parent? community kind position:number",
        key="town key",
        rowid=False,
    ),
    _Table(
        "landmarks",
        "id:number town name grid estate nicknames:words",
        key="id",
    ),
    _Table(
        "lessons",
        "id:number town text intent category? at:time source",
        key="id",
    ),
    _Table(
        "members",
        """
        town key name posts skills:words fields:words deputy? leaves nicknames:words
        daily_cap:number position:number
        """,
        key="town key",
        rowid=False,
    ),
    _Table(
        "meta",
        "town name value",
        key="town name",
        rowid=False,
    ),
    _Table(
        "opt_outs",
        "town person",
        key="town person",
        rowid=False,
    ),
    _Table(
        "rooms",
        """
        town handle name community kind estate grid allowed:flag muted_until:time?
        position:number
        """,
        key="town handle",
        rowid=False,
    ),
    _Table(
        "views",
        "id:number town member what at:time",
        key="id",
    ),
    _Table(
        "inbox",
        "town key at:time",
        key="town key",
        rowid=False,
    ),
    _Table(
        "outbox",
        """
        id:number town key text created_at:time not_before:time priority:number room?
        member? person? ticket:number? merge mentions:words reply_to? fallback? alone:flag
        state attempts:number sent_at:time? remote_id? error leased_until:time?
        repeats:number
        """,
        key="id",
        autoincrement=True,
    ),
    _Table(
        "questions",
        """
        id:number town kind ticket:number? person? room? asked_at:time expires_at:time
        payload:pairs
        """,
        key="id",
        autoincrement=True,
    ),
    _Table(
        "tickets",
        """
        town id:number community number:number part:number category urgency state
        opened_at:time touched_at:time parent:number? merged_into:number? matter
        place_estate? place_building? place_unit? place_floor? place_room? place_landmark?
        grid level:number private:flag reporter reporter_name relayed_by? room? opened_by
        assignee? helpers:words offered_to:words claim_from:time? claim_due:time?
        solve_from:time? solve_due:time? claimed_at:time? eta:time? arrived_at:time?
        done_at:time? closed_at:time? paused_until:time? note reopened:number
        escalated:number rating announced_at:time? place_asked:flag terms:words
        version:number live:flag slot:number faded:flag
        """,
        key="town id",
        unique="town community number part slot",
        rowid=False,
    ),
    _Table(
        "reminders",
        "id:number town ticket:number kind step:number due_at:time",
        key="id",
        unique="town ticket kind",
        of_ticket=True,
        autoincrement=True,
    ),
    _Table(
        "ticket_events",
        "id:number town ticket:number at:time by move? from_state? to_state note message?",
        key="id",
        of_ticket=True,
    ),
    _Table(
        "ticket_members",
        "town ticket:number member part at:time",
        key="town ticket member part",
        of_ticket=True,
    ),
    _Table(
        "ticket_messages",
        "town ticket:number message kind person text at:time images:words",
        key="town ticket message",
        rowid=False,
        of_ticket=True,
    ),
    _Table(
        "voices",
        "town ticket:number person position:number name room? kind home answer",
        key="town ticket person",
        rowid=False,
        of_ticket=True,
    ),
)

_INDEXES = (
    ("outbox", "town remote_id", "remote_id IS NOT NULL"),
    ("outbox", "town state priority id", None),
    ("questions", "town person", None),
    ("questions", "town room", None),
    ("tickets", "town assignee", "assignee IS NOT NULL"),
    ("tickets", "town closed_at", "closed_at IS NOT NULL"),
    ("tickets", "town community live touched_at", None),
    ("tickets", "town reporter", None),
    ("reminders", "town due_at", None),
    ("ticket_events", "town ticket", None),
    ("ticket_members", "town at", None),
    ("ticket_members", "town member", None),
    ("ticket_messages", "town message", None),
    ("voices", "town person", None),
)
