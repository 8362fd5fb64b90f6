"""A wechaty gateway for tests: a real gRPC server that speaks the messages of `wechaty_grpc`.

It behaves as the npm gateway was seen to: one event stream at a time (a second is refused with
ALREADY_EXISTS), `Stop` ends the stream, log-in and scan are told again to a new stream, large
pictures only come as a stream, an answer can lack the message's id.
"""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import Mapping
from typing import Protocol, cast

from grpclib.const import Cardinality, Handler, Status
from grpclib.exceptions import GRPCError
from grpclib.server import Server, Stream
from wechaty_grpc.wechaty import puppet

from tests.channels.cable import Cable
from tests.channels.wechaty_world import (
    BOT,
    HEARTBEAT,
    IMAGE,
    LOGIN,
    LOGOUT,
    MESSAGE,
    ROOM,
    SCAN,
    SMALL,
    TEXT,
    TOKEN,
    ZHANG,
    Sent,
    World,
)


class Gateway:
    """One life of the gateway on a port; `kill` and a new one with the same World: a restart."""

    def __init__(self, world: World, *, token: str = TOKEN) -> None:
        self.world = world
        self.token = token
        self.calls: list[str] = []
        self.hangs: set[str] = set()
        """Calls that get no answer, by name."""
        self.loses: set[str] = set()
        """Calls that are carried out, and then get no answer."""
        self.fails: dict[str, tuple[Status, str]] = {}
        """Calls that are answered with an error, as often as they come."""
        self.fails_once: list[str] = []
        self.keeps_streams = False
        """Whether the end of a connection goes unnoticed, as when a network dies in silence."""
        self.tells_ids = True
        self.milliseconds = True
        self._stream: asyncio.Queue[puppet.EventResponse | None] | None = None
        self._server: Server | None = None
        self.streams = 0
        """Streams that were opened so far."""
        self.opened = asyncio.Event()

    async def serve(self, port: int = 0) -> int:
        """Listen on loopback; the port."""
        listening = socket.create_server(("127.0.0.1", 0))
        self._server = Server([_Service(self)])
        await self._server.start(sock=listening)
        self.cable = Cable(listening.getsockname()[1])
        return await self.cable.plug_in(port)

    async def kill(self) -> None:
        """Gone, without a goodbye."""
        if self._server is not None:
            await self.cable.cut()
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    @property
    def listened(self) -> bool:
        return self._stream is not None

    def tell(self, type: int, told: Mapping[str, object] | str) -> None:
        """Put an event on the stream; without a listener it is lost, as in the original."""
        if self._stream is None:
            return
        event = puppet.EventResponse()
        event.type = type  # pyright: ignore[reportAttributeAccessIssue]  # unknown numbers, too
        event.payload = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
        self._stream.put_nowait(event)

    def end_stream(self) -> None:
        """End the stream in the ordinary way."""
        if self._stream is not None:
            self._stream.put_nowait(None)
        if self.keeps_streams:
            self._stream = None

    def post(
        self,
        text: str,
        *,
        sender: str = ZHANG,
        room: str = ROOM,
        mentions: tuple[str, ...] = (),
        sort: int = TEXT,
        at: float = 1_763_800_000.0,
        file: bytes = b"",
        id: str = "",
    ) -> str:
        """Somebody writes; the id of the message."""
        id = id or f"m{next(self.world.numbers)}"
        found = puppet.MessagePayloadResponse()
        found.id, found.text, found.from_id, found.room_id = id, text, sender, room
        found.type = sort  # pyright: ignore[reportAttributeAccessIssue]  # the gateway's number
        found.timestamp = int(at * 1000) if self.milliseconds else int(at)
        found.mention_ids = list(mentions)
        self.world.messages[id] = found
        if file:
            self.world.files[id] = file
        self.tell(MESSAGE, {"messageId": id})
        return id

    def login(self, who: str = BOT) -> None:
        self.world.logged_in, self.world.scan = who, ""
        self.tell(LOGIN, {"contactId": who})

    def logout(self) -> None:
        self.tell(LOGOUT, {"contactId": self.world.logged_in, "data": "test"})
        self.world.logged_in = ""

    def ask_scan(self, code: str, status: int = 2) -> None:
        self.world.scan = code
        self.tell(SCAN, {"qrcode": code, "status": status})

    async def stream_events(self, stream: Stream[object, puppet.EventResponse]) -> None:
        if self._stream is not None:
            raise GRPCError(Status.ALREADY_EXISTS, "event() can not be called twice")
        queue = self._stream = asyncio.Queue()
        self.streams += 1
        self.opened.set()
        self.tell(HEARTBEAT, {"data": "connected"})
        if self.world.logged_in:
            self.tell(LOGIN, {"contactId": self.world.logged_in})
        if self.world.scan:
            self.tell(SCAN, {"qrcode": self.world.scan, "status": 2})
        try:
            while (event := await queue.get()) is not None:
                await stream.send_message(event)
        finally:
            if not self.keeps_streams:
                self._stream = None
            self.opened.clear()


class _AnyStream(Protocol):
    @property
    def metadata(self) -> object: ...


class _Service:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._world = gateway.world

    def __mapping__(self) -> dict[str, Handler]:
        names = [call.removeprefix("_") for call in vars(_Service) if call[1:2].isupper()]
        found = {
            f"/wechaty.Puppet/{name}": Handler(
                self._unary(name),
                Cardinality.UNARY_UNARY,
                getattr(puppet, f"{name}Request"),
                getattr(puppet, f"{name}Response"),
            )
            for name in names
        }
        for name in ("Event", "MessageFileStream"):  # these two answer with a stream
            found[f"/wechaty.Puppet/{name}"] = Handler(
                getattr(self, f"_{name}"),
                Cardinality.UNARY_STREAM,
                getattr(puppet, f"{name}Request"),
                getattr(puppet, f"{name}Response"),
            )
        return found

    async def _admit(self, name: str, stream: _AnyStream) -> None:
        self._gateway.calls.append(name)
        told = cast("Mapping[str, object]", stream.metadata or {})
        if told.get("authorization") != f"Wechaty {self._gateway.token}":
            raise GRPCError(Status.UNAUTHENTICATED, "Invalid Wechaty TOKEN")
        if name in self._gateway.hangs:
            await asyncio.Event().wait()
        if name in self._gateway.fails_once:
            self._gateway.fails_once.remove(name)
            raise GRPCError(Status.UNKNOWN, "once")
        if name in self._gateway.fails:
            raise GRPCError(*self._gateway.fails[name])

    def _unary(self, name: str):
        async def handle(stream: Stream[object, object]) -> None:
            request = await stream.recv_message()
            await self._admit(name, stream)
            answer = getattr(self, f"_{name}")(request)
            if name in self._gateway.loses:
                await asyncio.Event().wait()
            await stream.send_message(answer)

        return handle

    async def _Event(self, stream: Stream[object, puppet.EventResponse]) -> None:
        await stream.recv_message()
        await self._admit("Event", stream)
        await self._gateway.stream_events(stream)

    async def _MessageFileStream(
        self, stream: Stream[puppet.MessageFileStreamRequest, puppet.MessageFileStreamResponse]
    ) -> None:
        request = await stream.recv_message()
        assert request is not None
        await self._admit("MessageFileStream", stream)
        content = self._world.files[request.id]
        name = puppet.MessageFileStreamResponse()
        name.file_box_chunk.name = "picture.jpg"
        await stream.send_message(name)
        for start in range(0, len(content), 16_000):
            part = puppet.MessageFileStreamResponse()
            part.file_box_chunk.data = content[start : start + 16_000]
            await stream.send_message(part)

    def _Start(self, _: object) -> puppet.StartResponse:
        return puppet.StartResponse()

    def _Stop(self, _: object) -> puppet.StopResponse:
        self._gateway.end_stream()
        return puppet.StopResponse()

    def _Version(self, _: object) -> puppet.VersionResponse:
        return puppet.VersionResponse(version="1.19.9")

    def _MessagePayload(self, request: puppet.MessagePayloadRequest):
        if (found := self._world.messages.get(request.id)) is None:
            raise GRPCError(Status.UNKNOWN, "no payload found")
        return found

    def _ContactPayload(self, request: puppet.ContactPayloadRequest):
        found = puppet.ContactPayloadResponse(id=request.id, name=self._world.names[request.id])
        kind = 2 if request.id in self._world.official else 1
        found.type = kind  # pyright: ignore[reportAttributeAccessIssue]  # a number on the wire
        return found

    def _RoomPayload(self, request: puppet.RoomPayloadRequest):
        return puppet.RoomPayloadResponse(
            id=request.id,
            topic=self._world.topics[request.id],
            member_ids=list(self._world.names),
        )

    def _RoomMemberPayload(self, request: puppet.RoomMemberPayloadRequest):
        return puppet.RoomMemberPayloadResponse(
            id=request.member_id,
            room_alias=self._world.aliases.get((request.id, request.member_id), ""),
            name=self._world.names[request.member_id],
        )

    def _sent(self, sent: Sent) -> str | None:
        self._world.sent.append(sent)
        id = f"s{next(self._world.numbers)}"
        sort = IMAGE if sent.file else TEXT
        room = sent.place if sent.place in self._world.topics else ""
        self._gateway.post(sent.text, sender=BOT, room=room, id=id, sort=sort)
        return id if self._gateway.tells_ids else None

    def _MessageSendText(self, request: puppet.MessageSendTextRequest):
        sent = Sent(
            place=request.conversation_id,
            text=request.text,
            mentions=tuple(request.mentonal_ids),
        )
        return puppet.MessageSendTextResponse(id=self._sent(sent))

    def _MessageSendFile(self, request: puppet.MessageSendFileRequest):
        box = json.loads(request.filebox)
        sent = Sent(place=request.conversation_id, file=base64.b64decode(box["base64"]))
        return puppet.MessageSendFileResponse(id=self._sent(sent))

    def _MessageRecall(self, request: puppet.MessageRecallRequest):
        self._world.recalled.append(request.id)
        return puppet.MessageRecallResponse(success=request.id.startswith("s"))

    def _MessageFile(self, request: puppet.MessageFileRequest):
        content = self._world.files[request.id]
        box: dict[str, object] = {"name": "picture.jpg", "type": 7, "boxType": 7, "uuid": "u"}
        if len(content) <= SMALL:
            box = {"name": "picture.jpg", "type": 1, "boxType": 1}
            box["base64"] = base64.b64encode(content).decode()
        return puppet.MessageFileResponse(filebox=json.dumps(box))
