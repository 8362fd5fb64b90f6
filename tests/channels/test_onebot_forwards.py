"""A merged record that is sent to the bot alone arrives with its words."""

from __future__ import annotations

import asyncio

import pytest

from tests.channels.onebot_rig import OneBotRig
from tests.channels.onebot_town import Frame, segment, text

NAPCAT: Frame = {
    "messages": [
        {"sender": {"nickname": "王姐", "card": ""}, "message": [text("厨房水管漏了\n2号楼")]},
        {"sender": {"nickname": "老刘", "card": "刘:叔"}, "message": "先关总阀[CQ:image,file=a]"},
        {"sender": 7, "message": None},
        "broken",
    ]
}
STANDARD: Frame = {
    "message": [
        {"type": "node", "data": {"nickname": "王姐", "content": [text("厨房水管漏了\n2号楼")]}},
        {"type": "node", "data": {"user_id": "1", "content": "先关总阀"}},
    ]
}


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (NAPCAT, "[聊天记录]\n王姐: 厨房水管漏了 2号楼\n刘叔: 先关总阀[图片]"),
        (STANDARD, "[聊天记录]\n王姐: 厨房水管漏了 2号楼\n邻居: 先关总阀"),
        ({"messages": []}, "[聊天记录]"),
        ({"messages": [{"sender": {}, "message": "水" * 5000}]}, "[聊天记录]"),
        (None, "[聊天记录]"),
    ],
)
def test_its_words_are_fetched_and_what_cannot_be_had_stays_a_placeholder(
    record: Frame | None, words: str
) -> None:
    async def whole() -> None:
        rig = OneBotRig()
        await rig.start()
        if record is not None:
            rig.server.town.records["f1"] = record
        frame = rig.server.town.say([segment("forward", id="f1")], room=None)
        await rig.server.push(frame)
        message = await asyncio.wait_for(rig.ears.words(words), 10)
        assert message.forwarded
        assert message.private
        await rig.stop()

    asyncio.run(whole())


def test_a_record_in_a_group_is_nobody_elses_business() -> None:
    async def whole() -> None:
        rig = OneBotRig()
        await rig.start()
        rig.server.town.records["f1"] = NAPCAT
        await rig.server.push(rig.server.town.say([segment("forward", id="f1")]))
        await asyncio.wait_for(rig.ears.words("[聊天记录]"), 10)
        assert "get_forward_msg" not in [name for name, _ in rig.server.calls]
        await rig.stop()

    asyncio.run(whole())
