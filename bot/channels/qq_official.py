"""The official QQ bot: hears what mentions it, answers within minutes, can say nothing first."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

import httpx
import structlog

from bot.channel_settings import QQOfficial as Settings
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
from bot.channels.downloading import download, host_of
from bot.channels.parts import parts
from bot.channels.posting import A_MINUTE, Json
from bot.channels.qq_api import LATE, NUMBER_USED, TOKEN_URL, WRONG_SECRET, QQApi
from bot.channels.qq_sign import QQSign
from bot.channels.qq_windows import ANSWERS, GROUP_WINDOW, Windows, place_of
from bot.channels.qq_wire import Unreadable, event, part
from bot.channels.running import Running
from bot.channels.seen import Seen, fresh
from bot.channels.standing import Standing
from bot.secrets import Secrets
from domain.errors import ConfigError
from domain.events import IdScope, Message
from domain.outgoing import SendState

TEXT_BYTES = 4000
_EVENT, _ACK, _PROVE = 0, 12, 13
_SENT_KEPT = 1000

log = structlog.get_logger("qq_official")


class QQOfficial:
    """Webhook in, HTTP out. `hears_all` where group owners let the bot read everything."""

    def __init__(
        self,
        *,
        app_id: str,
        secret: str,
        now: Now,
        name: str = "qq_official",
        account: str = "",
        path: str = "/qq/webhook",
        api_url: str = "https://api.sgroup.qq.com",
        token_url: str = TOKEN_URL,
        hears_all: bool = False,
        ignore: Iterable[str] = (),
        deadline: float = 10.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.name = name
        self.account = account or app_id
        self._app_id = app_id
        self._now = now
        self._path = path
        self._hears_all = hears_all
        self._ignore = frozenset(ignore)
        self._transport = transport
        self._sign = QQSign(secret)
        self._api = QQApi(
            app_id=app_id,
            secret=secret,
            now=now,
            api_url=api_url,
            token_url=token_url,
            deadline=deadline,
            transport=transport,
        )
        self._inbox: Inbox | None = None
        self._windows = Windows(now)
        self._seen = Seen()
        self._messages = Seen(at_most=50_000)
        self._places: OrderedDict[str, str] = OrderedDict()
        self._standing = Standing(now)
        self._running = Running()

    @property
    def capabilities(self) -> Capabilities:
        """Reduced: ids differ per group, no names, no active words, no pictures out."""
        return Capabilities(
            receive_all=self._hears_all,
            can_private=True,
            can_recall=True,
            id_scope=IdScope.GROUP,
            image_in=True,
            reply_window_s=GROUP_WINDOW.total_seconds(),
            active_push=False,
            rate=Rate(count=20, seconds=A_MINUTE),
            needs_inbound_port=True,
            risk=Risk.OFFICIAL,
        )

    @property
    def doors(self) -> Sequence[Door]:
        """The one path that QQ calls."""
        return (Door(path=self._path, methods=("POST",), answer=self.answer),)

    async def run(self, inbox: Inbox) -> None:
        """Take events until cancelled; before and after they are told to come again."""
        self._running.begin()
        self._inbox = inbox
        self._standing.up()
        try:
            await self._running.until_end()
        finally:
            self._inbox = None
            self._standing.down("stopped")

    async def answer(self, asked: Asked) -> Answer:
        """The proof for op 13, an acknowledgement for events, 401 for what is not QQ's."""
        frame = _frame(asked.body)
        if frame is None:
            return Answer(status=400)
        if asked.headers.get("x-bot-appid", self._app_id) != self._app_id:
            return self._refuse("app_id")
        if frame.get("op") == _PROVE:
            return self._prove(part(frame, "d"))
        signature = asked.headers.get("x-signature-ed25519", "")
        stamp = asked.headers.get("x-signature-timestamp", "")
        if not self._sign.valid(signature, stamp, asked.body):
            return self._refuse("signature")
        if not fresh(stamp, self._now()):
            return self._refuse("stale")
        if signature.lower() in self._seen:
            return self._refuse("repeated")
        if self._inbox is None:
            return Answer(status=503)
        if frame.get("op") == _EVENT:
            self._take(frame)
        self._seen.add(signature.lower(), self._now())
        return _json({"op": _ACK})

    async def send(self, send: Send) -> SendResult:
        """Into the window of the message answered to, or of the newest one in the place."""
        if send.images:
            return _failed("no_images")
        if not (send.room or send.person):
            return _failed("no_target")
        place = place_of(send.room, send.person)
        pieces = parts(send.text, TEXT_BYTES)
        if not pieces or len(pieces) > ANSWERS:
            return _failed("too_long" if pieces else "empty")
        result = _failed("empty")
        for number, piece in enumerate(pieces):
            result = await self._answer(place, piece, send.reply_to)
            if result.state is not SendState.SENT:
                return _partly(result) if number else result
        return result

    async def recall(self, remote_id: str, room: str | None) -> bool:
        """Within two minutes after it was said, says the platform."""
        place = place_of(room, None) if room else self._places.get(remote_id)
        return place is not None and await self._api.recall(place, remote_id)

    async def picture(self, reference: str) -> bytes:
        """The content of one of `Message.images`; raises ChannelError when it cannot be had."""
        beside = host_of(self._api.url)
        return await download(reference, beside=beside, transport=self._transport)

    async def history(self, room: str, since: datetime) -> Sequence[Message]:
        """The platform gives none."""
        del room, since
        return ()

    def health(self) -> Health:
        """Logged out when the platform refuses the secret."""
        return self._standing.health()

    async def close(self) -> None:
        """Let go of the connection."""
        await self._api.close()
        self._running.end()
        self._standing.down("closed")

    async def _answer(self, place: str, text: str, reply_to: str | None) -> SendResult:
        slot = self._windows.take(place, reply_to)
        if slot is None:
            return _failed(LATE)
        result = await self._api.answer(place, text, slot)
        while result.error == NUMBER_USED and (slot := self._windows.take(place, slot.message)):
            result = await self._api.answer(place, text, slot)
        if slot is None:
            return _failed(LATE)
        if result.state is SendState.SENT:
            self._standing.up()
            if result.remote_id:
                self._places[result.remote_id] = place
                while len(self._places) > _SENT_KEPT:
                    self._places.popitem(last=False)
        elif result.error == LATE:
            self._windows.shut(slot)
        elif result.error == WRONG_SECRET:
            self._standing.logged_out(WRONG_SECRET)
        return result

    def _prove(self, question: Json) -> Answer:
        stamp, token = question.get("event_ts"), question.get("plain_token")
        proof = self._sign.proof(
            stamp if isinstance(stamp, str) else "", token if isinstance(token, str) else ""
        )
        if proof is None:
            return self._refuse("question")
        return _json({"plain_token": token, "signature": proof})

    def _refuse(self, why: str) -> Answer:
        log.warning("callback.refused", channel=self.name, why=why)
        return Answer(status=401)

    def _take(self, frame: Json) -> None:
        kind = frame.get("t")
        try:
            found = event(
                kind if isinstance(kind, str) else "",
                frame.get("d"),
                channel=self.name,
                account=self.account,
                ignore=self._ignore,
            )
        except Unreadable as error:
            self._standing.gaps += 1
            log.warning("callback.unreadable", channel=self.name, why=str(error))
            return
        self._standing.heard()
        if found is None or not self._messages.add(found.key, self._now()):
            return
        if isinstance(found, Message):
            self._windows.open(found)
        if self._inbox is not None:
            self._inbox.put(found)


def build(
    settings: Settings,
    secrets: Secrets,
    now: Now,
    transport: httpx.AsyncBaseTransport | None = None,
    ignore: Iterable[str] = (),
) -> QQOfficial:
    """The bot of `config.yaml`; raises ConfigError without its id or secret."""
    if not settings.app_id:
        raise ConfigError("channels.qq_official needs `app_id`: copy it from the QQ bot console")
    return QQOfficial(
        app_id=settings.app_id,
        secret=secrets.qq_official_secret,
        now=now,
        account=settings.account,
        path=settings.path,
        ignore=ignore,
        api_url=settings.api_url,
        transport=transport,
    )


def _frame(body: bytes) -> Json | None:
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return cast("Json", value) if isinstance(value, dict) else None


def _json(value: object) -> Answer:
    return Answer(body=json.dumps(value).encode(), kind="application/json")


def _failed(error: str) -> SendResult:
    return SendResult(state=SendState.FAILED, error=error)


def _partly(result: SendResult) -> SendResult:
    return SendResult(state=SendState.MAYBE_SENT, error=f"partly_sent:{result.error}")
