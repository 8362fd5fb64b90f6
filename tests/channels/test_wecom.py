"""The WeCom group robot: its limits, the platform's refusals, and a key that nobody ever sees."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channel_settings import Wecom
from bot.channels.base import Link, Send, SendResult
from bot.channels.parts import parts
from bot.channels.wecom import IMAGE_BYTES, TEXT_BYTES, WecomRobot, build
from bot.secrets import Secrets
from domain.errors import ConfigError
from domain.outgoing import SendState
from tests.channels.conformance import PIXEL
from tests.channels.ears import Ears, HandClock
from tests.channels.http_standin import Called, HttpStandIn, Told
from tests.channels.wecom_robot_rig import KEY, OK


def answered(
    told: Callable[[Called], Told],
    work: Callable[[WecomRobot, HttpStandIn, HandClock], Awaitable[object]],
) -> HttpStandIn:
    """Runs `work` against a platform that answers with `told`."""

    async def whole() -> HttpStandIn:
        clock = HandClock()
        async with HttpStandIn(told) as platform:
            robot = WecomRobot(
                key=KEY, now=clock.now, url=f"{platform.url}/send", deadline=0.3, account="工作群"
            )
            await work(robot, platform, clock)
            await robot.close()
            return platform

    return asyncio.run(whole())


def one_send(told: Told, send: Send | None = None) -> tuple[SendResult, Link, HttpStandIn]:
    found: list[tuple[SendResult, Link]] = []

    async def work(robot: WecomRobot, _: HttpStandIn, __: HandClock) -> None:
        result = await robot.send(send or Send(text="日报", room=robot.room))
        found.append((result, robot.health().link))

    platform = answered(lambda _: told, work)
    return (*found[0], platform)


def test_a_text_carries_its_mentions_and_the_key_only_on_the_wire() -> None:
    result, link, platform = one_send(
        OK, Send(text="请看 #17", room="工作群", mentions=("li", "@all"))
    )
    (call,) = platform.calls
    assert result == SendResult(state=SendState.SENT)
    assert link is Link.UP
    assert call.query == {"key": KEY}
    assert call.body == {
        "msgtype": "text",
        "text": {"content": "请看 #17", "mentioned_list": ["li", "@all"]},
    }


def test_a_picture_carries_its_digest() -> None:
    _, _, platform = one_send(OK, Send(text="图", room="工作群", images=(PIXEL,)))
    image = platform.calls[1].body["image"]
    assert base64.b64decode(image["base64"]) == PIXEL
    assert image["md5"] == hashlib.md5(PIXEL).hexdigest()


@pytest.mark.parametrize(
    ("send", "error"),
    [
        (Send(text="x", room="别的群"), "not_in_room"),
        (Send(text="x", person="li"), "no_private"),
        (
            Send(text="x", room="工作群", images=(b"\xff\xd8\xff" + b"0" * IMAGE_BYTES,)),
            "image_too_large",
        ),
        (Send(text="x", room="工作群", images=(b"<svg>",)), "image_kind"),
        (Send(text=" \n ", room="工作群"), "empty"),
        (Send(text="水" * TEXT_BYTES * 7, room="工作群"), "too_long"),
    ],
)
def test_what_cannot_go_out_whole_does_not_begin(send: Send, error: str) -> None:
    result, _, platform = one_send(OK, send)
    assert result == SendResult(state=SendState.FAILED, error=error)
    assert platform.calls == []


@pytest.mark.parametrize(
    ("told", "state", "error", "retry_after", "link"),
    [
        (Told(body={"errcode": 45009}), SendState.FAILED, "rate_limited", 60.0, Link.DOWN),
        (Told(body={"errcode": 93000}), SendState.FAILED, "wrong_key", None, Link.LOGGED_OUT),
        (Told(body={"errcode": -1}), SendState.FAILED, "server_error", 10.0, Link.DEGRADED),
        (Told(body={"errcode": 40058}), SendState.FAILED, "errcode_40058", None, Link.DEGRADED),
        (
            Told(status=429, headers={"Retry-After": "7"}),
            SendState.FAILED,
            "rate_limited",
            7.0,
            Link.DOWN,
        ),
        (Told(status=502), SendState.FAILED, "server_error", 10.0, Link.DEGRADED),
        (Told(status=504), SendState.MAYBE_SENT, "timeout", None, Link.DEGRADED),
        (Told(status=404, raw=b"<html>"), SendState.FAILED, "http_404", None, Link.DEGRADED),
        (Told(raw=b"<html>"), SendState.MAYBE_SENT, "unreadable_answer", None, Link.DEGRADED),
        (Told(raw=b"[" * 100_000), SendState.MAYBE_SENT, "unreadable_answer", None, Link.DEGRADED),
        (Told(silent=True), SendState.MAYBE_SENT, "timeout", None, Link.DEGRADED),
        (Told(hang_up=True), SendState.MAYBE_SENT, "link_broken", None, Link.DEGRADED),
    ],
)
def test_each_answer_of_the_platform_has_its_meaning(
    told: Told, state: SendState, error: str, retry_after: float | None, link: Link
) -> None:
    result, standing, _ = one_send(told)
    assert result == SendResult(state=state, error=error, retry_after=retry_after)
    assert standing is link


def test_a_platform_that_is_not_there_surely_got_nothing() -> None:
    async def whole() -> SendResult:
        async with HttpStandIn(lambda _: OK) as platform:
            url = platform.url
        robot = WecomRobot(key=KEY, now=HandClock().now, url=url, account="g")
        result = await robot.send(Send(text="在吗", room="g"))
        await robot.close()
        return result

    assert asyncio.run(whole()) == SendResult(
        state=SendState.FAILED, error="unreachable", retry_after=10.0
    )


def test_a_long_text_goes_out_in_order_and_calls_people_once() -> None:
    text = "\n".join(f"第{i}行：三号楼停水，物业正在抢修。" for i in range(120))
    _, _, platform = one_send(OK, Send(text=text, room="工作群", mentions=("li",)))
    contents = [call.body["text"]["content"] for call in platform.calls]
    assert len(contents) > 1
    assert all(len(content.encode()) <= TEXT_BYTES for content in contents)
    assert "\n".join(contents) == text
    assert ["mentioned_list" in call.body["text"] for call in platform.calls] == [
        True,
        *[False] * (len(contents) - 1),
    ]


def test_when_the_second_part_fails_the_whole_may_have_gone_out() -> None:
    count = iter(range(9))
    found: list[SendResult] = []

    async def work(robot: WecomRobot, _: HttpStandIn, __: HandClock) -> None:
        found.append(await robot.send(Send(text="好。" * 1000, room=robot.room)))

    answered(lambda _: OK if next(count) == 0 else Told(body={"errcode": 45009}), work)
    assert found == [SendResult(state=SendState.MAYBE_SENT, error="partly_sent:rate_limited")]


def test_the_twenty_first_message_of_a_minute_waits_and_is_told_how_long() -> None:
    async def work(robot: WecomRobot, platform: HttpStandIn, clock: HandClock) -> None:
        for _ in range(20):
            assert (await robot.send(Send(text="催", room=robot.room))).state is SendState.SENT
            clock.advance(1)
        late = await robot.send(Send(text="催", room=robot.room))
        assert late == SendResult(state=SendState.FAILED, error="rate_limited", retry_after=40.0)
        assert len(platform.calls) == 20
        clock.advance(40)
        assert (await robot.send(Send(text="催", room=robot.room))).state is SendState.SENT

    answered(lambda _: OK, work)


def test_markdown_is_sent_whole_or_not_at_all() -> None:
    async def work(robot: WecomRobot, platform: HttpStandIn, _: HandClock) -> None:
        assert (await robot.send_markdown("**逾期** 1")).state is SendState.SENT
        assert platform.calls[0].body == {
            "msgtype": "markdown",
            "markdown": {"content": "**逾期** 1"},
        }
        assert (await robot.send_markdown("长" * 2000)).error == "too_long"

    answered(lambda _: OK, work)


def test_after_a_good_send_a_wrong_key_is_forgiven_and_close_lets_run_end() -> None:
    told = [Told(body={"errcode": 93000}), OK]

    async def work(robot: WecomRobot, _: HttpStandIn, __: HandClock) -> None:
        running = asyncio.create_task(robot.run(Ears()))
        await robot.send(Send(text="一", room=robot.room))
        assert (robot.health().link, robot.health().detail) == (Link.LOGGED_OUT, "wrong_key")
        await robot.send(Send(text="二", room=robot.room))
        assert robot.health().link is Link.UP
        await robot.close()
        await asyncio.wait_for(running, 5)
        assert robot.health().link is Link.DOWN

    answered(lambda _: told.pop(0), work)


def test_the_key_is_in_no_log_no_error_and_no_repr(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for told in (OK, Told(silent=True), Told(hang_up=True), Told(body={"errcode": 93000})):
            result, _, platform = one_send(told)
            assert platform.calls[0].query == {"key": KEY}
            assert KEY not in repr(result)
    assert "HTTP Request" in caplog.text, "httpx logs requests; else this test proves nothing"
    assert KEY not in caplog.text


def test_without_its_key_the_robot_is_refused_with_the_remedy() -> None:
    with pytest.raises(ConfigError, match="XIAOGE_WECOM_KEY"):
        build(Wecom(enabled=True), Secrets(), now=HandClock().now)
    robot = build(Wecom(enabled=True), Secrets(wecom_key=KEY), now=HandClock().now)
    assert robot.room == "robot"


@given(text=st.text(st.sampled_from("水a😀。\n！ "), max_size=300), limit=st.integers(4, 60))
def test_parts_lose_nothing_but_white_space_and_fit(text: str, limit: int) -> None:
    cut = parts(text, limit)
    assert all(0 < len(piece.encode()) <= limit for piece in cut)
    assert "".join("".join(cut).split()) == "".join(text.split())
