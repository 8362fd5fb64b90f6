"""How alike a message and a ticket are: kind, place, time, words; each a number that adds up."""

from __future__ import annotations

from datetime import timedelta

from domain.reading import Intent, Place
from domain.ticket import Ticket
from handlers.describing import OUTAGE_TERM
from handlers.pattern import Pattern
from handlers.scene import Scene
from handlers.understanding.normalise import normalise
from handlers.zh import names

_CLEARLY = 0.9
_NOISE = Pattern(r"[\W_]+")
_COLON = Pattern("[:：]")
_OUTAGE = Pattern(names.OUTAGE)
_HOME_FAULT = Pattern(names.HOME_FAULT)
_ROVING = frozenset({"public_security", "pets_animals"})
"""Matters that walk about: one estate or the next, it is the same one."""


def by_category(scene: Scene, ticket: Ticket) -> float:
    reading = scene.reading
    if reading.category is None:
        return 0.0
    if reading.category == ticket.category:
        return 3.0 + _by_scope(scene, ticket)
    second = dict(reading.categories[1:3])
    if second.get(ticket.category, 0.0) >= 0.15:
        return 1.5
    if reading.intent is not Intent.REQUEST:
        return -0.5
    private = scene.facts.rules.category(reading.category).private
    if reading.confidence < _CLEARLY and private == ticket.private:
        return -2.0
    return -6.0 if private == ticket.private else -9.0


def _by_scope(scene: Scene, ticket: Ticket) -> float:
    """A trouble from outside joins its like over buildings; a fault at home stays apart."""
    if ticket.category not in names.BRIEF_OUTAGE:
        return 0.0
    there = OUTAGE_TERM in ticket.terms
    if is_outage(scene.text, ticket.category):
        return 2.0 if there else -4.0
    return -4.0 if there and is_home_fault(scene.text) else 0.0


def is_outage(text: str, category: str) -> bool:
    """Whether the words tell of a trouble that comes from outside the home."""
    if category not in names.BRIEF_OUTAGE or is_home_fault(text):
        return False
    return category in names.ALWAYS_OUTAGE or _OUTAGE.search(text) is not None


def is_home_fault(text: str) -> bool:
    """Whether the words tell of something broken in one home."""
    return _HOME_FAULT.search(text) is not None


def by_place(scene: Scene, ticket: Ticket) -> float:
    here, there = scene.place, ticket.place
    meets = _landmark_meets(here, there)
    shared = is_shared(scene, ticket)
    if here.estate and there.estate and here.estate != there.estate and not meets:
        if ticket.category in _ROVING:
            return 0.0
        loose = bool(here.landmark or there.landmark) and not (here.building and there.building)
        return -1.0 if shared else (-1.5 if loose else -4.0)
    score = 2.5 if meets else 0.0
    if here.landmark and there.landmark and not meets and not shared and scene.reading.is_request:
        score -= 3.0
    if scene.room and here.estate and here.estate == there.estate != scene.room.estate:
        score += 1.5
    return score + _by_house(scene, ticket, shared=shared)


def _by_house(scene: Scene, ticket: Ticket, *, shared: bool) -> float:
    """Same building or not, same unit or not; an outage does not stop at a wall."""
    here, there = scene.place, ticket.place
    if not here.building or not there.building:
        return 0.0
    if here.building != there.building:
        if shared:
            return 0.5
        follows = scene.reading.me_too and scene.reading.intent is Intent.FOLLOW_UP
        return -1.0 if follows or ticket.category in _ROVING else -5.0
    if not here.unit or not there.unit:
        return 3.0
    if here.unit == there.unit:
        return 4.0
    return 3.5 if shared else (2.5 if scene.reading.intent is Intent.FOLLOW_UP else 1.5)


def is_shared(scene: Scene, ticket: Ticket) -> bool:
    """Whether ticket and message can be one outage: places then do not keep them apart."""
    if OUTAGE_TERM not in ticket.terms or is_home_fault(scene.text):
        return False
    category = scene.reading.category
    return category in (None, ticket.category) or scene.reading.intent is Intent.FOLLOW_UP


def _landmark_meets(here: Place, there: Place) -> bool:
    if not here.landmark or not there.landmark:
        return False
    a, b = here.landmark, there.landmark
    return a in b or b in a or overlap(a, b) >= 0.4


def by_time(scene: Scene, ticket: Ticket) -> float:
    gone = scene.at - ticket.touched_at
    here = scene.message.place_of_talk
    same_room = ticket.room == here or any(v.room == here for v in ticket.voices)
    if gone > scene.facts.rules.patience.merge:
        return -2.0
    if not same_room:
        return 1.0 if gone <= timedelta(hours=1) else 0.0
    if gone <= timedelta(minutes=3):
        return 2.0
    if gone <= timedelta(minutes=10):
        return 1.5
    return 1.0 if gone <= timedelta(hours=1) else 0.5


def by_quote(scene: Scene, ticket: Ticket) -> float:
    """Words quoted inside the text (`「王姐：…」`) are the ticket's own, or of who speaks in it."""
    quoted = normalise(scene.message.text).quoted
    if not quoted:
        return 0.0
    name = _COLON.split(quoted, maxsplit=1)[0]
    by = any(v.name and v.name in name for v in ticket.voices)
    return 3.0 * overlap(quoted, ticket.matter) + (2.0 if by else 0.0)


def told_in(ticket: Ticket, room: str) -> bool:
    return ticket.room == room or any(v.room == room for v in ticket.voices)


def overlap(text: str, other: str) -> float:
    """Share (0..1) of the shorter text's character pairs that stand in the other one too."""
    a, b = _pairs(text), _pairs(other)
    if not a or not b:
        return 0.0
    return len(a & b) / min(len(a), len(b))


def _pairs(text: str) -> set[str]:
    bare = _NOISE.sub("", text)
    return {bare[i : i + 2] for i in range(len(bare) - 1)}
