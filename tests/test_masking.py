"""What is taken out of words before they are kept, learnt from, or leave the machine."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.masking import mask, redacted
from handlers.zh.personal import HOTLINES


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("王姐家厨房漏水 2号楼3单元502 电话13912345678", "某某家厨房漏水 0号楼0单元0 电话…"),
        ("@李庆龙师傅 快来", "@某某 快来"),
        ("孙姨说6号楼三单元302也不热 才15度", "某某说0号楼0单元0也不热 才15度"),
        ("五号楼二单元三零二漏水", "0号楼0单元0漏水"),
        ("3-2-501没电了", "0-0-0没电了"),
        ("老周家着火了打119", "某某家着火了打119"),
        ("我叫王小明，住育红街12号", "某某，住育红街0号"),
        ("黑A12345堵门口", "…堵门口"),
        ("赵强 230623198001011234", "某某 …"),
    ],
)
def test_neither_people_nor_homes_are_left(text: str, left: str) -> None:
    assert redacted(text, ["赵强", "李庆龙"]) == left


@pytest.mark.parametrize(
    "text",
    [
        "老化的水管",
        "高层电梯坏了",
        "工程师傅来了吗",
        "大爷大妈跳舞太吵",
        "停水通知 打12345问问",
        "室温15度",
    ],
)
def test_plain_words_stay(text: str) -> None:
    assert redacted(text) == text


@given(st.text(alphabet="王李老小姐哥师傅@3号楼单元-05 1漏", max_size=40))
def test_no_number_of_a_home_survives(text: str) -> None:
    left = redacted(text)
    assert set(re.findall(r"\d{3,}", left)) <= set(HOTLINES)
    assert not re.search(r"[1-9](?:号楼|单元|楼)", left)


@given(st.text(max_size=60), st.from_regex(r"1[3-9]\d{9}", fullmatch=True))
def test_no_phone_number_survives(around: str, phone: str) -> None:
    kept = redacted(f"{around} {phone} {around}")
    assert not re.search(rf"(?<!\d){phone}(?!\d)", mask(kept))
    assert phone not in kept
