"""The event stream of one connection to a wechaty gateway: read, handed over in order, probed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.channels.base import Now
from bot.channels.wechaty_gateway import Gateway, GatewayError
from bot.channels.wechaty_reading import Reader
from bot.channels.wechaty_state import State
from bot.channels.wechaty_wire import Happening, Occasion
from domain.events import Message, Recalled, RoomChanged

log = structlog.get_logger("wechaty")

Found = Message | Recalled | RoomChanged | None
AT_ONCE = 8
"""Messages read at the same time; handed over one by one, in the order of the stream."""
WAITING = 1_000
"""Messages announced and not yet read; more wait at the gateway."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """How patient the channel is, in seconds; tests bring their own clock."""

    wait: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random
    """A number from 0 up to 1."""
    call: float = 8.0
    start: float = 20.0
    """A puppet may log in while it starts."""
    send: float = 20.0
    probe_every: float = 30.0
    """A gateway that hangs keeps its stream open: only a call that fails shows it."""
    first: float = 0.5
    most: float = 30.0
    slow: float = 120.0
    """Between attempts when a person must change something first (a wrong token)."""
    fresh: timedelta = timedelta(minutes=5)
    """How long a name is believed."""


class Stream:
    """Runs until the gateway ends the stream or a call fails. No single event can end it."""

    def __init__(
        self,
        gateway: Gateway,
        reader: Reader,
        state: State,
        *,
        now: Now,
        timing: Timing,
        stands: Callable[[], None],
    ) -> None:
        self._gateway = gateway
        self._reader = reader
        self._state = state
        self._now = now
        self._timing = timing
        self._stands = stands
        self._queue: asyncio.Queue[tuple[str, asyncio.Task[Found]] | RoomChanged | None]
        self._queue = asyncio.Queue(WAITING)
        self._free = asyncio.Semaphore(AT_ONCE)
        self._reading: set[str] = set()

    async def run(self) -> None:
        """Returns when the gateway ends the stream; raises GatewayError otherwise."""
        delivering = asyncio.create_task(self._deliver())
        tasks = {
            delivering,
            asyncio.create_task(self._listen()),
            asyncio.create_task(self._probe()),
        }
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if all(task.exception() is None for task in done):
                # The gateway said goodbye; it may still tell what it announced before.
                await asyncio.wait({delivering}, timeout=self._timing.call)
        finally:
            await self._end(tasks)
        for task in done:
            task.result()

    async def _end(self, tasks: set[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        while not self._queue.empty():
            if isinstance(waiting := self._queue.get_nowait(), tuple):
                waiting[1].cancel()
                await asyncio.gather(waiting[1], return_exceptions=True)

    async def _probe(self) -> None:
        while True:
            await self._timing.wait(self._timing.probe_every)
            await self._gateway.version(self._timing.call)
            self._state.alive()

    async def _listen(self) -> None:
        async for told in self._gateway.events():
            self._stands()
            self._state.streaming()
            try:
                await self._take(told)
            except (ValueError, TypeError, KeyError) as error:
                log.warning("wechaty.event_ignored", type=told.type, error=type(error).__name__)
        await self._queue.put(None)

    async def _take(self, told: Happening) -> None:
        match told.type:
            case Occasion.MESSAGE:
                await self._announced(told.word("messageId"))
            case Occasion.LOGIN:
                self._state.logged_in(self._gateway, self._reader, told.word("contactId"))
            case Occasion.LOGOUT:
                self._state.logged_out("logged_out")
            case Occasion.SCAN:
                self._state.scan(told)
            case Occasion.ROOM_JOIN | Occasion.ROOM_LEAVE | Occasion.ROOM_TOPIC:
                for change in self._reader.changed(told):
                    await self._queue.put(change)
            case Occasion.DIRTY:
                self._reader.stale(told)
            case Occasion.ERROR:
                log.warning("wechaty.gateway_error")
            case _:
                pass

    async def _announced(self, id: str) -> None:
        if not id or id in self._reading or not self._state.new(id):
            return
        await self._free.acquire()
        self._reading.add(id)
        task = asyncio.create_task(self._reader.message(id))
        task.add_done_callback(lambda _: self._free.release())
        await self._queue.put((id, task))

    async def _deliver(self) -> None:
        while (waiting := await self._queue.get()) is not None:
            if isinstance(waiting, tuple):
                await self._hand_over(*waiting)
            else:
                self._state.put(waiting)

    async def _hand_over(self, id: str, task: asyncio.Task[Found]) -> None:
        since = self._now()
        try:
            found = await task
        except GatewayError as error:
            log.warning("wechaty.message_lost", reason=error.trouble.value)
            self._state.lost(since)
            return
        except asyncio.CancelledError:
            task.cancel()
            raise
        finally:
            self._reading.discard(id)
        self._state.delivered(id)
        if found is not None:
            self._state.put(found)
