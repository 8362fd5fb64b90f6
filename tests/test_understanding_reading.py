"""Readings: the guard, the bands, the context, the model's weights, and the measuring itself."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import XiaogeError
from domain.reading import Band, Intent, Place, Urgency
from handlers.understanding import Bands, Context, Reader, Said, default_reader, rules, understand
from handlers.understanding.context import Matter
from handlers.understanding.corpus import Example, frozen, groups, load_corpus, parse
from handlers.understanding.evaluate import evaluate
from handlers.understanding.margins import Margins, worse
from handlers.understanding.model import Model, Weights, load_model
from handlers.understanding.network import Training
from handlers.understanding.normalise import Normal, normalise
from handlers.understanding.patterns import neighbours
from handlers.understanding.safety import Alarm, guard
from handlers.understanding.scores import CATEGORIES, INTENTS, Scores
from handlers.understanding.signals import Signals, signals
from handlers.understanding.train import Recipe, train_on
from handlers.zh.lexicon import FAULTS
from handlers.zh.lexicon_needs import NEEDS
from handlers.zh.lexicon_things import THINGS
from tests.needs import derived, patterns

CORPUS = load_corpus()


def _matching(name: str) -> st.SearchStrategy[tuple[str, str]]:
    """(name, text) of texts that the pattern of this name matches."""
    pattern = re.compile(patterns()[name], re.MULTILINE)
    return st.from_regex(pattern).map(lambda text: (name, text))


@pytest.mark.parametrize(
    "text",
    [
        "楼道里一股煤气味儿 谁家灶没关",
        "3号楼冒黑烟了 快打119",
        "电梯卡住了我跟孩子在里头",
        "我家水管爆了 关不上 水往楼下灌",
        "对门奶奶敲门半天没人应",
        "我妈走丢了 有老年痴呆",
        "有人拿刀砍人",
        "电线掉地上冒火花",
    ],
)
def test_the_guard_sees_danger_without_the_model(text: str) -> None:
    assert guard(normalise(text)).danger
    reading = understand(text)
    assert reading.danger
    assert reading.urgency is Urgency.EMERGENCY
    assert reading.band is not Band.NOT


@pytest.mark.parametrize(
    "text",
    [
        "【通知】下午消防演练 会有浓烟 请勿惊慌",
        "要是着火了往哪跑",
        "昨晚梦见电梯往下掉",
        "电影里那个楼着火了",
        "我这钱包天天漏",
        "今天热死了",
        "虚惊一场 不是煤气味",
        "去年那场火真大",
        "我家猫跑丢了两天自己回来了",
    ],
)
def test_drills_dreams_jokes_and_the_past_are_no_danger(text: str) -> None:
    assert not guard(normalise(text)).danger
    assert understand(text).urgency is not Urgency.EMERGENCY


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("厨房水管子往外滋水 谁能来修一下", "water_supply"),
        ("屋里才14度 暖气片冰凉 有人管吗", "heating"),
        ("4号楼1单元楼道灯不亮好几天了", "street_light"),
        ("楼下垃圾桶满了好几天没人收 臭死了", "sanitation_garbage"),
        ("电梯按键不好使 关门夹人 找谁修", "elevator"),
        ("请问社区 高龄津贴在哪申请 带什么材料", "certificates_policy_query"),
    ],
)
def test_a_plain_request_is_read_with_its_category(text: str, category: str) -> None:
    reading = understand(text)
    assert reading.is_request
    assert reading.category == category
    assert reading.band is Band.SURE


@pytest.mark.parametrize(
    "text",
    [
        "早上好[太阳]",
        "哈哈哈哈",
        "[图片]",
        "",
        "【通知】明日8:30至11:30检修泵房 2、3号楼停水 请提前存水",
        "专业疏通下水 马桶 地漏 24小时随叫随到 需要的加我",
        "不漏了 谢谢师傅",
        "#接龙\n冻梨10斤29.9\n1. 晓燕 1箱",
        "明天早市有卖冻豆腐的没",
    ],
)
def test_ordinary_talk_is_left_alone(text: str) -> None:
    reading = understand(text)
    assert not reading.is_request
    assert reading.band is Band.NOT


def test_flags_tell_me_too_urging_again_and_resolved() -> None:
    assert understand("俺家也是 拔凉的").me_too
    assert understand("+1 5号楼").me_too
    assert understand("咋还没来人呢").urging
    assert understand("又漏了 还是那个地方").again
    assert understand("来水了 谢谢").resolved
    assert not understand("修好了吗").resolved
    assert "水管" in understand("厨房水管漏了").terms


def _scorer(request: float) -> Reader:
    """A reader whose scorer always says the same."""
    rest = (1 - request) / (len(INTENTS) - 1)

    def score(_normal: Normal, _alarm: Alarm, _seen: Signals) -> Scores:
        return Scores(
            intents=(request, *[rest] * (len(INTENTS) - 1)),
            categories=(1.0, *[0.0] * (len(CATEGORIES) - 1)),
            urgencies=(0.0, 0.0, 1.0),
            request=request,
        )

    return Reader(scorer=score, bands=Bands(sure=0.6, ask=0.3, sure_danger=0.4, ask_danger=0.1))


@pytest.mark.parametrize(
    ("chance", "text", "band"),
    [
        (0.65, "路灯不亮", Band.SURE),
        (0.65, "今天真冷", Band.UNSURE),
        (0.35, "今天真冷", Band.UNSURE),
        (0.25, "今天真冷", Band.NOT),
        (0.45, "楼道里一股煤气味", Band.SURE),
        (0.15, "楼道里一股煤气味", Band.UNSURE),
    ],
)
def test_bands_follow_the_thresholds_and_danger_leans_to_asking(
    chance: float, text: str, band: Band
) -> None:
    reading = _scorer(chance).read(text)
    assert reading.band is band
    assert reading.is_request == (band is Band.SURE)


def test_a_short_follow_up_is_told_from_a_new_matter_by_what_was_just_said() -> None:
    first = understand("厨房水管爆了 水淌一地 谁能来修")
    alone = understand("又漏了 接半盆了")
    said = Said(text="厨房水管爆了", minutes=3, same_person=True, reading=first)
    matter = Matter(category="water_supply", minutes=3, own=True, text="厨房水管爆了 水淌一地")
    after = understand("又漏了 接半盆了", context=Context(previous=(said,), matters=(matter,)))
    assert after.intent is Intent.FOLLOW_UP
    assert alone.intent is not Intent.CHATTER
    answer = understand("2号楼3单元502", context=Context(question="place"))
    assert answer.intent is Intent.FOLLOW_UP


@given(st.text(max_size=120))
def test_every_reading_is_whole(text: str) -> None:
    reading = understand(text)
    assert 0.0 <= reading.confidence <= 1.0
    assert reading.category is None or reading.category in CATEGORIES
    assert reading.is_request == (reading.band is Band.SURE)
    assert all(0.0 <= p <= 1.0 for _, p in reading.categories)


@given(st.text(max_size=60))
def test_the_rules_alone_read_every_text_too(text: str) -> None:
    assert 0.0 <= Reader(scorer=rules.score).read(text).confidence <= 1.0


def test_the_quick_look_is_derived_from_the_patterns_as_they_are() -> None:
    """After changing a pattern: `python -m tests.needs`."""
    assert derived() == NEEDS


def test_the_quick_look_never_hides_a_match() -> None:
    for pairs, text in ((normalise(e.text).pairs, normalise(e.text).text) for e in CORPUS):
        keys = frozenset((*text, *pairs))
        for name, search in _SEARCHES.items():
            hidden = any(keys.isdisjoint(need) for need in _NEEDED[name])
            assert not (hidden and search(text)), (name, text)


_SEARCHES = {name: re.compile(p, re.MULTILINE).search for name, p in patterns().items()}
_NEEDED = {name: [need.split("|") for need in needs] for name, needs in NEEDS.items()}


@given(st.sampled_from(sorted(_SEARCHES)).flatmap(_matching))
def test_the_quick_look_lets_every_match_of_a_pattern_through(found: tuple[str, str]) -> None:
    """Texts made from the pattern itself, set between others."""
    name, text = found
    keys = frozenset((*text, *neighbours(text)))
    assert not any(keys.isdisjoint(need) for need in _NEEDED[name])


def test_longer_words_win_and_each_thing_is_named_once() -> None:
    seen = signals(normalise("水管 水管漏了 井盖"))
    assert seen.terms[0] == "水管"
    assert len(seen.terms) == len(set(seen.terms))


def test_every_thing_and_every_fault_of_the_lexicon_is_seen() -> None:
    for terms in THINGS.values():
        for term in terms:
            assert signals(normalise(f"这 {term} 呢")).terms[:1] == (term,)
    for fault in FAULTS:
        assert signals(normalise(f"这{fault}")).faults == 1, fault


TABLE = "R\twater_supply/heating\tE\tb=3 u=2 r=501\t3-2-501水管爆了\\n快来\tA：在吗 / B：在\nC\t-\t-\t-\t哈哈\n"


def test_a_corpus_line_becomes_an_example() -> None:
    first, second = parse(TABLE, "aa-01")
    assert first.intent is Intent.REQUEST
    assert first.categories == ("water_supply", "heating")
    assert first.urgency is Urgency.EMERGENCY
    assert first.place == Place(building="3", unit="2", room="501")
    assert first.text == "3-2-501水管爆了\n快来"
    assert first.context == ("A：在吗", "B：在")
    assert (second.writer, second.categories) == ("aa", ())


def test_a_bad_line_is_refused_with_its_place() -> None:
    with pytest.raises(XiaogeError, match=r"aa-01\.tsv line 1.*mend"):
        list(parse("X\tnothing", "aa-01"))


def test_near_duplicates_share_a_group_and_never_straddle_the_split() -> None:
    texts = ["三号楼的路灯坏了没人修", "三号楼的路灯坏了没人修啊", "今天早市的豆腐真不错"]
    numbers = groups(texts).tolist()
    assert numbers[0] == numbers[1] != numbers[2]
    sample = CORPUS[::7]
    held_out = frozen(sample)
    found = groups(e.text for e in sample)
    assert set(found[held_out].tolist()).isdisjoint(found[~held_out].tolist())
    assert all(out for e, out in zip(sample, held_out.tolist(), strict=True) if e.writer == "zz")


def _examples() -> list[Example]:
    chosen = [e for e in CORPUS if e.writer in ("ne", "so")][:240]
    return [e for e in chosen if not e.context]


QUICK = Recipe(seeds=(0,), network=Training(width=8, epochs=1), rounds=5, calibrate=False)


def test_training_is_deterministic_and_weights_survive_the_disk() -> None:
    one, two = (train_on(_examples(), recipe=QUICK).to_bytes() for _ in range(2))
    assert one == two
    model = Model(Weights.from_bytes(one))
    normal = normalise("厨房水管漏水了谁来修")
    scores = model.score(normal, guard(normal), signals(normal))
    assert np.isclose(sum(scores.intents), 1, atol=1e-3)
    assert np.isclose(sum(scores.categories), 1, atol=1e-3)
    assert np.isclose(sum(scores.urgencies), 1, atol=1e-3)


def test_broken_weights_say_what_to_do() -> None:
    with pytest.raises(XiaogeError, match="train them again"):
        Weights.from_bytes(b"no weights")


def test_the_product_comes_with_weights() -> None:
    assert load_model() is not None
    assert default_reader() is default_reader()


def test_the_report_counts_right() -> None:
    examples = [
        Example(text="楼道里一股煤气味", intent=Intent.REQUEST, categories=("water_supply",),
                urgency=Urgency.EMERGENCY),
        Example(text="今天真冷", intent=Intent.CHATTER),
        Example(text="明天停水", intent=Intent.NOTICE),
        Example(text="有上文", intent=Intent.REQUEST, context=("A：在",)),
    ]  # fmt: skip
    report = evaluate(examples, _scorer(0.9))
    assert (report.messages, report.requests, report.emergencies) == (3, 1, 1)
    assert report.precision == pytest.approx(1 / 3)
    assert report.recall == 1
    assert report.false_quiet == 1
    assert report.false_per_1000_chatter == 1000
    assert report.category_accuracy == 1
    assert "F1 0.500" in report.text()
    assert report.to_json()["messages"] == 3
    calm = evaluate(examples, _scorer(0.0))
    assert calm.emergency_misses == ("楼道里一股煤气味",)
    assert worse(report, report, Margins()) == ()
    fallen = {"f1", "emergency_captured", "emergency_seen"}
    assert set(worse(report, calm, Margins())) == fallen
    assert worse(report, calm, Margins(share=1, emergency=1)) == ("emergency_seen",)
    assert set(worse(calm, report, Margins())) == {"false_quiet", "false_per_1000_chatter"}


def test_the_frozen_part_is_read_well_enough_to_ship() -> None:
    """A floor below the measured figures: a change that breaks the reader is seen here."""
    held_out = frozen(CORPUS).tolist()
    report = evaluate([e for e, out in zip(CORPUS, held_out, strict=True) if out], default_reader())
    assert report.f1 >= 0.90
    assert report.emergency_seen >= 0.97
    assert report.false_quiet <= 0.06
    assert report.category_accuracy >= 0.75
    assert report.calibration_error <= 0.08
