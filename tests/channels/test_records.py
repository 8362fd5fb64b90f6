"""Merged records of WeChat and WeCom that are sent to the bot alone arrive with their words."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.records import as_words
from bot.channels.wechat_records import record
from bot.channels.wecom_record import Reader
from domain.events import Message
from handlers.forwarding import forwarded
from tests.channels.itchat_rig import ItchatRig
from tests.channels.itchat_rig import played as by_itchat
from tests.channels.webwx_world import ROOM
from tests.channels.wechaty_rig import WechatyRig
from tests.channels.wechaty_rig import played as by_wechaty
from tests.channels.wechaty_world import ROOM as GATEWAY_ROOM
from tests.channels.wecom_archive_rig import record as archived

INSIDE = (
    "<recordinfo><title>群聊的聊天记录</title><datalist count='4'>"
    "<dataitem datatype='1' dataid='a'><datadesc>厨房水管漏了\n2号楼 &lt;502&gt;</datadesc>"
    "<sourcename>王姐</sourcename><sourcetime>2026-11-24 09:00</sourcetime></dataitem>"
    "<dataitem datatype='2' dataid='b'><datadesc>cdn</datadesc><sourcename>王姐</sourcename></dataitem>"
    "<dataitem datatype='17' dataid='c'><datatitle>别的</datatitle><sourcename>刘:叔</sourcename>"
    "<recordxml><recordinfo><datalist><dataitem datatype='1'><datadesc>里面的</datadesc></dataitem>"
    "</datalist></recordinfo></recordxml></dataitem>"
    "<dataitem datatype='1' dataid='d'><datadesc>先关总阀</datadesc></dataitem>"
    "</datalist></recordinfo>"
)
SHOWN = "王姐: 厨房水管漏了\n王姐: [图片]"
WORDS = "[聊天记录]\n王姐: 厨房水管漏了 2号楼 <502>\n王姐: [图片]\n刘叔: [聊天记录]\n邻居: 先关总阀"


def xml(inside: str = INSIDE, kind: str = "19") -> str:
    return (
        f'<?xml version="1.0"?>\n<msg><appmsg appid="" sdkver="0"><title>群聊的聊天记录</title>'
        f"<des>{SHOWN}</des><type>{kind}</type><recorditem><![CDATA[{inside}]]></recorditem>"
        "</appmsg><fromusername>wxid_1</fromusername></msg>"
    )


def test_the_record_inside_is_read_with_who_said_what() -> None:
    assert record(xml()) == WORDS
    found = forwarded(WORDS)
    assert found is not None
    assert (found.speaker, found.text) == ("王姐", "厨房水管漏了 2号楼 <502>\n[图片]")


@pytest.mark.parametrize("inside", ["", "<recordinfo>", "<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"])
def test_where_the_record_is_left_out_its_first_lines_are_shown(inside: str) -> None:
    assert record(xml(inside)) == f"[聊天记录]\n{SHOWN}"


@pytest.mark.parametrize("text", ["", "[聊天记录]", "<msg/>", xml(kind="5"), "<msg>" * 5000])
def test_what_is_no_record_is_none(text: str) -> None:
    assert record(text) is None


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    record(text)
    record(xml(text))


def test_a_long_record_is_cut_and_keeps_whole_lines() -> None:
    found = as_words(("王姐", f"{n}号楼漏水") for n in range(400))
    assert found is not None
    assert len(found.splitlines()) == 101
    assert found.endswith("王姐: 99号楼漏水")
    assert as_words([("王姐", "水" * 5000)]) is None
    assert as_words([("王姐", " "), ("", "")]) is None


def test_by_web_wechat_a_record_is_opened_in_private_only() -> None:
    async def scene(rig: ItchatRig) -> None:
        rig.wx.post(xml(), room=None, kind=49)
        (message,) = await rig.ears.heard(Message)
        assert (message.text, message.forwarded, message.private) == (WORDS, True, True)
        rig.wx.post(xml(), room=ROOM, kind=49)
        message = (await rig.ears.heard(Message, 2))[1]
        assert (message.text, message.forwarded) == ("[聊天记录]", True)
        rig.wx.post("<msg/>", room=None, kind=49, AppMsgType=19)
        assert (await rig.ears.heard(Message, 3))[2].text == "[聊天记录]"

    by_itchat(scene)


def test_by_a_gateway_a_record_is_opened_in_private_and_where_its_xml_is_given() -> None:
    async def scene(rig: WechatyRig) -> None:
        for text, room in ((xml(), ""), (xml(), GATEWAY_ROOM), ("", "")):
            rig.gateway.post(text, room=room, sort=4)
        found = await rig.ears.heard(Message, 3)
        assert [m.text for m in found] == [WORDS, "[聊天记录]", "[聊天记录]"]
        assert all(m.forwarded for m in found)

    by_wechaty(scene)


@pytest.mark.parametrize(("room", "told"), [("", True), ("wr1", False)])
def test_the_archive_gives_words_but_no_names(room: str, *, told: bool) -> None:
    items = [
        {"type": "ChatRecordText", "content": json.dumps({"content": "2号楼厨房漏水"})},
        {"type": "ChatRecordImage", "content": json.dumps({"sdkfileid": "f"})},
        {"type": "ChatRecordText", "content": "broken"},
        "broken",
    ]
    kept = archived(
        1, roomid=room, tolist=["xiaoge"], msgtype="chatrecord",
        chatrecord={"title": "群聊的聊天记录", "item": items},
    )  # fmt: skip
    event = Reader(channel="wecom_archive", account="xiaoge").take(kept).event
    assert isinstance(event, Message)
    assert event.forwarded
    words = "[聊天记录]\n邻居: 2号楼厨房漏水\n邻居: [图片]" if told else "[聊天记录]"
    assert event.text == words
