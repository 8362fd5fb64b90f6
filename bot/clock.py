"""The only now() of the house, and the scheduler that wakes it. APScheduler never holds a ticket."""

# APScheduler 3 ships no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from domain.calendar import LOCAL

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...


class SystemClock:
    """The machine's clock; never runs backwards within one process."""

    def __init__(self) -> None:
        self._last = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        self._last = max(self._last, datetime.now(UTC))
        return self._last


class MovableClock:
    """A clock that stands until it is moved; it follows a transcript or a test."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def move_to(self, at: datetime) -> None:
        """Forward only; an earlier time changes nothing."""
        self._now = max(self._now, at)


class WarpedClock:
    """A clock that starts at a given time and runs `speed` times as fast as the machine's."""

    def __init__(self, start: datetime, speed: float) -> None:
        self._start, self._speed = start, speed
        self._began = datetime.now(UTC)

    def now(self) -> datetime:
        return self._start + (datetime.now(UTC) - self._began) * self._speed


class Wakings(Protocol):
    """What must be woken: the reminders, the digests, the nightly cleaning."""

    def tick(self) -> None: ...


def wake(
    wakings: Wakings, every: timedelta, on_error: Callable[[BaseException], None]
) -> AsyncIOScheduler:
    """An asyncio scheduler, not started, that calls `tick` again and again and skips none twice.

    Late, missed and piled-up runs become one (coalesce), as after a sleep of the machine.
    """
    from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent  # noqa: PLC0415  # loaded only when needed: start-up stays short
    from apscheduler.schedulers.asyncio import AsyncIOScheduler  # noqa: PLC0415  # loaded only when needed: start-up stays short

    scheduler = AsyncIOScheduler(timezone=LOCAL)

    def failed(event: JobExecutionEvent) -> None:
        if event.exception is not None:
            on_error(event.exception)

    async def tick() -> None:
        """In the loop's own thread, as everything that is taken: a plain function would not be."""
        wakings.tick()

    scheduler.add_listener(failed, EVENT_JOB_ERROR)
    scheduler.add_job(
        tick,
        "interval",
        seconds=every.total_seconds(),
        id="tick",
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    return scheduler
