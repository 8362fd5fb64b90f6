"""The inbound server: capped, impatient, and never brought down by a caller."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from bot.channels.doors import Answer, Asked, Door
from bot.channels.inbound import InboundServer
from domain.errors import ChannelError


async def echo(asked: Asked) -> Answer:
    return Answer(body=f"{asked.method} {asked.query} {len(asked.body)}".encode())


async def broken(_: Asked) -> Answer:
    raise RuntimeError("a secret that must not leave the house")


DOORS = (
    Door(path="/echo", methods=("GET", "POST"), answer=echo, body_limit=1000),
    Door(path="/broken", methods=("POST",), answer=broken),
)


def served(
    work: Callable[[httpx.AsyncClient, InboundServer], Awaitable[None]], patience: float = 5.0
) -> None:
    async def whole() -> None:
        async with (
            InboundServer(host="127.0.0.1", port=0, doors=DOORS, patience=patience) as server,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client,
        ):
            await work(client, server)

    asyncio.run(asyncio.wait_for(whole(), 20))


def test_doors_answer_and_everything_else_is_shut() -> None:
    async def work(client: httpx.AsyncClient, _: InboundServer) -> None:
        answer = await client.post("/echo?a=1", content=b"12345")
        assert (answer.status_code, answer.text) == (200, "POST {'a': '1'} 5")
        assert answer.headers["connection"] == "close"
        assert "server" not in answer.headers
        assert (await client.get("/other")).status_code == 404
        assert (await client.put("/echo")).status_code == 405

    served(work)


def test_a_body_over_the_cap_is_refused_declared_or_not() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100

    async def work(client: httpx.AsyncClient, _: InboundServer) -> None:
        assert (await client.post("/echo", content=b"x" * 1000)).status_code == 200
        assert (await client.post("/echo", content=b"x" * 1001)).status_code == 413
        assert (await client.post("/echo", content=chunks())).status_code == 413

    served(work)


def test_an_error_inside_says_nothing_outside_and_the_server_lives_on() -> None:
    async def work(client: httpx.AsyncClient, _: InboundServer) -> None:
        answer = await client.post("/broken")
        assert (answer.status_code, answer.content) == (500, b"")
        assert (await client.get("/echo")).status_code == 200

    served(work)


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"POST /echo HTTP/1.1\r\nHost: x\r\n",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab",
    ],
)
def test_a_caller_that_dawdles_is_hung_up_on(beginning: bytes) -> None:
    async def work(client: httpx.AsyncClient, server: InboundServer) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(beginning)
        rest = await reader.read()
        assert rest == b"" or rest.startswith(b"HTTP/1.1 408")
        writer.close()
        assert (await client.get("/echo")).status_code == 200

    served(work, patience=0.2)


def test_a_taken_port_and_a_shared_path_are_named() -> None:
    async def work(_: httpx.AsyncClient, server: InboundServer) -> None:
        with pytest.raises(ChannelError, match=f"cannot listen on 127.0.0.1:{server.port}"):
            await InboundServer(host="127.0.0.1", port=server.port, doors=()).start()

    served(work)
    with pytest.raises(ChannelError, match="/echo"):
        InboundServer(host="127.0.0.1", port=0, doors=(DOORS[0], DOORS[0]))


def test_it_stops_and_starts_again() -> None:
    async def whole() -> None:
        server = InboundServer(host="127.0.0.1", port=0, doors=DOORS)
        for _ in range(2):
            await server.start()
            await server.start()
            async with httpx.AsyncClient() as client:
                url = f"http://127.0.0.1:{server.port}/echo"
                assert (await client.get(url)).status_code == 200
            await server.close()
            await server.close()
        with pytest.raises(ChannelError, match="start it first"):
            assert server.port

    asyncio.run(asyncio.wait_for(whole(), 20))
