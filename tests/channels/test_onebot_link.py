"""The link to a OneBot implementation: time, silence, gaps, and what history can fill."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import JSONResponse

from bot.channels.base import Link
from bot.channels.onebot_watch import Silent, Timing, Watch
from domain.events import Gap
from tests.channels.ears import HandClock
from tests.channels.onebot_rig import OneBotRig, played


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_backing_off_doubles_up_to_half_a_minute_with_jitter(attempt: int, chance: float) -> None:
    whole = min(30.0, 2.0 ** min(attempt, 5))
    delay = Timing(chance=lambda: chance).delay(attempt)
    assert whole / 2 <= delay <= whole


class Line:
    """A socket that answers pings, or does not."""

    def __init__(self, *, alive: bool) -> None:
        self.reads = 0
        self.pings = 0
        self._alive = alive

    async def ping(self) -> None:
        self.pings += 1
        self.reads += self._alive


@pytest.mark.parametrize("beats", [True, False])
@pytest.mark.parametrize("alive", [True, False])
def test_without_heartbeats_an_answered_ping_is_a_sign_of_life(beats: bool, alive: bool) -> None:
    async def whole() -> float:
        clock, line = HandClock(), Line(alive=alive)
        watch = Watch(Timing(wait=clock.wait, elapsed=clock.elapsed), 30.0)
        if beats:
            watch.beat(10.0)
        running = asyncio.create_task(watch.run(line))
        while not running.done() and clock.elapsed() < 600:
            clock.advance(await clock.parked())
            for _ in range(3):
                await asyncio.sleep(0)
        if not running.done():
            running.cancel()
            return 0.0
        assert isinstance(running.exception(), Silent)
        return clock.elapsed()

    died = asyncio.run(whole())
    expected = 25.0 if beats else 0.0 if alive else 75.0
    assert died == pytest.approx(expected, abs=0.1)


def test_the_server_names_the_heartbeat_that_is_waited_for() -> None:
    async def scene(rig: OneBotRig) -> None:
        await rig.server.beat(interval=4000)
        await rig.say("在")
        await rig.ears.words("在")
        rig.server.freeze()
        rig.clock.advance(25)
        await rig.fallen()
        assert rig.channel.health().detail == "heartbeat_lost"
        rig.server.thaw()

    played(scene)


def test_an_account_that_was_offline_leaves_an_unsure_gap() -> None:
    """QQ does not hand out what was said while the account itself was away."""

    async def scene(rig: OneBotRig) -> None:
        await rig.server.beat(online=False)
        await rig.say("一")
        await rig.ears.words("一")
        assert rig.channel.health().link is Link.DEGRADED
        assert rig.channel.health().detail == "account_offline"
        rig.clock.advance(10)
        await rig.server.beat()
        (gap,) = await rig.ears.heard(Gap)
        assert not gap.filled
        assert gap.at - gap.since == timedelta(seconds=10)
        assert rig.channel.health().link is Link.UP

    played(scene)


def test_live_messages_wait_until_history_was_read() -> None:
    async def scene(rig: OneBotRig) -> None:
        await rig.say("一")
        await rig.ears.words("一")
        rig.server.drop()
        await rig.fallen()
        await rig.say("二")
        gate = rig.server.gates["get_group_msg_history"] = asyncio.Event()
        rig.clock.advance(30)
        await rig.server.joined.wait()
        await rig.server.until_called("get_group_msg_history")
        await rig.say("三")
        assert rig.ears.texts == ["一"]
        gate.set()
        await rig.ears.words("三")
        assert rig.ears.texts == ["一", "二", "三"]

    played(scene)


def test_what_several_rooms_said_meanwhile_comes_in_the_order_in_which_it_was_said() -> None:
    """A member claims in one room and is done in another: the other way round it makes no sense."""

    async def scene(rig: OneBotRig) -> None:
        await rig.say("早", room="501")
        await rig.say("好早", room="502")
        await rig.ears.words("好早")
        rig.server.drop()
        await rig.fallen()
        second = int(rig.clock.now().timestamp())
        for later, (room, words) in enumerate((("502", "1我去"), ("501", "1好了"), ("502", "好"))):
            rig.server.town.say(words, room=room, time=second + later)
        await rig.back()
        assert rig.ears.texts == ["早", "好早", "1我去", "1好了", "好"]

    played(scene)


def test_a_link_lost_while_history_is_read_loses_nothing() -> None:
    async def scene(rig: OneBotRig) -> None:
        await rig.say("一")
        await rig.ears.words("一")
        rig.server.drop()
        await rig.fallen()
        await rig.say("二")
        gate = rig.server.gates["get_group_msg_history"] = asyncio.Event()
        rig.clock.advance(30)
        await rig.server.joined.wait()
        await rig.server.until_called("get_group_msg_history")
        await rig.say("三")
        rig.server.drop()
        await rig.fallen()
        gate.set()
        await rig.say("四")
        await rig.back()
        assert rig.ears.texts == ["一", "二", "三", "四"]
        (gap,) = rig.ears.all(Gap)
        assert gap.filled

    played(scene)


def test_a_gap_begins_where_the_first_of_several_links_was_lost() -> None:
    async def scene(rig: OneBotRig) -> None:
        await rig.say("一")
        await rig.ears.words("一")
        first = rig.clock.now()
        rig.server.drop()
        await rig.fallen()
        gate = rig.server.gates["get_group_msg_history"] = asyncio.Event()
        rig.clock.advance(30)
        await rig.server.joined.wait()
        await rig.server.until_called("get_group_msg_history")
        rig.server.drop()
        await rig.fallen()
        gate.set()
        await rig.back()
        (gap,) = rig.ears.all(Gap)
        assert gap.since == first

    played(scene)


def test_a_wrong_token_is_no_gap_until_it_is_right_again() -> None:
    async def scene(rig: OneBotRig) -> None:
        await rig.say("一")
        await rig.ears.words("一")
        await rig.wrong_token()
        await rig.say("二")
        assert not rig.ears.all(Gap)
        await rig.right_token()
        (gap,) = rig.ears.all(Gap)
        assert gap.filled
        assert rig.ears.texts == ["一", "二"]

    played(scene)


def test_history_that_fails_leaves_a_gap_and_a_link() -> None:
    async def scene(rig: OneBotRig) -> None:
        await rig.say("一")
        await rig.ears.words("一")
        rig.server.answers["get_group_msg_history"] = JSONResponse({"status": "failed"})

        async def nothing() -> None:
            await rig.say("丢了")

        await rig.drop(nothing)
        (gap,) = rig.ears.all(Gap)
        assert not gap.filled
        await rig.say("二")
        await rig.ears.words("二")

    played(scene)


def test_history_is_read_page_by_page_up_to_the_limit() -> None:
    async def scene(rig: OneBotRig) -> None:
        for i in range(80):
            rig.clock.advance(1)
            rig.server.town.say(f"{i}")
        found = await rig.channel.history("501", rig.clock.now() - timedelta(seconds=70))
        assert [message.text for message in found] == [str(i) for i in range(9, 80)]

    played(scene)
