"""Bends what the text alone says by what surrounded it: a reply, a question, what was just said."""

from __future__ import annotations

from domain.reading import Intent
from handlers.understanding.context import ALONE, Context
from handlers.understanding.normalise import Normal
from handlers.understanding.scores import CATEGORIES, INTENTS, Scores
from handlers.understanding.signals import Signals

_REQUEST = INTENTS.index(Intent.REQUEST)
_FOLLOW_UP = INTENTS.index(Intent.FOLLOW_UP)
_CHATTER = INTENTS.index(Intent.CHATTER)
_NEAR_MINUTES = 30.0
_SHORT = 12


def adjusted(scores: Scores, normal: Normal, seen: Signals, context: Context) -> tuple[float, ...]:
    """The probabilities of intent with the surroundings counted in; they sum to 1."""
    weights = list(scores.intents)
    weights[_REQUEST] = scores.request
    rest = sum(weights) - scores.request
    if rest > 0:
        weights = [
            w if i == _REQUEST else w * (1 - scores.request) / rest for i, w in enumerate(weights)
        ]
    if context is ALONE:
        return tuple(weights)
    for index, factor in _factors(scores, normal, seen, context).items():
        weights[index] *= factor
    total = sum(weights) or 1.0
    return tuple(w / total for w in weights)


def _factors(scores: Scores, normal: Normal, seen: Signals, context: Context) -> dict[int, float]:
    """How many times likelier each intent becomes."""
    if context.staff:
        return {_REQUEST: 0.4, _FOLLOW_UP: 0.5}
    if context.question or context.reply_to_own_ticket:
        return {_FOLLOW_UP: 8.0}
    factors: dict[int, float] = {}
    quoted = context.reply_to
    if quoted is not None and quoted.is_request:
        factors[_FOLLOW_UP] = 4.0
    best = CATEGORIES[max(range(len(CATEGORIES)), key=lambda i: scores.categories[i])]
    if best in context.reported and _leans_on_others(normal.text, seen):
        factors[_FOLLOW_UP] = factors.get(_FOLLOW_UP, 1.0) * 3.0
    for said in context.previous:
        reading = said.reading
        if said.minutes > _NEAR_MINUTES or reading is None or not reading.is_request:
            continue
        same = reading.category == best or len(normal.text) <= _SHORT
        if same and (said.same_person or _leans_on_others(normal.text, seen)):
            factors[_FOLLOW_UP] = min(factors.get(_FOLLOW_UP, 1.0) * 2.5, 10.0)
    return factors


def _leans_on_others(text: str, seen: Signals) -> bool:
    """Whether the words only make sense after somebody else's: me-too, again, urging, very short."""
    return len(text) <= _SHORT or not _LEANING.isdisjoint(seen.cues)


_LEANING = frozenset(("me_too", "again", "urge"))
