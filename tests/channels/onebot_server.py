"""A stand-in OneBot v11 server on loopback: real WebSocket and HTTP, with NapCat's deviations."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.channels.onebot_town import Frame, Town

Peer = ServerConnection | ClientConnection
BAD_TOKEN: Frame = {
    "status": "failed",
    "retcode": 1403,
    "data": None,
    "message": "token验证失败",
    "wording": "token验证失败",
    "echo": None,
}


class OneBotServer:
    """One account of a town of rooms. `start` and `stop` may be called again and again."""

    def __init__(
        self,
        *,
        account: str = "10001",
        token: str = "s3cret",
        form: str = "array",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.account = account
        self.token = token
        self.town = Town(account=account, form=form, now=now)
        self.peers: set[Peer] = set()
        self.joined = asyncio.Event()
        """Set while somebody listens."""
        self.left = asyncio.Event()
        """Set while nobody listens."""
        self.left.set()
        self.calls: list[tuple[str, Frame]] = []
        self.fetched: list[str] = []
        """Names of pictures that were asked for."""
        self.hang: set[str] = set()
        """Actions that are carried out but never answered."""
        self.loses: Callable[[str], bool] = lambda _action: False
        """Whether the answer to this one call, which was carried out, gets lost."""
        self.interval = 0
        """Milliseconds between heartbeats, told at once to who connects; 0: nothing is told."""
        self.gates: dict[str, asyncio.Event] = {}
        """Actions that wait for an event before they are carried out."""
        self.answers: dict[str, Response] = {}
        """Actions that are answered with this over HTTP, and not carried out."""
        self._ports = [0, 0]
        self._sockets: Server | None = None
        self._http: uvicorn.Server | None = None
        self._called = asyncio.Event()
        self._thawed = asyncio.Event()
        self._thawed.set()
        self._stopping = asyncio.Event()

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self._ports[0]}/"

    @property
    def http_url(self) -> str:
        return f"http://127.0.0.1:{self._ports[1]}"

    async def start(self) -> None:
        """Listen; the first time on free ports, later on the same ones."""
        self._stopping.clear()
        self._sockets = await serve(
            self._serve, "127.0.0.1", self._ports[0], ping_interval=None, close_timeout=1
        )
        self._ports[0] = next(iter(self._sockets.sockets)).getsockname()[1]
        listening = socket.create_server(("127.0.0.1", self._ports[1]))
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else 40 ms an answer
        self._ports[1] = listening.getsockname()[1]
        app = Starlette(
            routes=[
                Route("/files/{name}", self._file),
                Route("/{action}", self._post, methods=["POST", "GET"]),
            ]
        )
        config = uvicorn.Config(app, log_config=None, lifespan="off", access_log=False)
        config.load()
        self._http = uvicorn.Server(config)
        self._http.lifespan = config.lifespan_class(config)
        await self._http.startup(sockets=[listening])

    async def stop(self) -> None:
        """As when the process is killed: no goodbye."""
        self._stopping.set()
        self.thaw()
        self.drop()
        if self._sockets is not None:
            self._sockets.close()
            await self._sockets.wait_closed()
        if self._http is not None:
            for listening in self._http.servers:
                listening.close()
            for connection in tuple(self._http.server_state.connections):
                connection.shutdown()
        self._sockets = self._http = None

    def drop(self) -> None:
        """Cut every WebSocket without a goodbye."""
        for peer in self.peers:
            peer.transport.abort()
        self.peers.clear()
        self._nobody()

    def freeze(self) -> None:
        """Keep every link open and say nothing more, until `thaw`."""
        self._thawed.clear()

    def thaw(self) -> None:
        self._thawed.set()

    async def until_called(self, action: str, count: int = 1) -> None:
        """Waits until an action was called so often."""
        while sum(name == action for name, _ in self.calls) < count:
            self._called.clear()
            await self._called.wait()

    async def push(self, frame: Frame | str | bytes) -> None:
        """Send a frame to everybody who listens; bytes go out as one text frame, right or wrong."""
        await self._thawed.wait()
        raw = frame if isinstance(frame, str | bytes) else json.dumps(frame, ensure_ascii=False)
        for peer in tuple(self.peers):
            try:
                await peer.send(raw, text=True)
            except ConnectionClosed:
                self.peers.discard(peer)

    async def beat(self, *, online: bool = True, interval: int = 30_000) -> None:
        await self.push(self.town.heartbeat(online=online, interval=interval))

    async def dial(self, url: str, *, path: str = "") -> None:
        """The reverse way: connect to a listening application; returns when it is connected."""
        headers = {
            "X-Self-ID": self.account,
            "X-Client-Role": "Universal",
            "Authorization": f"Bearer {self.token}",
        }
        peer = await connect(url + path, additional_headers=headers, ping_interval=None)
        self._dialled = asyncio.create_task(self._attend(peer))
        await self.joined.wait()

    async def dial_refused(self, url: str) -> int:
        """The HTTP status with which a listening application refuses us."""
        try:
            await self.dial(url)
        except InvalidStatus as error:
            return error.response.status_code
        return 101

    async def _serve(self, peer: ServerConnection) -> None:
        assert peer.request is not None
        given = peer.request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.token and self.token not in (given, peer.request.path.partition("token=")[2]):
            await peer.send(json.dumps(BAD_TOKEN))
            await peer.close()
            return
        await self._attend(peer)

    async def _attend(self, peer: Peer) -> None:
        await self._thawed.wait()
        try:
            await peer.send(json.dumps(self.town.lifecycle()))
            if self.interval:
                await peer.send(json.dumps(self.town.heartbeat(interval=self.interval)))
            self.peers.add(peer)
            self.joined.set()
            self.left.clear()
            async for raw in peer:
                await self._thawed.wait()
                asked = json.loads(raw)
                answer = await self._act(asked["action"], asked.get("params") or {}, codes=WS)
                if answer is not None:
                    await peer.send(json.dumps(answer | {"echo": asked.get("echo")}))
        except ConnectionClosed:
            pass
        finally:
            self.peers.discard(peer)
            if not self.peers:
                self._nobody()

    def _nobody(self) -> None:
        self.joined.clear()
        self.left.set()

    async def _file(self, request: Request) -> Response:
        """The platform's own picture server, which knows no token."""
        name = request.path_params["name"]
        self.fetched.append(name)
        found = self.town.files.get(name)
        return Response(status_code=404) if found is None else Response(found)

    async def _post(self, request: Request) -> Response:
        await self._thawed.wait()
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.token and self.token not in (given, request.query_params.get("access_token")):
            return JSONResponse({"message": "token verify failed!"}, status_code=403)
        action = request.path_params["action"]
        if action in self.answers:
            return self.answers[action]
        try:
            body = await request.body()
        except ClientDisconnect:
            return Response(status_code=499)
        params = json.loads(body) if body else dict(request.query_params)
        answer = await self._act(action, params, codes=HTTP)
        if answer is None:
            await self._stopping.wait()
            return Response(status_code=500)
        return JSONResponse(answer)

    async def _act(self, action: str, params: Frame, codes: Mapping[str, int]) -> Frame | None:
        """Carry an action out; None when the caller must wait in vain."""
        self.calls.append((action, params))
        self._called.set()
        if action in self.gates:
            await self.gates[action].wait()
        result = self.town.act(action, params)
        if isinstance(result, str):
            kind = "unknown" if result == "unknown" else "failed"
            answer = {"status": "failed", "retcode": codes[kind], "data": None}
            return answer | {"message": result, "wording": result}
        for event in self.town.take_events():
            await self.push(event)
        if action in self.hang or self.loses(action):
            return None
        return {"status": "ok", "retcode": 0, "data": result, "message": "", "wording": ""}


WS = {"unknown": 1404, "failed": 1200}
HTTP = {"unknown": 200, "failed": 200}
"""NapCat answers both over HTTP with retcode 200, which is no success."""
