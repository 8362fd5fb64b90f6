"""Find the right person: who answers for a ticket, in order, and how they are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.calendar import LOCAL
from domain.effects import Effect, Remind
from domain.facts import Facts
from domain.grid import Member
from domain.reading import Urgency
from domain.rules import Limit
from domain.ticket import Ticket
from handlers import describing
from handlers.describing import OUTAGE_TERM
from handlers.scene import tell_member, tell_room
from handlers.zh import names

_DEFAULT_CLAIM = {
    Urgency.EMERGENCY: Limit(minutes=5),
    Urgency.URGENT: Limit(minutes=30),
    Urgency.NORMAL: Limit(minutes=240, working=True),
}
_DEFAULT_SOLVE = {
    Urgency.EMERGENCY: Limit(minutes=120),
    Urgency.URGENT: Limit(minutes=24 * 60),
    Urgency.NORMAL: Limit(minutes=24 * 60, working=True),
}
_TITLED = 4
"""A name this long already says what somebody does (`环卫老鲍`)."""
_POLICED = frozenset({"public_security", "neighbour_dispute", "legal_mediation"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """Members to ask, best first: `volunteers` one after another, `team` together."""

    volunteers: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    call_in: str = ""
    """A utility that the lead may call in (`utility.heat`)."""


def claim_limit(ticket: Ticket, facts: Facts) -> Limit:
    limits = facts.rules.category(ticket.category).claim
    return limits.get(ticket.urgency) or _DEFAULT_CLAIM[ticket.urgency]


def solve_limit(ticket: Ticket, facts: Facts) -> Limit:
    limits = facts.rules.category(ticket.category).solve
    return limits.get(ticket.urgency) or _DEFAULT_SOLVE[ticket.urgency]


def route(ticket: Ticket, facts: Facts, at: datetime) -> Route:
    """Who is asked for this ticket, with vacancies falling upward."""
    category = facts.rules.category(ticket.category)
    chain = [g.key for g in facts.directory.chain(ticket.grid)]
    team: list[str] = []
    if ticket.urgency is Urgency.EMERGENCY:
        team += _nearest("grid_head", chain, facts, at)
        if ticket.category in _POLICED:
            team += _nearest("police_head", chain, facts, at)
    owns = category.handler
    if owns.startswith("utility") and ticket.urgency is not Urgency.EMERGENCY:
        owns = ""
    if owns:
        team += _nearest(owns, chain, facts, at)
    for role in category.roles:
        team += _nearest(role, chain, facts, at)
    if category.private or not team:
        team += _nearest("grid_head", chain, facts, at)
    if not team:
        team += [m.key for m in facts.directory.supervisors(ticket.community)]
    call_in = category.handler if category.handler.startswith("utility") else ""
    return Route(
        volunteers=_volunteers(ticket, category.skill, chain, facts, at),
        team=tuple(dict.fromkeys(team)),
        call_in=call_in,
    )


def _nearest(role: str, chain: Sequence[str], facts: Facts, at: datetime) -> list[str]:
    """Holders of a role in the nearest grid that has one present; a deputy stands in."""
    for grid in chain:
        present = [
            p for m in facts.directory.posted(role, grid) if (p := present_for(m, facts, at))
        ]
        if present:
            return list(dict.fromkeys(present))
    return []


def present_for(member: Member, facts: Facts, at: datetime) -> str | None:
    """The member's key, their stand-in's when away, or None when nobody is there."""
    day = at.astimezone(LOCAL).date()
    if not member.away(day):
        return member.key
    named = next((v.stand_in for v in member.leaves if v.first <= day <= v.last), None)
    for key in (named, member.deputy):
        other = facts.directory.members.get(key or "")
        if other and not other.away(day):
            return other.key
    return None


def _volunteers(
    ticket: Ticket, skill: str, chain: Sequence[str], facts: Facts, at: datetime
) -> tuple[str, ...]:
    shared = OUTAGE_TERM in ticket.terms
    if not skill or shared or ticket.private or ticket.urgency is Urgency.EMERGENCY:
        return ()
    day = at.astimezone(LOCAL).date()
    rows: list[tuple[int, int, str]] = []
    for member in facts.directory.members.values():
        if skill not in member.skills or member.away(day):
            continue
        offers = facts.last_offers.get(member.key, 0)
        near = [chain.index(p.grid) for p in member.posts if p.grid in chain]
        capped = member.daily_cap and offers >= member.daily_cap
        if near and not capped and member.has_role("volunteer"):
            rows.append((min(near), offers, member.key))
    return tuple(key for _near, _offers, key in sorted(rows))


def dispatch(ticket: Ticket, facts: Facts, at: datetime) -> tuple[Ticket, list[Effect]]:
    """Ask the right people now. The ticket returned knows to whom it was offered."""
    found = route(ticket, facts, at)
    waiting = [key for key in found.volunteers if key not in ticket.offered_to]
    if ticket.private:
        return _dispatch_private(ticket, found, facts, at)
    if waiting and ticket.urgency is not Urgency.EMERGENCY:
        first = waiting[0]
        asked = replace(ticket, offered_to=(*ticket.offered_to, first))
        return asked, [
            tell_member(first, "offer", at, asked, 2, **_offer_values(asked, facts)),
            Remind(ticket=ticket.id, kind="offer", at=at + facts.rules.patience.offer),
        ]
    asked = replace(ticket, offered_to=tuple(dict.fromkeys((*ticket.offered_to, *found.team))))
    return asked, to_team(asked, found, facts, at)


def to_team(ticket: Ticket, found: Route, facts: Facts, at: datetime) -> list[Effect]:
    """One line in the work room; alone to each member too when danger is near or no room is."""
    rooms = facts.directory.work_rooms(ticket.community)
    danger = ticket.urgency is Urgency.EMERGENCY
    values = _offer_values(ticket, facts) | {
        "who": names.COMMA.join(describing.who(key, facts) for key in found.team[:2]),
        "hint": _hint(ticket, found),
    }
    priority = 0 if danger else 2
    if not found.team:
        told = [m.key for m in facts.directory.supervisors(ticket.community)]
        return [tell_member(key, "work_none", at, ticket, priority, **values) for key in told]
    said: list[Effect] = [
        replace(
            tell_room(room.handle, "work_new", at, ticket, priority, **values),
            mentions=found.team[:2],
        )
        for room in rooms[:1]
    ]
    if danger or not rooms:
        said += [tell_member(k, "work_new", at, ticket, priority, **values) for k in found.team[:4]]
    if danger:
        heads = [m.key for m in facts.directory.supervisors(ticket.community)]
        said += [
            tell_member(k, "work_new", at, ticket, 0, **values)
            for k in heads
            if k not in found.team[:4]
        ]
    return said


def _dispatch_private(
    ticket: Ticket, found: Route, facts: Facts, at: datetime
) -> tuple[Ticket, list[Effect]]:
    asked = replace(ticket, offered_to=found.team[:3])
    home = facts.directory.communities.get(ticket.community)
    values = describing.about(ticket, facts, full=True) | {
        "matter": describing.matter(ticket),
        "community": home.name if home else "",
        "hours": describing.span(_natural(claim_limit(ticket, facts))),
    }
    priority = 0 if ticket.urgency is Urgency.EMERGENCY else 2
    return asked, [
        tell_member(key, "work_private", at, asked, priority, **values) for key in found.team[:3]
    ]


def _natural(limit: Limit) -> timedelta:
    return timedelta(minutes=limit.minutes)


def _offer_values(ticket: Ticket, facts: Facts) -> dict[str, str]:
    values = describing.about(ticket, facts, full=True) | {"matter": describing.matter(ticket)}
    if not ticket.place:
        values["where"] += names.PLACE_MISSING
    return values


def _hint(ticket: Ticket, found: Route) -> str:
    if not found.call_in:
        return ""
    called = names.CALLED[found.call_in][0]
    return names.HINT_CALL_IN.format(number=ticket.label, who=called)


def next_words(ticket: Ticket, facts: Facts, at: datetime) -> str:
    """What the resident is told about who looks after it."""
    found = route(ticket, facts, at)
    skill = facts.rules.category(ticket.category).skill
    if found.volunteers and skill in names.SKILLS:
        return names.SEARCHING.format(skill=names.SKILLS[skill])
    if found.team:
        return names.TOLD.format(who=role_words(found.team[0], ticket, facts))
    return names.TOLD_SOMEBODY


def role_words(member: str, ticket: Ticket, facts: Facts) -> str:  # noqa: ARG001  # kept for the symmetry of its siblings
    """`网格长赵哥`: what residents call somebody by; the name already may hold the post."""
    found = facts.directory.members.get(member)
    if found is None:
        return names.ON_DUTY
    post = next((p for p in found.posts if p.role in names.ROLES), None)
    if post is None or len(found.name) >= _TITLED:
        return found.name
    return f"{names.ROLES[post.role]}{found.name}"


def superiors(ticket: Ticket, facts: Facts, at: datetime) -> tuple[int, tuple[str, ...]]:
    """(level, members) one step up: those in charge of the field first, else its head."""
    above = [g for g in facts.directory.chain(ticket.grid) if g.level < ticket.level]
    for grid in above:
        heads = [
            m
            for role in ("supervisor", "grid_head")
            for m in facts.directory.posted(role, grid.key)
            if not m.fields or ticket.category in m.fields
        ]
        in_charge = [m for m in heads if ticket.category in m.fields] or heads
        present = [
            p
            for m in in_charge
            if (p := present_for(m, facts, at)) and p not in (ticket.assignee, *ticket.offered_to)
        ]
        if present:
            return grid.level, tuple(dict.fromkeys(present))
    told = tuple(m.key for m in facts.directory.supervisors(ticket.community))
    return max(1, ticket.level - 1), told
