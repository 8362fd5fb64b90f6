"""WeChat by the web protocol, through itchat-uos: a loop of our own over the library's core.

The library only talks to the platform. A batch is fetched raw, each message of it is read on its
own, and a link that breaks is tried again for ever. One account for each process: the address of
the platform is one for all cores.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog

from bot.channels import itchat_session as files
from bot.channels.base import Capabilities, Health, Inbox, Link, Now, Send, SendResult
from bot.channels.itchat_able import CAPABILITIES
from bot.channels.itchat_core import load
from bot.channels.itchat_listening import Listening
from bot.channels.itchat_login import Timing, log_in
from bot.channels.itchat_reading import Reader
from bot.channels.itchat_rooms import Rooms
from bot.channels.itchat_sending import Sender
from bot.channels.itchat_web import Batch, Rejected, Web, WebError
from bot.channels.itchat_worker import NotBegun, Worker
from bot.channels.seen import Seen
from bot.channels.standing import Standing
from domain.errors import ChannelError
from domain.events import Event, Gap, Message
from domain.outgoing import SendState

log = structlog.get_logger("itchat")

_ONE_FOR_EACH_PROCESS = threading.Lock()


class _Settings(Protocol):
    @property
    def account(self) -> str: ...
    @property
    def session(self) -> str: ...
    @property
    def base_url(self) -> str: ...


def build(
    settings: _Settings, secrets: object, *, now: Now, away_since: datetime | None = None
) -> ItchatChannel:
    """The channel of the configuration; there is no secret, a phone scans a code instead."""
    del secrets
    return ItchatChannel(
        account=settings.account or "itchat",
        session=Path(settings.session),
        base_url=settings.base_url,
        now=now,
        away_since=away_since,
    )


class ItchatChannel:
    """One WeChat account. Ids of people end with the log-in, handles of rooms are their names.

    `away_since`: until when a former process listened. `ignore` holds the names of other bots.
    References in `Message.images` are read by `picture`.
    """

    def __init__(
        self,
        *,
        account: str,
        session: Path,
        base_url: str,
        now: Now,
        away_since: datetime | None = None,
        ignore: frozenset[str] = frozenset(),
        timing: Timing | None = None,
    ) -> None:
        self._account = account
        self._session = session
        self._base_url = base_url
        self._now = now
        self._ignore = ignore
        self._timing = timing or Timing()
        self._standing = Standing(now)
        self._seen = Seen(keep=timedelta(days=2), at_most=100_000)
        self._login_qr: str | None = None
        self._missing_since = away_since
        self._inbox: Inbox | None = None
        self._loop: asyncio.Task[None] | None = None
        self._talk: tuple[Web, Sender, Reader] | None = None
        self._receiving = Worker("itchat-receive")
        self._sending = Worker("itchat-send")

    @property
    def name(self) -> str:
        return "itchat"

    @property
    def account(self) -> str:
        return self._account

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def health(self) -> Health:
        health = replace(self._standing.health(), login_qr=self._login_qr)
        if self._talk is None:
            return health
        web, _, reader = self._talk
        return replace(health, login=web.login, doubtful_rooms=tuple(reader.rooms.doubtful()))

    def confirm(self, room: str) -> bool:
        """A person has looked: the room of this name is the one. False when two have the name."""
        if self._talk is None:
            return False
        web, _, reader = self._talk
        if not reader.rooms.confirm(room):
            return False
        files.keep(self._session, web.saved(), reader.rooms)
        return True

    async def run(self, inbox: Inbox) -> None:
        """Receive until cancelled or closed. Raises ChannelError when the library is not usable."""
        if self._loop is not None or not _ONE_FOR_EACH_PROCESS.acquire(blocking=False):
            raise ChannelError(
                "an itchat channel is running in this process already: one account for each"
                " process, start a second xiaoge for a second account"
            )
        self._loop = loop = asyncio.create_task(self._live(inbox))
        try:
            await asyncio.wait({loop})
        finally:
            loop.cancel()
            await asyncio.wait({loop})
        if not loop.cancelled() and (error := loop.exception()):
            raise error

    async def close(self) -> None:
        """End `run`. The session goes on, and is taken up again from its file."""
        if (loop := self._loop) is not None:
            loop.cancel()
            await asyncio.wait({loop})

    async def _live(self, inbox: Inbox) -> None:
        self._inbox = inbox
        try:
            await self._supervise()
        finally:
            self._loop = self._inbox = self._login_qr = self._missing_since = None
            self._receiving.stop()
            self._sending.stop()
            self._standing.down("closed")
            _ONE_FOR_EACH_PROCESS.release()

    async def _supervise(self) -> None:
        backoff = self._timing.backoff()
        while True:
            web = await self._loaded()
            try:
                await self._one_login(web)
                backoff.reset()
                wait = self._timing.first
            except Rejected:
                self._standing.logged_out("account_rejected")
                wait = self._timing.slow
            except WebError as error:
                self._standing.down(str(error))
                wait = backoff.next()
            finally:
                self._talk = self._login_qr = None
                web.close()
            log.warning("itchat.ended", reason=self._standing.health().detail)
            await self._timing.wait(wait)

    async def _loaded(self) -> Web:
        try:
            return Web(*await self._receiving.call(lambda: load(self._base_url)))
        except (ImportError, AttributeError) as error:
            raise ChannelError(
                f"itchat cannot be loaded ({error!r}): install itchat-uos 1.5.0.dev0 or 1.4.1"
            ) from error

    async def _one_login(self, web: Web) -> None:
        """From the file or by a code, then listening until the session is over."""
        pending = await self._resumed(web)
        if pending is None:
            await log_in(web, self._receiving, self._timing, self._show)
            await self._receiving.call(web.enter)
        else:
            await self._receiving.call(web.contacts)
        reader = self._reader(web)
        listening = Listening(
            web,
            reader,
            self._receiving,
            standing=self._standing,
            seen=self._seen,
            timing=self._timing,
            now=self._now,
            put=self._put,
            lost=self._lost,
            save=lambda: files.keep(self._session, web.saved(), reader.rooms),
        )
        self._talk = (web, Sender(web, reader, self._sending, self._timing.send), reader)
        self._login_qr = None
        self._standing.up()
        if (since := self._missing_since) is not None:
            self._missing_since = None
            self._lost(since)
        await listening.take(pending or Batch(messages=(), contacts=()))
        try:
            await listening.run()
        finally:
            self._missing_since = listening.alive_at
        files.forget(self._session)
        self._standing.logged_out("logged_out")

    async def _resumed(self, web: Web) -> Batch | None:
        """What came since the session was kept; None when there is none that still works."""
        try:
            saved = files.read(self._session)
        except files.OpenToOthers:
            log.error("itchat.session_open_to_others", remedy="it is thrown away; scan again")
            files.forget(self._session)
            return None
        if not saved or not web.restore(saved):
            return None
        batch = await self._receiving.call(web.fetch)
        if batch is None:
            files.forget(self._session)
            web.forget()
        return batch

    def _reader(self, web: Web) -> Reader:
        known, salt = files.known_rooms(files.rooms_path(self._session))
        reader = Reader(
            web,
            self._receiving.call,
            Rooms(known, salt),
            channel=self.name,
            account=self._account,
            now=self._now,
            ignore=self._ignore,
        )
        reader.refresh()
        if doubtful := reader.rooms.doubtful():
            log.warning("itchat.rooms_doubtful", count=len(doubtful))
        return reader

    def _show(self, detail: str, code: str | None) -> None:
        self._login_qr = code
        self._standing.logged_out(detail)

    def _put(self, event: Event) -> None:
        if self._inbox is not None:
            self._inbox.put(event)

    def _lost(self, since: datetime) -> None:
        """The platform kept the messages, or it did not: nobody tells."""
        self._standing.gaps += 1
        at = self._now()
        gap = Gap(channel=self.name, account=self._account, at=at, since=since, filled=False)
        self._put(gap)

    async def send(self, send: Send) -> SendResult:
        """Send once, with a deadline; without an answer it is MAYBE_SENT."""
        if self._talk is None:
            error = "logged_out" if self._standing.link is Link.LOGGED_OUT else "down"
            return SendResult(state=SendState.FAILED, error=error, retry_after=self._timing.most)
        return await self._talk[1].say(send)

    async def recall(self, remote_id: str, room: str | None) -> bool:
        return self._talk is not None and await self._talk[1].recall(remote_id, room or "")

    async def picture(self, reference: str) -> bytes:
        """The content of one of `Message.images`; raises ChannelError when it cannot be had."""
        if self._talk is None:
            raise ChannelError("itchat is not logged in: the picture cannot be fetched now")
        web = self._talk[0]
        try:
            return await self._sending.call(lambda: web.picture(reference), self._timing.send)
        except (WebError, TimeoutError, NotBegun) as error:
            raise ChannelError("the picture cannot be fetched from web WeChat") from error

    async def history(self, room: str, since: datetime) -> Sequence[Message]:
        """Always empty: what is pending comes by itself, older messages cannot be had."""
        del room, since
        return ()
