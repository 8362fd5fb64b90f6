"""One HTTP request to a platform with a deadline; secrets in the address never meet a log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import httpx

from bot.channels.base import SendResult
from domain.outgoing import SendState

Json = Mapping[str, object]
HIDDEN = "hidden_query"
"""The request extension whose pairs are added to the address on the wire only."""

SOON = 10.0
"""Seconds after which a server in trouble is worth another try."""
A_MINUTE = 60.0
_TOO_MANY, _SERVER_TROUBLE, _GATEWAY_TIMEOUT = 429, 500, 504


class HiddenQuery(httpx.AsyncBaseTransport):
    """Adds secrets to the query below the client, whose log and errors show the bare address."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        hidden = cast("Mapping[str, str] | None", request.extensions.get(HIDDEN))
        if hidden:
            request = httpx.Request(
                request.method,
                request.url.copy_merge_params(dict(hidden)),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What the platform said: HTTP status, the JSON object of the body, seconds to wait."""

    status: int
    fields: Json
    retry_after: float | None = None

    def code(self, key: str) -> int | None:
        """The number under a key; digits in a string count, None for anything else."""
        value = self.fields.get(key)
        if isinstance(value, str) and value.lstrip("-").isascii() and value.lstrip("-").isdigit():
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def word(self, key: str) -> str:
        """The string under a key; numbers count, `""` for anything else."""
        value = self.fields.get(key)
        return str(value) if isinstance(value, str | int) else ""


def open_client(
    transport: httpx.AsyncBaseTransport | None = None, *, connect: float = 5.0
) -> httpx.AsyncClient:
    """A client for `ask`; the caller closes it. No redirects: a secret must not follow one."""
    return httpx.AsyncClient(
        transport=HiddenQuery(transport or httpx.AsyncHTTPTransport()),
        timeout=httpx.Timeout(None, connect=connect),
        follow_redirects=False,
    )


async def ask(
    client: httpx.AsyncClient,
    url: str,
    payload: Json | None = None,
    *,
    deadline: float,
    method: str = "POST",
    hidden: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answered | SendResult:
    """The answer, or what became of the request when there is none within `deadline` seconds.

    Not connected: failed, worth another try. Connected and then silence: maybe sent.
    """
    try:
        async with asyncio.timeout(deadline):
            response = await client.request(
                method,
                url,
                json=payload,
                headers=headers,
                extensions={HIDDEN: dict(hidden)} if hidden else {},
            )
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
        return SendResult(state=SendState.FAILED, error="unreachable", retry_after=SOON)
    except TimeoutError:
        return SendResult(state=SendState.MAYBE_SENT, error="timeout")
    except httpx.HTTPError:
        return SendResult(state=SendState.MAYBE_SENT, error="link_broken")
    return Answered(
        status=response.status_code,
        fields=as_object(response.content),
        retry_after=_wait(response),
    )


def troubled(answer: Answered) -> SendResult | None:
    """The result where HTTP alone says it: too many, server trouble; None: read the body."""
    if answer.status == _TOO_MANY:
        wait = answer.retry_after or A_MINUTE
        return SendResult(state=SendState.FAILED, error="rate_limited", retry_after=wait)
    if answer.status == _GATEWAY_TIMEOUT:
        return SendResult(state=SendState.MAYBE_SENT, error="timeout")
    if answer.status >= _SERVER_TROUBLE:
        wait = answer.retry_after or SOON
        return SendResult(state=SendState.FAILED, error="server_error", retry_after=wait)
    return None


def as_object(body: bytes) -> Json:
    """The JSON object in a body; an empty one for anything else."""
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return cast("Json", value) if isinstance(value, dict) else {}


def _wait(response: httpx.Response) -> float | None:
    value: str = response.headers.get("retry-after", "")
    return float(value) if value.isascii() and value.isdigit() and len(value) <= 6 else None
