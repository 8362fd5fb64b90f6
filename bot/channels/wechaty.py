"""WeChat through a wechaty gateway: the puppet's calls only, in a loop of our own that never ends.

Nothing of wechaty is imported before `run`. The gateway announces ids on a stream; a message is
read by its id and handed over in the order of the stream. What happens while no stream stands is
lost, and told as a Gap.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import structlog

from bot.channels.base import (
    Capabilities,
    Health,
    Inbox,
    Link,
    Now,
    Risk,
    Send,
    SendResult,
)
from bot.channels.wechat_backoff import Backoff
from bot.channels.wechat_quotes import Quotes
from bot.channels.wechaty_gateway import GatewayError, Trouble, dial
from bot.channels.wechaty_reading import Reader
from bot.channels.wechaty_sending import say
from bot.channels.wechaty_state import State
from bot.channels.wechaty_stream import Stream, Timing
from domain.errors import ChannelError
from domain.events import IdScope, Message
from domain.outgoing import SendState

log = structlog.get_logger("wechaty")

CAPABILITIES = Capabilities(
    tells_gaps=True,
    can_mention=True,
    can_private=True,
    can_recall=True,
    sees_recall=True,
    image_in=True,
    image_out=True,
    risk=Risk.VIOLATES_TERMS,
)
_TOKEN = re.compile(r"[A-Za-z0-9_-]+")
_FOR_A_PERSON = (Trouble.WRONG_TOKEN, Trouble.NOT_A_GATEWAY)


class _Settings(Protocol):
    @property
    def account(self) -> str: ...
    @property
    def endpoint(self) -> str: ...


class _Secrets(Protocol):
    @property
    def wechaty_token(self) -> str: ...


def build(
    settings: _Settings, secrets: _Secrets, *, now: Now, away_since: datetime | None = None
) -> WechatyChannel:
    """The channel of the configuration; raises ChannelError when it can never work."""
    return WechatyChannel(
        account=settings.account or "wechaty",
        endpoint=settings.endpoint,
        token=secrets.wechaty_token,
        now=now,
        away_since=away_since,
    )


class WechatyChannel:
    """One WeChat account behind one gateway. That gateway must have no second listener.

    `away_since`: until when a former process listened.

    `ignore` holds the ids of other bots. References in `Message.images` are read by `picture`.
    """

    def __init__(
        self,
        *,
        account: str,
        endpoint: str,
        token: str,
        now: Now,
        away_since: datetime | None = None,
        ignore: frozenset[str] = frozenset(),
        timing: Timing | None = None,
    ) -> None:
        host, _, port = endpoint.rpartition(":")
        if not host or not (port.isascii() and port.isdigit()):
            raise ChannelError(f"channels.wechaty.endpoint {endpoint!r} is not host:port")
        if not _TOKEN.fullmatch(token):
            raise ChannelError(
                "the wechaty token is missing or holds other letters than A-Z a-z 0-9 _ -:"
                " set XIAOGE_WECHATY_TOKEN to the token of the gateway"
            )
        self._account = account
        self._address = (host, int(port))
        self._token = token
        self._now = now
        self._ignore = ignore
        self._timing = timing or Timing()
        self._state = State(channel=self.name, account=account, now=now, away_since=away_since)
        self._backoff = Backoff(
            first=self._timing.first, longest=self._timing.most, chance=self._timing.chance
        )
        self._quotes = Quotes()
        self._ghost = False
        self._loop: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        return "wechaty"

    @property
    def account(self) -> str:
        return self._account

    @property
    def capabilities(self) -> Capabilities:
        """Stable ids, unless the gateway is one whose ids change with each log-in."""
        if self._state.scope is IdScope.GLOBAL:
            return CAPABILITIES
        return replace(
            CAPABILITIES,
            stable_person_ids=False,
            stable_room_ids=False,
            id_scope=self._state.scope,
        )

    def health(self) -> Health:
        return self._state.health()

    async def run(self, inbox: Inbox) -> None:
        """Receive until cancelled or closed; a gateway that is away is tried again for ever."""
        if self._loop is not None:
            raise ChannelError("this wechaty channel is running already: run it once")
        self._loop = loop = asyncio.create_task(self._live(inbox))
        try:
            await asyncio.wait({loop})
        finally:
            loop.cancel()
            await asyncio.wait({loop})
        if not loop.cancelled() and (error := loop.exception()):
            raise error

    async def close(self) -> None:
        """End `run`. The gateway is only hung up on: its WeChat session goes on."""
        if (loop := self._loop) is not None:
            loop.cancel()
            await asyncio.wait({loop})

    async def _live(self, inbox: Inbox) -> None:
        self._state.begin(inbox)
        try:
            await self._supervise()
        finally:
            self._loop = None
            self._state.closed()

    async def _supervise(self) -> None:
        while True:
            trouble = Trouble.LOST
            try:
                await self._connected()
            except GatewayError as error:
                trouble = error.trouble
            if self._state.alive_at is not None:
                # After a silence the gateway may hold on to a stream that is dead on our side.
                self._ghost = trouble is Trouble.SILENT
            self._state.down(trouble)
            wait = self._backoff.next()
            if trouble in _FOR_A_PERSON:
                wait = max(wait, self._timing.slow)
            log.warning("wechaty.down", reason=trouble.value, again_in=round(wait, 1))
            await self._timing.wait(wait)

    async def _connected(self) -> None:
        """One connection, from dialling to its end; raises GatewayError."""
        state, timing = self._state, self._timing
        state.alive_at = None
        gateway = dial(*self._address, self._token, deadline=timing.call)
        reader = Reader(
            gateway,
            channel=self.name,
            account=self._account,
            now=self._now,
            fresh=timing.fresh,
            quotes=self._quotes,
            ignore=self._ignore,
        )
        stream = Stream(
            gateway, reader, state, now=self._now, timing=timing, stands=self._backoff.reset
        )
        try:
            await gateway.start(timing.start)
            await stream.run()
        except GatewayError as error:
            if error.trouble is Trouble.SECOND_CONSUMER and self._ghost:
                self._ghost = False
                await gateway.stop(timing.start)
                raise GatewayError(Trouble.LOST) from error
            raise
        finally:
            gateway.close()

    async def send(self, send: Send) -> SendResult:
        """Send once. A call without an answer is MAYBE_SENT, as are words without their picture.

        A quote is sent as text above the words, as WeChat itself once did.
        """
        if (talk := self._state.talk) is None:
            error = "logged_out" if self._state.link is Link.LOGGED_OUT else "down"
            return SendResult(state=SendState.FAILED, error=error, retry_after=self._timing.most)
        if send.room in self._state.left:
            return SendResult(state=SendState.FAILED, error="not_in_room")
        return await say(*talk, send, self._timing.send)

    async def recall(self, remote_id: str, room: str | None) -> bool:
        del room
        if (talk := self._state.talk) is None:
            return False
        try:
            return await talk[0].recall(remote_id, self._timing.call)
        except GatewayError:
            return False

    async def picture(self, reference: str) -> bytes:
        """The content of one of `Message.images`; raises ChannelError when it cannot be had."""
        if (talk := self._state.talk) is None:
            raise ChannelError("wechaty is not logged in: the picture cannot be fetched now")
        try:
            return await talk[0].picture(reference, self._timing.send)
        except GatewayError as error:
            raise ChannelError(f"the picture cannot be fetched: {error.trouble.value}") from error

    async def history(self, room: str, since: datetime) -> Sequence[Message]:
        """Always empty: the platform keeps nothing for us."""
        del room, since
        return ()
