"""The receive loop of one web log-in: waits for news, fetches them raw, reads them one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from bot.channels.base import Link, Now
from bot.channels.itchat_login import Timing
from bot.channels.itchat_reading import Reader
from bot.channels.itchat_web import Batch, Web, WebError
from bot.channels.itchat_wire import Json
from bot.channels.itchat_worker import Worker
from bot.channels.seen import Seen
from bot.channels.standing import Standing
from domain.events import Event, Message

log = structlog.get_logger("itchat")


class Listening:
    """Runs until the session ends. Neither a bad message nor an outage ends it."""

    def __init__(
        self,
        web: Web,
        reader: Reader,
        worker: Worker,
        *,
        standing: Standing,
        seen: Seen,
        timing: Timing,
        now: Now,
        put: Callable[[Event], None],
        lost: Callable[[datetime], None],
        save: Callable[[], None],
    ) -> None:
        self._web = web
        self._reader = reader
        self._worker = worker
        self._standing = standing
        self._seen = seen
        self._timing = timing
        self._now = now
        self._put = put
        self._lost = lost
        self._save = save
        self._backoff = timing.backoff()
        self.alive_at = now()
        """When the platform answered last."""

    async def run(self) -> None:
        """Returns when the platform says that the session is over."""
        while True:
            try:
                more = await self._polled()
            except WebError as error:
                await self._out(str(error))
                continue
            if not more:
                return
            self._back()

    async def _polled(self) -> bool:
        time = asyncio.get_running_loop().time
        began = time()
        # After a failure a fetch answers at once; a poll would be held until there is news.
        standing = self._standing.link is Link.UP
        pulse = await self._worker.call(self._web.pulse) if standing else True
        # Not every odd answer is the end: only a fetch that is refused is.
        batch = None if pulse is False else await self._worker.call(self._web.fetch)
        if pulse is not False and batch is None:
            return False
        if batch is not None and (batch.messages or batch.contacts):
            await self.take(batch)
        elif standing and time() - began < self._timing.quiet:
            await self._timing.wait(self._timing.quiet)
        return True

    async def take(self, batch: Batch) -> None:
        """Read a batch; only then is the place in the stream kept."""
        for raw in batch.contacts:
            self._contact(raw)
        for raw in batch.messages:
            await self._message(raw)
        self._save()

    def _contact(self, raw: Json) -> None:
        try:
            changes = self._reader.contact(raw)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("itchat.contact_ignored", error=type(error).__name__)
            return
        for change in changes:
            self._put(change)

    async def _message(self, raw: Json) -> None:
        self._standing.heard()
        try:
            event = await self._reader.event(raw)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("itchat.message_ignored", error=type(error).__name__)
            return
        if event is None or (isinstance(event, Message) and not self._new(event.id)):
            return
        self._put(event)

    def _new(self, id: str) -> bool:
        return self._seen.add(id, self._now())

    async def _out(self, code: str) -> None:
        """One answer that fails is bad luck, the second in a row is an outage."""
        if self._standing.link is Link.UP:
            self._standing.degraded(code)
        else:
            self._standing.down(code)
        wait = self._backoff.next()
        log.warning("itchat.no_answer", reason=code, again_in=round(wait, 1))
        await self._timing.wait(wait)

    def _back(self) -> None:
        since, self.alive_at = self.alive_at, self._now()
        if self._standing.link is Link.UP:
            return
        self._backoff.reset()
        out = self._standing.link is Link.DOWN
        self._standing.up()
        if out:
            self._lost(since)
