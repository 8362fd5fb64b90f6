"""Weighs what the text alone says against what surrounds it: the room, the speaker, open matters."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise

import numpy as np

from domain.reading import Intent, Place, Reading
from handlers.pattern import Pattern
from handlers.understanding.context import ALONE, Context, Matter, Said
from handlers.understanding.contextmodel import ContextWeights, Floats
from handlers.understanding.normalise import Normal
from handlers.understanding.scores import CATEGORIES, INTENTS, Scores
from handlers.understanding.signals import CUE_NAMES, Signals
from handlers.zh.names import ASKING

_ASKING = Pattern(ASKING)
_REQUEST = INTENTS.index(Intent.REQUEST)
_LEAST = math.log(1e-4)
_LONG_AGO = 24 * 60.0
_LATELY = 10.0
_CLEAR = 0.8
"""A request by its words alone: whoever names a new door with it begins a matter, whatever else
the room waits for."""
_PLACE = {key: i for i, key in enumerate(CATEGORIES)}


def alone(scores: Scores) -> tuple[float, ...]:
    """The probabilities of intent from the text alone, the calibrated request among them."""
    rest = sum(scores.intents) - scores.intents[_REQUEST]
    share = (1 - scores.request) / rest if rest > 0 else 0.0
    weights = [w * share for w in scores.intents]
    weights[_REQUEST] = scores.request
    total = sum(weights)
    if total <= 0:
        return tuple(1.0 if i is Intent.CHATTER else 0.0 for i in INTENTS)
    return tuple(w / total for w in weights)


def adjusted(
    by_text: tuple[float, ...],
    scores: Scores,
    normal: Normal,
    seen: Signals,
    place: Place,
    context: Context,
    weights: ContextWeights | None,
) -> tuple[float, ...]:
    """The probabilities of intent with the surroundings counted in; they sum to 1."""
    if context is ALONE:
        return by_text
    if context.question:
        return _leaning(by_text, Intent.FOLLOW_UP, 8.0)
    if weights is None or not (context.staff or context.previous or context.matters):
        return by_text
    if by_text[_REQUEST] >= _CLEAR and _of_a_new_door(place, normal, context):
        return by_text
    return tuple(weights.intents(around(by_text, scores, normal, seen, place, context)))


def _of_a_new_door(place: Place, normal: Normal, context: Context) -> bool:
    """A resident names a whole door, and nothing around is about that house or from that speaker."""
    if not (place.building and place.room) or context.staff or normal.quoted or context.reply_to:
        return False
    mine = any(m.own for m in context.matters) or any(s.same_person for s in context.previous)
    return not mine and all(m.place.building != place.building for m in context.matters)


def _leaning(by_text: tuple[float, ...], intent: Intent, times: float) -> tuple[float, ...]:
    leaning = [p * (times if i is intent else 1.0) for i, p in zip(INTENTS, by_text, strict=True)]
    total = sum(leaning)
    return tuple(p / total for p in leaning)


def around(
    by_text: tuple[float, ...],
    scores: Scores,
    normal: Normal,
    seen: Signals,
    place: Place,
    context: Context,
) -> Floats:
    """Everything the network looks at, as numbers of about one in size."""
    found = [max(math.log(max(p, 1e-9)), _LEAST) / 4 for p in by_text]
    found += [max(math.log(max(p, 1e-9)), _LEAST) / 4 for p in scores.talk or by_text]
    found.append(scores.about)
    found.append(max(scores.categories))
    found += [1.0 if name in seen.cues else 0.0 for name in CUE_NAMES]
    found += _shape(normal, seen, place)
    own = [m for m in context.matters if m.own]
    others = [m for m in context.matters if not m.own]
    found += _nearest(own, scores, normal, place, context.previous)
    found += _nearest(others, scores, normal, place, context.previous)
    found += _latest(context.matters, scores, context.previous)
    found += _talk(context.previous, scores, normal)
    found += _quoted(context, normal)
    found.append(1.0 if context.staff else 0.0)
    return np.array(found, dtype=np.float32)


def _shape(normal: Normal, seen: Signals, place: Place) -> list[float]:
    length = len(normal.text)
    return [
        min(length, 60) / 30,
        1.0 if length <= 6 else 0.0,
        1.0 if length == 0 else 0.0,
        min(seen.faults, 3) / 2,
        1.0 if seen.terms else 0.0,
        1.0 if normal.media else 0.0,
        1.0 if normal.stickers else 0.0,
        1.0 if normal.mentions else 0.0,
        1.0 if place.building or place.room else 0.0,
        1.0 if place.unit else 0.0,
        1.0 if place.landmark else 0.0,
    ]


def _freshness(minutes: float) -> float:
    """1 for this moment, 0.5 for twenty minutes ago, 0 for a day ago."""
    return 1 - math.log1p(min(max(minutes, 0.0), _LONG_AGO)) / math.log1p(_LONG_AGO)


def _nearest(
    matters: list[Matter], scores: Scores, normal: Normal, place: Place, talk: tuple[Said, ...]
) -> list[float]:
    """How well the best fitting of some matters fits: kind, freshness, place, words."""
    if not matters:
        return [0.0] * 11
    rows = [_fit(m, scores, normal, place) for m in matters]
    best = max(range(len(rows)), key=lambda n: sum(rows[n]))
    return [1.0, *rows[best], min(len(matters), 3) / 3, _since(matters[best], talk)]


def _since(matter: Matter, talk: tuple[Said, ...]) -> float:
    """How much was said here since the matter was last spoken of: talk moves on."""
    return sum(said.minutes < matter.minutes for said in talk) / 4


def _fit(matter: Matter, scores: Scores, normal: Normal, place: Place) -> list[float]:
    there = matter.place
    same = bool(place.building and there.building and place.building == there.building)
    other = bool(place.building and there.building and place.building != there.building)
    likely = scores.categories[_PLACE[matter.category]] if matter.category in _PLACE else 0.0
    return [
        likely,
        1.0 if likely == max(scores.categories) else 0.0,
        _freshness(matter.minutes),
        1.0 if matter.minutes <= 3 else 0.0,
        1.0 if same else 0.0,
        -1.0 if other else 0.0,
        shared_pairs(normal.text, matter.text),
        shared_pairs(normal.quoted, matter.text) if normal.quoted else 0.0,
        # a finished matter is thanked for, or comes back
    ]


def _latest(matters: tuple[Matter, ...], scores: Scores, talk: tuple[Said, ...]) -> list[float]:
    """The matter that this room spoke of last."""
    if not matters:
        return [0.0] * 6
    last = matters[0]
    likely = scores.categories[_PLACE[last.category]] if last.category in _PLACE else 0.0
    return [
        1.0 if last.own else 0.0,
        1.0 if last.finished else 0.0,
        _freshness(last.minutes),
        likely,
        1.0 if any(m.finished and m.own for m in matters) else 0.0,
        _since(last, talk),
    ]


_ROLES = 3


def _talk(previous: tuple[Said, ...], scores: Scores, normal: Normal) -> list[float]:
    """Who spoke last, and what it was: the message before, and the speaker's own last one."""
    near = [s for s in previous if s.minutes <= _LATELY]
    last = near[-1] if near else None
    mine = next((s for s in reversed(near) if s.same_person), None)
    asked = next((s for s in reversed(near) if s.reading and _asks(s.reading)), None)
    return [
        *_said(last, scores),
        *_said(mine, scores),
        1.0 if last is not None and last.same_person else 0.0,
        sum(s.staff for s in near) / 4,
        *(
            [_freshness(asked.minutes), shared_pairs(normal.text, asked.text)]
            if asked
            else [0.0, 0.0]
        ),
        1.0 if asked is not None and asked.same_person else 0.0,
    ]


def _said(said: Said | None, scores: Scores) -> list[float]:
    if said is None:
        return [0.0] * 9
    reading = said.reading
    intent = reading.by_words if reading else None
    kind = reading.categories[0][0] if reading and reading.categories else ""
    likely = scores.categories[_PLACE[kind]] if kind in _PLACE else 0.0
    return [
        1.0,
        _freshness(said.minutes),
        1.0 if said.staff else 0.0,
        1.0 if intent is Intent.REQUEST else 0.0,
        1.0 if intent is Intent.FOLLOW_UP else 0.0,
        1.0 if intent in (Intent.CHATTER, Intent.AD, Intent.NOTICE) else 0.0,
        1.0 if intent is Intent.INQUIRY else 0.0,
        1.0 if _ASKING.search(said.text) else 0.0,
        likely,
    ]


def _asks(reading: Reading) -> bool:
    """By its words alone: what was made of it in its own surroundings would feed on itself."""
    return reading.by_words is Intent.REQUEST


def _quoted(context: Context, normal: Normal) -> list[float]:
    quoted: Reading | None = context.reply_to
    return [
        1.0 if normal.quoted or quoted is not None else 0.0,
        1.0 if quoted is not None and _asks(quoted) else 0.0,
    ]


def shared_pairs(text: str, other: str) -> float:
    """Share (0..1) of the shorter text's character pairs that stand in the other one too."""
    a, b = _pairs(text), _pairs(other)
    if not a or not b:
        return 0.0
    return len(a & b) / min(len(a), len(b))


@lru_cache(maxsize=512)
def _pairs(text: str) -> frozenset[str]:
    """The same few texts are compared again and again: what a room waits for, and just heard."""
    return frozenset(map("".join, pairwise(text)))
