"""Which ticket a message speaks of: affinities between a message and the tickets at hand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from domain.facts import Facts
from domain.grid import Member
from domain.reading import Intent, Place
from domain.ticket import Ticket
from handlers.describing import OUTAGE_TERM
from handlers.scene import Scene
from handlers.zh import names

QUOTED = 100.0
REQUEST_BAR = 5.0
DOUBTFUL_BAR = 3.5
"""A request that is not clearly one is sooner more of a known matter than a new one."""
FOLLOW_BAR = 2.5
STAFF_BAR = 3.0
CLEAR_LEAD = 1.0
"""A best ticket this far ahead of the second one is meant; nearer, we ask."""

_CLEARLY = 0.9
_NOISE = re.compile(r"[\W_]+")
_OUTAGE = re.compile(names.OUTAGE)
_HOME_FAULT = re.compile(names.HOME_FAULT)
_ROVING = frozenset({"public_security", "pets_animals"})
"""Matters that walk about: one estate or the next, it is the same one."""


@dataclass(frozen=True, slots=True)
class Match:
    """A ticket and how strongly a message belongs to it."""

    ticket: Ticket
    score: float


def same_matter(scene: Scene) -> Ticket | None:
    """The ticket that a new request is really about, or None when it is a new matter."""
    best = _best(scene, scene.facts.tickets)
    bar = REQUEST_BAR if scene.reading.confidence >= _CLEARLY else DOUBTFUL_BAR
    return best.ticket if best and best.score >= bar else None


def spoken_of(scene: Scene) -> Ticket | None:
    """The ticket that a follow-up or thanks of a resident belongs to."""
    best = _best(scene, scene.facts.tickets)
    return best.ticket if best and best.score >= FOLLOW_BAR else None


def own(scene: Scene) -> tuple[Ticket, ...]:
    """Tickets that the speaker reported or joined, last touched first."""
    return tuple(t for t in scene.facts.tickets if speaks_in(t, scene.person))


def speaks_in(ticket: Ticket, person: str) -> bool:
    return ticket.reporter == person or any(v.person == person for v in ticket.voices)


def candidates_for_staff(scene: Scene) -> tuple[Match, ...]:
    """Tickets that a member's words can be about, best first."""
    rows = [Match(t, staff_affinity(scene, t)) for t in scene.facts.tickets]
    return tuple(sorted((m for m in rows if m.score >= STAFF_BAR), key=lambda m: -m.score))


def _best(scene: Scene, tickets: tuple[Ticket, ...]) -> Match | None:
    rows = [Match(t, affinity(scene, t)) for t in tickets]
    return max(rows, key=lambda m: m.score, default=None)


def affinity(scene: Scene, ticket: Ticket) -> float:
    """How strongly a resident's message belongs to a ticket; 5 and more is the same matter."""
    if scene.facts.quoted == ticket.id:
        return QUOTED
    mine = speaks_in(ticket, scene.person)
    if not ticket.active and not mine and scene.at - ticket.touched_at > timedelta(hours=2):
        return 0.0
    score = _by_category(scene, ticket) + _by_place(scene, ticket) + _by_time(scene, ticket)
    score += 4.0 * min(0.75, overlap(scene.text, ticket.matter))
    if mine:
        score += _by_ownership(scene, ticket)
    if scene.reading.me_too and not mine:
        score += 1.5
    if scene.reading.intent is Intent.FOLLOW_UP and _just_here(scene, ticket):
        score += 1.0
    return score


def _by_ownership(scene: Scene, ticket: Ticket) -> float:
    """One's own matter is what one goes on about, the more so the fresher it is."""
    gone = scene.at - ticket.touched_at
    if scene.reading.me_too and scene.reading.category is None:
        return 1.0
    if gone <= scene.facts.rules.patience.stitch:
        return 4.5
    if gone <= timedelta(hours=1):
        return 3.0
    pressing = scene.reading.urging or scene.reading.again or scene.reading.resolved
    alone = sum(t.active and speaks_in(t, scene.person) for t in scene.facts.tickets) == 1
    return 2.0 if pressing or (alone and ticket.reporter == scene.person) else 1.0


def _just_here(scene: Scene, ticket: Ticket) -> bool:
    """Whether this room spoke of the ticket a moment ago: a follow-up says no more than that."""
    here = scene.message.place_of_talk
    heard = ticket.room == here or any(v.room == here for v in ticket.voices)
    return heard and scene.at - ticket.touched_at <= timedelta(minutes=10)


def _by_category(scene: Scene, ticket: Ticket) -> float:
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


def _by_place(scene: Scene, ticket: Ticket) -> float:
    here, there = scene.place, ticket.place
    meets = _landmark_meets(here, there)
    shared = _is_shared(scene, ticket)
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
        return -1.0 if follows or ticket.category in _ROVING else -4.0
    if not here.unit or not there.unit:
        return 3.0
    if here.unit == there.unit:
        return 4.0
    return 3.5 if shared else (2.5 if scene.reading.intent is Intent.FOLLOW_UP else 1.5)


def _is_shared(scene: Scene, ticket: Ticket) -> bool:
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


def _by_time(scene: Scene, ticket: Ticket) -> float:
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


def staff_affinity(scene: Scene, ticket: Ticket) -> float:
    """How strongly a member's words are about a ticket."""
    if scene.facts.quoted == ticket.id:
        return QUOTED
    member = scene.member
    score = _by_category(scene, ticket) + _by_place(scene, ticket)
    score += _by_talk(scene, ticket) + 4.0 * min(0.75, overlap(scene.text, ticket.matter))
    if member and ticket.assignee == member.key:
        score += 2.5
    elif member and (member.key in ticket.offered_to or member.key in ticket.helpers):
        score += 2.0
    elif member and answers_for(member, ticket, scene.facts):
        score += 1.0
    if any(_is_named(v.name, scene.text) for v in ticket.voices):
        score += 3.0
    return score if ticket.active else score - 2.0


def _by_talk(scene: Scene, ticket: Ticket) -> float:
    """In the work room all rooms are near: what moved last is what is spoken of."""
    if not scene.in_work_room and not scene.message.private:
        return _by_time(scene, ticket)
    gone = scene.at - ticket.touched_at
    if gone <= timedelta(minutes=3):
        return 2.0
    if gone <= timedelta(minutes=10):
        return 1.5
    return 1.0 if gone <= timedelta(hours=1) else -1.0


def answers_for(member: Member, ticket: Ticket, facts: Facts) -> bool:
    """Whether one of the member's posts is a role of the ticket's category."""
    category = facts.rules.category(ticket.category)
    roles = {*category.roles, category.handler} - {""}
    return any(p.role in roles or p.role.split(".")[0] in roles for p in member.posts)


def _is_named(name: str, text: str) -> bool:
    bare = _NOISE.sub("", name)
    return len(bare) >= 2 and (bare in text or (len(bare) >= 3 and bare[-2:] in text))


def overlap(text: str, other: str) -> float:
    """Share (0..1) of the shorter text's character pairs that stand in the other one too."""
    a, b = _pairs(text), _pairs(other)
    if not a or not b:
        return 0.0
    return len(a & b) / min(len(a), len(b))


def _pairs(text: str) -> set[str]:
    bare = _NOISE.sub("", text)
    return {bare[i : i + 2] for i in range(len(bare) - 1)}
