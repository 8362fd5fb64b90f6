"""How surroundings are weighed against the text: always probabilities, whatever is around."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.reading import NOWHERE, Band, Intent, Place, Reading
from handlers.understanding import Context, Reader, Said, default_reader
from handlers.understanding.context import ALONE, Matter
from handlers.understanding.contextmodel import ContextWeights, load_context_weights
from handlers.understanding.normalise import normalise
from handlers.understanding.place import find_place
from handlers.understanding.scores import CATEGORIES, INTENTS, Scores
from handlers.understanding.signals import signals
from handlers.understanding.surroundings import (
    adjusted,
    alone,
    around,
    shared_pairs,
)

_FOLLOW_UP = INTENTS.index(Intent.FOLLOW_UP)
_REQUEST = INTENTS.index(Intent.REQUEST)
_UNKNOWN = ("", "no_such_category")
_MINUTES = st.one_of(st.floats(allow_nan=False), st.sampled_from([-1.0, -1e9, 0.0, 1e300]))
_TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["我家也是", "2号楼3单元502", "谢谢师傅", "厨房水管漏水了", "[图片]", "@小格"]),
)
_PLACES = st.one_of(
    st.just(NOWHERE),
    st.builds(
        Place,
        building=st.sampled_from([None, "2", "3"]),
        unit=st.sampled_from([None, "1"]),
        landmark=st.sampled_from([None, "药店门口"]),
    ),
)
_CATEGORIES = st.sampled_from([*CATEGORIES, *_UNKNOWN])
_READINGS = st.builds(
    Reading,
    intent=st.sampled_from(INTENTS),
    confidence=st.floats(0, 1),
    band=st.sampled_from(Band),
    category=st.none() | _CATEGORIES,
    place=_PLACES,
)
_SAID = st.builds(
    Said,
    text=_TEXTS,
    minutes=_MINUTES,
    same_person=st.booleans(),
    reading=st.none() | _READINGS,
    staff=st.booleans(),
)
_MATTERS = st.builds(
    Matter,
    category=_CATEGORIES,
    minutes=_MINUTES,
    own=st.booleans(),
    finished=st.booleans(),
    place=_PLACES,
    text=_TEXTS,
)
_CONTEXTS = st.builds(
    Context,
    previous=st.lists(_SAID, max_size=8).map(tuple),
    question=st.sampled_from(["", "place", "confirm", "no such kind"]),
    reply_to=st.none() | _READINGS,
    matters=st.lists(_MATTERS, max_size=14).map(tuple),
    staff=st.booleans(),
)
_LEAK = Matter(category="water_supply", minutes=3, place=Place(building="2"), text="厨房水管漏水了")


def _shares(values: list[float]) -> tuple[float, ...]:
    total = sum(values) or 1.0
    return tuple(v / total for v in values)


def _scores(request: float = 0.3) -> Scores:
    rest = (1 - request) / (len(INTENTS) - 1)
    return Scores(
        intents=tuple(request if i == _REQUEST else rest for i in range(len(INTENTS))),
        categories=_shares([1.0 + n for n in range(len(CATEGORIES))]),
        urgencies=(0.1, 0.2, 0.7),
        request=request,
    )


_SCORES = st.builds(
    lambda intents, request, about: Scores(
        intents=_shares(intents),
        categories=_scores().categories,
        urgencies=(0.1, 0.2, 0.7),
        request=request,
        about=about,
    ),
    # What a softmax gives: no intent is quite impossible.
    st.lists(st.floats(1e-6, 1), min_size=len(INTENTS), max_size=len(INTENTS)),
    st.floats(0, 1),
    st.floats(0, 1),
)


def _shipped() -> ContextWeights:
    weights = load_context_weights()
    assert weights is not None, "run `xiaoge train`: no weights of surroundings came along"
    return weights


def _made(seed: int = 3, seen: int | None = None) -> ContextWeights:
    """Two small networks of random numbers, for what is seen of any message."""
    random = np.random.default_rng(seed)
    width, outputs = 5, len(INTENTS)
    inputs = seen or len(_seen("好", Context(staff=True)))

    def numbers(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(np.float32)

    return ContextWeights(
        first=numbers(2, inputs, width),
        first_bias=numbers(2, width),
        second=numbers(2, width, outputs),
        second_bias=numbers(2, outputs),
    )


def _seen(text: str, context: Context, scores: Scores | None = None) -> np.ndarray:
    scores, normal = scores or _scores(), normalise(text)
    return around(alone(scores), scores, normal, signals(normal), find_place(normal), context)


def _adjusted(
    text: str, context: Context, weights: ContextWeights | None, scores: Scores | None = None
) -> tuple[float, ...]:
    scores = scores or _scores()
    normal = normalise(text)
    return adjusted(
        alone(scores),
        scores,
        normal,
        signals(normal),
        find_place(normal),
        context,
        weights,
    )


def _are_probabilities(found: tuple[float, ...]) -> bool:
    return (
        len(found) == len(INTENTS)
        and all(0.0 <= p <= 1.0 + 1e-6 for p in found)
        and math.isclose(sum(found), 1.0, abs_tol=1e-4)
    )


@given(_SCORES)
def test_the_text_alone_keeps_the_calibrated_request(scores: Scores) -> None:
    found = alone(scores)
    assert _are_probabilities(found)
    assert found[_REQUEST] == pytest.approx(scores.request, abs=1e-6)


@given(_TEXTS, _CONTEXTS, _SCORES)
@settings(deadline=None)
def test_whatever_is_around_the_result_are_probabilities(
    text: str, context: Context, scores: Scores
) -> None:
    for weights in (_shipped(), None):
        assert _are_probabilities(_adjusted(text, context, weights, scores))


@given(_TEXTS, _CONTEXTS)
@settings(deadline=None)
def test_whatever_is_around_a_message_is_read(text: str, context: Context) -> None:
    reading = default_reader().read(text, context)
    assert 0.0 <= reading.confidence <= 1.0
    assert reading.is_request == (reading.band is Band.SURE)
    assert reading == default_reader().read(text, context)


@given(_TEXTS, _CONTEXTS)
@settings(deadline=None)
def test_what_is_seen_has_one_width_and_is_of_about_one_in_size(
    text: str, context: Context
) -> None:
    seen = _seen(text, context)
    assert seen.shape == (_shipped().first.shape[1],)
    assert np.isfinite(seen).all()
    assert np.abs(seen).max() <= 4.0


@given(_TEXTS, _SCORES)
def test_alone_nothing_but_the_text_counts(text: str, scores: Scores) -> None:
    assert _adjusted(text, ALONE, _shipped(), scores) == alone(scores)


def test_a_reader_told_nothing_reads_as_one_told_that_nothing_is_around() -> None:
    reader = default_reader()
    assert reader.read("还在漏") == reader.read("还在漏", ALONE) == reader.read("还在漏", None)


@pytest.mark.parametrize(
    "context",
    [
        Context(matters=(_LEAK,)),
        Context(staff=True),
        Context(previous=(Said(text="好"),)),
        Context(),
    ],
)
def test_without_weights_it_goes_by_the_text(context: Context) -> None:
    assert _adjusted("还在漏", context, None) == alone(_scores())


def test_where_nothing_is_known_of_the_talk_it_goes_by_the_text() -> None:
    quoted = Reading(intent=Intent.REQUEST, confidence=1.0, band=Band.SURE)
    for context in (Context(), Context(reply_to=quoted)):
        assert _adjusted("还在漏", context, _made()) == alone(_scores())


@given(_TEXTS, _SCORES, _CONTEXTS)
def test_an_open_question_leans_to_follow_up(text: str, scores: Scores, context: Context) -> None:
    by_text = alone(scores)
    asked = Context(question="place", matters=context.matters, previous=context.previous)
    found = _adjusted(text, asked, _shipped(), scores)
    assert found == _adjusted(text, Context(question="place"), None, scores)
    assert found[_FOLLOW_UP] >= by_text[_FOLLOW_UP] - 1e-9
    assert all(
        now <= before + 1e-9
        for i, (now, before) in enumerate(zip(found, by_text, strict=True))
        if i != _FOLLOW_UP
    )


def test_an_answer_to_a_question_is_more_about_the_matter() -> None:
    found = _adjusted("2号楼3单元502", Context(question="place"), None)
    assert found.index(max(found)) == _FOLLOW_UP


def test_weights_are_used_when_anything_is_around() -> None:
    weights = _made()
    for context in (
        Context(matters=(_LEAK,)),
        Context(staff=True),
        Context(previous=(Said(text="漏水了"),)),
    ):
        expected = weights.intents(_seen("还在漏", context))
        assert _adjusted("还在漏", context, weights) == tuple(expected)
        assert _are_probabilities(tuple(expected))


def test_a_clock_that_runs_behind_is_this_moment() -> None:
    """Messages of two channels may come with times that cross."""

    def ago(minutes: float) -> Context:
        said = Said(text="漏水了", minutes=minutes)
        return Context(
            previous=(said,),
            matters=(Matter(category="water_supply", minutes=minutes, own=True, text="漏水了"),),
        )

    now, ahead = _seen("还在漏", ago(0.0)), _seen("还在漏", ago(-30.0))
    assert np.array_equal(now, ahead)
    assert np.array_equal(_seen("还在漏", ago(24 * 60.0))[-5:], _seen("还在漏", ago(1e9))[-5:])


def test_the_same_weights_give_the_same_bytes_and_come_back_whole() -> None:
    weights = _made()
    kept = weights.to_bytes()
    assert kept == _made().to_bytes()
    with np.load(io.BytesIO(kept), allow_pickle=False) as found:
        back = ContextWeights(**{name: found[name] for name in found.files})
    for name in ("first", "first_bias", "second", "second_bias"):
        assert np.array_equal(getattr(back, name), getattr(weights, name)), name
    assert back.to_bytes() == kept
    assert _made(seed=4).to_bytes() != kept


def test_the_shipped_weights_fit_what_is_seen() -> None:
    weights = _shipped()
    networks, seen, width = weights.first.shape
    assert seen == len(_seen("好", Context(staff=True)))
    assert weights.first_bias.shape == (networks, width)
    assert weights.second.shape == (networks, width, len(INTENTS))
    assert weights.second_bias.shape == (networks, len(INTENTS))


@given(st.text(max_size=20), st.text(max_size=20))
def test_shared_pairs_are_a_share_that_does_not_ask_who_is_first(one: str, two: str) -> None:
    assert 0.0 <= shared_pairs(one, two) <= 1.0
    assert shared_pairs(one, two) == shared_pairs(two, one)
    assert shared_pairs(one, one) == (1.0 if len(one) > 1 else 0.0)


def test_the_same_words_mean_more_where_they_are_waited_for() -> None:
    """With the shipped weights: no fault is named, so only the surroundings can tell."""
    reader = default_reader()
    waiting = Context(matters=(Matter(category="elevator", minutes=2, text="2号楼电梯坏了"),))
    assert reader.read("按钮按了都没反应").is_request
    assert reader.read("按钮按了都没反应", waiting).intent is Intent.FOLLOW_UP
    assert Reader(scorer=reader.scorer).read("按钮按了都没反应", waiting).is_request


_DOOR = "5号楼3单元301 阳台窗户关不上了，请来修一下"
_LOCK = Matter(
    category="building_repair", minutes=0.2, place=Place(building="3"), text="入户门锁坏了"
)


def test_a_clear_request_of_a_new_door_begins_a_matter_whatever_the_room_waits_for() -> None:
    reader = default_reader()
    locks = Said(text="3号楼6单元101 入户门锁坏了，麻烦来修一下", minutes=0.2)
    read = replace(locks, reading=reader.read(locks.text))
    assert reader.read(_DOOR, Context(previous=(read,), matters=(_LOCK,))).band is Band.SURE
    for context in (Context(matters=(_LOCK,)), Context(previous=(locks,))):
        assert _adjusted(_DOOR, context, _made(), _scores(0.9)) == alone(_scores(0.9))


@pytest.mark.parametrize(
    ("text", "context"),
    [
        pytest.param(_DOOR, Context(matters=(replace(_LOCK, own=True),)), id="own matter"),
        pytest.param(
            _DOOR, Context(matters=(replace(_LOCK, place=Place(building="5")),)), id="same house"
        ),
        pytest.param(
            _DOOR, Context(previous=(Said(text="在吗", same_person=True),)), id="said before"
        ),
        pytest.param(_DOOR, Context(matters=(_LOCK,), staff=True), id="member"),
        pytest.param(
            _DOOR,
            Context(matters=(_LOCK,), reply_to=default_reader().read("入户门锁坏了")),
            id="quote",
        ),
        pytest.param("阳台窗户关不上了，请来修一下", Context(matters=(_LOCK,)), id="no door"),
    ],
)
def test_what_may_belong_to_something_known_is_weighed(text: str, context: Context) -> None:
    scores, weights = _scores(0.9), _made()
    weighed = tuple(weights.intents(_seen(text, context, scores)))
    assert _adjusted(text, context, weights, scores) == weighed


def test_words_that_are_no_clear_request_are_weighed() -> None:
    weights, around = _made(), Context(matters=(_LOCK,))
    weighed = tuple(weights.intents(_seen(_DOOR, around, _scores(0.7))))
    assert _adjusted(_DOOR, around, weights, _scores(0.7)) == weighed
