"""What tests give a channel: an inbox that can be waited for, and a clock that only tests move."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from domain.events import Event, Message

Kind = TypeVar("Kind", bound=Event)


class Ears:
    """An inbox that remembers; waiting ends when enough was heard."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._more = asyncio.Event()

    def put(self, event: Event) -> None:
        self.events.append(event)
        self._more.set()

    def all(self, kind: type[Kind]) -> list[Kind]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.all(Message)]

    async def heard(self, kind: type[Kind], count: int = 1) -> list[Kind]:
        """Waits for so many events of a kind."""
        await self.until(lambda: len(self.all(kind)) >= count)
        return self.all(kind)

    async def words(self, text: str) -> Message:
        """Waits for a message with this text."""
        await self.until(lambda: text in self.texts)
        return next(m for m in self.all(Message) if m.text == text)

    async def until(self, wanted: Callable[[], bool]) -> None:
        while not wanted():
            self._more.clear()
            await self._more.wait()


class HandClock:
    """Time that stands still until `advance`; what waits for it is woken in order."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed = 0.0
        self._waiting: list[tuple[float, asyncio.Future[None]]] = []
        self._parked = asyncio.Event()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def elapsed(self) -> float:
        return self._elapsed

    async def wait(self, seconds: float) -> None:
        """What a channel calls instead of sleeping."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (self._elapsed + seconds, woken)
        self._waiting.append(entry)
        self._parked.set()
        try:
            await woken
        finally:
            self._waiting.remove(entry)

    def advance(self, seconds: float) -> None:
        self._elapsed += seconds
        for due, woken in sorted(self._waiting, key=lambda entry: entry[0]):
            if due <= self._elapsed and not woken.done():
                woken.set_result(None)

    async def parked(self, when: Callable[[], bool] = lambda: True) -> float:
        """Waits until somebody waits while `when` holds; returns the shortest such wait."""
        while not (self._waiting and when()):
            self._parked.clear()
            await self._parked.wait()
        return min(due for due, _ in self._waiting) - self._elapsed
