"""What a scorer says of one message: probabilities of intent, category and urgency."""

from __future__ import annotations

from dataclasses import dataclass

from domain.reading import Intent, Urgency

INTENTS: tuple[Intent, ...] = tuple(Intent)
URGENCIES: tuple[Urgency, ...] = tuple(Urgency)
CATEGORIES: tuple[str, ...] = (
    "water_supply",
    "drainage_sewage",
    "heating",
    "electricity",
    "gas",
    "elevator",
    "building_repair",
    "street_light",
    "road_parking",
    "sanitation_garbage",
    "greening",
    "noise",
    "neighbour_dispute",
    "public_security",
    "fire_safety",
    "pets_animals",
    "illegal_construction",
    "public_facilities",
    "property_service",
    "social_assistance",
    "elderly_disability",
    "family_planning_health",
    "legal_mediation",
    "certificates_policy_query",
    "other",
)
"""The 25 keys of the catalogue, in the order of the weights."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scores:
    """Each tuple sums to 1 and follows INTENTS, CATEGORIES, URGENCIES.

    `request` is the calibrated probability that somebody must act; `about` the probability that
    the message is about any category at all (a thanks may be, a joke is not).
    """

    intents: tuple[float, ...]
    categories: tuple[float, ...]
    urgencies: tuple[float, ...]
    request: float
    about: float = 1.0
    talk: tuple[float, ...] = ()
    """Intents again, as such words are meant in running talk; empty: not known."""
    me_too: float = 0.0
    """The probability that a follow-up tells of the same trouble in the speaker's own home."""
