"""Members hand a ticket on to each other: release, transfer, call in."""

from __future__ import annotations

from dataclasses import replace

from domain.command import Command
from domain.effects import ChangeTicket, Effect, Forget, Remind
from domain.grid import Member
from domain.ticket import UNCLAIMED, Move, State, Ticket, after
from handlers import assigning, describing
from handlers.scene import Scene, tell_member, whisper
from handlers.zh import names

_PAUSE_DAYS = 3
_COUNCIL_DAYS = 1
_CHOICES = 6


def may_hand_on(scene: Scene, ticket: Ticket) -> bool:
    """Who holds it, who helps, heads and supervisors may hand it on."""
    member = scene.member
    if member is None:
        return False
    holds = member.key == ticket.assignee or member.key in ticket.helpers or not ticket.assignee
    return holds or any(member.has_role(r) for r in ("grid_head", "supervisor", "info"))


def not_yours(scene: Scene, ticket: Ticket) -> list[Effect]:
    who = describing.who(ticket.assignee, scene.facts)
    return [whisper(scene, "refuse_not_yours", ticket, number=ticket.label, who=who)]


def release(scene: Scene, ticket: Ticket) -> list[Effect]:
    """Give it back: open again, and the next ones are asked."""
    if not may_hand_on(scene, ticket):
        return not_yours(scene, ticket)
    freed = replace(
        ticket,
        state=after(ticket, Move.RELEASE),
        assignee=None,
        touched_at=scene.at,
        offered_to=(scene.actor,),
        eta=None,
    )
    asked, told = assigning.dispatch(freed, scene.facts, scene.at)
    return [
        passed_on(scene, ticket, asked, Move.RELEASE),
        *claim_clock(scene, asked),
        whisper(scene, "released", ticket, number=ticket.label),
        *told,
    ]


def transfer(scene: Scene, asked: Command, ticket: Ticket) -> list[Effect]:
    """Offer it to a named colleague; until they take it, it is open."""
    if not may_hand_on(scene, ticket):
        return not_yours(scene, ticket)
    found = named(scene, asked.who)
    if len(found) != 1:
        return [_choices(scene, asked, ticket, found)]
    member = found[0]
    offered = replace(
        ticket,
        state=after(ticket, Move.TRANSFER),
        assignee=None,
        offered_to=(member.key,),
        touched_at=scene.at,
        eta=None,
    )
    values = describing.about(ticket, scene.facts, full=True) | {
        "by": scene.member.name if scene.member else "",
        "matter": describing.matter(ticket),
    }
    effects: list[Effect] = [
        passed_on(scene, ticket, offered, Move.TRANSFER, note=member.name),
        *claim_clock(scene, offered),
        tell_member(member.key, "transfer_offer", scene.at, ticket, 1, **values),
    ]
    if asked.certain:
        effects.append(whisper(scene, "transferred", ticket, number=ticket.label, who=member.name))
    return effects


def _choices(scene: Scene, asked: Command, ticket: Ticket, found: tuple[Member, ...]) -> Effect:
    pool = found or tuple(
        m
        for m in scene.facts.directory.members.values()
        if any(_near(scene, p.grid) for p in m.posts)
    )
    shown = names.COMMA.join(m.name for m in pool[:_CHOICES])
    return whisper(scene, "transfer_unknown", ticket, who=asked.who, choices=shown)


def named(scene: Scene, who: str) -> tuple[Member, ...]:
    """Members meant by a name as written: whole, nickname, surname with 师傅, or a role's word."""
    wanted = who.strip().lstrip("@")
    if not wanted:
        return ()
    everybody = scene.facts.directory.members.values()
    whole = tuple(m for m in everybody if wanted == m.name or wanted in m.nicknames)
    if whole:
        return whole
    near = [m for m in everybody if any(_near(scene, p.grid) for p in m.posts)]
    part = tuple(m for m in near if wanted in m.name or _surname_meets(wanted, m))
    if part:
        return part
    roles = [role for role, called in names.CALLED.items() if any(w in wanted for w in called)]
    return tuple(m for m in near if any(m.has_role(r) for r in roles))[:1]


def _surname_meets(wanted: str, member: Member) -> bool:
    stem = next((wanted[: -len(e)] for e in names.TEACHER_ENDINGS if wanted.endswith(e)), "")
    stem = stem.removeprefix(names.OLDER).removeprefix(names.YOUNGER) if len(stem) > 1 else stem
    return len(stem) == 1 and stem in member.name


def _near(scene: Scene, grid: str) -> bool:
    """Whether a grid is of this community or above it."""
    node = scene.facts.directory.grids.get(grid)
    if node is None:
        return False
    home = scene.facts.directory.communities.get(scene.community)
    above = {g.key for g in scene.facts.directory.chain(home.grid)} if home else set[str]()
    return node.community == scene.community or grid in above


def call_in(scene: Scene, asked: Command, ticket: Ticket) -> list[Effect]:
    """`23找供热`: the caller leads, the utility is told."""
    found = named(scene, asked.who)
    if not found:
        return [_choices(scene, asked, ticket, found)]
    helper = found[0]
    held = replace(
        ticket,
        state=after(ticket, Move.CLAIM) if ticket.state in UNCLAIMED else ticket.state,
        assignee=ticket.assignee or scene.actor,
        helpers=tuple(dict.fromkeys((*ticket.helpers, helper.key))),
        claimed_at=ticket.claimed_at or scene.at,
        touched_at=scene.at,
        offered_to=(),
    )
    effects: list[Effect] = []
    if ticket.state in UNCLAIMED:
        limit = assigning.solve_limit(ticket, scene.facts)
        due = limit.from_(scene.at, scene.facts.rules.calendar)
        held = replace(held, solve_from=scene.at, solve_due=due)
        first = limit.part(scene.facts.rules.patience.steps[0])
        at = first.from_(scene.at, scene.facts.rules.calendar)
        effects += [
            Forget(ticket=ticket.id, kinds=("claim", "offer")),
            Remind(ticket=ticket.id, kind="solve", at=at),
        ]
    values = describing.about(ticket, scene.facts, full=True) | {
        "by": scene.member.name if scene.member else ""
    }
    move = Move.CLAIM if ticket.state in UNCLAIMED else Move.HELP
    if move is Move.HELP and ticket.state is not State.CLAIMED:
        move = Move.CORRECT
    return [
        passed_on(scene, ticket, held, move, note=helper.name),
        *effects,
        tell_member(helper.key, "call_in", scene.at, ticket, 1, **values),
        whisper(scene, "called_in", ticket, number=ticket.label, who=helper.name),
    ]


def claim_clock(scene: Scene, ticket: Ticket) -> list[Effect]:
    facts = scene.facts
    first = assigning.claim_limit(ticket, facts).part(facts.rules.patience.steps[0])
    at = first.from_(scene.at, facts.rules.calendar)
    return [
        Forget(ticket=ticket.id, kinds=("solve", "eta", "offer", "paused", "council")),
        Remind(ticket=ticket.id, kind="claim", at=at, step=0),
    ]


def passed_on(
    scene: Scene, before: Ticket, changed: Ticket, move: Move, note: str = ""
) -> ChangeTicket:
    claim = assigning.claim_limit(changed, scene.facts)
    if changed.state in UNCLAIMED:
        due = claim.from_(scene.at, scene.facts.rules.calendar)
        changed = replace(changed, claim_from=scene.at, claim_due=due)
    return ChangeTicket(
        before=before,
        after=changed,
        move=move,
        state=changed.state,
        by=scene.actor,
        at=scene.at,
        note=note,
        message=scene.message.key,
    )


def name_of(scene: Scene) -> str:
    return scene.member.name if scene.member else names.SOMEBODY
