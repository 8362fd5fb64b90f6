"""Forwarded words are told from own words, with the one who said them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.forwarding import Forwarded, Said, forwarded

ONE = Forwarded(speaker="王姐", text="厨房水管子滋水了 2号楼3单元502")


@pytest.mark.parametrize(
    "text",
    [
        "「王姐：厨房水管子滋水了 2号楼3单元502」",
        "「王姐:厨房水管子滋水了 2号楼3单元502」\n- - - - - - - - - - - - - - -",
        "[聊天记录]\n王姐: 厨房水管子滋水了 2号楼3单元502",
        "[聊天记录] 王姐：厨房水管子滋水了 2号楼3单元502",
        "【合并转发】\n王姐： 厨房水管子滋水了 2号楼3单元502",
        "群聊的聊天记录\n王姐: 厨房水管子滋水了 2号楼3单元502",
        "王姐和刘叔的聊天记录\n王姐：厨房水管子滋水了 2号楼3单元502",
        "—— 聊天记录 ——\n王姐：厨房水管子滋水了 2号楼3单元502".replace("—— ", "--").replace(
            " ——", "--"
        ),
        "王姐 2024-11-23 14:02:11\n厨房水管子滋水了 2号楼3单元502",
        "王姐 14:02\n厨房水管子滋水了 2号楼3单元502",
        "[聊天记录]\n王姐 2024年11月23日 14:02\n厨房水管子滋水了 2号楼3单元502",
        "转发 王姐：厨房水管子滋水了 2号楼3单元502",
        "转发：王姐：厨房水管子滋水了 2号楼3单元502",
        "[转发]王姐:厨房水管子滋水了 2号楼3单元502",
        "转一下 王姐：厨房水管子滋水了 2号楼3单元502",
        "[CQ:node,user_id=10001,nickname=王姐,content=厨房水管子滋水了 2号楼3单元502]",
    ],
)
def test_one_voice_in_every_dress(text: str) -> None:
    assert forwarded(text) == ONE


def test_a_quote_keeps_the_comment_below_it_apart() -> None:
    found = forwarded("「王姐：厨房漏水」\n- - - - - - - - -\n她不会弄 帮报一下")
    assert found == Forwarded(speaker="王姐", text="厨房漏水", comment="她不会弄 帮报一下")


def test_a_quote_of_the_products_own_words_is_an_answer_not_a_forward() -> None:
    text = "「小格：#17 厨房漏水，能去吗？」\n- - - - - - -\n去"
    assert forwarded(text, bot_names=("小格",)) is None
    assert forwarded(text.replace("小格", "王姐"), bot_names=("小格",)) is not None


def test_several_voices_keep_their_order_and_the_first_keeps_all_its_words() -> None:
    found = forwarded(
        "[聊天记录]\n王姐: 谁家有会修水管的\n[图片]\n刘叔: 先把总阀关了!\n王姐: 关不上 锈死了\n2号楼3单元502"
    )
    assert found == Forwarded(
        speaker="王姐",
        text="谁家有会修水管的\n[图片]\n关不上 锈死了\n2号楼3单元502",
        others=(Said(speaker="刘叔", text="先把总阀关了!"),),
    )


def test_copied_lines_with_times_keep_their_voices() -> None:
    found = forwarded("王姐 14:02\n厨房漏水\n刘叔 14:03\n关总阀\n王姐 14:05\n2号楼")
    assert found == Forwarded(
        speaker="王姐", text="厨房漏水\n2号楼", others=(Said(speaker="刘叔", text="关总阀"),)
    )


def test_escaped_nodes_are_read_as_they_were_said() -> None:
    found = forwarded(
        "[CQ:forward,id=1][CQ:node,nickname=王&#91;姐&#93;,content=停水&#44;两天了]"
        "[CQ:node,nickname=刘叔,content=我家也是]"
    )
    assert found == Forwarded(
        speaker="王[姐]", text="停水,两天了", others=(Said(speaker="刘叔", text="我家也是"),)
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "[聊天记录]",
        "[聊天记录]\n没有名字的一行",
        "厨房水管子滋水了",
        "王姐说她家漏水",
        "地址：2号楼3单元502",
        "转发 地址：2号楼3单元502",
        "转发",
        "转李师傅",
        "17转李师傅",
        "转 17：好了",
        "17好了",
        "代报 尚义广场健身器材坏了",
        "「好」",
        "「」",
        "「：好」",
        "明天 8:00 停水",
        "8:30\n停水",
        "通知 明天停水\n王姐 14:02\n知道了",
        "https://example.cn/a：b",
        "【启智第一社区 · 11月23日】\n要您定：2",
        "水" * 5000,
    ],
)
def test_own_words_stay_own_words(text: str) -> None:
    assert forwarded(text) is None


@given(
    st.text(st.sampled_from("「」：:[]聊天记录转发王姐刘叔 \n-—0123456789,CQnode="), max_size=200)
)
def test_whatever_is_found_has_a_speaker_and_words(text: str) -> None:
    found = forwarded(text)
    if found is not None:
        assert found.speaker.strip() == found.speaker != ""
        assert found.text.strip()
        assert all(other.speaker and other.text for other in found.others)


@given(
    who=st.text(st.sampled_from("王李张姐叔abc小大"), min_size=1, max_size=8),
    text=st.text(st.sampled_from("漏水了 2号楼，。!"), min_size=1),
)
def test_a_quoted_name_and_its_words_come_back(who: str, text: str) -> None:
    found = forwarded(f"「{who}：{text}」")
    assert (found is None) == (not text.strip())
    if found is not None:
        assert (found.speaker, found.text) == (who, text.strip())


@pytest.mark.parametrize(
    "text",
    [
        "「" * 4000,
        "[CQ:node," * 400,
        "a " * 2000,
        "王 " * 1900 + "14:0",
        "：" * 4000,
        "转发" * 2000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    begun = time.perf_counter()
    forwarded(text)
    assert time.perf_counter() - begun < 0.2
