"""An access token that is fetched when it is needed, once for all, and renewed before its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.channels.base import Now, SendResult
from bot.channels.posting import SOON
from domain.outgoing import SendState


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Fetched:
    """A token and the seconds it is good for; its repr shows neither."""

    token: str
    seconds: float


Fetch = Callable[[], Awaitable[Fetched | SendResult]]


class Tokens:
    """Keeps one token; `early` seconds before its end a new one is fetched."""

    def __init__(self, fetch: Fetch, now: Now, *, early: float = 60.0) -> None:
        self._fetch = fetch
        self._now = now
        self._early = early
        self._lock = asyncio.Lock()
        self._token = ""
        self._until: datetime | None = None

    async def get(self) -> str | SendResult:
        """The token; or, when none can be had, a failed result: nothing was sent."""
        async with self._lock:
            if self._token and self._until is not None and self._now() < self._until:
                return self._token
            fetched = await self._fetch()
            if isinstance(fetched, SendResult):
                return _not_sent(fetched)
            self._token = fetched.token
            useful = max(fetched.seconds - self._early, 1.0)
            self._until = self._now() + timedelta(seconds=useful)
            return self._token

    def drop(self, token: str) -> None:
        """The platform refused this one: fetch another next time."""
        if token == self._token:
            self._token = ""


def _not_sent(result: SendResult) -> SendResult:
    if result.state is not SendState.MAYBE_SENT:
        return result
    return replace(result, state=SendState.FAILED, retry_after=SOON)
