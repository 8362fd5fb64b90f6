"""Logging in to web WeChat: show a code, wait for a phone, try again with a new code."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.channels.itchat_web import Web
from bot.channels.itchat_worker import Worker
from bot.channels.wechat_backoff import Backoff

WAITING, SCANNED, ADMITTED = "408", "201", "200"

Show = Callable[[str, str | None], None]
"""Takes (detail, text of a QR code)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """How patient the channel is, in seconds; tests bring their own clock."""

    wait: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random
    """A number from 0 up to 1."""
    send: float = 20.0
    quiet: float = 1.0
    """Polls that bring nothing are at least so far apart: some servers answer at once, for ever."""
    first: float = 0.5
    most: float = 30.0
    slow: float = 600.0
    """Before a new code is shown to an account that was turned away."""

    def backoff(self) -> Backoff:
        return Backoff(first=self.first, longest=self.most, chance=self.chance)


async def log_in(web: Web, worker: Worker, timing: Timing, show: Show) -> None:
    """Returns when a phone has confirmed; shows a new code whenever one runs out.

    Raises WebError when the platform cannot be reached, Rejected when it turns the account away.
    """
    backoff = timing.backoff()
    while True:
        uuid, text = await worker.call(web.new_code)
        show("scan_qr", text)
        if await _confirmed(web, worker, timing, show, uuid):
            return
        await timing.wait(backoff.next())


async def _confirmed(web: Web, worker: Worker, timing: Timing, show: Show, uuid: str) -> bool:
    time = asyncio.get_running_loop().time
    while True:
        asked_at = time()
        status = await worker.call(lambda: web.check(uuid))
        if status == ADMITTED:
            return True
        if status == SCANNED:
            show("scan_confirm", None)
        elif status != WAITING:
            return False
        if time() - asked_at < timing.quiet:
            await timing.wait(timing.quiet)
