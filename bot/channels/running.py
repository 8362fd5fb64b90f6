"""Lets `close` end a `run` that only waits, and a `run` begin again afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable


class Running:
    """One `run` at a time: it begins, waits, and is ended from outside or cancelled."""

    def __init__(self) -> None:
        self._ended = asyncio.Event()

    @property
    def ended(self) -> bool:
        """Whether `end` was called since the last `begin`."""
        return self._ended.is_set()

    def begin(self) -> None:
        """A new run."""
        self._ended.clear()

    def end(self) -> None:
        """Let it return."""
        self._ended.set()

    async def until_end(self) -> None:
        """Returns when `end` is called."""
        await self._ended.wait()

    async def pause(self, waiting: Awaitable[None]) -> None:
        """Wait for `waiting`, or until the end if that comes first."""
        tasks = {
            asyncio.ensure_future(waiting),
            asyncio.ensure_future(self.until_end()),
        }
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
