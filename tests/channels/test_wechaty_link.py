"""WeChat by wechaty: the pitfalls of the link, each seen in its Python client, shown not to be ours."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bot.channel_settings import Wechaty as Settings
from bot.channels.base import Link, Send
from bot.channels.wechaty import build
from bot.secrets import Secrets
from domain.errors import ChannelError
from domain.events import Gap, IdScope
from domain.outgoing import SendState
from tests.channels.ears import Ears
from tests.channels.wechaty_gateway import Gateway
from tests.channels.wechaty_rig import WechatyRig, another, played
from tests.channels.wechaty_world import (
    ERROR,
    MESSAGE,
    ROOM,
    TOKEN,
    ZHANG,
)

ROOT = Path(__file__).parents[2]


def test_an_error_event_does_not_end_the_stream() -> None:
    async def scene(rig: WechatyRig) -> None:
        rig.gateway.tell(ERROR, {"gerror": '{"message": "something"}'})
        await rig.say("还在吗")
        await rig.ears.words("还在吗")
        assert rig.gateway.streams == 1

    played(scene)


def test_a_gateway_that_is_not_there_yet_is_waited_for() -> None:
    async def scene(rig: WechatyRig) -> None:
        await rig.gateway.kill()
        await rig.fallen("connection_lost", "unreachable")
        waits: list[float] = []
        for _ in range(8):
            waits.append(await rig.clock.parked())
            rig.clock.advance(waits[-1])
            await asyncio.sleep(0)
            await rig.fallen("unreachable")
        assert waits == sorted(waits)
        assert waits[-1] == 30.0 * 0.75
        rig.gateway = Gateway(rig.world)
        await rig.gateway.serve(rig.port)
        rig.clock.advance(30)
        await rig.link(Link.UP)

    played(scene)


def test_after_a_restart_of_the_gateway_everything_works_and_the_gap_is_named() -> None:
    async def scene(rig: WechatyRig) -> None:
        before = rig.clock.now()
        await rig.gateway.kill()
        await rig.fallen("connection_lost", "unreachable")
        rig.clock.advance(45)
        rig.gateway = Gateway(rig.world)
        rig.gateway.post("没人听见")
        await rig.gateway.serve(rig.port)
        rig.clock.advance(30)
        await rig.link(Link.UP)
        (gap,) = await rig.ears.heard(Gap)
        assert (gap.since, gap.filled) == (before, False)
        assert gap.at > before
        await rig.say("回来了")
        await rig.ears.words("回来了")
        assert "没人听见" not in rig.ears.texts
        assert (await rig.channel.send(Send(text="好", room=ROOM))).state is SendState.SENT

    played(scene)


def test_a_second_listener_neither_kicks_the_first_off_nor_gives_up() -> None:
    async def scene(rig: WechatyRig) -> None:
        second, ears = another(rig), Ears()
        running = asyncio.create_task(second.run(ears))
        await rig.clock.parked(lambda: second.health().detail == "second_consumer")
        assert second.health().link is Link.DOWN
        assert (await second.send(Send(text="在", room=ROOM))).error == "down"
        await rig.say("第一个还在听")
        await rig.ears.words("第一个还在听")
        assert "Stop" not in rig.gateway.calls
        await second.close()
        await running
        assert ears.events == []

    played(scene)


def test_a_listener_that_is_kicked_off_comes_back_without_kicking() -> None:
    async def scene(rig: WechatyRig) -> None:
        rig.gateway.end_stream()
        await rig.fallen("connection_lost")
        rig.clock.advance(30)
        await rig.link(Link.UP)
        assert "Stop" not in rig.gateway.calls

    played(scene)


def test_an_own_stream_that_died_in_silence_is_taken_over_once() -> None:
    async def scene(rig: WechatyRig) -> None:
        rig.gateway.hangs.add("Version")
        rig.gateway.keeps_streams = True
        await rig.clock.parked()
        rig.clock.advance(31)
        await rig.fallen("silent")
        rig.clock.advance(30)
        await rig.fallen("connection_lost")
        assert rig.gateway.calls.count("Stop") == 1
        rig.gateway.hangs.clear()
        rig.gateway.keeps_streams = False
        rig.clock.advance(30)
        await rig.link(Link.UP)

    played(scene)


def test_the_wechat_session_is_never_stopped() -> None:
    async def scene(rig: WechatyRig) -> None:
        await rig.channel.close()
        await rig.running
        await rig.again()
        assert "Stop" not in rig.gateway.calls
        assert rig.gateway.calls.count("Start") == 2

    played(scene)


def test_a_log_out_and_a_new_log_in_on_one_stream_are_noticed() -> None:
    async def scene(rig: WechatyRig) -> None:
        rig.gateway.logout()
        await rig.link(Link.LOGGED_OUT)
        result = await rig.channel.send(Send(text="在吗", room=ROOM))
        assert (result.state, result.error) == (SendState.FAILED, "logged_out")
        rig.gateway.ask_scan("https://login.weixin.qq.com/l/abc")
        while rig.channel.health().login_qr is None:
            await asyncio.sleep(0)
        assert rig.channel.health().detail == "scan_qr"
        assert rig.channel.health().login_qr == "https://login.weixin.qq.com/l/abc"
        rig.gateway.ask_scan("", status=3)
        while rig.channel.health().detail != "scan_confirm":
            await asyncio.sleep(0)
        assert rig.channel.health().login_qr is None
        rig.gateway.login()
        await rig.link(Link.UP)
        assert len(await rig.ears.heard(Gap)) == 1
        await rig.say("又在了")
        await rig.ears.words("又在了")

    played(scene)


def test_a_code_that_was_shown_before_we_came_is_shown_to_us() -> None:
    async def scene(rig: WechatyRig) -> None:
        await rig.channel.close()
        await rig.running
        rig.world.logged_in, rig.world.scan = "", "https://login.weixin.qq.com/l/xyz"
        rig.running = asyncio.create_task(rig.channel.run(rig.ears))
        await rig.link(Link.LOGGED_OUT)
        while rig.channel.health().login_qr is None:
            await asyncio.sleep(0)
        assert rig.channel.health().login_qr == "https://login.weixin.qq.com/l/xyz"

    played(scene)


def test_ids_of_the_web_protocol_last_for_one_log_in_only() -> None:
    async def scene(rig: WechatyRig) -> None:
        assert rig.channel.capabilities.stable_person_ids
        rig.world.names |= {"@me": "小格", "@abc": "张大妈"}
        rig.world.topics["@@room"] = "幸福小区"
        rig.gateway.login("@me")
        rig.gateway.post("灯坏了", sender="@abc", room="@@room")
        assert (await rig.ears.words("灯坏了")).id_scope is IdScope.LOGIN
        found = rig.channel.capabilities
        assert found.id_scope is IdScope.LOGIN
        assert not found.stable_person_ids
        assert not found.stable_room_ids

    played(scene)


def test_one_channel_runs_once() -> None:
    async def scene(rig: WechatyRig) -> None:
        with pytest.raises(ChannelError, match="running already"):
            await rig.channel.run(rig.ears)
        await rig.say("还在")
        await rig.ears.words("还在")

    played(scene)


def test_neither_words_nor_names_nor_the_token_are_logged(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(rig: WechatyRig) -> None:
        await rig.say("我家电话 13800000000")
        rig.gateway.tell(MESSAGE, {"messageId": "gone"})
        rig.gateway.tell(ERROR, {"gerror": "张大妈 13800000000"})
        await rig.ears.heard(Gap)
        await rig.channel.send(Send(text="收到秘密", room=ROOM, mentions=(ZHANG,)))
        await rig.wrong_token()

    played(scene)
    out = "".join(capsys.readouterr()) + caplog.text
    assert "wechaty.message_lost" in out
    for word in ("13800000000", "秘密", "张", ZHANG, TOKEN):
        assert word not in out


def test_something_that_is_no_gateway_is_named() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async def scene(rig: WechatyRig) -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        other = another(rig, endpoint=f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
        running = asyncio.create_task(other.run(Ears()))
        await rig.clock.parked(lambda: other.health().detail == "not_a_gateway")
        await other.close()
        await running
        server.close()

    played(scene)


IMPORTS = """
import os, sys, threading
import bot.channels.wechaty as module
from datetime import UTC, datetime
sdk = {"wechaty", "wechaty_grpc", "wechaty_puppet", "wechaty_puppet_service", "grpclib"}
assert not sdk & set(sys.modules), sdk & set(sys.modules)
from bot.channels.wechaty_gateway import dial
import asyncio
async def main():
    dial("127.0.0.1", 1, "t", deadline=1).close()
asyncio.run(main())
assert "wechaty_grpc" in sys.modules
heavy = {"wechaty", "wechaty_puppet", "wechaty_puppet_service", "quart", "apscheduler", "pyee"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
assert threading.active_count() == 1
assert os.listdir(".") == [], os.listdir(".")
"""


def test_importing_reads_no_variable_writes_no_file_and_waits_for_the_first_run(
    tmp_path: Path,
) -> None:
    """`WECHATY_LOG=DEBUG` and a generic `TOKEN` break or change wechaty itself."""
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "WECHATY_LOG": "DEBUG",
        "TOKEN": "not ours",
        "ENDPOINT": "127.0.0.1:1",
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORTS],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_missing_or_impossible_token_is_refused_with_a_remedy() -> None:
    async def scene(rig: WechatyRig) -> None:
        for token in ("", "秘密", "a b", "a@b"):
            with pytest.raises(ChannelError, match="XIAOGE_WECHATY_TOKEN"):
                build(Settings(), Secrets(wechaty_token=token), now=rig.clock.now)
        built = build(Settings(), Secrets(wechaty_token=TOKEN), now=rig.clock.now)
        assert (built.name, built.account) == ("wechaty", "wechaty")
        assert replace(built.health(), since=None).link is Link.DOWN
        with pytest.raises(ChannelError, match="host:port"):
            another(rig, endpoint="gateway")

    played(scene)
