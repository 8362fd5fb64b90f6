"""One small HTTP server for the channels that platforms call: capped bodies, hard time limits.

It is started only when such a channel is on. TLS and the public address are a reverse proxy's.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Generator, Sequence
from typing import Self

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.channels.doors import Answer, Asked, Door
from domain.errors import ChannelError

PATIENCE = 10.0
"""Seconds for a connection to send its request, and again for its body."""
ANSWER_WITHIN = 4.5
"""Seconds a channel may take; WeCom hangs up after five."""
_TOLERATED = 4
_CONNECTIONS = 64
_HEADER_LIMIT = 16 * 1024

log = structlog.get_logger("inbound")


class InboundServer:
    """Listens on `host:port` for the given doors; port 0 takes a free one (see `port`)."""

    def __init__(
        self, *, host: str, port: int, doors: Sequence[Door], patience: float = PATIENCE
    ) -> None:
        self._host = host
        self._wanted = port
        self._doors = tuple(doors)
        self._patience = patience
        self._server: _Server | None = None
        self._socket: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None
        paths = [door.path for door in doors]
        if twice := sorted({path for path in paths if paths.count(path) > 1}):
            raise ChannelError(f"two channels want the path {twice[0]}: give one another `path`")

    @property
    def port(self) -> int:
        """The port it listens on; only while it runs."""
        if self._socket is None:
            raise ChannelError("the inbound server is not running: start it first")
        return int(self._socket.getsockname()[1])

    async def start(self) -> None:
        """Listen from now on; raises ChannelError when the address cannot be had."""
        if self._task is not None:
            return
        self._socket = _bind(self._host, self._wanted)
        app = Starlette(routes=[_route(door, self._patience) for door in self._doors])
        app.router.redirect_slashes = False
        config = uvicorn.Config(
            app,
            http=_impatient(self._patience),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            limit_concurrency=_CONNECTIONS,
            backlog=_CONNECTIONS,
            timeout_keep_alive=1,
            timeout_graceful_shutdown=2,
            h11_max_incomplete_event_size=_HEADER_LIMIT,
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(
            self._server.serve(sockets=[self._socket]), name="inbound server"
        )

    async def close(self) -> None:
        """Answer what is being asked, then stop; a later `start` listens again."""
        if self._server is not None:
            self._server.should_exit = True
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        if self._socket is not None:
            self._socket.close()
        self._server = self._socket = self._task = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class _Server(uvicorn.Server):
    """Signals belong to the product, not to this server."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class _Impatient(H11Protocol):
    """Hangs up when no whole request head came in time, and on any connection that lives too long."""

    patience = PATIENCE
    _timers: tuple[asyncio.TimerHandle, ...] = ()

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._timers = (
            self.loop.call_later(self.patience, self._hang_up, False),
            self.loop.call_later(2 * self.patience + ANSWER_WITHIN, self._hang_up, True),
        )

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in self._timers:
            timer.cancel()
        super().connection_lost(exc)

    def _hang_up(self, anyway: bool) -> None:
        asked = self.cycle is not None  # pyright: ignore[reportUnnecessaryComparison]  # None at first
        if (anyway or not asked) and not self.transport.is_closing():
            self.transport.close()


def _impatient(seconds: float) -> type[_Impatient]:
    """The server makes the protocol itself, so the time is given to the class."""
    return type("Impatient", (_Impatient,), {"patience": seconds})


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_CONNECTIONS)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise ChannelError(
            f"cannot listen on {host}:{port} ({error.strerror}): free the port or set another"
        ) from error
    return listening


def _route(door: Door, patience: float) -> Route:
    async def endpoint(request: Request) -> Response:
        answer = await _answer(door, request, patience)
        return Response(
            answer.body,
            status_code=answer.status,
            headers={
                "content-type": answer.kind,
                "connection": "close",
                "cache-control": "no-store",
            },
        )

    return Route(door.path, endpoint, methods=list(door.methods))


async def _answer(door: Door, request: Request, patience: float) -> Answer:
    try:
        async with asyncio.timeout(patience):
            body = await _body(request, door.body_limit)
    except TimeoutError:
        return Answer(status=408)
    except ClientDisconnect:
        return Answer(status=400)
    if body is None:
        return Answer(status=413)
    asked = Asked(
        method=request.method,
        path=door.path,
        query=dict(request.query_params),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
    )
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            return await door.answer(asked)
    except TimeoutError:
        log.warning("inbound.slow", path=door.path)
        return Answer(status=503)
    except Exception as error:  # noqa: BLE001 # one broken request must not stop the server
        log.error("inbound.failed", path=door.path, error=type(error).__name__)
        return Answer(status=500)


async def _body(request: Request, limit: int) -> bytes | None:
    """The body, or None when it is longer than `limit` bytes.

    Somewhat more is read and thrown away, for a caller that is still sending sees no answer.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isascii() and declared.isdigit() and int(declared[:18]) > _TOLERATED * limit:
        return None
    received = bytearray()
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
        if total <= limit:
            received += chunk
        elif total > _TOLERATED * limit:
            break
    return bytes(received) if total <= limit else None
