"""WeCom calls us: employees' private words to the application, and @ of the intelligent robot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

import httpx
import structlog

from bot.channel_settings import WecomCallback as Settings
from bot.channels.base import (
    Capabilities,
    Health,
    Inbox,
    Now,
    Rate,
    Risk,
    Send,
    SendResult,
)
from bot.channels.doors import Answer, Asked, Door
from bot.channels.posting import A_MINUTE, ask, open_client, troubled
from bot.channels.running import Running
from bot.channels.seen import Seen, fresh
from bot.channels.standing import Standing
from bot.channels.wecom_answers import ANSWERABLE, Answers, OpenAnswer, conversation
from bot.channels.wecom_app import FATAL, WecomApp
from bot.channels.wecom_crypt import Tampered, WecomCrypt
from bot.channels.wecom_pictures import content
from bot.channels.wecom_wire import Unreadable, heard, read_body, sealed_text
from bot.secrets import Secrets
from domain.errors import ConfigError
from domain.events import IdScope, Message
from domain.outgoing import SendState

ANSWER_BYTES = 20_480

log = structlog.get_logger("wecom_callback")


class WecomCallback:
    """Hears by an encrypted callback; answers once per robot message, or privately as the app."""

    def __init__(
        self,
        *,
        token: str,
        aes_key: str,
        corp_id: str,
        now: Now,
        name: str = "wecom_callback",
        account: str = "",
        path: str = "/wecom/callback",
        app: WecomApp | None = None,
        ignore: Iterable[str] = (),
        deadline: float = 10.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.name = name
        self.account = account or corp_id
        self._crypt = WecomCrypt(token=token, aes_key=aes_key, receivers=(corp_id, ""))
        self._now = now
        self._path = path
        self._app = app
        self._ignore = frozenset(ignore)
        self._deadline = deadline
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._inbox: Inbox | None = None
        self._seen = Seen()
        self._messages = Seen(at_most=50_000)
        self._answers = Answers(now)
        self._standing = Standing(now)
        self._running = Running()

    @property
    def capabilities(self) -> Capabilities:
        """Only what mentions the robot; active words only privately and only as the app."""
        return Capabilities(
            receive_all=False,
            can_private=True,
            can_recall=self._app is not None,
            id_scope=IdScope.GLOBAL,
            image_in=True,
            reply_window_s=None if self._app else ANSWERABLE.total_seconds(),
            active_push=self._app is not None,
            rate=Rate(count=20, seconds=A_MINUTE),
            needs_inbound_port=True,
            risk=Risk.OFFICIAL,
        )

    @property
    def doors(self) -> Sequence[Door]:
        """The one path that WeCom calls."""
        return (Door(path=self._path, methods=("GET", "POST"), answer=self.answer),)

    async def run(self, inbox: Inbox) -> None:
        """Take callbacks until cancelled; before and after they are told to come again."""
        self._running.begin()
        self._inbox = inbox
        self._standing.up()
        try:
            await self._running.until_end()
        finally:
            self._inbox = None
            self._standing.down("stopped")

    async def answer(self, asked: Asked) -> Answer:
        """200 with the echo or empty; 403 for what is not WeCom's, stale or a repetition."""
        stamp, nonce = asked.query.get("timestamp", ""), asked.query.get("nonce", "")
        signature = asked.query.get("msg_signature", "")
        try:
            sealed = (
                asked.query.get("echostr", "")
                if asked.method == "GET"
                else sealed_text(read_body(asked.body))
            )
        except Unreadable:
            return Answer(status=400)
        if not sealed or not self._crypt.signed(signature, stamp, nonce, sealed):
            return self._refuse("signature")
        if not fresh(stamp, self._now()):
            return self._refuse("stale")
        once = f"nonce:{stamp}:{nonce}"
        if signature in self._seen or once in self._seen:
            return self._refuse("repeated")
        try:
            plain = self._crypt.open(sealed)
        except Tampered:
            return self._refuse("tampered")
        if asked.method != "GET" and self._inbox is None:
            return Answer(status=503)
        if asked.method != "GET":
            self._take(plain)
        self._seen.add(signature, self._now())
        self._seen.add(once, self._now())
        return Answer(body=plain if asked.method == "GET" else b"")

    async def send(self, send: Send) -> SendResult:
        """By the robot's answer address where one is open, else privately as the application."""
        if send.images:
            return _failed("no_images")
        if opened := self._answers.take(conversation(send.room, send.person), send.reply_to):
            return await self._answer_robot(opened, send.text)
        if send.room or not send.person:
            return _failed("window_closed")
        if self._app is None:
            return _failed("no_app_secret")
        result = await self._app.send(send.person, send.text)
        if result.state is SendState.SENT:
            self._standing.up()
        elif result.error in FATAL:
            self._standing.degraded(result.error)
        return result

    async def recall(self, remote_id: str, room: str | None) -> bool:
        """Only the application's private words can be taken back."""
        return room is None and self._app is not None and await self._app.recall(remote_id)

    async def picture(self, reference: str) -> bytes:
        """The content of one of `Message.images`; raises ChannelError when it cannot be had."""
        return await content(reference, crypt=self._crypt, app=self._app, transport=self._transport)

    async def history(self, room: str, since: datetime) -> Sequence[Message]:
        """The platform keeps nothing for us."""
        del room, since
        return ()

    def health(self) -> Health:
        """Down while no one listens; degraded when the application may not send."""
        return self._standing.health()

    async def close(self) -> None:
        """Let go of connections and of all open answer addresses."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
        if self._app is not None:
            await self._app.close()
        self._answers.clear()
        self._running.end()
        self._standing.down("closed")

    def _refuse(self, why: str) -> Answer:
        log.warning("callback.refused", channel=self.name, why=why)
        return Answer(status=403)

    def _take(self, plain: bytes) -> None:
        try:
            found = heard(
                read_body(plain),
                channel=self.name,
                account=self.account,
                now=self._now(),
                ignore=self._ignore,
            )
        except Unreadable as error:
            self._standing.gaps += 1
            log.warning("callback.unreadable", channel=self.name, why=str(error))
            return
        self._standing.heard()
        if found is None or self._inbox is None:
            return
        if not self._messages.add(found.message.key, self._now()):
            return
        self._answers.keep(found.message, found.answer_url)
        self._inbox.put(found.message)

    async def _answer_robot(self, opened: OpenAnswer, text: str) -> SendResult:
        if len(text.encode("utf-8", "replace")) > ANSWER_BYTES:
            return _failed("too_long")
        if self._client is None:
            self._client = open_client(self._transport)
        parts = urlsplit(opened.url)
        answer = await ask(
            self._client,
            f"{parts.scheme}://{parts.netloc}{parts.path}",
            {"msgtype": "markdown", "markdown": {"content": text}},
            deadline=self._deadline,
            hidden=dict(parse_qsl(parts.query, keep_blank_values=True)),
        )
        if isinstance(answer, SendResult):
            if answer.error == "unreachable":
                self._answers.give_back(opened)
            return answer
        if trouble := troubled(answer):
            return _failed(trouble.error)
        if answer.code("errcode") == 0:
            return SendResult(state=SendState.SENT)
        return _failed(f"errcode_{answer.code('errcode')}")


def build(
    settings: Settings,
    secrets: Secrets,
    now: Now,
    transport: httpx.AsyncBaseTransport | None = None,
    ignore: Iterable[str] = (),
) -> WecomCallback:
    """The callback of `config.yaml`; raises ConfigError when something of it is missing."""
    if not settings.corp_id:
        raise ConfigError("channels.wecom_callback needs `corp_id`: copy it from the WeCom console")
    app = None
    if secrets.wecom_callback_secret:
        app = WecomApp(
            corp_id=settings.corp_id,
            secret=secrets.wecom_callback_secret,
            agent_id=settings.agent_id,
            now=now,
            transport=transport,
        )
    return WecomCallback(
        token=secrets.wecom_callback_token,
        aes_key=secrets.wecom_callback_aes_key,
        corp_id=settings.corp_id,
        now=now,
        account=settings.account,
        path=settings.path,
        app=app,
        ignore=ignore,
        transport=transport,
    )


def _failed(error: str) -> SendResult:
    return SendResult(state=SendState.FAILED, error=error)
