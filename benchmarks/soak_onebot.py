"""Soaks the OneBot channel: 50 rooms, cuts, freezes, repeats, late messages; nothing may be lost.

    python -m benchmarks.soak_onebot                      # the short one, for CI
    python -m benchmarks.soak_onebot --messages 100000    # the long one

The whole house can be put in the channel's place: give `soak` another `Subject`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Protocol

import structlog

from bot.channels.base import Link
from bot.channels.onebot import OneBot
from bot.channels.onebot_watch import Timing
from domain.events import Event, Gap, Message
from tests.channels.onebot_server import OneBotServer
from tests.channels.onebot_town import Frame

SHORT = 5_000
ROOMS = 50
BEAT = 0.2
"""Seconds between heartbeats; a frozen server is noticed after 2.5 of them."""
LATE, REPEATED, CUT, FROZEN = 0.02, 0.03, 0.002, 0.0002
"""Chances per message: overtaken, delivered twice, link cut after it, server frozen after it."""
PATIENCE = 60.0
"""Seconds after the last message in which everything must have arrived."""

Words = Callable[[Random, str, int], str]
"""(random, room, number) -> what is said; the first word must be `room-number`."""


class Subject(Protocol):
    """What is soaked: the channel alone, or the whole house behind it."""

    async def start(self, server: OneBotServer) -> None: ...

    async def connected(self) -> None:
        """Waits until the link is up."""
        ...

    async def down(self) -> None:
        """Waits until a dead link was noticed."""
        ...

    async def settle(self, said: dict[str, int]) -> None:
        """Waits until everything that was said (room -> count) was dealt with."""
        ...

    async def stop(self) -> None: ...

    def problems(self, late: set[str]) -> list[str]:
        """What went wrong; `late` were overtaken on purpose."""
        ...


@dataclass(kw_only=True)
class Tally:
    """What was done to the link, and what came of it."""

    messages: int = 0
    seed: int = 0
    cuts: int = 0
    freezes: int = 0
    repeats: int = 0
    late: int = 0
    seconds: float = 0.0
    rss_mb_half_way: float = 0.0
    rss_mb_end: float = 0.0
    problems: list[str] = field(default_factory=list[str])


class ChannelAlone:
    """The channel with an inbox that keeps count, and nothing behind it."""

    def __init__(self, *, seed: int = 0) -> None:
        self._random = Random(seed + 1)
        self._heard: dict[str, list[int]] = {}
        self._said: dict[str, int] = {}
        self._count = 0
        self._more = asyncio.Event()
        self.gaps = Counter[bool]()

    def put(self, event: Event) -> None:
        if isinstance(event, Gap):
            self.gaps[event.filled] += 1
        if isinstance(event, Message) and event.room is not None:
            number = int(event.text.partition(" ")[0].partition("-")[2])
            self._heard.setdefault(event.room, []).append(number)
            self._count += 1
            self._more.set()

    async def start(self, server: OneBotServer) -> None:
        self._channel = OneBot(
            name="onebot",
            account=server.account,
            now=lambda: datetime.now(UTC),
            ws_url=server.ws_url,
            http_url=server.http_url,
            token=server.token,
            history=500,
            heartbeat=BEAT,
            timing=Timing(chance=self._random.random, first=0.02, most=0.1),
        )
        self._running = asyncio.create_task(self._channel.run(self))
        await self.connected()

    async def connected(self) -> None:
        while self._channel.health().link is not Link.UP:  # noqa: ASYNC110 # health is asked
            await asyncio.sleep(0.005)

    async def down(self) -> None:
        while self._channel.health().link is Link.UP:  # noqa: ASYNC110 # health is asked
            await asyncio.sleep(0.005)

    async def settle(self, said: dict[str, int]) -> None:
        self._said = said
        wanted = sum(said.values())
        while self._count < wanted:
            self._more.clear()
            await self._more.wait()

    async def stop(self) -> None:
        await self._channel.close()
        await self._running

    def problems(self, late: set[str]) -> list[str]:
        found: list[str] = []
        for room, count in self._said.items():
            heard = self._heard.get(room, [])
            if missing := set(range(count)) - set(heard):
                found.append(f"room {room}: {len(missing)} messages were lost")
            if len(heard) != len(set(heard)):
                found.append(f"room {room}: {len(heard) - len(set(heard))} arrived twice")
            orderly = [n for n in heard if f"{room}-{n}" not in late]
            if orderly != sorted(orderly):
                found.append(f"room {room}: messages are out of order")
        if self.gaps[False]:
            found.append(f"{self.gaps[False]} gaps were not filled")
        return found


async def soak(
    subject: Subject,
    *,
    messages: int,
    seed: int,
    words: Words = lambda random, room, n: f"{room}-{n} {'水' * random.randint(1, 40)}",
) -> Tally:
    """Play one soak to the end; the tally names every problem."""
    tally = Tally(messages=messages, seed=seed)
    server = OneBotServer()
    server.town.rooms = {str(9000 + i): f"{i}号楼" for i in range(ROOMS)}
    server.town.kept = 500
    await server.start()
    await subject.start(server)
    beating = asyncio.create_task(_beat(server))
    began = time.perf_counter()
    talk = _Talk(server, subject, tally, words)
    await talk.run()
    try:
        async with asyncio.timeout(PATIENCE):
            await subject.settle(talk.said)
    except TimeoutError:
        tally.problems.append(f"not everything had arrived {PATIENCE:.0f} s after the end")
    tally.seconds = round(time.perf_counter() - began, 2)
    tally.rss_mb_end = _rss()
    beating.cancel()
    await subject.stop()
    await server.stop()
    tally.problems += subject.problems(talk.late)
    if tally.rss_mb_end > tally.rss_mb_half_way * 1.1 + 5:
        tally.problems.append("memory grew in the second half")
    return tally


class _Talk:
    """People talking in all rooms, while the link is cut, frozen, and plays tricks."""

    def __init__(self, server: OneBotServer, subject: Subject, tally: Tally, words: Words) -> None:
        self._server = server
        self._subject = subject
        self._tally = tally
        self._words = words
        self._random = Random(tally.seed)
        self._held: list[tuple[int, Frame]] = []
        self._frozen: asyncio.Task[None] | None = None
        self.said: dict[str, int] = dict.fromkeys(server.town.rooms, 0)
        """Room -> how many messages were said there."""
        self.late: set[str] = set()
        """`room-number` of those that were overtaken on purpose."""

    async def run(self) -> None:
        """Say everything, then let the last late ones follow and cut the link once more."""
        for i in range(self._tally.messages):
            await self._say(i)
            frozen = self._frozen is not None and not self._frozen.done()
            if not frozen:
                await self._follow(i)
                await self._trouble(i)
            await asyncio.sleep(0.001 if i % 2 or frozen else 0)
            if i == self._tally.messages // 2:
                self._tally.rss_mb_half_way = _rss()
        self._tally.late = len(self.late)
        if self._frozen is not None:
            await self._frozen
        await self._follow(self._tally.messages * 2)
        self._server.drop()

    async def _say(self, i: int) -> None:
        room = self._random.choice(tuple(self.said))
        number = self.said[room]
        self.said[room] += 1
        words = self._words(self._random, room, number)
        frame = self._server.town.say(words, room=room, sender="2001")
        chance = self._random.random()
        if chance < LATE:
            self.late.add(f"{room}-{number}")
            self._held.append((i + self._random.randint(1, 200), frame))
        elif self._frozen is None or self._frozen.done():
            await self._server.push(frame)
            if chance < LATE + REPEATED:
                self._tally.repeats += 1
                await self._server.push(frame)

    async def _follow(self, i: int) -> None:
        """Late messages whose turn has come; the longest held first."""
        for _, frame in [held for held in self._held if held[0] <= i]:
            await self._server.push(frame)
        self._held = [held for held in self._held if held[0] > i]

    async def _trouble(self, i: int) -> None:
        if self._random.random() < CUT:
            self._tally.cuts += 1
            self._server.drop()
            await self._subject.down()
        elif self._random.random() < FROZEN or i == self._tally.messages // 3:
            self._tally.freezes += 1
            self._server.freeze()
            self._frozen = asyncio.create_task(self._thaw())

    async def _thaw(self) -> None:
        """A frozen server stays so until it was noticed; then it comes back."""
        await self._subject.down()
        self._server.drop()
        self._server.thaw()
        await self._subject.connected()


async def _beat(server: OneBotServer) -> None:
    while True:
        await server.beat(interval=int(BEAT * 1000))
        await asyncio.sleep(BEAT)


def _rss() -> float:
    """The most memory that was ever held, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (2**20 if sys.platform == "darwin" else 2**10), 1)


def main() -> int:
    """Run one soak; 1 when something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=SHORT)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    subject = ChannelAlone(seed=given.seed)
    tally = asyncio.run(soak(subject, messages=given.messages, seed=given.seed))
    print(
        json.dumps(
            asdict(tally) | {"gaps_filled": subject.gaps[True]}, ensure_ascii=False, indent=1
        )
    )
    return 1 if tally.problems else 0


if __name__ == "__main__":
    sys.exit(main())
