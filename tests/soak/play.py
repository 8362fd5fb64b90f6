"""A town talks to the product through a OneBot peer that cuts, freezes, repeats, overtakes, forgets.

`soak` plays it to the end: 50 rooms, residents, members who answer by number or quote, and a kill
in the middle. What is said and what goes wrong hangs on the seed; the town's clock moves with the
talk, and never before the product has taken what it was told.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from bot.clock import MovableClock
from bot.cursors import EVERY
from domain.calendar import LOCAL
from tests.channels.onebot_server import OneBotServer
from tests.channels.onebot_town import Frame
from tests.soak import town
from tests.soak.product import BEAT, HISTORY, Product, Standing
from tests.soak.talk import QUIET, Talk
from tests.soak.trouble import Trouble
from tests.soak.truth import Truth, key_of
from tests.soak.verdict import TENTHS, Found, problems

START = datetime(2026, 11, 24, 8, 30, tzinfo=LOCAL).astimezone(UTC)
STEP = timedelta(seconds=2)
"""Town time between two messages."""
NIGHT = 20
"""The hour at which people go to sleep."""
LATE, REPEATED, REPEATED_LATER = 0.02, 0.03, 0.01
"""Chances per message: overtaken by others, delivered twice, delivered again much later."""
_OVERTAKEN, _LATER = 25, 300
"""At most so many messages overtake one; come before a late repeat."""
_LOOK_EVERY = 10
_AWAY = 100
"""Messages said between the kill and the next start."""
_PATIENCE = 300
"""Looks at the product after the last message, a minute of town time apart."""

Told = Callable[["Progress"], None]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a soak is."""

    messages: int
    seconds: float
    rss_mb: float


async def soak(
    folder: Path, *, messages: int, seed: int, told: Told = lambda _progress: None
) -> Found:
    """Play one soak in an empty folder; `problems` of what comes back names all that went wrong."""
    play = _Play(folder, messages, seed, told)
    await play.server.start()
    try:
        return await play.run()
    finally:
        await play.product.kill()
        await play.server.stop()


class _Play:
    def __init__(self, folder: Path, messages: int, seed: int, told: Told) -> None:
        self._folder, self._messages, self._told = folder, messages, told
        self._random = Random(seed)
        self._clock = MovableClock(START - timedelta(days=1))
        self.server = OneBotServer(account=town.ACCOUNT, now=self._clock.now)
        self.server.town.rooms = dict(town.ROOMS)
        self.server.town.kept = 2 * HISTORY
        self.server.interval = int(BEAT * 1000)
        self.truth = Truth()
        self.found = Found(seed=seed, messages=messages)
        self._talk = Talk(self.server, self.truth, self._random)
        self._trouble = Trouble(self.server, self.truth, self._clock, seed + 1)
        self._held: dict[int, list[Frame]] = {}
        """Number of a message -> frames delivered after it: overtaken ones, and late repeats."""
        self._at = 0
        self._marker = ""
        """The key of the last message that went straight to the product."""
        self._taken_at = START
        self._state = Standing(judged=-1, poisoned=0, waiting=0, due=True, rss_mb=0)
        self._began = time.perf_counter()

    # -- from beginning to end

    async def run(self) -> Found:
        await self._begin()
        beating = asyncio.create_task(self._beat())
        try:
            for i in range(self._messages):
                await self._one(i)
            await self._settle()
            await self.product.stop()
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating
        self.found.seconds = round(time.perf_counter() - self._began, 1)
        self.found.faults = self.truth.counts
        problems(self._folder, self.truth, self.server.town.sent, self._state, self.found)
        return self.found

    async def _begin(self) -> None:
        """The product starts; in every room something was said before, and is said now."""
        self.product = Product(
            self._folder, self.server.ws_url, self.server.http_url, self.server.token
        )
        for room in town.ROOMS:
            self._talk.say("大家好", room, "44000")
        self._clock.move_to(START)
        self._trouble.away(first=True)
        await self._start()
        for room in town.ROOMS:
            await self._push(self._talk.say("早上好各位邻居", room, "44000"))
        self.server.loses = self._trouble.loses(
            lambda: self._talk.unanswered.add(self.server.town.sent[-1]["message_id"])
        )

    async def _start(self, *, again: bool = False) -> None:
        self.truth.again = self._said_since(self._taken_at - 2 * EVERY) if again else 0
        self.truth.said = 0
        await self.product.start(self._clock.now())
        await self._trouble.over()

    def _said_since(self, since: datetime) -> int:
        moment = int((since - timedelta(minutes=1)).timestamp())
        said = (f for frames in self.server.town.said.values() for f in frames)
        return sum(f["time"] >= moment and f["post_type"] == "message" for f in said)

    async def _one(self, i: int) -> None:
        """One message of the day, and what happens beside it."""
        await self._pass(STEP)
        await self._deliver(i, self._talk.something())
        await self._follow(i)
        if self.product.alive:
            await self._trouble.after(i, freeze=i == self._messages // 3)
            if i % _LOOK_EVERY == 0:
                await self._look()
        if i == self._messages // 10:
            await self._kill()
        elif i == self._messages // 10 + _AWAY:
            await self._start(again=True)
        elif i == self._messages // 2:
            await self._flood()
        if (i + 1) % max(self._messages // TENTHS, 1) == 0:
            seconds = time.perf_counter() - self._began
            self._told(Progress(messages=i + 1, seconds=seconds, rss_mb=self.found.rss_mb[-1]))

    async def _pass(self, length: timedelta) -> None:
        """Time goes by; people sleep from eight to eight."""
        now = self._clock.now() + length
        if now.astimezone(LOCAL).hour >= NIGHT:
            await self._before_the_night()
            now += timedelta(hours=12)
        self._clock.move_to(now)

    async def _before_the_night(self) -> None:
        """Twelve hours pass in one step: a trouble of seconds must not become one of half a day."""
        if not self.product.alive:
            return
        await self._trouble.ease()
        for i in sorted(self._held):
            for frame in self._held.pop(i):
                await self._push(frame)
        await self._look()

    async def _look(self) -> Standing:
        """How the product stands, once it has taken and said what it should by now."""
        now = self._clock.now()
        until = "" if self._trouble.outage is not None else self._marker
        self._state = await self.product.ask(now, until)
        self._weigh(self._state.rss_mb)
        self._taken_at = now
        self._talk.hear(self._at)
        return self._state

    def _weigh(self, rss_mb: float) -> None:
        """Keep the most that was taken in each tenth."""
        tenth = min(TENTHS * self._at // self._messages, TENTHS - 1)
        self.found.rss_mb += [0.0] * (tenth + 1 - len(self.found.rss_mb))
        self.found.rss_mb[tenth] = max(self.found.rss_mb[tenth], rss_mb)

    async def _settle(self) -> None:
        """After the last message: what members still mean to say, and until everything is over."""
        await self._trouble.ease()
        self._trouble.cut()
        await self._trouble.over()
        i = self._messages
        for _ in range(_PATIENCE):
            for _ in range(30):
                await self._follow(i)
                i += 1
            await self._pass(timedelta(minutes=1))
            before = self._state.judged
            state = await self._look()
            held = any(later >= i for later in self._held)
            if not (held or self._talk.busy(i) or state.due) and state.judged == before:
                return
        self.found.problems.append("after the last message the product did not come to rest")

    # -- how it is delivered

    async def _deliver(self, i: int, frame: Frame) -> None:
        """Now, or overtaken by others, or twice, or once more much later."""
        chance = self._random.random()
        if chance < LATE:
            self.truth.count("overtaken")
            self._hold(i + self._random.randint(1, _OVERTAKEN), frame)
            return
        await self._push(frame)
        self._marker = key_of(frame)
        if chance < LATE + REPEATED:
            self.truth.count("repeated")
            await self._push(frame)
        elif chance < LATE + REPEATED + REPEATED_LATER:
            self.truth.count("repeated_later")
            self._hold(i + self._random.randint(1, _LATER), frame)

    def _hold(self, until: int, frame: Frame) -> None:
        self._held.setdefault(until, []).append(frame)

    async def _push(self, frame: Frame) -> None:
        if not self._trouble.frozen:
            await self.server.push(frame)

    async def _follow(self, i: int) -> None:
        """What is due after message i: frames that were held, and members' answers."""
        self._at = i
        for frame in self._held.pop(i, ()):
            await self._push(frame)
        for frame in self._talk.answers(i):
            await self._deliver(i, frame)
        self._talk.hear(i)

    # -- what goes wrong once

    async def _kill(self) -> None:
        self.truth.count("kill")
        self._trouble.away()
        await self.product.kill()

    async def _flood(self) -> None:
        """While the link is cut, more is said in one room than history gives back."""
        self.truth.count("flood")
        await self._trouble.over()
        await self._push(self._talk.say("早上好各位邻居", town.room_of(QUIET), "44001"))
        await self._look()
        self._trouble.cut(filled=False)
        await self._pass(STEP)
        for _ in range(HISTORY + 50):
            self._talk.say("哈哈哈哈", town.room_of(QUIET), "44001")
        self.truth.lost += 50

    async def _beat(self) -> None:
        while True:
            await self.server.beat(interval=self.server.interval)
            await asyncio.sleep(BEAT)
