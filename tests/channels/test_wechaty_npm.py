"""WeChat by wechaty, against the real npm gateway: wechaty-puppet-service with a mock puppet."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.channels.base import Link, Send
from bot.channels.wechaty import WechatyChannel
from bot.channels.wechaty_stream import Timing
from bot.clock import SystemClock
from domain.events import Gap, Message, RoomChanged
from domain.outgoing import SendState
from tests.channels.conformance import PIXEL
from tests.channels.ears import Ears
from tests.channels.npm_gateway import FOLDER, TOKEN, NpmGateway, missing, one_at_a_time

ROOM = "10086@chatroom"


@pytest.fixture(scope="module", autouse=True)
def gateway_is_there() -> None:
    """Without it there is nothing to test against; in CI that is a failure."""
    if not (why := missing()):
        return
    if os.environ.get("CI"):
        pytest.fail(f"CI must run the real wechaty gateway: {why}")
    pytest.skip(f"the real wechaty gateway cannot run: {why}")


class Table:
    """A gateway, a channel on it, and what the channel hears."""

    def __init__(self) -> None:
        self.gateway = NpmGateway()
        self.ears = Ears()
        self.channel = self.another()

    def another(self, token: str = TOKEN, port: int = 0) -> WechatyChannel:
        timing = Timing(
            first=0.1, most=0.4, slow=0.4, probe_every=0.3, call=1.0, start=3.0, send=3.0,
            fresh=timedelta(minutes=5),
        )  # fmt: skip
        return WechatyChannel(
            account="xiaoge",
            endpoint=f"127.0.0.1:{port or self.gateway.port}",
            token=token,
            now=SystemClock().now,
            timing=timing,
        )

    async def be(self, wanted: Callable[[], bool]) -> None:
        """Waits until something holds; the channel's state has no bell to ring."""
        while not wanted():
            await asyncio.sleep(0.01)

    async def link(self, wanted: Link) -> None:
        await self.be(lambda: self.channel.health().link is wanted)


def played(scene: Callable[[Table], Awaitable[None]]) -> None:
    """Play a scene with a gateway and a channel that is logged in."""

    async def whole() -> None:
        async with asyncio.timeout(60):
            table = Table()
            await table.gateway.start()
            running = asyncio.create_task(table.channel.run(table.ears))
            try:
                await table.link(Link.UP)
                await scene(table)
            finally:
                await table.channel.close()
                await running
                await table.gateway.kill()

    with one_at_a_time():
        asyncio.run(whole())


def test_a_call_for_help_is_read_and_the_answer_is_seen_in_the_room() -> None:
    async def scene(table: Table) -> None:
        gateway, channel = table.gateway, table.channel
        await gateway.do("say", who="wxid_zhang", text="@小格\u2005水管漏了", mentions=["wxid_bot"])
        message = await table.ears.words("@小格\u2005水管漏了")
        assert (message.sender, message.sender_name) == ("wxid_zhang", "3栋201张")
        assert (message.room, message.room_name) == (ROOM, "幸福小区一群")
        assert (message.mentions, message.mentions_me) == (("wxid_bot",), True)
        assert abs(message.at - SystemClock().now()) < timedelta(minutes=1)
        send = Send(text="记下了 #1", room=ROOM, mentions=("wxid_zhang",), reply_to=message.id)
        result = await channel.send(send)
        assert result.state is SendState.SENT
        seen = await gateway.hears("roomSaw", "记下了 #1")
        assert (seen["id"], seen["talkerId"]) == (result.remote_id, "wxid_bot")
        assert seen["mentionIdList"] == ["wxid_zhang"]
        assert "@3栋201张\u2005记下了 #1" in str(seen["text"])
        assert "「3栋201张：" in str(seen["text"])
        await gateway.do("say", who="wxid_li", text=f"「小格：记下了 #1」\n{'- ' * 15}\n谢谢")
        assert (await table.ears.words("「小格：记下了 #1」\n" + "- " * 15 + "\n谢谢")).room == ROOM

    played(scene)


def test_people_rooms_and_repetitions_are_told_as_they_are() -> None:
    async def scene(table: Table) -> None:
        gateway, ears = table.gateway, table.ears
        await gateway.do("private", who="wxid_li", text="绑定 1234")
        assert (await ears.words("绑定 1234")).room is None
        await gateway.do("again")
        await gateway.do("error")
        await gateway.do("topic", who="wxid_zhang", text="幸福小区业主群")
        await gateway.do("alias", who="wxid_zhang", text="老张")
        await gateway.do("say", who="wxid_zhang", text="改名了")
        message = await ears.words("改名了")
        assert (message.room_name, message.sender_name) == ("幸福小区业主群", "老张")
        await gateway.do("leave", who="wxid_li")
        (change,) = await ears.heard(RoomChanged)
        assert (change.person, change.change, change.whose) == ("wxid_li", "left", "member")
        assert ears.texts == ["绑定 1234", "改名了"]
        result = await table.channel.send(Send(text="在吗", room="unknown@chatroom"))
        assert (result.state, result.error) == (SendState.FAILED, "not_in_room")

    played(scene)


@pytest.mark.parametrize("size", [1_000, 500_000])
def test_pictures_go_both_ways(size: int) -> None:
    """Above 20 kB the gateway gives a picture only as a stream."""

    async def scene(table: Table) -> None:
        await table.gateway.do("picture", who="wxid_zhang", size=size)
        (message,) = await table.ears.heard(Message)
        assert await table.channel.picture(message.images[0]) == bytes([7]) * size
        result = await table.channel.send(Send(text="看图", room=ROOM, images=(PIXEL,)))
        assert result.state is SendState.SENT
        sent = await table.gateway.hears("sentFile")
        assert (sent["name"], sent["size"]) == ("1.png", len(PIXEL))

    played(scene)


def test_a_log_out_and_a_scan_are_shown_and_the_way_back_is_found() -> None:
    async def scene(table: Table) -> None:
        await table.gateway.do("logout")
        await table.link(Link.LOGGED_OUT)
        await table.gateway.do("scan", text="https://login.weixin.qq.com/l/abc")
        await table.be(lambda: table.channel.health().login_qr is not None)
        assert table.channel.health().login_qr == "https://login.weixin.qq.com/l/abc"
        await table.gateway.do("login")
        await table.link(Link.UP)
        assert table.channel.health().login_qr is None
        assert len(await table.ears.heard(Gap)) == 1

    played(scene)


def test_a_killed_gateway_is_waited_for_and_the_gap_is_named() -> None:
    async def scene(table: Table) -> None:
        await table.gateway.do("say", who="wxid_zhang", text="之前")
        await table.ears.words("之前")
        await table.gateway.kill()
        await table.link(Link.DOWN)
        result = await table.channel.send(Send(text="在吗", room=ROOM))
        assert (result.state, result.error) == (SendState.FAILED, "down")
        table.gateway = NpmGateway(table.gateway.port)
        await table.gateway.start()
        await table.link(Link.UP)
        (gap,) = await table.ears.heard(Gap)
        assert not gap.filled
        await table.gateway.do("say", who="wxid_zhang", text="之后")
        await table.ears.words("之后")
        assert (await table.channel.send(Send(text="在", room=ROOM))).state is SendState.SENT

    played(scene)


def test_a_gateway_that_hangs_is_noticed_and_comes_back() -> None:
    async def scene(table: Table) -> None:
        table.gateway.freeze()
        await table.be(lambda: table.channel.health().detail == "silent")
        table.gateway.thaw()
        await table.link(Link.UP)
        await table.gateway.do("say", who="wxid_zhang", text="醒了")
        await table.ears.words("醒了")

    played(scene)


def test_a_send_into_a_gateway_that_hangs_is_maybe_sent() -> None:
    async def scene(table: Table) -> None:
        table.gateway.freeze()
        result = await table.channel.send(Send(text="在吗", room=ROOM))
        assert result.state is SendState.MAYBE_SENT
        table.gateway.thaw()

    played(scene)


def test_a_second_listener_waits_and_the_first_goes_on() -> None:
    async def scene(table: Table) -> None:
        second, ears = table.another(), Ears()
        running = asyncio.create_task(second.run(ears))
        await table.be(lambda: second.health().detail == "second_consumer")
        await table.gateway.do("say", who="wxid_zhang", text="谁在听")
        await table.ears.words("谁在听")
        assert ears.events == []
        await table.channel.close()
        await table.be(lambda: second.health().link is Link.UP)
        await second.close()
        await running

    played(scene)


def test_a_wrong_token_is_named() -> None:
    async def scene(table: Table) -> None:
        wrong = table.another("wrong")
        running = asyncio.create_task(wrong.run(Ears()))
        await table.be(lambda: wrong.health().detail == "wrong_token")
        assert wrong.health().link is Link.LOGGED_OUT
        await wrong.close()
        await running

    played(scene)


def test_a_gateway_that_wants_tls_is_named() -> None:
    async def scene(table: Table) -> None:
        secure = NpmGateway(with_tls=True)
        await secure.start()
        channel = table.another(port=secure.port)
        running = asyncio.create_task(channel.run(Ears()))
        try:
            await table.be(lambda: channel.health().detail == "not_a_gateway")
        finally:
            await channel.close()
            await running
            await secure.kill()

    played(scene)


def test_the_lock_file_names_no_server_and_pins_the_three_packages() -> None:
    lock = (FOLDER / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    for name, version in (("", "1.21.3"), ("-service", "1.19.9"), ("-mock", "1.19.4")):
        pinned = rf'"node_modules/wechaty-puppet{name}": \{{\s*"version": "{version}"'
        assert re.search(pinned, lock)
