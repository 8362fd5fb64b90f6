"""Scores a message by lexicon and rules alone: the reader that needs no weights."""

from __future__ import annotations

import math

from domain.reading import Intent
from handlers.understanding.normalise import Normal
from handlers.understanding.safety import Alarm
from handlers.understanding.scores import CATEGORIES, INTENTS, Scores
from handlers.understanding.signals import Signals

_OF_KIND = {
    "gas": "gas",
    "fire": "fire_safety",
    "lift": "elevator",
    "water": "water_supply",
    "electric": "electricity",
    "violence": "public_security",
    "missing": "public_security",
    "fallen": "elderly_disability",
    "fall": "road_parking",
    "collapse": "building_repair",
    "animal": "pets_animals",
    "medicine": "family_planning_health",
}


def score(normal: Normal, alarm: Alarm, seen: Signals) -> Scores:
    """Probabilities from counted cues; honest, and far behind the trained model."""
    text = normal.text
    named = seen.categories()
    if alarm.danger:
        key = _OF_KIND[alarm.kinds[0]]
        named[key] = named.get(key, 0.0) + 3.0
    weights = _intents(text, named, alarm, seen)
    total = sum(weights)
    intents = tuple(w / total for w in weights)
    categories = tuple(math.exp(named.get(key, 0.0)) for key in CATEGORIES)
    whole = sum(categories)
    emergency = 0.8 if alarm.danger else 0.02
    urgent = (1 - emergency) * (0.4 if named else 0.2)
    return Scores(
        intents=intents,
        categories=tuple(c / whole for c in categories),
        urgencies=(emergency, urgent, 1 - emergency - urgent),
        request=intents[INTENTS.index(Intent.REQUEST)],
        about=0.9 if named else 0.1,
    )


def _intents(text: str, named: dict[str, float], alarm: Alarm, seen: Signals) -> list[float]:
    """One weight for each intent."""
    if not text:
        return [0.1, 0.5, 0.1, 0.1, 0.1, 0.1, 3.0]
    faults, cues = seen.faults, seen.cues
    unreal = sum((c in cues) for c in ("not_real", "elsewhere", "self_done", "past"))
    request = 0.2 + (0.5 * min(faults, 3) if named else 0.1 * faults)
    request += 1.5 * ("plea" in cues) + (3.0 if alarm.danger else 0.0)
    request *= 0.35**unreal
    follow = 0.2 + 1.5 * ("me_too" in cues) + 1.2 * ("urge" in cues)
    follow += 1.0 * ("again" in cues)
    thanks = 0.1 + 1.5 * ("resolved" in cues) + 0.8 * ("thanks" in cues)
    inquiry = 0.2 + 1.6 * ("inquiry" in cues)
    notice = 0.05 + 4.0 * ("notice" in cues)
    ad = 0.05 + 2.5 * ("ad" in cues)
    chatter = 0.9 + 0.7 * unreal + 2.0 * (("chain" in cues) or ("share" in cues))
    if ("notice" in cues) or ("ad" in cues):
        request *= 0.3
    return [request, follow, thanks, inquiry, notice, ad, chatter]
