"""Which ticket a message speaks of: affinities between a message and the tickets at hand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from domain.facts import Facts
from domain.grid import Member
from domain.reading import Band, Intent, Reading
from domain.ticket import Ticket
from handlers.resembling import (
    by_category,
    by_place,
    by_quote,
    by_time,
    is_shared,
    overlap,
    told_in,
)
from handlers.scene import Scene
from handlers.understanding.normalise import normalise

QUOTED = 100.0
REQUEST_BAR = 5.0
DOUBTFUL_BAR = 3.5
"""A request that is not clearly one is sooner more of a known matter than a new one."""
KNOWN_BAR = 8.0
"""The reader knew what this room waits for, and still took the words for a new matter."""
FOLLOW_BAR = 1.5
MORE_BAR = 0.5
"""In a room that spoke of it nobody need name the matter again."""
STAFF_BAR = 3.0
CLEAR_LEAD = 1.0
"""A best ticket this far ahead of the second one is meant; nearer, we ask."""

_CLEARLY = 0.9
_NEW_HERE = 0.6
_BY_ITSELF = 0.5
_PLAINLY, _HARDLY = 0.6, 0.08
_NOISE = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Match:
    """A ticket and how strongly a message belongs to it."""

    ticket: Ticket
    score: float


def same_matter(scene: Scene) -> Ticket | None:
    """The ticket that a new request is really about, or None when it is a new matter."""
    best = _best(scene, scene.facts.tickets)
    if best is None:
        return None
    bar = REQUEST_BAR if scene.reading.confidence >= _CLEARLY else DOUBTFUL_BAR
    if scene.reading.confidence >= _NEW_HERE and _known_here(scene, best.ticket):
        bar = bar if _plainly_same(scene, best.ticket) else KNOWN_BAR
    return best.ticket if best.score >= bar else None


def spoken_of(scene: Scene) -> Ticket | None:
    """The ticket that a follow-up or thanks of a resident belongs to."""
    best = _best(scene, scene.facts.tickets)
    if best is None:
        return None
    here = scene.message.place_of_talk
    more = here is not None and told_in(best.ticket, here)
    return best.ticket if best.score >= (MORE_BAR if more else FOLLOW_BAR) else None


def is_of_its_own(scene: Scene, ticket: Ticket | None) -> bool:
    """Whether words that follow a matter tell of a trouble of their own: another kind or place.

    `5号楼的也不亮` after a lamp of 2号楼 is a second lamp; water that is off is off for everybody.
    """
    reading = scene.reading
    if reading.alone < _BY_ITSELF or (ticket and scene.facts.quoted == ticket.id):
        return False
    if ticket is not None and _of_another_kind(reading, ticket):
        return True
    if not scene.place.building:
        return False
    if ticket is None:
        return reading.band is Band.NOT and not reading.me_too
    there = ticket.place.building
    return bool(there) and there != scene.place.building and not is_shared(scene, ticket)


def _of_another_kind(reading: Reading, ticket: Ticket) -> bool:
    likely = dict(reading.categories)
    return (
        max(likely.values(), default=0.0) >= _PLAINLY and likely.get(ticket.category, 0) < _HARDLY
    )


def own(scene: Scene) -> tuple[Ticket, ...]:
    """Tickets that the speaker reported, joined or passed on, last touched first."""
    return tuple(
        t for t in scene.facts.tickets if speaks_in(t, scene.person) or passed_on(t, scene)
    )


def passed_on(ticket: Ticket, scene: Scene) -> bool:
    """Whether the speaker, a member, reported it for somebody else."""
    member = scene.member
    return member is not None and ticket.relayed_by == member.key and not ticket.part


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
    score = by_category(scene, ticket) + by_place(scene, ticket) + by_time(scene, ticket)
    score += 4.0 * min(0.75, overlap(scene.text, ticket.matter)) + by_quote(scene, ticket)
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


def staff_affinity(scene: Scene, ticket: Ticket) -> float:
    """How strongly a member's words are about a ticket."""
    if scene.facts.quoted == ticket.id:
        return QUOTED
    member = scene.member
    score = by_category(scene, ticket) + by_place(scene, ticket)
    score += _by_talk(scene, ticket) + 4.0 * min(0.75, overlap(scene.text, ticket.matter))
    score += by_quote(scene, ticket) + _by_room(scene, ticket)
    if member and ticket.assignee == member.key:
        score += 2.5
    elif member and (member.key in ticket.offered_to or member.key in ticket.helpers):
        score += 2.0
    elif member and answers_for(member, ticket, scene.facts):
        score += 1.0
    called = " ".join((scene.text, *normalise(scene.message.text).mentions))
    if any(_is_named(v.name, called) for v in ticket.voices):
        score += 3.0
    return score if ticket.active else score - 2.0


def _by_room(scene: Scene, ticket: Ticket) -> float:
    """In a room of residents a member answers what was asked there, the sooner the less else is."""
    here = scene.message.place_of_talk
    if scene.in_work_room or here is None or not told_in(ticket, here):
        return 0.0
    waiting = [t for t in scene.facts.tickets if t.active and told_in(t, here)]
    last = max(waiting, key=lambda t: t.touched_at, default=None)
    return 0.5 + (1.0 if waiting == [ticket] else 0.5 if ticket is last else 0.0)


def _plainly_same(scene: Scene, ticket: Ticket) -> bool:
    """The same trouble in the same building, or one outage, however new it sounds."""
    if scene.reading.category != ticket.category:
        return False
    here, there = scene.place.building, ticket.place.building
    return here == there if here and there else is_shared(scene, ticket)


def _known_here(scene: Scene, ticket: Ticket) -> bool:
    here = scene.message.place_of_talk
    return here is not None and told_in(ticket, here)


def _by_talk(scene: Scene, ticket: Ticket) -> float:
    """In the work room all rooms are near: what moved last is what is spoken of."""
    if not scene.in_work_room and not scene.message.private:
        return by_time(scene, ticket)
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
