"""Reads one message: makes it plain, guards, scores, finds the place, and puts it into a band."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from domain.reading import Band, Intent, Reading, Urgency
from handlers.understanding import rules
from handlers.understanding.context import ALONE, Context
from handlers.understanding.normalise import Normal, normalise
from handlers.understanding.place import find_place
from handlers.understanding.safety import Alarm, guard
from handlers.understanding.scores import CATEGORIES, INTENTS, Scores
from handlers.understanding.signals import Signals, signals
from handlers.understanding.surroundings import adjusted

Scorer = Callable[[Normal, Alarm, Signals], Scores]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bands:
    """Where the bands begin, as probabilities of a request.

    `sure` opens a ticket, `ask` asks the information officer. With a danger seen, `ask_danger`
    is enough to ask and `sure_danger` to open: a missed leak costs more than a false line.
    """

    sure: float = 0.55
    ask: float = 0.28
    sure_danger: float = 0.4
    ask_danger: float = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """A scorer with its bands. `read` is pure and costs microseconds."""

    scorer: Scorer = field(default=rules.score)
    bands: Bands = field(default_factory=Bands)

    def read(self, text: str, context: Context | None = None) -> Reading:
        """The reading of one message, alone or with what surrounded it. Never raises for a text."""
        normal = normalise(text)
        alarm = guard(normal)
        seen = signals(normal)
        scores = self.scorer(normal, alarm, seen)
        intents = adjusted(scores, normal, seen, context or ALONE)
        return self._judged(normal, alarm, seen, scores, intents)

    def _judged(
        self,
        normal: Normal,
        alarm: Alarm,
        seen: Signals,
        scores: Scores,
        intents: tuple[float, ...],
    ) -> Reading:
        confidence = intents[_REQUEST]
        urgency = _urgency(scores, alarm)
        grave = alarm.danger or urgency is Urgency.EMERGENCY
        band = self._band(
            confidence, grave=grave, doubtful=bool(alarm.harmless) and not alarm.danger
        )
        intent = Intent.REQUEST if band is Band.SURE else _best_other(intents)
        categories = _ranked(scores)
        about = intent is Intent.REQUEST or band is Band.UNSURE or scores.about >= _ABOUT
        return Reading(
            intent=intent,
            confidence=round(confidence, 4),
            band=band,
            category=categories[0][0] if about else None,
            urgency=urgency if band is not Band.NOT else Urgency.NORMAL,
            place=find_place(normal),
            categories=categories,
            danger=alarm.danger,
            me_too="me_too" in seen.cues,
            urging="urge" in seen.cues,
            again="again" in seen.cues,
            resolved=intent is Intent.THANKS_RESOLVED or _resolved(seen),
            terms=seen.terms,
        )

    def _band(self, confidence: float, *, grave: bool, doubtful: bool) -> Band:
        bands = self.bands
        if confidence >= (bands.sure_danger if grave and not doubtful else bands.sure):
            return Band.SURE
        if confidence >= (bands.ask_danger if grave and not doubtful else bands.ask):
            return Band.UNSURE
        return Band.NOT


_REQUEST = INTENTS.index(Intent.REQUEST)
_ABOUT = 0.5
_RANKED = 4
_ALL = range(len(CATEGORIES))
_EMERGENCY_AT = 0.08
_EMERGENCY_DOUBTFUL = 0.2
"""Asked of the model when the guard saw a danger and an excuse for it in one message."""


def _resolved(seen: Signals) -> bool:
    return "resolved" in seen.cues and "again" not in seen.cues


def _urgency(scores: Scores, alarm: Alarm) -> Urgency:
    emergency, urgent, normal = scores.urgencies
    doubtful = bool(alarm.harmless) and not alarm.danger
    needed = _EMERGENCY_DOUBTFUL if doubtful else _EMERGENCY_AT
    if emergency >= (needed / 2 if alarm.danger else needed):
        return Urgency.EMERGENCY
    return Urgency.URGENT if urgent >= normal else Urgency.NORMAL


def _best_other(intents: tuple[float, ...]) -> Intent:
    """The likeliest intent that is no request."""
    best = max(range(len(intents)), key=lambda i: intents[i] if i != _REQUEST else -1.0)
    return INTENTS[best]


def _ranked(scores: Scores) -> tuple[tuple[str, float], ...]:
    likely = scores.categories
    order = sorted(_ALL, key=likely.__getitem__, reverse=True)[:_RANKED]
    return tuple((CATEGORIES[i], round(likely[i], 4)) for i in order)
