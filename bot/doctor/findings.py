"""What the doctor says and what it is told: findings, and the surroundings of the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.bulletins import Bulletin


class Level(StrEnum):
    """How bad: `error` keeps something from working, `warning` will, `note` is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    FINE = "fine"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line of the doctor; `code` is a key of `handlers.zh.doctor`, filled with `values`."""

    level: Level
    code: str
    where: str = ""
    values: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreStatus:
    """What the store says of itself; `problem` is empty when it could be opened."""

    url: str
    """Without its password."""
    problem: str = ""
    revision: str = ""
    newest: str = ""
    """The revision that this program wants."""
    last_at: datetime | None = None
    """The latest moment that was stored, aware."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """Everything outside the files: asked by the shell, handed in as data."""

    now: datetime
    local_offset: timedelta = timedelta(hours=8)
    """Of the machine's own time zone."""
    fonts: tuple[str, ...] = ()
    """Files of fonts that hold Chinese characters."""
    store: StoreStatus | None = None
    channels: tuple[Finding, ...] = ()
    """What each channel found out about itself."""
    seen_rooms: Mapping[str, str] = field(default_factory=dict[str, str])
    """Rooms that channels know of: handle -> name."""
    unlearned: str = ""
    """Why the learned weights are not used; empty: they are, or there are none."""
    model_fails: str | None = None
    """Why the language model gave no usable answer; empty: it did; None: it was not asked."""
    bulletins: Mapping[str, Bulletin] = field(default_factory=dict[str, Bulletin])
    """Channel -> how it stood by the last word of the running product."""
    doubted_rooms: frozenset[str] = frozenset()
    """Rooms that are not spoken to until an operator confirms them."""
    readable: frozenset[str] = frozenset()
    """The categories that the reader can tell apart; empty: not known."""


def refused_channel(name: str, problem: str) -> Finding:
    """A channel that is on and cannot be started, in its own words."""
    values = {"channel": name, "problem": problem}
    where = f"channels.{name}"
    return Finding(level=Level.ERROR, code="channel.refused", where=where, values=values)
