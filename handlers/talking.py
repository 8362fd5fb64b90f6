"""Members' free talk: who takes a matter up, what is progress, and what nobody reported yet."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from domain.command import Act, Command
from domain.effects import Effect
from domain.reading import Band, Intent
from domain.ticket import State, Ticket
from handlers import matching, relaying, working
from handlers.opening import is_bare
from handlers.reporting import join
from handlers.scene import Scene
from handlers.understanding.stafftalk import is_answer
from handlers.zh import names

_ANSWER_LENGTH = 14
_ANSWERED_AT_ONCE = frozenset({"certificates_policy_query", "family_planning_health"})
_WORK = re.compile(names.WORK_WORDS)
_ASKING = re.compile(names.ASKING)
_NEAR = timedelta(minutes=15)
_WORDLESS = frozenset({Intent.NOTICE, Intent.AD})


def as_answer(scene: Scene, asked: Command, ticket: Ticket) -> Command:
    """Talk on an open ticket: an answer settles a policy question, a first word takes it up."""
    if asked.certain or ticket.state is not State.OPEN:
        return asked
    answered = ticket.category in _ANSWERED_AT_ONCE
    if answered and asked.act in (Act.CLAIM, Act.PROGRESS, Act.ARRIVE, Act.DONE):
        later = any(word in scene.text for word in names.ANSWERED_LATER)
        long = len(scene.text) >= _ANSWER_LENGTH
        return replace(asked, act=Act.DONE if long and not later else Act.CLAIM)
    if asked.act is Act.DONE and is_answer(scene.text):
        return replace(asked, act=Act.CLAIM)
    if asked.act is Act.PROGRESS and _takes_up(scene, ticket):
        return replace(asked, act=Act.CLAIM)
    return asked


def _takes_up(scene: Scene, ticket: Ticket) -> bool:
    """首接负责: the first member who answers a report with something to do about it has it."""
    member = scene.member
    if member is None or _ASKING.search(scene.text):
        return False
    if scene.facts.quoted == ticket.id:
        return True
    serves = matching.answers_for(member, ticket, scene.facts) or member.has_role("grid_head")
    return serves and _WORK.search(scene.text) is not None


def talk(scene: Scene) -> list[Effect]:
    """Words on a ticket are kept with it; a sighting that nobody reported is a request."""
    ticket = _spoken_of(scene)
    if ticket is not None:
        asked = as_answer(scene, Command(act=Act.PROGRESS, certain=False), ticket)
        if working.refusal(scene, asked, ticket) is not None:
            return []
        return working.work(scene, asked, ticket)
    reading = scene.reading
    if reading.is_request and (reading.band is Band.SURE or reading.danger):
        return relaying.sighting(scene)
    if reading.place and (own := _own_report(scene)):
        return join(scene, own)
    return []


def _spoken_of(scene: Scene) -> Ticket | None:
    """The ticket that a member's talk is about: quoted, or plainly the one at hand."""
    if scene.facts.quoted is not None:
        return scene.facts.ticket(scene.facts.quoted)
    if scene.reading.intent in _WORDLESS or is_bare(scene.text):
        return None
    near = [
        m
        for m in matching.candidates_for_staff(scene)
        if m.ticket.active and scene.at - m.ticket.touched_at <= _NEAR
    ]
    if not near:
        return None
    best = near[0]
    about = scene.reading.category == best.ticket.category or _WORK.search(scene.text)
    return best.ticket if about else None


def _own_report(scene: Scene) -> Ticket | None:
    stitch = scene.facts.rules.patience.stitch
    return next(
        (t for t in matching.own(scene) if t.active and scene.at - t.touched_at <= stitch), None
    )
