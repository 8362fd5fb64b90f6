"""The stand-in is checked by two foreign clients: NoneBot2 and aiocqhttp connect, hear, answer.

They are killed at the end: on Python 3.13 an ASGI server waits for its open connections first.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from pathlib import Path

from websockets.asyncio.client import connect

from tests.channels.onebot_server import BAD_TOKEN, OneBotServer

PLAYERS = Path(__file__).parent
DEADLINE = 60


async def start(
    script: str, *arguments: str, handed: tuple[int, ...] = ()
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(PLAYERS / script),
        *arguments,
        pass_fds=handed,
        stdout=asyncio.subprocess.DEVNULL,
    )


async def answered(server: OneBotServer) -> None:
    """Say something and check that the foreign client answers it, in the room and in private."""
    said = server.town.say("在吗 [1] & 好")
    await server.push(said)
    await server.town.until_sent(1)
    answer = server.town.sent[0]
    assert answer["group_id"] == 501
    words = "".join(part["data"].get("text", "") for part in answer["message"])
    assert words.strip() == "收到: 在吗 [1] & 好"
    await server.push(server.town.say("私聊", room=None))
    await server.town.until_sent(2)
    assert "group_id" not in server.town.sent[1] or server.town.sent[1]["message_type"] == "private"


def test_nonebot_connects_to_it_and_answers() -> None:
    async def whole() -> None:
        server = OneBotServer()
        await server.start()
        player = await start("play_nonebot.py", server.ws_url, server.token)
        try:
            async with asyncio.timeout(DEADLINE):
                await server.joined.wait()
                await answered(server)
        finally:
            player.kill()
            await player.wait()
            await server.stop()

    asyncio.run(whole())


def test_aiocqhttp_is_called_by_it_and_answers() -> None:
    """It dials as NapCat's reverse WebSocket does; the answer comes back by echo."""

    async def whole() -> None:
        server = OneBotServer(form="string")
        await server.start()
        listening = socket.create_server(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        fd = listening.fileno()
        player = await start("play_aiocqhttp.py", str(fd), server.token, "", handed=(fd,))
        listening.close()
        try:
            async with asyncio.timeout(DEADLINE):
                await server.dial(f"ws://127.0.0.1:{port}", path="/ws/")
                await answered(server)
        finally:
            player.kill()
            await player.wait()
            await server.stop()

    asyncio.run(whole())


def test_aiocqhttp_can_answer_by_its_http_interface() -> None:
    async def whole() -> None:
        server = OneBotServer()
        await server.start()
        listening = socket.create_server(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        fd = listening.fileno()
        arguments = (str(fd), server.token, server.http_url)
        player = await start("play_aiocqhttp.py", *arguments, handed=(fd,))
        listening.close()
        try:
            async with asyncio.timeout(DEADLINE):
                await server.dial(f"ws://127.0.0.1:{port}", path="/ws/event/")
                await answered(server)
                assert server.calls[0][0] == "send_msg"
        finally:
            player.kill()
            await player.wait()
            await server.stop()

    asyncio.run(whole())


def test_a_wrong_token_gets_one_frame_and_a_goodbye() -> None:
    """As NapCat does it; the specification would have the handshake refused."""

    async def whole() -> None:
        server = OneBotServer()
        await server.start()
        async with asyncio.timeout(10), connect(server.ws_url) as peer:
            frames = [json.loads(frame) async for frame in peer]
        await server.stop()
        assert frames == [BAD_TOKEN]

    asyncio.run(whole())
