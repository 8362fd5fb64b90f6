"""Text made plain: one form of each character, quotes and mentions set aside, nothing breaks it."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handlers.understanding import normalise, understand
from handlers.understanding.normalise import LONGEST
from handlers.understanding.patterns import neighbours

ANY_TEXT = st.text(max_size=300)
MARKS = (
    '「」[]【】@:：\n#-0123456789３－号楼单元引用回复图片语音"家漏水👍🏻\u200b\u202e\ufe0f着火了'
)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("３－２－５０１　漏水", "3-2-501 漏水"),
        ("漏\u200b水\u202e了\ufeff", "漏水了"),
        ("③号楼①单元", "3号楼1单元"),
        ("𝟑-𝟐-𝟓𝟎𝟏", "3-2-501"),
        ("樓道燈壞了", "楼道灯坏了"),
        ("停电了😂😂", "停电了"),
        ("Ａ座没水", "a座没水"),
        ("救命！！！！！！！！！！！！！", "救命!!!!!"),
        ("  \n ", ""),
    ],
)
def test_disguised_characters_become_plain_ones(typed: str, plain: str) -> None:
    assert normalise(typed).text == plain


@pytest.mark.parametrize(
    ("typed", "said", "quoted"),
    [
        ("「老王：楼道灯坏了」\n- - - - - - -\n俺家也是", "俺家也是", "老王:楼道灯坏了"),
        ("[引用 老王：楼道灯坏了] 修好了吗", "修好了吗", "老王:楼道灯坏了"),
        ("「孙姨：屋里14度」 +1", "+1", "孙姨:屋里14度"),
    ],
)
def test_a_quote_is_set_aside_but_remembered(typed: str, said: str, quoted: str) -> None:
    normal = normalise(typed)
    assert (normal.text, normal.quoted) == (said, quoted)


def test_mentions_leave_the_text_and_are_listed() -> None:
    normal = normalise("@物业小张 @2-501老金 你家又滴水 [图片][图片][捂脸]")
    assert normal.text == "你家又滴水"
    assert normal.mentions == ("物业小张", "2-501老金")
    assert normal.images == 2
    assert normal.stickers == ("捂脸",)


def test_a_mention_without_a_space_does_not_swallow_the_message() -> None:
    normal = normalise("@物业这路灯坏了三天了没人管吗")
    assert normal.mentions == ("物业",)
    assert "路灯坏了三天了" in normal.text


def test_a_notice_in_heavy_brackets_keeps_its_heading() -> None:
    assert normalise("【停水通知】明天停水").text == "【停水通知】明天停水"


def test_a_long_message_keeps_its_head_and_its_tail() -> None:
    normal = normalise("头" + "哎呀妈呀" * 400 + "尾")
    assert len(normal.text) == LONGEST
    assert normal.text[0] == "头"
    assert normal.text[-1] == "尾"


@given(ANY_TEXT | st.text(alphabet=MARKS, max_size=300))
@example("İ" * 30 + "ß" + "ŉ")
@example("「" * 50)
def test_no_text_breaks_it_and_judged_and_written_stay_aligned(text: str) -> None:
    normal = normalise(text)
    assert len(normal.text) == len(normal.written) <= LONGEST
    assert normal.pairs == neighbours(normal.text)


@given(ANY_TEXT)
def test_what_nobody_can_see_is_gone(text: str) -> None:
    plain = normalise("\u200b".join(text) + "\u202e").text
    assert not set("\u200b\u202e\ufeff\u2066") & set(plain)


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet=MARKS, min_size=1, max_size=40)
    | st.text(min_size=1, max_size=40)
    | st.sampled_from(["家", "没 ", "1-", "[图片]", "「a：", "@", "\u200b", "12号", "着火了吗"])
)
def test_a_hundred_thousand_characters_of_anything_are_read_in_no_time(piece: str) -> None:
    text = (piece * (100_000 // len(piece) + 1))[:100_000]
    understand("先热一下")
    begun = time.process_time()
    reading = understand(text)
    assert 0.0 <= reading.confidence <= 1.0
    assert time.process_time() - begun < 0.05
