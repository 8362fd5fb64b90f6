"""One WebSocket over a plain byte stream, from either end: text frames in, in batches, text out."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from urllib.parse import parse_qs, urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

LARGEST = 16 * 1024 * 1024
"""Letters of one message; a peer that sends more is hung up on."""

_CHUNK = 64 * 1024
_TOO_BIG = 1009
_BROKEN = 1002
_ABNORMAL = 1006


class Refused(Exception):
    """The other side did not open a WebSocket; `status` is its HTTP status, 0 when it hung up."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"the handshake was refused with HTTP {status}")


class Closed(Exception):
    """The link ended; `code` is the WebSocket close code (1006: without a goodbye)."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"the link ended with close code {code}")


class Socket:
    """An open WebSocket. Answers pings by itself; any pong, asked for or not, is a sign of life."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        link: WSConnection,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._link = link
        self._parts: list[str | bytes] = []
        self._size = 0
        self._ended: int | None = None
        self._reads = 0

    @property
    def reads(self) -> int:
        """How often anything at all arrived: a sign of life even without a frame."""
        return self._reads

    async def batches(self) -> AsyncIterator[list[str]]:
        """Whole text frames, all that arrived at once together; raises Closed at the end."""
        while True:
            found = self._take()
            if found:
                yield found
            if self._ended is not None:
                raise Closed(self._ended)
            try:
                data = await self._reader.read(_CHUNK)
            except OSError as error:
                raise Closed(_ABNORMAL) from error
            self._reads += 1
            try:
                self._link.receive_data(data or None)
            except RemoteProtocolError as error:
                raise Closed(_BROKEN) from error

    async def send(self, text: str) -> None:
        """Raises Closed when the link is gone."""
        await self._say(TextMessage(data=text))

    async def ping(self) -> None:
        """Raises Closed when the link is gone."""
        await self._say(Ping())

    async def close(self, code: int = 1000) -> None:
        """Say goodbye without waiting for one; never raises."""
        with contextlib.suppress(LocalProtocolError, OSError):
            self._writer.write(self._link.send(CloseConnection(code=code)))
        await hang_up(self._writer)

    async def _say(self, event: Event) -> None:
        try:
            self._writer.write(self._link.send(event))
            async with asyncio.timeout(5):
                await self._writer.drain()
        except (LocalProtocolError, OSError, TimeoutError) as error:
            raise Closed(_ABNORMAL) from error

    def _take(self) -> list[str]:
        found: list[str] = []
        try:
            for event in self._link.events():
                if isinstance(event, TextMessage | BytesMessage):
                    self._add(event, found)
                elif isinstance(event, Ping):
                    self._writer.write(self._link.send(event.response()))
                elif isinstance(event, CloseConnection):
                    self._ended = self._ended or int(event.code)
                    with contextlib.suppress(LocalProtocolError):
                        self._writer.write(self._link.send(event.response()))
        except RemoteProtocolError:
            self._ended = _BROKEN
        return found

    def _add(self, event: TextMessage | BytesMessage, found: list[str]) -> None:
        if self._ended is not None:
            return
        self._parts.append(event.data if isinstance(event.data, str) else bytes(event.data))
        self._size += len(event.data)
        if self._size > LARGEST:
            self._ended = _TOO_BIG
            self._parts.clear()
        elif event.message_finished:
            parts, self._parts, self._size = self._parts, [], 0
            if isinstance(event, TextMessage):
                found.append("".join(part for part in parts if isinstance(part, str)))
            else:
                whole = b"".join(part for part in parts if isinstance(part, bytes))
                found.append(whole.decode("utf-8", "replace"))


async def connect(url: str, token: str, *, deadline: float = 10.0) -> Socket:
    """Open a WebSocket at a ws:// or wss:// address; raises Refused, OSError or TimeoutError."""
    parts = urlsplit(url)
    secure = parts.scheme == "wss"
    async with asyncio.timeout(deadline):
        reader, writer = await asyncio.open_connection(
            parts.hostname,
            parts.port or (443 if secure else 80),
            ssl=ssl.create_default_context() if secure else None,
        )
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            headers = [(b"Authorization", f"Bearer {token}".encode())] if token else []
            link = WSConnection(ConnectionType.CLIENT)
            asked = Request(host=parts.netloc, target=target, extra_headers=headers)
            writer.write(link.send(asked))
            return await _opened(reader, writer, link)
        except BaseException:
            writer.close()
            raise


async def _opened(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: WSConnection
) -> Socket:
    while True:
        try:
            if not (data := await reader.read(_CHUNK)):
                raise Refused(0)
            link.receive_data(data)
            for event in link.events():
                if isinstance(event, AcceptConnection):
                    return Socket(reader, writer, link)
                if isinstance(event, RejectConnection):
                    raise Refused(event.status_code)
        except RemoteProtocolError as error:
            raise Refused(0) from error


Verdict = Callable[[Mapping[str, str], str], int]
"""(headers with lower-case names, token as given) -> 0 to let it in, else the HTTP status."""


async def accept(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    verdict: Verdict,
    *,
    deadline: float = 10.0,
) -> Socket:
    """The same from the listening end; raises Refused after having said so to a wrong caller."""
    link = WSConnection(ConnectionType.SERVER)
    async with asyncio.timeout(deadline):
        try:
            request = await _asked(reader, link)
        except RemoteProtocolError as error:
            raise Refused(400) from error
        headers = {
            k.decode("latin-1").lower(): v.decode("latin-1") for k, v in request.extra_headers
        }
        if status := verdict(headers, _token(headers, request.target)):
            writer.write(link.send(RejectConnection(status_code=status)))
            await writer.drain()
            raise Refused(status)
        writer.write(link.send(AcceptConnection()))
        await writer.drain()
    return Socket(reader, writer, link)


async def _asked(reader: asyncio.StreamReader, link: WSConnection) -> Request:
    while True:
        if not (data := await reader.read(_CHUNK)):
            raise Refused(0)
        link.receive_data(data)
        for event in link.events():
            if isinstance(event, Request):
                return event


def _token(headers: Mapping[str, str], target: str) -> str:
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "token"):
        return given.strip()
    return next(iter(parse_qs(urlsplit(target).query).get("access_token", ())), "")


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close a stream; a peer that does not answer is cut off after a second."""
    writer.close()
    try:
        async with asyncio.timeout(1):
            await writer.wait_closed()
    except (OSError, TimeoutError):
        writer.transport.abort()
