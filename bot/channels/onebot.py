"""QQ through OneBot v11 (NapCat, LLOneBot, Lagrange): events by WebSocket, actions by HTTP."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from bot import channel_settings
from bot.channels.base import Capabilities, Health, Inbox, Now, Risk, Send, SendResult
from bot.channels.downloading import host_of
from bot.channels.onebot_actions import HttpActions, SocketActions, unsent
from bot.channels.onebot_ends import FOR_A_PERSON, why_ended, why_refused
from bot.channels.onebot_hearing import Cursor, Hearing
from bot.channels.onebot_listen import Listener
from bot.channels.onebot_pictures import content
from bot.channels.onebot_segments import Undecodable, message_id, number, outgoing, word
from bot.channels.onebot_socket import Refused, Socket, connect
from bot.channels.onebot_watch import Timing, Watch
from bot.channels.onebot_wire import Reader
from bot.secrets import Secrets
from domain.errors import ConfigError
from domain.events import Message
from domain.outgoing import SendState

CAPABILITIES = Capabilities(
    tells_gaps=True,
    can_mention=True,
    can_private=True,
    can_recall=True,
    sees_recall=True,
    history="partial",
    image_in=True,
    image_out=True,
    risk=Risk.VIOLATES_TERMS,
)
"""The forward way; the reverse way needs an inbound port besides."""


def no_cursor(room: str) -> datetime | None:
    """The cursor of a house that remembers nothing: only gaps of this process are filled."""
    del room
    return None


def build(
    settings: channel_settings.OneBot,
    secrets: Secrets,
    *,
    now: Now,
    cursor: Cursor = no_cursor,
    away_since: datetime | None = None,
    ignore: Iterable[str] = (),
    name: str = "onebot",
) -> OneBot:
    """The channel that `channels.onebot` describes; raises ConfigError with key and remedy."""
    reverse = settings.transport == "reverse"
    if not (settings.account.isascii() and settings.account.isdigit()):
        raise ConfigError(
            f"channels.{name}.account: {settings.account!r} is not a QQ number: "
            "write the number that the bot is logged in with"
        )
    hosts = (settings.url, settings.http_url)
    if not secrets.onebot_token and (reverse or not all(map(_on_this_machine, hosts))):
        raise ConfigError(
            f"channels.{name}: a token is needed here: set the same one in the OneBot "
            "implementation and in XIAOGE_ONEBOT_TOKEN"
        )
    return OneBot(
        name=name,
        account=settings.account,
        now=now,
        ws_url=settings.url,
        http_url=settings.http_url,
        listen=settings.listen if reverse else "",
        token=secrets.onebot_token,
        ignore=ignore,
        cursor=cursor,
        away_since=away_since,
        history=settings.history,
        heartbeat=settings.heartbeat.total_seconds(),
    )


def _on_this_machine(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost")


class OneBot:
    """One QQ account. With `listen` the implementation calls us, else we call it."""

    def __init__(
        self,
        *,
        name: str,
        account: str,
        now: Now,
        ws_url: str = "",
        http_url: str = "",
        listen: str = "",
        token: str = "",
        ignore: Iterable[str] = (),
        cursor: Cursor = no_cursor,
        away_since: datetime | None = None,
        history: int = 100,
        heartbeat: float = 30.0,
        deadline: float = 20.0,
        timing: Timing | None = None,
    ) -> None:
        self._name = name
        self._account = account
        self._now = now
        self._ws_url = ws_url
        self._beside = host_of("" if listen else http_url)
        self._token = token
        self._heartbeat = heartbeat
        self._deadline = deadline
        self._timing = timing or Timing()
        self._over_socket = SocketActions() if listen else None
        self._actions = self._over_socket or HttpActions(http_url, token)
        self._listener = Listener(listen, self._verdict, self._came) if listen else None
        self._hearing = Hearing(
            reader=Reader(channel=name, account=account, ignore=frozenset(ignore)),
            actions=self._actions,
            cursor=cursor,
            now=now,
            history=history,
            away_since=away_since,
        )
        self._inbox: Inbox | None = None
        self._attached = False
        self._work: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def account(self) -> str:
        return self._account

    @property
    def capabilities(self) -> Capabilities:
        return replace(CAPABILITIES, needs_inbound_port=self._listener is not None)

    @property
    def port(self) -> int:
        """The port that is listened on (the reverse way), else 0."""
        return self._listener.port if self._listener else 0

    def health(self) -> Health:
        return self._hearing.standing.health()

    async def run(self, inbox: Inbox) -> None:
        """Receive until cancelled or closed; raises ChannelError if the address is taken."""
        self._inbox = inbox
        self._work = work = asyncio.create_task(self._forever(inbox))
        try:
            await asyncio.wait([work])
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            self._hearing.standing.down("closed")
        if not work.cancelled() and (error := work.exception()):
            self._hearing.standing.down("address_taken")
            raise error

    async def close(self) -> None:
        """Say goodbye, end `run`, let go of all connections."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
            self._hearing.standing.down("closed")
        await self._actions.close()

    async def _forever(self, inbox: Inbox) -> None:
        if self._listener is not None:
            self._hearing.standing.down("waiting")
            await self._listener.run()
        attempt = 0
        while True:
            began = self._timing.elapsed()
            why = await self._once(inbox)
            if self._timing.elapsed() - began >= self._timing.settled:
                attempt = 0
            slow = self._fell(why)
            await self._timing.wait(self._timing.slow if slow else self._timing.delay(attempt))
            attempt += 1

    def _fell(self, why: str) -> bool:
        """Note why there is no link; whether a person must change something first."""
        if why in FOR_A_PERSON:
            self._hearing.standing.logged_out(why)
        else:
            self._hearing.standing.down(why)
        return why in FOR_A_PERSON

    async def _once(self, inbox: Inbox) -> str:
        try:
            socket = await connect(self._ws_url, self._token)
        except Refused as error:
            return why_refused(error)
        except (OSError, TimeoutError):
            return "unreachable"
        return await self._attend(socket, inbox)

    async def _attend(self, socket: Socket, inbox: Inbox) -> str:
        """Hear one link to its end; returns a code for why it ended."""
        watch = Watch(self._timing, self._heartbeat)
        tasks = [
            asyncio.create_task(self._read(socket, watch)),
            asyncio.create_task(watch.run(socket)),
            asyncio.create_task(self._hearing.deliver(inbox)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await socket.close()
            self._hearing.lost(inbox)
        return why_ended(next(task for task in tasks if task in done))

    async def _read(self, socket: Socket, watch: Watch) -> None:
        async for batch in socket.batches():
            watch.frame()
            for raw in batch:
                answer = self._hearing.frame(raw, watch)
                if answer is not None and self._over_socket is not None:
                    self._over_socket.hear(answer)

    async def _came(self, socket: Socket) -> None:
        if self._over_socket is None or self._inbox is None:
            return
        self._over_socket.attach(socket)
        self._attached = True
        why = "waiting"
        try:
            why = await self._attend(socket, self._inbox)
        finally:
            self._attached = False
            self._over_socket.attach(None)
            self._fell(why)

    def _verdict(self, headers: Mapping[str, str], token: str) -> int:
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            if not self._attached:
                self._hearing.standing.logged_out("wrong_token")
            return 403 if token else 401
        return 0 if headers.get("x-self-id", self._account) == self._account else 403

    async def send(self, send: Send) -> SendResult:
        """Send once; only the platform's plain "ok" is SENT, a time-out is MAYBE_SENT."""
        try:
            params: dict[str, object] = {"message": outgoing(send)}
        except Undecodable:
            return SendResult(state=SendState.FAILED, error="bad_reply_id")
        room, person = send.room or "", send.person or ""
        if room:
            action, params["group_id"] = "send_group_msg", number(room)
        else:
            action, params["user_id"] = "send_private_msg", number(person)
            if through := self._hearing.memory.way_to(person):
                params["group_id"] = number(through)
        answer = await self._actions.call(action, params, self._deadline)
        if answer.ok:
            id = word(answer.fields, "message_id")
            remote = self._hearing.sent(room, person, id) if id else None
            return SendResult(state=SendState.SENT, remote_id=remote)
        until = self._hearing.muted.get(room)
        return unsent(answer, (until - self._now()).total_seconds() if until else 0.0)

    async def recall(self, remote_id: str, room: str | None) -> bool:
        """Take back an own message; QQ allows it for two minutes, managers longer."""
        del room
        try:
            params = {"message_id": number(message_id(remote_id))}
        except Undecodable:
            return False
        return (await self._actions.call("delete_msg", params, self._deadline)).ok

    async def history(self, room: str, since: datetime) -> Sequence[Message]:
        """What the platform still has of a room after `since`, oldest first."""
        names = self._hearing.names
        return (await self._hearing.history.since(room, since, names, self._now())).messages

    async def picture(self, reference: str) -> bytes:
        """The content of one of `Message.images`; raises ChannelError when it cannot be had."""
        return await content(self._actions, reference, self._beside)
