"""OneBot v11 actions, by HTTP or over a reverse WebSocket: one answer, and how sure it is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, cast

import httpx

from bot.channels.base import SendResult
from bot.channels.onebot_segments import Json, Undecodable, as_object, fields, word
from bot.channels.onebot_socket import Closed, Socket
from domain.outgoing import SendState
from handlers.zh.placeholders import REFUSALS

SOON = 5.0
"""Seconds after which an action that never left may be tried again."""
LATER = 60.0
"""Seconds after which a platform that has had too much may be asked again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What became of an action. Only `ok` means it was done; `sure` False: it may have been."""

    ok: bool = False
    data: object = None
    code: str = ""
    sure: bool = True
    retry_after: float | None = None

    @property
    def fields(self) -> Json:
        """`data` as an object; an empty one when it is none."""
        return fields(self.data)


class Actions(Protocol):
    """A way to call actions; never raises for what the platform answers."""

    async def call(self, action: str, params: Mapping[str, object], seconds: float) -> Answer: ...

    async def close(self) -> None: ...


def answer_of(body: object) -> Answer:
    """Judge a result frame by `status == "ok"` alone: implementations disagree about retcode."""
    try:
        frame = as_object(body)
    except Undecodable:
        return Answer(code="unreadable_answer", sure=False)
    status = word(frame, "status")
    if status == "ok":
        return Answer(ok=True, data=frame.get("data"))
    if status != "failed":
        return Answer(code="async" if status == "async" else "unreadable_answer", sure=False)
    code = refusal(frame)
    again = LATER if code == "rate_limited" else None
    return Answer(code=code, sure=code != "timeout", data=frame.get("data"), retry_after=again)


def refusal(frame: Json) -> str:
    """The short code of a failed action: by its words, else `retcode_<number>`."""
    said = f"{word(frame, 'message')} {word(frame, 'wording')} {word(frame, 'msg')}".lower()
    for phrase, code in REFUSALS:
        if phrase in said:
            return code
    if word(frame, "retcode") in ("1401", "1403"):
        return "wrong_token"
    return f"retcode_{word(frame, 'retcode') or 'missing'}"


def unsent(answer: Answer, muted: float) -> SendResult:
    """A send that is not known to have worked; `muted`: seconds we may not speak in the room."""
    if not answer.sure:
        return SendResult(state=SendState.MAYBE_SENT, error=answer.code)
    if muted > 0:
        return SendResult(state=SendState.FAILED, error="muted", retry_after=muted)
    return SendResult(state=SendState.FAILED, error=answer.code, retry_after=answer.retry_after)


class HttpActions:
    """Actions by POST to `<url>/<action>`."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client: httpx.AsyncClient | None = None

    async def call(self, action: str, params: Mapping[str, object], seconds: float) -> Answer:
        """Within `seconds`; a time-out or a torn link after sending is `sure=False`."""
        try:
            async with asyncio.timeout(seconds):
                response = await self._opened().post(f"/{action}", json=params)
        except (httpx.ConnectError, httpx.PoolTimeout):
            return Answer(code="unreachable", retry_after=SOON)
        except TimeoutError:
            return Answer(code="timeout", sure=False)
        except httpx.HTTPError:
            return Answer(code="connection_lost", sure=False)
        return _judged(response)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                base_url=self._url,
                headers=self._headers,
                timeout=None,  # noqa: S113 # `call` sets the deadline of the whole
                trust_env=False,
            )
        return self._client


def _judged(response: httpx.Response) -> Answer:
    status = response.status_code
    if status in (401, 403):
        return Answer(code="wrong_token")
    if status == 429:
        after = response.headers.get("retry-after", "")
        return Answer(code="rate_limited", retry_after=float(after) if after.isdigit() else LATER)
    if status == 503:
        return Answer(code="http_503", retry_after=SOON)
    if status >= 500:
        return Answer(code=f"http_{status}", sure=False)
    if status != 200:
        return Answer(code=f"http_{status}")
    try:
        return answer_of(cast("object", response.json()))
    except (ValueError, RecursionError):
        return Answer(code="unreadable_answer", sure=False)


class SocketActions:
    """Actions over the WebSocket that events come in by; `echo` ties answers to calls."""

    def __init__(self) -> None:
        self._socket: Socket | None = None
        self._waiting: dict[str, asyncio.Future[Answer]] = {}
        self._count = 0

    def attach(self, socket: Socket | None) -> None:
        """The link changed: calls without an answer stay unsure."""
        self._socket = socket
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(Answer(code="connection_lost", sure=False))

    def hear(self, frame: Json) -> None:
        """An answer frame; one that nobody waits for is dropped."""
        waiting = self._waiting.get(word(frame, "echo"))
        if waiting is not None and not waiting.done():
            waiting.set_result(answer_of(frame))

    async def call(self, action: str, params: Mapping[str, object], seconds: float) -> Answer:
        """Within `seconds`; without a link nothing left, so trying again is safe."""
        if self._socket is None:
            return Answer(code="unreachable", retry_after=SOON)
        self._count += 1
        echo = f"xiaoge-{self._count}"
        self._waiting[echo] = waiting = asyncio.get_running_loop().create_future()
        asked = {"action": action, "params": params, "echo": echo}
        try:
            async with asyncio.timeout(seconds):
                await self._socket.send(json.dumps(asked, ensure_ascii=False))
                return await waiting
        except TimeoutError:
            return Answer(code="timeout", sure=False)
        except Closed:
            return Answer(code="connection_lost", sure=False)
        finally:
            del self._waiting[echo]

    async def close(self) -> None:
        self.attach(None)
