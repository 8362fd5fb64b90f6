"""The sample residents of the sandbox: they live through their day, and time runs with them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from bot.app import App
from bot.channels.sandbox import Sandbox
from bot.clock import MovableClock
from bot.sample.day import Day, Line
from bot.showing.pace import real_seconds
from domain.calendar import LOCAL
from storage.store import Store

_PROGRESS = "sandbox.day"
_STEP = 0.5
"""Seconds between two steps of the clock when the story is over."""
_SAVED_EVERY = 10
_BLINK = 0.02
_LONGEST_FLUSH = 2.0


class Residents:
    """Speaks the lines of a day into the sandbox; a restart goes on behind the last one said."""

    def __init__(
        self, app: App, sandbox: Sandbox, clock: MovableClock, day: Day, speed: float
    ) -> None:
        self._app, self._sandbox, self._clock = app, sandbox, clock
        self._day, self._speed = day, speed
        self.over = asyncio.Event()
        """Set when the last line was said and the time behind it has passed."""

    async def run(self) -> None:
        """Live until cancelled: first the rest of the day, then time alone goes on."""
        await self._sandbox.ready()
        said, _at = progress(self._app.store, self._day)
        for line in self._day.lines[said:]:
            await self._pass_until(line.at)
            await self._speak(line)
        if said <= len(self._day.lines):
            await self._pass_until(self._day.end)
            self._save(len(self._day.lines) + 1)
        self.over.set()
        await self._go_on()

    async def _pass_until(self, at: datetime) -> None:
        """Jump from one moment at which something is due to the next, with a short wait before."""
        while (now := self._clock.now()) < at:
            await asyncio.sleep(real_seconds(now, self._following(now, at), self._speed))
            following = self._following(now, at)  # somebody may have typed meanwhile
            self._clock.move_to(following)
            self._app.tick()
            await self._flushed()
            if following == now:  # what is due cannot go out: let time pass all the same
                self._clock.move_to(min(at, now + timedelta(seconds=1)))

    def _following(self, now: datetime, at: datetime) -> datetime:
        """The next moment up to `at` at which something is due."""
        moments = [self._app.timekeeper.next_wake(now), self._app.store.next_outgoing(), at]
        return max(min(m for m in moments if m is not None), now)

    async def _speak(self, line: Line) -> None:
        text, missing = self._day.words(line, self._app.store, self._sandbox.account)
        if not missing:
            message = self._day.message(line, text, self._sandbox.account)
            self._sandbox.say(
                text,
                sender=line.who,
                name=line.who,
                room=line.room,
                room_name=line.room or "",
                at=line.at,
                id=line.id,
                reply_to=message.reply_to,
                images=message.images,
            )
            await self._app.inbox.all_taken()
            await self._flushed()
        self._save(line.number)

    async def _flushed(self) -> None:
        """Give the outbox a moment to say what it may say now."""
        self._app.outbox.wake()
        for _ in range(int(_LONGEST_FLUSH / _BLINK)):
            await asyncio.sleep(_BLINK)
            queued = self._app.store.next_outgoing()
            if queued is None or queued > self._clock.now():
                return

    async def _go_on(self) -> None:
        steps = 0
        while True:
            await asyncio.sleep(_STEP)
            self._clock.move_to(self._clock.now() + timedelta(seconds=_STEP * self._speed))
            steps += 1
            if steps % int(_SAVED_EVERY / _STEP) == 0:
                self._save(len(self._day.lines) + 1)

    def _save(self, said: int) -> None:
        at = self._clock.now().astimezone(LOCAL).isoformat()
        self._app.store.meta_set(_PROGRESS, f"{said}|{at}")


def progress(store: Store, day: Day) -> tuple[int, datetime]:
    """How many lines were said, and what time it is in the story."""
    said, _, at = (store.meta_get(_PROGRESS) or "").partition("|")
    if not (said.isascii() and said.isdigit()):
        return 0, day.start
    return int(said), datetime.fromisoformat(at)


def may_live(store: Store, day: Day) -> bool:
    """Whether the story can be told here: its rooms are there, and no other story was begun."""
    rooms = store.directory().rooms
    there = all(f"sandbox:{name}" in rooms for name in day.rooms)
    return there and (store.meta_get(_PROGRESS) is not None or not store.tickets(limit=1))
