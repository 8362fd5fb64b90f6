"""WeCom group robot: one key speaks in one internal group and hears nothing."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

import httpx

from bot.channel_settings import Wecom
from bot.channels.base import (
    Capabilities,
    Health,
    Inbox,
    Link,
    Now,
    Rate,
    Risk,
    Send,
    SendResult,
)
from bot.channels.parts import parts
from bot.channels.posting import (
    A_MINUTE,
    SOON,
    Answered,
    Json,
    ask,
    open_client,
    troubled,
)
from bot.channels.running import Running
from bot.channels.standing import Standing
from bot.secrets import Secrets
from domain.errors import ConfigError
from domain.events import IdScope, Message
from domain.outgoing import SendState

TEXT_BYTES = 2048
MARKDOWN_BYTES = 4096
IMAGE_BYTES = 2 * 1024 * 1024
ROBOT = "robot"
"""The room, and the account when none is named: a robot knows no other place than its group."""

_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_OK, _BUSY, _TOO_OFTEN, _WRONG_KEY = 0, -1, 45009, 93000


class WecomRobot:
    """Sends text with mentions, markdown and pictures to the group that the key belongs to."""

    def __init__(
        self,
        *,
        key: str,
        now: Now,
        name: str = "wecom",
        account: str = ROBOT,
        url: str = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
        per_minute: int = 20,
        deadline: float = 10.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.name = name
        self.account = account
        self._key = key
        self._url = url
        self._now = now
        self._per_minute = per_minute
        self._deadline = deadline
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._sent: deque[datetime] = deque()
        self._turn = asyncio.Lock()
        self._standing = Standing(now)
        self._running = Running()

    @property
    def room(self) -> str:
        """The channel's id of the one room that it can speak in."""
        return self.account

    @property
    def capabilities(self) -> Capabilities:
        """Send only: it hears nothing, so nobody can be met here."""
        return Capabilities(
            receive_all=False,
            hears=False,
            can_mention=True,
            image_out=True,
            id_scope=IdScope.ACCOUNT,
            rate=Rate(count=self._per_minute, seconds=A_MINUTE),
            risk=Risk.OFFICIAL,
        )

    async def run(self, inbox: Inbox) -> None:
        """Stand ready until cancelled; nothing ever comes in."""
        del inbox
        if self._standing.link is not Link.LOGGED_OUT:
            self._standing.up()
        self._running.begin()
        await self._running.until_end()

    async def send(self, send: Send) -> SendResult:
        """The words, cut where they are too long, then the pictures; all of it or an error."""
        if send.room != self.room:
            return _failed("not_in_room" if send.room else "no_private")
        if any(len(image) > IMAGE_BYTES for image in send.images):
            return _failed("image_too_large")
        if any(not image.startswith(_PICTURES) for image in send.images):
            return _failed("image_kind")
        texts = parts(send.text, TEXT_BYTES)
        payloads = [_text(text, send.mentions if n == 0 else ()) for n, text in enumerate(texts)]
        return await self._send_all([*payloads, *(_image(image) for image in send.images)])

    async def send_markdown(self, text: str) -> SendResult:
        """Markdown of at most 4096 bytes; it cannot be cut without breaking it."""
        if len(text.encode("utf-8", "replace")) > MARKDOWN_BYTES:
            return _failed("too_long")
        return await self._send_all([{"msgtype": "markdown", "markdown": {"content": text}}])

    async def recall(self, remote_id: str, room: str | None) -> bool:
        """A robot's words cannot be taken back."""
        del remote_id, room
        return False

    async def history(self, room: str, since: datetime) -> Sequence[Message]:
        """A robot reads nothing."""
        del room, since
        return ()

    def health(self) -> Health:
        """Logged out when the platform no longer knows the key."""
        return self._standing.health()

    async def close(self) -> None:
        """Let go of the connection; a later `run` or `send` opens a new one."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
        self._running.end()
        self._standing.down("closed")

    async def _send_all(self, payloads: Sequence[Json]) -> SendResult:
        if not payloads:
            return _failed("empty")
        if len(payloads) > self._per_minute:
            return _failed("too_long")
        async with self._turn:
            if wait := self._wait(len(payloads)):
                return _failed("rate_limited", wait)
            for number, payload in enumerate(payloads):
                result = await self._post(payload)
                if result.state is not SendState.SENT:
                    return _partly(result) if number else result
        return SendResult(state=SendState.SENT)

    def _wait(self, count: int) -> float:
        """Seconds until `count` more messages fit into the minute, 0.0 when they do now."""
        now = self._now()
        minute = timedelta(seconds=A_MINUTE)
        while self._sent and now - self._sent[0] >= minute:
            self._sent.popleft()
        surplus = len(self._sent) + count - self._per_minute
        if surplus <= 0:
            return 0.0
        return max((self._sent[surplus - 1] + minute - now).total_seconds(), 1.0)

    async def _post(self, payload: Json) -> SendResult:
        if self._client is None:
            self._client = open_client(self._transport)
        self._sent.append(self._now())
        answer = await ask(
            self._client,
            self._url,
            payload,
            deadline=self._deadline,
            hidden={"key": self._key},
        )
        result = answer if isinstance(answer, SendResult) else self._understood(answer)
        if result.state is SendState.SENT:
            self._standing.up()
        elif self._standing.link is not Link.LOGGED_OUT and result.error != "rate_limited":
            self._standing.degraded(result.error)
        return result

    def _understood(self, answer: Answered) -> SendResult:
        if trouble := troubled(answer):
            return trouble
        match answer.code("errcode"):
            case int(code) if code == _OK:
                return SendResult(state=SendState.SENT)
            case int(code) if code == _TOO_OFTEN:
                return _failed("rate_limited", A_MINUTE)
            case int(code) if code == _WRONG_KEY:
                self._standing.logged_out("wrong_key")
                return _failed("wrong_key")
            case int(code) if code == _BUSY:
                return _failed("server_error", SOON)
            case int(code):
                return _failed(f"errcode_{code}")
            case None:
                return _unread(answer.status)


def build(
    settings: Wecom,
    secrets: Secrets,
    now: Now,
    transport: httpx.AsyncBaseTransport | None = None,
) -> WecomRobot:
    """The robot of `config.yaml`; raises ConfigError without its key."""
    if not secrets.wecom_key:
        raise ConfigError(
            "channels.wecom needs the key of the group robot: set XIAOGE_WECOM_KEY to what "
            "stands behind key= in the robot's address"
        )
    return WecomRobot(
        key=secrets.wecom_key,
        now=now,
        account=settings.account or ROBOT,
        url=settings.url,
        per_minute=settings.per_minute,
        transport=transport,
    )


def _text(text: str, mentions: Sequence[str]) -> Json:
    body: dict[str, object] = {"content": text}
    if mentions:
        body["mentioned_list"] = list(mentions)
    return {"msgtype": "text", "text": body}


def _image(image: bytes) -> Json:
    digest = hashlib.md5(image, usedforsecurity=False).hexdigest()
    return {
        "msgtype": "image",
        "image": {"base64": base64.b64encode(image).decode(), "md5": digest},
    }


def _failed(error: str, retry_after: float | None = None) -> SendResult:
    return SendResult(state=SendState.FAILED, error=error, retry_after=retry_after)


def _unread(status: int) -> SendResult:
    """No `errcode`: a page of somebody else; below 400 the words may have gone out."""
    if status >= 400:
        return _failed(f"http_{status}")
    return SendResult(state=SendState.MAYBE_SENT, error="unreadable_answer")


def _partly(result: SendResult) -> SendResult:
    """Some of it is out: repeating all of it would say the beginning twice."""
    return SendResult(state=SendState.MAYBE_SENT, error=f"partly_sent:{result.error}")
