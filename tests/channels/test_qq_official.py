"""The official QQ bot: ed25519 both ways, answers within their window, nothing said first."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.channel_settings import QQOfficial as Settings
from bot.channels.base import Link, Send, SendResult
from bot.channels.qq_official import build
from bot.secrets import Secrets
from domain.errors import ConfigError
from domain.events import IdScope, Message, RoomChanged
from domain.outgoing import SendState
from handlers.zh.placeholders import NEIGHBOUR, PLACEHOLDERS
from tests.channels.ears import HandClock
from tests.channels.http_standin import Told
from tests.channels.qq_rig import APP_ID, PATH, SECRET, QQRig, rigged


def test_forged_stale_foreign_and_repeated_events_are_refused() -> None:
    async def work(rig: QQRig) -> None:
        now = int(rig.clock.now().timestamp())
        data = {"id": "1", "content": "x", "timestamp": "2026-03-02T17:00:00+08:00"}
        frame = {"op": 0, "t": "C2C_MESSAGE_CREATE", "d": data | {"author": {"user_openid": "u"}}}
        body = json.dumps(frame).encode()
        refused = [
            await rig.post(body, signature="00" * 64),
            await rig.post(body, signature="zz"),
            await rig.post(body, stamp=now - 301),
            await rig.post(body, stamp=now + 301),
            await rig.post(body, app="22222222"),
            await rig.client.post(PATH, content=body),
        ]
        assert [r.status_code for r in refused] == [401] * 6
        assert rig.ears.events == []
        assert (await rig.post(body)).status_code == 200
        assert (await rig.post(body)).status_code == 401
        assert len(rig.ears.events) == 1

    rigged(work)


def test_a_group_message_has_only_what_the_platform_tells() -> None:
    async def work(rig: QQRig) -> None:
        id = await rig.say("3号楼停水")
        (message,) = rig.ears.all(Message)
        assert message == Message(
            channel="qq_official",
            account=APP_ID,
            id=id,
            at=rig.clock.now(),
            sender=rig.resident,
            sender_name=NEIGHBOUR,
            text="3号楼停水",
            room=rig.room,
            mentions_me=True,
            id_scope=IdScope.GROUP,
        )
        await rig.say("绑定 1", room=None)
        assert rig.ears.all(Message)[1].id_scope is IdScope.ACCOUNT

    rigged(work)


def test_where_the_owner_grants_it_unmentioned_words_come_too() -> None:
    async def work(rig: QQRig) -> None:
        base = {"group_openid": rig.room, "timestamp": "2026-03-02T17:00:00+08:00"}
        author = {"member_openid": "AA11", "username": "王姐"}
        await rig.event(
            "GROUP_MESSAGE_CREATE", base | {"id": "1", "author": author, "content": "停水"}
        )
        me = {"is_you": True, "member_openid": "BOT1"}
        other = {"member_openid": "CC33", "is_you": False}
        await rig.event(
            "GROUP_MESSAGE_CREATE",
            base
            | {
                "id": "2",
                "author": author,
                "content": "<@BOT1> <@!CC33> 也停了",
                "mentions": [me, other],
                "attachments": [{"content_type": "voice", "url": "u"}, {"content_type": "file"}],
            },
        )
        first, second = rig.ears.all(Message)
        assert (first.text, first.mentions_me, first.sender_name) == ("停水", False, "王姐")
        marks = f"{PLACEHOLDERS['voice']} {PLACEHOLDERS['file']}"
        assert (second.text, second.mentions_me) == (f"也停了 {marks}", True)
        assert second.mentions == ("CC33",)

    rigged(work)


def test_joining_a_group_is_told() -> None:
    async def work(rig: QQRig) -> None:
        data = {"group_openid": "G9", "op_member_openid": "A", "timestamp": 1772442000}
        await rig.event("GROUP_ADD_ROBOT", data)
        (change,) = rig.ears.all(RoomChanged)
        assert (change.room, change.change, change.whose) == ("G9", "joined", "self")
        assert change.at == datetime.fromtimestamp(1772442000, UTC)

    rigged(work)


def test_five_answers_within_five_minutes_each_with_its_number_and_then_none() -> None:
    async def work(rig: QQRig) -> None:
        rig.clock.advance(600)
        id = await rig.say("停水")
        for n in range(1, 6):
            assert (
                await rig.channel.send(Send(text=f"{n}", room=rig.room))
            ).state is SendState.SENT
            body = rig.platform.calls[-1].body
            assert body == {"content": f"{n}", "msg_type": 0, "msg_id": id, "msg_seq": n}
        closed = SendResult(state=SendState.FAILED, error="window_closed")
        assert await rig.channel.send(Send(text="六", room=rig.room, reply_to=id)) == closed
        await rig.say("又停了")
        rig.clock.advance(299)
        assert (await rig.channel.send(Send(text="七", room=rig.room))).state is SendState.SENT
        rig.clock.advance(1)
        assert await rig.channel.send(Send(text="八", room=rig.room)) == closed
        assert await rig.channel.send(Send(text="九", room="elsewhere")) == closed

    rigged(work)


def test_the_message_answered_to_comes_first_and_never_one_of_another_place() -> None:
    async def work(rig: QQRig) -> None:
        first = await rig.say("停水")
        second = await rig.say("停电")
        await rig.channel.send(Send(text="电", room=rig.room, reply_to=second))
        await rig.channel.send(Send(text="水", room=rig.room, reply_to=first))
        await rig.channel.send(Send(text="别处", room=rig.other_room, reply_to=first))
        ids = [c.body["msg_id"] for c in rig.platform.calls if "msg_id" in c.body]
        assert ids == [second, first, "ROBOT1.0_2"]

    rigged(work)


def test_a_private_window_is_open_for_an_hour() -> None:
    async def work(rig: QQRig) -> None:
        await rig.say("绑定", room=None)
        rig.clock.advance(3599)
        send = Send(text="好", person=rig.resident)
        assert (await rig.channel.send(send)).state is SendState.SENT
        assert rig.platform.calls[-1].path == f"/v2/users/{rig.resident}/messages"
        assert await rig.channel.recall("out1", None)
        assert not await rig.channel.recall("out77", None)
        rig.clock.advance(1)
        assert (await rig.channel.send(send)).error == "window_closed"

    rigged(work)


def test_an_answer_lost_on_its_way_is_known_to_be_sent_by_its_number() -> None:
    async def work(rig: QQRig) -> None:
        await rig.say("停水")
        rig.silent = True
        result = await rig.channel.send(Send(text="记下了", room=rig.room))
        assert result == SendResult(state=SendState.SENT)
        assert [said.text for said in rig.sent()] == ["记下了"]
        assert len(rig.used) == 1

    rigged(work)


def test_a_number_used_by_an_earlier_run_is_skipped_not_taken_for_sent() -> None:
    async def work(rig: QQRig) -> None:
        id = await rig.say("停水")
        rig.used |= {(id, 1), (id, 2)}
        result = await rig.channel.send(Send(text="记下了", room=rig.room))
        assert (result.state, result.remote_id) == (SendState.SENT, "out3")
        assert rig.platform.calls[-1].body["msg_seq"] == 3

    rigged(work)


@pytest.mark.parametrize(
    ("told", "state", "error", "retry_after"),
    [
        (Told(status=400, body={"code": 304103}), SendState.FAILED, "window_closed", None),
        (Told(status=400, body={"code": 22009}), SendState.FAILED, "rate_limited", 60.0),
        (Told(status=400, body={"code": 40054002}), SendState.FAILED, "muted", None),
        (Told(status=400, body={"code": 40054010}), SendState.FAILED, "link", None),
        (Told(status=400, body={"code": 999}), SendState.FAILED, "code_999", None),
        (Told(status=403, raw=b"<html>"), SendState.FAILED, "http_403", None),
        (Told(status=429), SendState.FAILED, "rate_limited", 60.0),
        (Told(status=500), SendState.FAILED, "server_error", 10.0),
        (Told(raw=b"<html>"), SendState.MAYBE_SENT, "unreadable_answer", None),
        (Told(hang_up=True), SendState.MAYBE_SENT, "link_broken", None),
    ],
)
def test_each_refusal_has_its_code(
    told: Told, state: SendState, error: str, retry_after: float | None
) -> None:
    async def work(rig: QQRig) -> None:
        rig.platform.answer = lambda c: told if "msg_id" in c.body else rig.answer(c)
        result = await rig.channel.send(Send(text="好", room=rig.room))
        assert result == SendResult(state=state, error=error, retry_after=retry_after)

    rigged(work)


def test_the_token_is_fetched_once_renewed_before_its_end_and_after_a_refusal() -> None:
    async def work(rig: QQRig) -> None:
        await asyncio.gather(
            *(rig.channel.send(Send(text=f"{n}", room=rig.room)) for n in range(4))
        )
        assert rig.tokens == 1
        rig.valid_token = "OTHER"
        await rig.say("停水")
        assert (await rig.channel.send(Send(text="好", room=rig.room))).state is SendState.SENT
        assert rig.tokens == 2
        rig.clock.advance(7200 - 60)
        await rig.say("停水")
        assert (await rig.channel.send(Send(text="好", room=rig.room))).state is SendState.SENT
        assert rig.tokens == 3

    rigged(work)


def test_a_wrong_secret_is_logged_out_and_told() -> None:
    async def work(rig: QQRig) -> None:
        rig.platform.answer = lambda _: Told(body={"code": 100016, "message": "invalid"})
        result = await rig.channel.send(Send(text="好", room=rig.room))
        assert result == SendResult(state=SendState.FAILED, error="wrong_secret")
        health = rig.channel.health()
        assert (health.link, health.detail) == (Link.LOGGED_OUT, "wrong_secret")

    rigged(work)


def test_what_it_cannot_do_it_says_at_once() -> None:
    async def work(rig: QQRig) -> None:
        caps = rig.channel.capabilities
        assert not any((caps.active_push, caps.receive_all, caps.image_out, caps.can_mention))
        assert (caps.reply_window_s, caps.needs_inbound_port) == (300.0, True)
        calls = len(rig.platform.calls)
        for send, error in (
            (Send(text="图", room=rig.room, images=(b"x",)), "no_images"),
            (Send(text="谁"), "no_target"),
            (Send(text=" ", room=rig.room), "empty"),
            (Send(text="长" * 8000, room=rig.room), "too_long"),
        ):
            assert (await rig.channel.send(send)).error == error
        assert len(rig.platform.calls) == calls

    rigged(work)


def test_what_is_missing_in_the_settings_is_named() -> None:
    now = HandClock().now
    with pytest.raises(ConfigError, match="app_id"):
        build(Settings(), Secrets(qq_official_secret=SECRET), now=now)
    with pytest.raises(ConfigError, match="XIAOGE_QQ_OFFICIAL_SECRET"):
        build(Settings(app_id=APP_ID), Secrets(), now=now)
    channel = build(Settings(app_id=APP_ID), Secrets(qq_official_secret=SECRET), now=now)
    assert (channel.account, channel.health().link) == (APP_ID, Link.DOWN)
    assert timedelta(seconds=channel.capabilities.reply_window_s or 0) == timedelta(minutes=5)
