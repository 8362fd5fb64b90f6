"""A thread for calls that block: one at a time, never waited for at the end of the process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


class NotBegun(Exception):
    """The deadline passed while the call was still waiting for its turn: it never happened."""


class Worker:
    """Calls run in the order they come. A call that hangs holds up those behind it, nobody else."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: Thread | None = None

    async def call(self, job: Callable[[], Result], deadline: float | None = None) -> Result:
        """What the call returns or raises; TimeoutError after `deadline` seconds if it began."""
        future: Future[Result] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(job())
            except BaseException as error:  # noqa: BLE001 # it belongs to the caller
                future.set_exception(error)

        self._start()
        self._jobs.put(run)
        try:
            async with asyncio.timeout(deadline):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            if future.cancelled():
                raise NotBegun from None
            raise

    def stop(self) -> None:
        """The thread ends after the call it is in."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread = None
            self._jobs = SimpleQueue()

    def _start(self) -> None:
        if self._thread is None:
            jobs = self._jobs
            self._thread = Thread(target=lambda: _serve(jobs), name=self._name, daemon=True)
            self._thread.start()


def _serve(jobs: SimpleQueue[Callable[[], None] | None]) -> None:
    while (job := jobs.get()) is not None:
        job()
