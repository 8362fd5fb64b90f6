"""No text may break the house, and nothing private survives masking."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.masking import mask
from handlers.zh.wording import WORDING
from tests.dialogue import Stage

_WORDS = st.sampled_from(
    ["17", "我去", "好了", "转", "并到", "拆开", "漏水", "煤气", "3号楼2单元", "明天", "没", "小格",
     "代报", "挂账", "暖气不热", "俺家也是", "着火了", "[图片]", "上报", "改成", "#1", "@王姐 ", "？", "退回"]
)  # fmt: skip
_TEXTS = st.one_of(
    st.text(max_size=300), st.lists(_WORDS, max_size=8).map("".join), st.lists(_WORDS).map(" ".join)
)
_SPEAKERS = st.sampled_from(["王姐", "李师傅", "主任", "赵哥"])
_ROOMS = st.sampled_from([None, "工作群", "私聊", "保健院小区QQ群"])
_START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(_SPEAKERS, _TEXTS, _ROOMS), min_size=1, max_size=12))
def test_no_conversation_breaks_a_decision(talk: list[tuple[str, str, str | None]]) -> None:
    stage = Stage(room="进修小区群", start=_START)
    try:
        stage.say("王姐", "厨房水管漏了 2号楼3单元502")
        for who, text, room in talk:
            stage.say(who, text, room)
        assert stage.house.counts["poisoned"] == 0
    finally:
        stage.close()


_PRIVATE = st.sampled_from(
    [
        "13812345678",
        "+86 138 1234 5678",
        "11010119900307123X",
        "0451-12345678",
        "6222021234567890123",
    ]
)


@given(st.text(alphabet="水管漏了，来人 abc"), _PRIVATE, st.text(alphabet="快点！谢谢 xyz"))
def test_numbers_of_persons_never_survive_masking(before: str, number: str, after: str) -> None:
    digits = re.sub(r"\D", "", number)
    assert digits[-8:] not in re.sub(r"\D", "", mask(before + number + after))


def test_every_wording_key_that_the_code_uses_exists() -> None:
    root = Path(__file__).parent.parent
    used: set[str] = set()
    said = re.compile(
        r"(?:reply|whisper|_alone)\(\s*scene,\s*\"(\w+)\"|key=\"(\w+)\"|"
        r"(?:tell_member|tell_room|tell_person)\(\s*[\w.\[\]]+,\s*\"(\w+)\""
    )
    for file in (root / "handlers").glob("*.py"):
        for found in said.findall(file.read_text(encoding="utf-8")):
            used |= {name for name in found if name}
    assert len(used) > 40
    assert used - set(WORDING) == set()
