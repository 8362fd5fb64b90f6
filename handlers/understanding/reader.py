"""Reads one message: makes it plain, guards, scores, finds the place, and puts it into a band."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from domain.reading import Band, Intent, Place, Reading, Urgency
from handlers.understanding import rules
from handlers.understanding.context import ALONE, Context
from handlers.understanding.contextmodel import ContextWeights, Floats
from handlers.understanding.normalise import Normal, normalise
from handlers.understanding.place import find_place
from handlers.understanding.safety import Alarm, guard
from handlers.understanding.scores import CATEGORIES, INTENTS, Scores
from handlers.understanding.signals import Signals, signals
from handlers.understanding.surroundings import (
    adjusted,
    alone,
    around,
)

Scorer = Callable[[Normal, Alarm, Signals], Scores]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bands:
    """Where the bands begin, as probabilities of a request.

    `sure` opens a ticket, `ask` asks the information officer. With a danger seen, `ask_danger`
    is enough to ask and `sure_danger` to open: a missed leak costs more than a false line. Words
    that name no thing, no trouble and no place must reach `bare` as well.
    """

    sure: float = 0.55
    ask: float = 0.28
    bare: float = 0.7
    sure_danger: float = 0.2
    ask_danger: float = 0.03


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """A scorer with its bands. `read` is pure and costs microseconds."""

    scorer: Scorer = field(default=rules.score)
    bands: Bands = field(default_factory=Bands)
    around: ContextWeights | None = None
    """How surroundings are weighed; None: not at all."""

    def read(self, text: str, context: Context | None = None) -> Reading:
        """The reading of one message, alone or with what surrounded it. Never raises for a text."""
        normal = normalise(text)
        alarm = guard(normal)
        seen = signals(normal)
        scores = self.scorer(normal, alarm, seen)
        place = find_place(normal)
        by_words = alone(scores)
        intents = adjusted(by_words, scores, normal, seen, place, context or ALONE, self.around)
        return self._judged(alarm, seen, place, scores, by_words, intents)

    def surroundings(self, text: str, context: Context) -> Floats:
        """What the networks over the surroundings see of a message; for their training."""
        normal = normalise(text)
        seen = signals(normal)
        scores = self.scorer(normal, guard(normal), seen)
        return around(alone(scores), scores, normal, seen, find_place(normal), context)

    def _judged(
        self,
        alarm: Alarm,
        seen: Signals,
        place: Place,
        scores: Scores,
        by_words: tuple[float, ...],
        intents: tuple[float, ...],
    ) -> Reading:
        confidence = intents[_REQUEST]
        danger, cues = alarm.danger, seen.cues
        doubtful = bool(alarm.harmless) and not danger
        categories = _ranked(scores)
        urgency = _urgency(scores, categories[0][0], danger=danger, doubtful=doubtful)
        grave = scores.urgencies[0] >= _GRAVE and not doubtful
        bare = not (seen.terms or seen.faults or place)
        band = self._band(confidence, danger=danger, grave=grave, bare=bare)
        if band is Band.SURE and not danger and scores.request < _BY_WORDS:
            band = Band.UNSURE
        if danger:
            band = self._in_danger(band, scores.request)
        intent = Intent.REQUEST if band is Band.SURE else _best_other(intents)
        about = intent is Intent.REQUEST or band is Band.UNSURE or scores.about >= _ABOUT
        return Reading(
            intent=intent,
            confidence=round(confidence, 4),
            band=band,
            category=categories[0][0] if about else None,
            urgency=urgency if band is not Band.NOT else Urgency.NORMAL,
            place=place,
            categories=categories,
            danger=danger,
            me_too="me_too" in cues or scores.me_too >= _LIKELY,
            urging="urge" in cues,
            again="again" in cues,
            resolved=intent is Intent.THANKS_RESOLVED or _resolved(seen),
            alone=round(scores.request, 4),
            by_words=Intent.REQUEST if by_words[_REQUEST] >= _LIKELY else _best_other(by_words),
            terms=seen.terms,
        )

    def _in_danger(self, band: Band, alone: float) -> Band:
        """Surroundings never weigh a danger down: what the words say by themselves stands."""
        if alone >= max(_LIKELY, self.bands.sure_danger):
            return Band.SURE
        return Band.UNSURE if band is Band.NOT and alone >= self.bands.sure_danger else band

    def _band(self, confidence: float, *, danger: bool, grave: bool, bare: bool) -> Band:
        """With a danger seen the bars are lower: the guard's lowest, the model's own a little."""
        bands = self.bands
        sure, ask = bands.sure, bands.ask
        if danger:
            sure, ask = bands.sure_danger, bands.ask_danger
        elif grave:
            sure, ask = min(sure, bands.sure_danger * 2), min(ask, bands.ask_danger * 2)
        elif bare:
            sure = max(sure, bands.bare)
        if confidence >= sure:
            return Band.SURE
        return Band.UNSURE if confidence >= ask else Band.NOT


_REQUEST = INTENTS.index(Intent.REQUEST)
_FOLLOW_UP = INTENTS.index(Intent.FOLLOW_UP)
_THANKS = INTENTS.index(Intent.THANKS_RESOLVED)
_BELONGS = 0.4
_LIKELY = 0.5
_BY_WORDS = 0.35
"""Surroundings alone make no request: the words must give so much."""
_OTHERS = (*INTENTS[:_REQUEST], *INTENTS[_REQUEST + 1 :])
_ABOUT = 0.5
_RANKED = 4
_ALL = range(len(CATEGORIES))
_GRAVE = 0.3
_EMERGENCY_AT = 0.1
_LEAKING_AT = 0.3
"""A leak that no word calls a burst is urgent, not an emergency."""
_LEAKS = frozenset({"water_supply", "drainage_sewage", "heating"})
_EMERGENCY_DOUBTFUL = 0.2
"""Asked of the model when the guard saw a danger and an excuse for it in one message."""


def _resolved(seen: Signals) -> bool:
    return "resolved" in seen.cues and "again" not in seen.cues


def _urgency(scores: Scores, kind: str, *, danger: bool, doubtful: bool) -> Urgency:
    emergency, urgent, normal = scores.urgencies
    needed = _EMERGENCY_DOUBTFUL if doubtful else _EMERGENCY_AT
    if kind in _LEAKS and not danger:
        needed = _LEAKING_AT
    if emergency >= (needed / 2 if danger else needed):
        return Urgency.EMERGENCY
    return Urgency.URGENT if urgent >= normal else Urgency.NORMAL


def _best_other(intents: tuple[float, ...]) -> Intent:
    """The likeliest intent that is no request; what may belong to a known matter sooner does."""
    follow, thanks = intents[_FOLLOW_UP], intents[_THANKS]
    if follow + thanks >= _BELONGS:
        return Intent.FOLLOW_UP if follow >= thanks else Intent.THANKS_RESOLVED
    best = max(range(len(intents)), key=lambda i: intents[i] if i != _REQUEST else -1.0)
    return INTENTS[best]


def _ranked(scores: Scores) -> tuple[tuple[str, float], ...]:
    likely = scores.categories
    order = sorted(_ALL, key=likely.__getitem__, reverse=True)[:_RANKED]
    return tuple([(CATEGORIES[i], round(likely[i], 4)) for i in order])
