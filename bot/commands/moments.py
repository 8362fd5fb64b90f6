"""Days as people type them, and the present of a store whose town may live in a story."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from domain.calendar import LOCAL
from domain.errors import XiaogeError

if TYPE_CHECKING:
    from storage.store import Store


def day_of(written: str, otherwise: datetime, option: str) -> date:
    """A day written as 2026-11-23; raises XiaogeError for anything else."""
    if not written:
        return otherwise.astimezone(LOCAL).date()
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise XiaogeError(f"{option} {written}: is no day: write it as 2026-11-23") from error


def moment_after(store: Store) -> datetime:
    """The machine's time; in the sandbox, whose story has its own time, that one."""
    from bot.clock import SystemClock
    from bot.residents import progress
    from bot.sample.day import read_day

    said, at = progress(store, read_day())
    return at if said else SystemClock().now()


def shown(at: datetime | None) -> str:
    """`11-23 08:05` of local time, or nothing."""
    return "" if at is None else f"{at.astimezone(LOCAL):%m-%d %H:%M}"
