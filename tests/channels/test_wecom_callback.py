"""The WeCom callback: crypto checked against wechatpy, forgeries refused, words in and out."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest

from bot.channel_settings import WecomCallback as Settings
from bot.channels.base import Link, Send, SendResult
from bot.channels.wecom_callback import build
from bot.secrets import Secrets
from domain.errors import ConfigError
from domain.events import Message
from domain.outgoing import SendState
from handlers.zh.placeholders import COLLEAGUE, PLACEHOLDERS
from tests.channels.ears import HandClock
from tests.channels.http_standin import Told
from tests.channels.wecom_callback_rig import (
    AES_KEY,
    CORP,
    EASY,
    PATH,
    SECRET,
    TOKEN,
    CallbackRig,
    rigged,
)


def test_the_address_check_gives_the_echo_back_once() -> None:
    async def work(rig: CallbackRig) -> None:
        stamp = str(int(rig.clock.now().timestamp()))
        echo = EASY.seal(b"1616140317555161061", receiver=CORP)
        query = {
            "msg_signature": EASY.signature(stamp, "1", echo),
            "timestamp": stamp,
            "nonce": "1",
            "echostr": echo,
        }
        answer = await rig.client.get(PATH, params=query)
        assert (answer.status_code, answer.text) == (200, "1616140317555161061")
        assert (await rig.client.get(PATH, params=query)).status_code == 403
        assert (await rig.client.get(PATH)).status_code == 403

    rigged(work)


APP_XML = (
    "<xml><ToUserName><![CDATA[{corp}]]></ToUserName><FromUserName><![CDATA[zhao]]></FromUserName>"
    "<CreateTime>{stamp}</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>{rest}"
    "<MsgId>1234567890123456</MsgId><AgentID>7</AgentID></xml>"
)


def test_an_employees_private_words_come_in_by_xml_and_are_answered_by_the_application() -> None:
    async def work(rig: CallbackRig) -> None:
        stamp = int(rig.clock.now().timestamp())
        xml = APP_XML.format(
            corp=CORP,
            stamp=stamp,
            kind="text",
            rest="<Content><![CDATA[代报 <3号楼> 停水]]></Content>",
        )
        assert (await rig.call(xml.encode(), receiver=CORP, xml=True)).status_code == 200
        (message,) = rig.ears.all(Message)
        assert message == Message(
            channel="wecom_callback",
            account=CORP,
            id="1234567890123456",
            at=datetime.fromtimestamp(stamp, UTC),
            sender="zhao",
            sender_name=COLLEAGUE,
            text="代报 <3号楼> 停水",
        )
        result = await rig.channel.send(Send(text="记下了 #1", person="zhao"))
        assert result.state is SendState.SENT
        assert result.remote_id is not None
        said = rig.platform.calls[-1].body
        assert (said["agentid"], said["touser"], said["msgtype"]) == (7, "zhao", "text")
        assert await rig.channel.recall(result.remote_id, None)

    rigged(work)


def test_a_picture_and_an_event_of_the_application() -> None:
    async def work(rig: CallbackRig) -> None:
        event = APP_XML.format(corp=CORP, stamp=1, kind="event", rest="<Event>subscribe</Event>")
        await rig.call(event.encode(), receiver=CORP, xml=True, nonce="1")
        assert rig.ears.events == []
        image = APP_XML.format(corp=CORP, stamp=1, kind="image", rest="<MediaId>m1</MediaId>")
        await rig.call(image.encode(), receiver=CORP, xml=True, nonce="2")
        (message,) = rig.ears.all(Message)
        assert (message.text, message.images) == (PLACEHOLDERS["image"], (" m1",))

    rigged(work)


def test_forged_stale_foreign_and_repeated_calls_are_refused_and_say_nothing() -> None:
    async def work(rig: CallbackRig) -> None:
        now = int(rig.clock.now().timestamp())
        plain = json.dumps(
            {"msgid": "F", "chattype": "single", "from": {"userid": "zhao"}, "msgtype": "text"}
        ).encode()
        refused = [
            await rig.call(plain, signature="0" * 40),
            await rig.call(plain, signature="水"),
            await rig.call(plain, stamp=now - 301),
            await rig.call(plain, stamp=now + 301),
            await rig.call(plain, stamp=-1),
            await rig.call(plain, receiver="ww_other"),
        ]
        assert [(r.status_code, r.content) for r in refused] == [(403, b"")] * 6
        assert rig.ears.events == []
        assert (await rig.call(plain, stamp=now - 300, nonce="5")).status_code == 200
        assert (await rig.call(plain, stamp=now - 300, nonce="5")).status_code == 403
        assert len(rig.ears.events) == 1

    rigged(work)


def test_before_run_and_after_close_the_platform_is_told_to_come_again() -> None:
    async def work(rig: CallbackRig) -> None:
        await rig.channel.close()
        await asyncio.wait_for(rig.running, 5)
        assert (await rig.call(b'{"msgtype":"event"}', nonce="1")).status_code == 503
        await rig.again()
        assert (await rig.call(b'{"msgtype":"event"}', nonce="1")).status_code == 200

    rigged(work)


def test_a_robot_message_is_answered_once_at_its_own_address_within_its_hour() -> None:
    async def work(rig: CallbackRig) -> None:
        rig.clock.advance(3601)
        first = await rig.say("@小格 停水")
        second = await rig.say("@小格 停电")
        message = rig.ears.all(Message)[0]
        assert (message.room, message.mentions_me, message.private) == (rig.room, True, False)
        for wanted, reply_to in ((first, first), (second, first), (None, None)):
            result = await rig.channel.send(Send(text="好", room=rig.room, reply_to=reply_to))
            used = [c.query["response_code"] for c in rig.platform.calls if c.path == "/answer"]
            if wanted is None:
                assert result == SendResult(state=SendState.FAILED, error="window_closed")
            else:
                assert result.state is SendState.SENT
                assert used[-1] == wanted.replace("M", "R")
        await rig.say("@小格 还有")
        rig.clock.advance(3600)
        late = await rig.channel.send(Send(text="好", room=rig.room))
        assert late.error == "window_closed"

    rigged(work)


def test_an_answer_never_goes_to_another_conversation() -> None:
    async def work(rig: CallbackRig) -> None:
        id = await rig.say("私下说", room=None, sender="qian")
        result = await rig.channel.send(Send(text="好", person="zhao", reply_to=id))
        assert result == SendResult(state=SendState.FAILED, error="no_app_secret")
        assert rig.sent() == []

    rigged(work, app=False)


@pytest.mark.parametrize(
    ("told", "state", "error", "link"),
    [
        (Told(body={"errcode": 60020}), SendState.FAILED, "ip_not_trusted", Link.DEGRADED),
        (
            Told(body={"errcode": 0, "invaliduser": "ZHAO"}),
            SendState.FAILED,
            "no_such_person",
            Link.UP,
        ),
        (Told(body={"errcode": 45009}), SendState.FAILED, "rate_limited", Link.UP),
        (Told(body={"errcode": 301002}), SendState.FAILED, "errcode_301002", Link.UP),
        (Told(status=503), SendState.FAILED, "server_error", Link.UP),
        (Told(silent=True), SendState.MAYBE_SENT, "timeout", Link.UP),
        (Told(raw=b"<html>"), SendState.MAYBE_SENT, "unreadable_answer", Link.UP),
    ],
)
def test_each_refusal_of_an_application_word_has_its_code(
    told: Told, state: SendState, error: str, link: Link
) -> None:
    async def work(rig: CallbackRig) -> None:
        rig.platform.answer = lambda c: rig.answer(c) if c.path == "/cgi-bin/gettoken" else told
        result = await rig.channel.send(Send(text="在吗", person="zhao"))
        assert (result.state, result.error) == (state, error)
        assert rig.channel.health().link is link

    rigged(work)


def test_a_stale_token_is_renewed_once_and_the_words_go_out_once() -> None:
    async def work(rig: CallbackRig) -> None:
        await rig.channel.send(Send(text="一", person="zhao"))
        rig.token = "T2"
        assert (await rig.channel.send(Send(text="二", person="zhao"))).state is SendState.SENT
        rig.clock.advance(7200)
        assert (await rig.channel.send(Send(text="三", person="zhao"))).state is SendState.SENT
        paths = [call.path.rpartition("/")[2] for call in rig.platform.calls]
        assert paths == ["gettoken", "send", "send", "gettoken", "send", "gettoken", "send"]
        bodies = [
            c.body["text"]["content"]
            for c in rig.platform.calls
            if c.query.get("access_token") == rig.token
        ]
        assert bodies == ["二", "三"]

    rigged(work)


def test_a_wrong_secret_and_a_dead_token_server_send_nothing() -> None:
    async def work(rig: CallbackRig) -> None:
        rig.platform.answer = lambda _: Told(body={"errcode": 40001})
        result = await rig.channel.send(Send(text="一", person="zhao"))
        assert result == SendResult(state=SendState.FAILED, error="wrong_secret")
        assert rig.channel.health().detail == "wrong_secret"
        rig.platform.answer = lambda _: Told(silent=True)
        result = await rig.channel.send(Send(text="一", person="zhao"))
        assert result == SendResult(state=SendState.FAILED, error="timeout", retry_after=10.0)

    rigged(work)


def test_what_is_missing_in_the_settings_is_named() -> None:
    now = HandClock().now
    secrets = Secrets(wecom_callback_token=TOKEN, wecom_callback_aes_key=AES_KEY)
    with pytest.raises(ConfigError, match="corp_id"):
        build(Settings(), secrets, now=now)
    with pytest.raises(ConfigError, match="43 letters"):
        build(Settings(corp_id=CORP), Secrets(wecom_callback_token=TOKEN), now=now)
    assert not build(Settings(corp_id=CORP), secrets, now=now).capabilities.active_push
    full = Secrets(
        wecom_callback_token=TOKEN, wecom_callback_aes_key=AES_KEY, wecom_callback_secret=SECRET
    )
    channel = build(Settings(corp_id=CORP), full, now=now)
    assert channel.capabilities.active_push
    assert SECRET not in repr(channel)
