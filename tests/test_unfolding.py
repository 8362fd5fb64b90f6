"""A forward becomes the matters it speaks of: one message each, with who said it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import Message
from handlers.understanding import default_reader
from handlers.unfolding import unfolded

READ = default_reader().read
ALONE = Message(
    channel="wechat",
    account="a",
    id="m1",
    at=datetime(2026, 11, 24, 1, tzinfo=UTC),
    sender="u1",
    sender_name="王网格长",
    text="",
)


def told(text: str, **more: object) -> list[tuple[str, str]]:
    found = unfolded(replace(ALONE, text=text, **more), READ, ("小格",))
    return [(m.told_by, m.text) for m in found]


def test_each_matter_is_one_message_with_its_own_key() -> None:
    text = "王姐 14:02\n5号楼路灯不亮了\n李哥 14:03\n进修小区2号楼厨房漏水"
    found = unfolded(replace(ALONE, text=text), READ)
    assert [(m.told_by, m.text) for m in found] == [
        ("王姐", "5号楼路灯不亮了"),
        ("李哥", "进修小区2号楼厨房漏水"),
    ]
    assert [m.key for m in found] == ["wechat:a:m1/1", "wechat:a:m1/2"]
    assert all(m.person == ALONE.person and m.private for m in found)


def test_chatter_between_the_lines_is_left_out() -> None:
    text = "[聊天记录]\n王姐: 厨房水管漏了\n张姨: 今晚跳舞去不\n王姐: 2号楼3单元502"
    assert told(text) == [("王姐", "厨房水管漏了\n2号楼3单元502")]


def test_the_forwarders_comment_says_more_of_the_first_matter() -> None:
    assert told("「王姐：厨房水管漏了」\n- - - - -\n进修小区2号楼的") == [
        ("王姐", "厨房水管漏了\n进修小区2号楼的")
    ]


def test_a_forward_of_chatter_keeps_its_words_so_that_somebody_may_be_asked() -> None:
    assert told("「王姐：今晚跳舞去不」") == [("王姐", "今晚跳舞去不")]


@pytest.mark.parametrize("more", [{"room": "r1"}, {"told_by": "王姐"}, {"sender_name": "王姐"}])
def test_words_in_a_group_told_already_or_the_senders_own_are_no_forward(
    more: dict[str, str],
) -> None:
    assert told("「王姐：厨房水管漏了」", **more) == []


def test_many_voices_become_at_most_six_messages() -> None:
    lines = [f"人{n}号: {n + 1}号楼{what}" for n, what in enumerate(_WHAT * 2)]
    assert 1 < len(told("[聊天记录]\n" + "\n".join(lines))) <= 6


_WHAT = ("路灯不亮了", "厨房漏水", "电梯坏了", "垃圾没人清", "暖气不热", "井盖坏了", "停电了")


@given(st.text(st.sampled_from("「」：:[]聊天记录转发王姐漏水灯不亮23号楼 \n"), max_size=120))
def test_no_text_breaks_it_and_every_message_has_words_and_a_name(text: str) -> None:
    for message in unfolded(replace(ALONE, text=text), READ):
        assert message.text.strip()
        assert message.told_by
