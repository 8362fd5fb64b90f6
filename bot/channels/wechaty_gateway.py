"""One connection to a wechaty gateway: the calls of its puppet over gRPC, each with a deadline.

Only the lowest package of wechaty is used (`wechaty_grpc`, on grpclib), and only when a channel
runs. It reads no environment variable, writes no file, starts nothing and logs nothing; what the
packages above it do at import and at log-in is in `docs/how-to/wechaty.md`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from enum import StrEnum
from typing import Protocol, cast

from bot.channels.wechaty_wire import Happening, Letter, happening, unpacked
from handlers.zh.placeholders import REFUSALS

LARGEST_PICTURE = 20 * 1024 * 1024
"""Bytes; what is larger is not fetched."""


class Trouble(StrEnum):
    """Why a call or a connection failed; the values are the codes of `Health.detail`."""

    WRONG_TOKEN = "wrong_token"  # noqa: S105 # a code, no secret
    SECOND_CONSUMER = "second_consumer"
    UNREACHABLE = "unreachable"
    NOT_A_GATEWAY = "not_a_gateway"
    SILENT = "silent"
    LOST = "connection_lost"
    REFUSED = "refused"


class GatewayError(Exception):
    """A call that got no good answer; the message is a code, never what people wrote."""

    def __init__(self, trouble: Trouble, *, answered: bool = False, code: str = "") -> None:
        self.trouble = trouble
        self.code = code or trouble.value
        """What a refusal was about, as far as its words tell (`muted`, `not_in_room`)."""
        self.answered = answered
        """Whether the gateway itself said no: then the call certainly had no effect."""
        super().__init__(trouble.value)


class _Answer(Protocol):
    """Any answer of the gateway; each call has some of these."""

    version: str
    type: int
    payload: str
    id: str | None
    text: str
    timestamp: int
    from_id: str
    room_id: str
    mention_ids: list[str]
    topic: str
    member_ids: list[str]
    room_alias: str
    name: str
    filebox: str
    success: bool
    file_box_chunk: _Answer
    data: bytes


class _Stub(Protocol):
    def start(self) -> Awaitable[_Answer]: ...
    def stop(self) -> Awaitable[_Answer]: ...
    def version(self) -> Awaitable[_Answer]: ...
    def event(self) -> AsyncGenerator[_Answer, None]: ...
    def message_payload(self, *, id: str) -> Awaitable[_Answer]: ...
    def contact_payload(self, *, id: str) -> Awaitable[_Answer]: ...
    def room_payload(self, *, id: str) -> Awaitable[_Answer]: ...
    def room_member_payload(self, *, id: str, member_id: str) -> Awaitable[_Answer]: ...
    def message_send_text(
        self, *, conversation_id: str, text: str, mentonal_ids: list[str]
    ) -> Awaitable[_Answer]: ...
    def message_send_file(self, *, conversation_id: str, filebox: str) -> Awaitable[_Answer]: ...
    def message_recall(self, *, id: str) -> Awaitable[_Answer]: ...
    def message_file(self, *, id: str) -> Awaitable[_Answer]: ...
    def message_file_stream(self, *, id: str) -> AsyncGenerator[_Answer, None]: ...


class _Line(Protocol):
    def close(self) -> None: ...


class Gateway:
    """The calls we use. Each raises GatewayError and nothing else; `deadline` is in seconds."""

    def __init__(self, line: _Line, stub: _Stub, *, deadline: float) -> None:
        self._line = line
        self._stub = stub
        self._deadline = deadline
        self._spoke = False

    def close(self) -> None:
        """Hang up. The WeChat session behind the gateway goes on."""
        self._line.close()

    async def start(self, deadline: float) -> None:
        """Have the puppet run; it stays as it is when it already does."""
        await self._call(self._stub.start, deadline)

    async def stop(self, deadline: float) -> None:
        """End the stream of whoever listens, and the puppet with it."""
        await self._call(self._stub.stop, deadline)

    async def version(self, deadline: float) -> str:
        """The gateway's version: the cheapest sign of life."""
        return (await self._call(self._stub.version, deadline)).version

    async def events(self) -> AsyncGenerator[Happening, None]:
        """What happens, until the gateway ends the stream. Without a deadline."""
        try:
            async with aclosing(self._stub.event()) as stream:
                async for answer in stream:
                    self._spoke = True
                    yield happening(int(answer.type), answer.payload)
        except Exception as error:
            raise self._translated(error) from error

    async def letter(self, id: str) -> Letter:
        """A message by its id."""
        found = await self._call(lambda: self._stub.message_payload(id=id))
        return Letter(
            id=found.id or id,
            sort=int(found.type),
            text=found.text,
            timestamp=int(found.timestamp),
            sender=found.from_id,
            room=found.room_id,
            mentions=tuple(found.mention_ids),
        )

    async def contact(self, id: str) -> tuple[str, bool]:
        """A person's own name, and whether it is an official account rather than a person."""
        found = await self._call(lambda: self._stub.contact_payload(id=id))
        return found.name, int(found.type) == 2

    async def room(self, id: str) -> tuple[str, tuple[str, ...]]:
        """A room's name and the ids of its members."""
        found = await self._call(lambda: self._stub.room_payload(id=id))
        return found.topic, tuple(found.member_ids)

    async def member(self, room: str, id: str) -> str:
        """What a person is called in a room: the name set there, or the person's own."""
        found = await self._call(lambda: self._stub.room_member_payload(id=room, member_id=id))
        return found.room_alias or found.name

    async def say(
        self, place: str, text: str, mentions: Sequence[str], deadline: float
    ) -> str | None:
        """Send words to a room or person; the message's id where the puppet tells it."""
        called = list(mentions)
        answer = await self._call(
            lambda: self._stub.message_send_text(
                conversation_id=place, text=text, mentonal_ids=called
            ),
            deadline,
        )
        return answer.id or None

    async def show(self, place: str, filebox: str, deadline: float) -> str | None:
        """Send a picture, packed as JSON text; the message's id where the puppet tells it."""
        answer = await self._call(
            lambda: self._stub.message_send_file(conversation_id=place, filebox=filebox), deadline
        )
        return answer.id or None

    async def recall(self, id: str, deadline: float) -> bool:
        """Take an own message back; whether the puppet did."""
        return bool((await self._call(lambda: self._stub.message_recall(id=id), deadline)).success)

    async def picture(self, id: str, deadline: float) -> bytes:
        """The picture of a message. Small ones come in one answer, others must be streamed."""
        found = await self._call(lambda: self._stub.message_file(id=id), deadline)
        if (small := unpacked(found.filebox)) is not None:
            return small
        try:
            async with asyncio.timeout(deadline):
                return await self._streamed(id)
        except Exception as error:
            raise self._translated(error) from error

    async def _streamed(self, id: str) -> bytes:
        content = bytearray()
        async with aclosing(self._stub.message_file_stream(id=id)) as chunks:
            async for answer in chunks:
                content += answer.file_box_chunk.data
                if len(content) > LARGEST_PICTURE:
                    raise GatewayError(Trouble.REFUSED, answered=True)
        return bytes(content)

    async def _call(
        self, call: Callable[[], Awaitable[_Answer]], deadline: float | None = None
    ) -> _Answer:
        try:
            async with asyncio.timeout(self._deadline if deadline is None else deadline):
                answer = await call()
        except Exception as error:
            raise self._translated(error) from error
        self._spoke = True
        return answer

    def _translated(self, error: Exception) -> GatewayError:
        from grpclib.exceptions import GRPCError  # noqa: PLC0415 # only when the channel runs

        if isinstance(error, GatewayError):
            return error
        if isinstance(error, TimeoutError):
            return GatewayError(Trouble.SILENT)
        if isinstance(error, GRPCError):
            self._spoke = True
            return _answer(error.status.name, error.message or "")
        if isinstance(error, OSError) and not isinstance(error, ConnectionResetError):
            return GatewayError(Trouble.UNREACHABLE)
        return GatewayError(Trouble.LOST if self._spoke else Trouble.NOT_A_GATEWAY)


_STATUS: Mapping[str, tuple[Trouble, bool]] = {
    "UNAUTHENTICATED": (Trouble.WRONG_TOKEN, True),
    "PERMISSION_DENIED": (Trouble.WRONG_TOKEN, True),
    "ALREADY_EXISTS": (Trouble.SECOND_CONSUMER, True),
    "UNAVAILABLE": (Trouble.LOST, False),
    "CANCELLED": (Trouble.LOST, False),
    "DEADLINE_EXCEEDED": (Trouble.SILENT, False),
}
"""Status of an answer -> the trouble, and whether the call certainly had no effect."""


def _answer(status: str, message: str) -> GatewayError:
    trouble, answered = _STATUS.get(status, (Trouble.REFUSED, True))
    code = next((code for words, code in REFUSALS if words in message.lower()), "")
    if status == "RESOURCE_EXHAUSTED":
        code = "rate_limited"
    if code == "timeout":
        return GatewayError(Trouble.SILENT)
    return GatewayError(trouble, answered=answered, code=code if answered else "")


def dial(host: str, port: int, token: str, *, deadline: float) -> Gateway:
    """A gateway that connects with its first call. Imports wechaty's packages, nothing before."""
    from grpclib.client import Channel as Line  # noqa: PLC0415 # only when the channel runs
    from wechaty_grpc.wechaty import PuppetStub  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

    line = Line(host, port)
    stub = PuppetStub(line, metadata={"authorization": f"Wechaty {token}"})
    return Gateway(line, cast("_Stub", cast("object", stub)), deadline=deadline)
