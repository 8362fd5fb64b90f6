"""What becomes of words sent through OneBot, and of quotes and private talks."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.channels.base import Send
from bot.channels.onebot import OneBot
from domain.outgoing import SendState
from tests.channels.onebot_rig import OneBotRig, id_of, played
from tests.channels.onebot_town import segment, text


def now() -> datetime:
    return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_quote_of_something_said_before_we_came_is_looked_up() -> None:
    async def scene(rig: OneBotRig) -> None:
        old = rig.server.town.say("很久以前")
        parts = [segment("reply", id=str(old["message_id"])), text("就是这个")]
        await rig.server.push(rig.server.town.say(parts))
        assert (await rig.ears.words("就是这个")).reply_to == id_of(old)
        parts = [segment("reply", id="424242"), text("这个呢")]
        await rig.server.push(rig.server.town.say(parts))
        assert (await rig.ears.words("这个呢")).reply_to == "501:424242"
        parts = [segment("reply", id="9" * 5000), text("那个呢")]
        await rig.server.push(rig.server.town.say(parts))
        assert (await rig.ears.words("那个呢")).reply_to is not None

    played(scene)


@pytest.mark.parametrize("restarted", [False, True])
def test_own_words_that_come_back_from_history_are_still_found_by_a_quote(restarted: bool) -> None:
    """History holds them with a time, the outbox without: a quote must carry the outbox's id."""

    async def scene(rig: OneBotRig) -> None:
        await rig.say("路灯不亮")
        await rig.ears.words("路灯不亮")
        result = await rig.channel.send(Send(text="记下了 #1", room=rig.room))
        assert result.remote_id is not None

        async def meanwhile() -> None:
            await rig.say("断线中")

        await (rig.restart if restarted else rig.drop)(meanwhile)
        await rig.ears.words("断线中")
        await rig.say("我去", reply_to=result.remote_id)
        assert (await rig.ears.words("我去")).reply_to == result.remote_id

    played(scene)


def test_a_private_talk_through_a_group_is_answered_through_it() -> None:
    async def scene(rig: OneBotRig) -> None:
        frame = rig.server.town.say("你好", room=None, sub_type="group")
        frame["sender"]["group_id"] = 502
        await rig.server.push(frame)
        await rig.ears.words("你好")
        await rig.channel.send(Send(text="你好", person="2001"))
        assert rig.server.town.sent[0]["group_id"] == 502

    played(scene)


def test_a_muted_bot_knows_for_how_long() -> None:
    async def scene(rig: OneBotRig) -> None:
        await rig.server.push(rig.server.town.muted("501", 600))
        await rig.say("在")
        await rig.ears.words("在")
        rig.server.town.refusal = "EventChecker Failed"
        result = await rig.channel.send(Send(text="在", room="501"))
        assert (result.state, result.error) == (SendState.FAILED, "muted")
        assert result.retry_after == pytest.approx(600)
        await rig.server.push(rig.server.town.muted("501", 0))
        await rig.say("解了")
        await rig.ears.words("解了")
        result = await rig.channel.send(Send(text="在", room="501"))
        assert (result.state, result.error) == (SendState.FAILED, "retcode_200")

    played(scene)


REFUSED = [
    (JSONResponse({"status": "failed", "retcode": 0}), SendState.FAILED, "retcode_0"),
    (JSONResponse({"status": "ok", "retcode": 0, "data": None}), SendState.SENT, ""),
    (JSONResponse({"status": "async", "retcode": 1}), SendState.MAYBE_SENT, "async"),
    (JSONResponse({"retcode": 0}), SendState.MAYBE_SENT, "unreadable_answer"),
    (JSONResponse([1]), SendState.MAYBE_SENT, "unreadable_answer"),
    (PlainTextResponse("<html>"), SendState.MAYBE_SENT, "unreadable_answer"),
    (Response(status_code=429, headers={"Retry-After": "7"}), SendState.FAILED, "rate_limited"),
    (Response(status_code=503), SendState.FAILED, "http_503"),
    (Response(status_code=502), SendState.MAYBE_SENT, "http_502"),
    (Response(status_code=404), SendState.FAILED, "http_404"),
    (
        JSONResponse({"status": "failed", "retcode": 200, "message": "Timeout: NTEvent"}),
        SendState.MAYBE_SENT,
        "timeout",
    ),
    (
        JSONResponse({"status": "failed", "retcode": 1200, "wording": "不是好友"}),
        SendState.FAILED,
        "not_a_friend",
    ),
]


@pytest.mark.parametrize(("answer", "state", "code"), REFUSED, ids=lambda value: str(value)[:24])
def test_only_a_plain_ok_counts_as_sent(answer: Response, state: SendState, code: str) -> None:
    async def scene(rig: OneBotRig) -> None:
        rig.server.answers["send_group_msg"] = answer
        result = await rig.channel.send(Send(text="在", room="501"))
        assert (result.state, result.error) == (state, code)

    played(scene)


def test_a_send_that_never_left_has_failed_and_may_be_tried_again() -> None:
    async def whole() -> None:
        rig = OneBotRig()
        await rig.server.start()
        await rig.server.stop()
        channel = OneBot(
            name="onebot",
            account="10001",
            now=now,
            ws_url="ws://127.0.0.1:1",
            http_url=rig.server.http_url,
        )
        result = await channel.send(Send(text="在", room="501"))
        assert (result.state, result.error) == (SendState.FAILED, "unreachable")
        assert result.retry_after is not None
        await channel.close()

    asyncio.run(whole())
