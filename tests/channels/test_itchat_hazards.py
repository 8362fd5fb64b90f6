"""WeChat by itchat: hazards of receiving and sending that were reproduced in the library."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels.base import Link, Send
from bot.channels.itchat_session import rooms_path
from domain.errors import ChannelError
from domain.events import Gap, Message
from domain.outgoing import SendState
from tests.channels.conformance import PIXEL
from tests.channels.itchat_rig import ItchatRig, played
from tests.channels.webwx_world import ROOM, ZHANG


def test_one_bad_answer_is_no_gap() -> None:
    async def scene(rig: ItchatRig) -> None:
        rig.wx.fails["webwxsync"] = 502
        rig.wx.post("等一下")
        await rig.clock.parked(lambda: rig.itchat.health().link is Link.DEGRADED)
        del rig.wx.fails["webwxsync"]
        rig.clock.advance(30)
        await rig.ears.words("等一下")
        await rig.link(Link.UP)
        assert rig.ears.all(Gap) == []

    played(scene)


def test_a_message_that_cannot_be_looked_up_takes_none_of_its_batch_down() -> None:
    async def scene(rig: ItchatRig) -> None:
        rig.wx.fails["webwxbatchgetcontact"] = 500
        rig.wx.names["stranger"] = "新邻居"
        with rig.wx.news:
            rig.wx.post("我是新来的", sender="stranger")
            rig.wx.put({"MsgId": "1"})
            rig.wx.post("水管漏了")
        await rig.ears.words("水管漏了")
        first = await rig.ears.words("我是新来的")
        assert (
            first.sender_name
            == first.sender
            == f"{rig.wx.login.name}.{rig.wx.login.id('stranger')}"
        )

    played(scene)


def test_an_answer_that_breaks_off_loses_no_message() -> None:
    async def scene(rig: ItchatRig) -> None:
        with rig.wx.news:
            rig.wx.breaks_sync = True
            rig.wx.post("别丢了我")
        await rig.clock.parked(lambda: rig.itchat.health().link is Link.DEGRADED)
        rig.clock.advance(30)
        await rig.ears.words("别丢了我")

    played(scene)


def test_a_line_break_in_a_message_does_not_make_it_ours() -> None:
    async def scene(rig: ItchatRig) -> None:
        zhang = rig.wx.login.id(ZHANG)
        rig.wx.post("", raw=f"{zhang}:<br/>第一行\n第二行<br/>第三行 &lt;急&gt;")
        message = await rig.ears.words("第一行\n第二行\n第三行 <急>")
        assert (message.sender, message.from_self) == (rig.resident, False)

    played(scene)


def test_a_note_of_the_system_is_nobodys_message() -> None:
    async def scene(rig: ItchatRig) -> None:
        rig.wx.post("", kind=10000, raw="张大妈邀请李师傅加入了群聊")
        rig.wx.post("", raw="没有发言人的文字")
        rig.wx.post("完")
        await rig.ears.words("完")
        assert rig.ears.texts == ["完"]

    played(scene)


def test_a_send_behind_one_that_hangs_fails_for_certain() -> None:
    async def scene(rig: ItchatRig) -> None:
        await rig.lose_answer()
        sends = (Send(text=text, room=rig.room) for text in ("一", "二"))
        first, second = await asyncio.gather(*(rig.itchat.send(send) for send in sends))
        assert (first.state, first.error) == (SendState.MAYBE_SENT, "timeout")
        assert (second.state, second.error) == (SendState.FAILED, "busy")
        await rig.say("还听得见")
        await rig.ears.words("还听得见")
        assert [sent.text for sent in rig.wx.sent] == ["一"]

    played(scene)


def test_many_sends_at_once_go_out_once_each() -> None:
    def before(rig: ItchatRig) -> None:
        rig.patience = 15.0
        rig.wx.up()

    async def scene(rig: ItchatRig) -> None:
        await rig.link(Link.UP)
        sends = [Send(text=str(i), room=rig.wx.topics[ROOM]) for i in range(20)]
        results = await asyncio.gather(*(rig.itchat.send(send) for send in sends))
        assert {result.state for result in results} == {SendState.SENT}
        assert len({result.remote_id for result in results}) == 20
        assert [sent.text for sent in rig.wx.sent] == [str(i) for i in range(20)]

    played(scene, before=before)


@pytest.mark.parametrize(
    ("ret", "state", "error"),
    [
        (1205, SendState.FAILED, "rate_limited"),
        (1101, SendState.FAILED, "logged_out"),
        (9999, SendState.FAILED, "ret_9999"),
    ],
)
def test_a_refusal_has_failed_with_a_code(ret: int, state: SendState, error: str) -> None:
    async def scene(rig: ItchatRig) -> None:
        rig.wx.rets["webwxsendmsg"] = ret
        result = await rig.itchat.send(Send(text="在吗", room=rig.room))
        assert (result.state, result.error) == (state, error)
        assert (result.retry_after is not None) == (ret == 1205)

    played(scene)


def test_an_answer_that_says_nothing_is_maybe_sent() -> None:
    async def scene(rig: ItchatRig) -> None:
        rig.wx.fails["webwxsendmsg"] = 500
        result = await rig.itchat.send(Send(text="在吗", room=rig.room))
        assert (result.state, result.error) == (SendState.MAYBE_SENT, "unclear_answer")

    played(scene)


def test_words_out_and_a_picture_not_is_no_reason_to_repeat_the_words() -> None:
    async def scene(rig: ItchatRig) -> None:
        rig.wx.rets["webwxsendmsgimg"] = 1
        result = await rig.itchat.send(Send(text="", room=rig.room, images=(PIXEL,)))
        assert (result.state, result.error) == (SendState.FAILED, "ret_1")
        rig.wx.fails["webwxuploadmedia"] = 500
        result = await rig.itchat.send(Send(text="看图", room=rig.room, images=(PIXEL,)))
        assert (result.state, result.error) == (SendState.MAYBE_SENT, "picture_failed")

    played(scene)


def test_pictures_can_be_fetched() -> None:
    async def scene(rig: ItchatRig) -> None:
        rig.wx.post("", kind=3, picture=PIXEL)
        (message,) = await rig.ears.heard(Message)
        assert await rig.itchat.picture(message.images[0]) == PIXEL
        with pytest.raises(ChannelError, match="cannot be fetched"):
            await rig.itchat.picture("123")

    played(scene)


def test_a_server_that_promises_news_for_ever_is_not_asked_without_a_pause() -> None:
    async def scene(rig: ItchatRig) -> None:
        with rig.wx.news:
            rig.wx.nags = True
            rig.wx.news.notify_all()
        await rig.clock.parked()
        asked = rig.wx.calls.count("synccheck")
        for _ in range(20):
            await asyncio.sleep(0.005)
        assert rig.wx.calls.count("synccheck") == asked
        rig.wx.nags = False
        rig.clock.advance(1)
        await rig.say("真的有")
        await rig.ears.words("真的有")

    played(scene)


def test_a_disk_that_is_full_does_not_end_the_conversation() -> None:
    async def scene(rig: ItchatRig) -> None:
        for path in (rig.session, rooms_path(rig.session)):
            path.unlink()
        rig.session.parent.rmdir()
        rig.session.parent.write_text("in the way")
        await rig.say("还在")
        await rig.ears.words("还在")
        rig.session.parent.unlink()

    played(scene)
