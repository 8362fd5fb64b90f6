"""OneBot messages and events on the wire: both notations, every segment, and nonsense."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from time import perf_counter
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nonebot.adapters.onebot.v11 import Adapter
from nonebot.adapters.onebot.v11 import Message as ForeignMessage

from bot.channels.base import Send
from bot.channels.onebot_segments import (
    Json,
    Undecodable,
    message_id,
    outgoing,
    segments,
    spoken,
)
from bot.channels.onebot_wire import Reader
from domain.events import Message
from tests.channels.onebot_town import Town, as_cq, segment, text

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
READER = Reader(channel="onebot", account="10001", ignore=frozenset({"3001"}))
PLACED = [
    (segment("face", id=14), "[表情]"),
    (segment("mface", summary="[赞]"), "[动画表情]"),
    (segment("image", file="a", sub_type=1), "[动画表情]"),
    (segment("record", file="a"), "[语音]"),
    (segment("video", file="a"), "[视频]"),
    (segment("file", name="a.xls"), "[文件]"),
    (segment("json", data='{"prompt":"[小程序]"}'), "[链接]"),
    (segment("forward", id="77"), "[聊天记录]"),
    (segment("location", lat=1, lon=2), "[位置]"),
    (segment("something_new", x=1), "[收到一条新消息]"),
    (segment("at", qq="all"), "@全体成员"),
    (segment("at", qq=2002, name="@王 师傅"), "@王师傅"),
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=5)
    ),
    max_leaves=15,
)
FIELDS = st.sampled_from(
    [
        "raw_message",
        "sender",
        "anonymous",
        "notice_type",
        "group_name",
        "time",
        "self_id",
        "message_type",
        "sub_type",
        "message_id",
        "group_id",
        "user_id",
        "message",
    ]
)
FRAMES = st.dictionaries(FIELDS, ANYTHING | st.sampled_from(["group", "private", "group_recall"]))


def town(form: str = "array") -> Town:
    return Town(account="10001", form=form, now=lambda: NOW)


def read(frame: Json) -> Message:
    event = READER.event(frame, {}, NOW)
    assert isinstance(event, Message)
    return event


@pytest.mark.parametrize(("part", "shown"), PLACED, ids=lambda p: str(p)[:30])
@pytest.mark.parametrize("form", ["array", "string"])
def test_what_is_no_text_leaves_a_placeholder(
    part: dict[str, object], shown: str, form: str
) -> None:
    message = read(town(form).say([text("看"), part, text("行吗")]))
    assert message.text.replace(" ", "") == f"看{shown}行吗"
    assert message.images == ()


@given(
    st.text(max_size=200) | st.lists(st.sampled_from(["&", "amp;", "#91;", "[", ","])).map("".join)
)
def test_any_text_survives_both_notations(words: str) -> None:
    whole = words.encode("utf-8", "replace").decode()
    assert spoken(segments([text(words)])).text == whole.strip()
    assert spoken(segments(as_cq([text(words)]))).text == whole.strip()


@given(
    st.lists(st.sampled_from(["[CQ:", "at", ",", "qq=", "&#91;", "]", "=", "[", "水"]), max_size=60)
)
def test_a_cq_string_is_read_as_the_foreign_adapter_reads_it(pieces: list[str]) -> None:
    raw = "".join(pieces)
    foreign = ForeignMessage(raw)
    assert [kind for kind, _ in segments(raw)] == [part.type for part in foreign]


@given(FRAMES, st.sampled_from(["message", "notice", "meta_event", "request", "message_sent"]))
def test_no_frame_raises_anything_but_undecodable(frame: dict[str, object], kind: str) -> None:
    with contextlib.suppress(Undecodable):
        READER.event(frame | {"post_type": kind}, {}, NOW)


@pytest.mark.parametrize("filling", ["[", "[CQ:", "[CQ:at,", ",", "&#91;", "[CQ:at,qq=1]"])
def test_a_hostile_cq_string_is_read_in_linear_time(filling: str) -> None:
    raw = filling * (200_000 // len(filling))
    began = perf_counter()
    spoken(segments(raw))
    assert perf_counter() - began < 1.0


def test_every_frame_of_the_stand_in_is_valid_for_the_foreign_adapter() -> None:
    there = town()
    said = there.say([segment("reply", id="5"), segment("at", qq="10001"), text("在吗")])
    frames = [
        said,
        there.say("私聊", room=None),
        there.recalled(said),
        there.left("2001", "501"),
        there.left("10001", "501", how="kick_me"),
        there.joined("2001", "501"),
        there.muted("501", 60),
        there.lifecycle(),
        there.heartbeat(),
    ]
    names = [
        type(Adapter.json_to_event(json.loads(json.dumps(frame)))).__name__ for frame in frames
    ]
    assert names == [
        "GroupMessageEvent",
        "PrivateMessageEvent",
        "GroupRecallNoticeEvent",
        "GroupDecreaseNoticeEvent",
        "GroupDecreaseNoticeEvent",
        "GroupIncreaseNoticeEvent",
        "GroupBanNoticeEvent",
        "LifecycleMetaEvent",
        "HeartbeatMetaEvent",
    ]


def test_a_member_is_called_by_the_card_and_else_by_the_nickname() -> None:
    frame = town().say("在")
    assert read(frame).sender_name == "李大姐"
    frame["sender"]["card"] = "3-2-501 李"
    assert read(frame).sender_name == "3-2-501 李"
    del frame["sender"]
    assert read(frame).sender_name == "2001"


def test_milliseconds_and_missing_times_are_understood() -> None:
    frame = town().say("在")
    assert read(frame | {"time": frame["time"] * 1000}).at == NOW
    assert read(frame | {"time": 0}).at == NOW


def test_a_notice_inside_a_group_is_no_message() -> None:
    assert READER.event(town().say("改名了", sub_type="notice"), {}, NOW) is None


def test_an_own_message_reported_back_is_flagged() -> None:
    assert read(town().say("好", sender="2001", post_type="message_sent")).from_self


def test_the_raw_message_is_read_when_the_message_is_missing() -> None:
    frame = town("string").say("停水了")
    del frame["message"]
    assert read(frame).text == "停水了"


def test_lone_surrogates_never_reach_the_house_or_the_wire() -> None:
    frame = json.loads('{"type": "text", "data": {"text": "\\ud83d\\u6c34"}}')
    assert spoken(segments([frame])).text == "?水"
    sent = outgoing(Send(text="\ud83d好", room="501"))
    assert json.dumps(sent, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("id", "found"),
    [("501:77:1700000000", "77"), ("501:-5:own", "-5"), ("p2001:77:1", "77"), ("77", "77")],
)
def test_the_platforms_id_is_found_in_ours(id: str, found: str) -> None:
    assert message_id(id) == found


def test_an_id_of_another_channel_is_refused() -> None:
    with pytest.raises(Undecodable, match="no message id"):
        message_id("hello")


def test_a_quote_comes_first_then_mentions_then_words_then_pictures() -> None:
    send = Send(text="来了", room="501", mentions=("2001",), images=(b"x",), reply_to="501:77:1")
    assert [cast("Json", part)["type"] for part in outgoing(send)] == [
        "reply",
        "at",
        "text",
        "image",
    ]
