"""What a gateway says, read without one: any payload, any text, quotes, names, times, pictures."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.wechat_backoff import Backoff
from bot.channels.wechat_names import addressed, calls
from bot.channels.wechat_quotes import Quotes
from bot.channels.wechaty_wire import (
    happening,
    moment,
    packed,
    scope_of,
    suffix,
    unpacked,
)
from domain.events import IdScope
from tests.channels.conformance import PIXEL

NOW = datetime(2026, 3, 2, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(), st.text() | JSON.map(json.dumps))
def test_no_payload_breaks_the_reading(type: int, payload: str) -> None:
    told = happening(type, payload)
    assert isinstance(told.word("messageId"), str)
    assert isinstance(told.words("a", "b"), tuple)
    assert isinstance(told.number("timestamp"), int)


@given(st.integers(min_value=-(2**70), max_value=2**70))
def test_no_time_stamp_breaks_the_reading(stamp: int) -> None:
    assert moment(stamp, NOW).tzinfo is not None


@given(st.binary(min_size=1))
def test_a_packed_picture_is_unpacked_as_it_was(content: bytes) -> None:
    assert unpacked(packed(content, "1.png")) == content


@given(st.text())
def test_what_is_no_packed_picture_must_be_fetched_otherwise(text: str) -> None:
    assert unpacked(text) is None


@given(st.text(), st.lists(st.text(min_size=1), min_size=1))
def test_whoever_is_addressed_is_called(text: str, names: list[str]) -> None:
    assert calls(addressed(text, names), names[:1])


@given(st.text(alphabet="「」：:-— \na水", max_size=300) | st.text())
def test_no_text_breaks_the_reading_of_quotes(text: str) -> None:
    quotes = Quotes()
    quotes.heard("room", "1", "张大妈", "水管漏了")
    assert quotes.split("room", text) == (None, text) or "水管漏了" in text


@given(st.text(alphabet="水管漏了abc「」：- ", min_size=1).filter(lambda t: t.strip() == t))
def test_what_we_quote_is_understood_as_a_quote_of_it(said: str) -> None:
    quotes = Quotes()
    quotes.heard("room", "7", "张大妈", said)
    assert quotes.split("room", quotes.quoting("room", "7", "马上来"))[1] == "马上来"


def test_a_quote_finds_the_latest_such_message_of_that_person_in_that_room() -> None:
    quotes = Quotes()
    for id, place, name in (
        ("1", "a", "张"), ("2", "a", "张"), ("3", "a", "李"), ("4", "b", "张"),
    ):  # fmt: skip
        quotes.heard(place, id, name, "灯坏了")
    quoted = "「张：灯坏了」\n- - - - - - - -\n我也是"
    assert quotes.split("a", quoted) == ("2", "我也是")
    assert quotes.split("c", quoted) == (None, quoted)
    assert quotes.split("a", quoted.replace("张", "王")) == ("3", "我也是")
    assert quotes.quoting("a", "9", "好") == "好"


def test_only_so_much_is_remembered_for_quotes() -> None:
    quotes = Quotes()
    for number in range(100):
        quotes.heard("a", str(number), "张", f"第{number}条")
    assert quotes.split("a", "「张：第1条」\n- - - -\n好")[0] is None
    assert quotes.split("a", "「张：第99条」\n- - - -\n好")[0] == "99"


def test_ids_of_the_web_protocol_are_known_by_their_form() -> None:
    assert scope_of("@abc") is scope_of("@@room") is IdScope.LOGIN
    assert scope_of("wxid_a") is scope_of("10086@chatroom") is IdScope.GLOBAL


def test_pictures_are_named_by_what_they_are() -> None:
    assert [suffix(PIXEL), suffix(b"GIF89a"), suffix(b"\xff\xd8")] == ["png", "gif", "jpg"]


def test_waiting_grows_to_a_limit_and_starts_again_after_success() -> None:
    backoff = Backoff(first=0.5, longest=30.0, chance=lambda: 0.0)
    assert [backoff.next() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    backoff.reset()
    assert backoff.next() == 0.5
    assert Backoff(first=1, longest=9, chance=lambda: 1.0).next() == 0.5
