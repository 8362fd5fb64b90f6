"""What goes wrong with the link in the soak: cuts, freezes, refusals, lost answers, by chance."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random

from starlette.responses import JSONResponse

from bot.clock import Clock
from tests.channels.onebot_server import OneBotServer
from tests.soak.truth import Outage, Truth

CUT, FROZEN, BUSY, UNANSWERED = 0.002, 0.0003, 0.001, 0.005
"""Chances: link cut after a message, peer frozen, sends refused for a while, an answer lost."""
_SPELL = 20
"""Messages that go by while sends are refused."""
_MISSED = 10
"""Messages said while the link is cut, at most; three times as many while the peer is frozen."""


class Trouble:
    """The link between the town and the product."""

    def __init__(self, server: OneBotServer, truth: Truth, clock: Clock, seed: int) -> None:
        self._server, self._truth, self._clock = server, truth, clock
        self._random = Random(seed)
        self._lost = Random(seed + 1)
        self._frozen: asyncio.Task[None] | None = None
        self._busy_until = self._away_until = -1

    @property
    def frozen(self) -> bool:
        """Whether the peer keeps its links open and says nothing."""
        return self._frozen is not None and not self._frozen.done()

    @property
    def outage(self) -> Outage | None:
        """The time without a link that is not over."""
        last = self._truth.outages[-1] if self._truth.outages else None
        return last if last and last.until is None else None

    async def after(self, i: int, *, freeze: bool = False) -> None:
        """Perhaps something goes wrong after message i; `freeze`: the peer freezes for sure."""
        if i == self._busy_until:
            self._server.answers.clear()
        if self.outage is not None:
            await self._come_back(i)
            return
        chance = self._random.random()
        if freeze or chance < FROZEN:
            self._freeze(i)
        elif chance < FROZEN + CUT:
            self.cut(until=i + _MISSED)
        elif chance < FROZEN + CUT + BUSY and i > self._busy_until:
            self._truth.count("busy")
            self._server.answers["send_group_msg"] = JSONResponse({}, status_code=503)
            self._busy_until = i + _SPELL

    def cut(self, *, until: int = 0, filled: bool = True) -> None:
        """Cut the link; the town waits for it after message `until`."""
        self._truth.count("cut")
        self.away(until=until, filled=filled)
        self._server.drop()

    def _freeze(self, i: int) -> None:
        self._truth.count("frozen")
        self.away(until=i + 3 * _MISSED)
        self._server.freeze()
        self._frozen = asyncio.create_task(self._thaw())

    async def _thaw(self) -> None:
        """A frozen peer stays so until it was noticed; then it comes back."""
        await self._server.left.wait()
        self._server.drop()
        self._server.thaw()

    async def _come_back(self, i: int) -> None:
        """The link may be back; after a while the town waits until it is."""
        if i >= self._away_until:
            await self.over()
        elif not self.frozen and self._server.joined.is_set():
            self.back()

    async def over(self) -> None:
        """Waits until the link is back."""
        if self._frozen is not None:
            await self._frozen
        await self._server.joined.wait()
        self.back()

    async def ease(self) -> None:
        """Nothing is wrong any more: the link is back, and what is sent is taken."""
        await self.over()
        self._server.answers.clear()
        self._busy_until = -1

    def away(self, *, until: int = 0, filled: bool = True, first: bool = False) -> None:
        """From now on nothing is heard."""
        self._away_until = until
        if (before := self.outage) is not None:
            before.filled &= filled
            return
        now = self._clock.now()
        self._truth.outages.append(Outage(since=now, filled=filled, first=first))

    def back(self) -> None:
        """From now on something is heard again."""
        if (outage := self.outage) is not None:
            outage.until = self._clock.now()

    def loses(self, lost: Callable[[], None]) -> Callable[[str], bool]:
        """Whether the answer to a send gets lost; `lost` is told of each."""

        def decided(action: str) -> bool:
            if action != "send_group_msg" or self._lost.random() >= UNANSWERED:
                return False
            self._truth.count("unanswered")
            lost()
            return True

        return decided
