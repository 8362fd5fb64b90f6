"""A platform on loopback: answers what a test lays out, keeps silent or hangs up when told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self, cast
from urllib.parse import parse_qsl, unquote, urlsplit

Json = dict[str, Any]  # Any: bodies of every platform


@dataclass(frozen=True, kw_only=True, slots=True)
class Called:
    """One request as it came over the wire."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """An answer; `raw` instead of JSON, `silent`: none at all, `hang_up`: the line is cut."""

    status: int = 200
    body: Json = field(default_factory=dict[str, Any])
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    silent: bool = False
    hang_up: bool = False


class HttpStandIn:
    """Every request goes to `answer`; `calls` remembers them in order."""

    def __init__(self, answer: Callable[[Called], Told]) -> None:
        self.answer: Callable[[Called], Told] = answer
        self.calls: list[Called] = []
        self._server: asyncio.Server | None = None
        self._over = asyncio.Event()
        self._talks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._over.set()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        await asyncio.gather(*self._talks, return_exceptions=True)

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            try:
                called = await _read(reader)
            except (asyncio.IncompleteReadError, ConnectionError):
                return  # whoever called went away before it had said anything
            self.calls.append(called)
            told = self.answer(called)
            if told.silent:
                await self._over.wait()
            elif not told.hang_up:
                writer.write(_answer(told))
                await writer.drain()
        finally:
            writer.close()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Called:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Called(
        method=method,
        path=unquote(parts.path),
        query=dict(parse_qsl(parts.query)),
        headers=headers,
        body=cast("Json", json.loads(body)) if body else {},
    )


def _answer(told: Told) -> bytes:
    body = json.dumps(told.body).encode() if told.raw is None else told.raw
    lines = [
        f"HTTP/1.1 {told.status} Told",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in told.headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
