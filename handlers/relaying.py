"""代报 and visits: a member reports what somebody else suffers. Leave: a member goes away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.calendar import LOCAL
from domain.command import Act, Command
from domain.effects import ChangeTicket, Effect, Forget, Remind, TakeLeave
from domain.grid import Leave
from domain.ticket import MOVES, Move, Ticket, after
from handlers import assigning, describing, handing, matching
from handlers.opening import open_ticket
from handlers.reporting import join
from handlers.scene import Scene, tell_member, whisper
from handlers.zh import names

ACTS = frozenset({Act.RELAY, Act.VISIT, Act.LEAVE, Act.BACK})
_LONGEST = 60


def relay(scene: Scene, asked: Command) -> list[Effect]:
    """A report for somebody else, or being away."""
    match asked.act:
        case Act.LEAVE:
            return leave(scene, asked)
        case Act.BACK:
            return back(scene)
        case _:
            return reported(scene, asked)


def reported(scene: Scene, asked: Command) -> list[Effect]:
    """The same road as a resident's request, with who reported and who relayed apart."""
    text = asked.text.strip()
    if not text:
        return [whisper(scene, "relay_empty")]
    known = matching.same_matter(scene)
    if known is not None and known.active:
        return join(scene, known)
    return open_ticket(scene, relayed=True, text=text)


def sighting(scene: Scene) -> list[Effect]:
    """A request that a member is the first to bring up, in so many words."""
    known = matching.same_matter(scene)
    if known is not None:
        return join(scene, known)
    return open_ticket(scene, relayed=True)


def leave(scene: Scene, asked: Command) -> list[Effect]:
    """Away: the stand-in is asked for everything in hand."""
    member = scene.member
    if member is None:
        return [whisper(scene, "refuse_unbound")]
    first = (asked.when or scene.at).astimezone(LOCAL).date()
    until = asked.until or asked.when or scene.at + timedelta(days=1)
    last = min(until.astimezone(LOCAL).date(), first + timedelta(days=_LONGEST))
    found = handing.named(scene, asked.who)
    stand_in = found[0] if len(found) == 1 else None
    deputy = stand_in or scene.facts.directory.members.get(member.deputy or "")
    held = [t for t in scene.facts.tickets if t.assignee == member.key and t.active]
    effects: list[Effect] = [
        TakeLeave(
            member=member.key,
            leave=Leave(first=first, last=last, stand_in=stand_in.key if stand_in else None),
        )
    ]
    if deputy:
        for ticket in held:
            effects += _handed(scene, ticket, deputy.key)
    who = names.STAND_IN.format(who=deputy.name) if deputy else ""
    handed = names.HANDED.format(count=len(held)) if deputy and held else ""
    effects.append(
        whisper(
            scene,
            "leave_taken",
            first=f"{first:%m-%d}",
            last=f"{last:%m-%d}",
            who=who,
            count=str(len(held)),
            handed=handed,
        )
    )
    return effects


def _handed(scene: Scene, ticket: Ticket, to: str) -> list[Effect]:
    if Move.TRANSFER not in MOVES[ticket.state]:
        return []
    facts = scene.facts
    claim = assigning.claim_limit(ticket, facts)
    freed = replace(
        ticket,
        state=after(ticket, Move.TRANSFER),
        assignee=None,
        offered_to=(to,),
        touched_at=scene.at,
        claim_from=scene.at,
        claim_due=claim.from_(scene.at, facts.rules.calendar),
    )
    values = describing.about(ticket, facts, full=True) | {
        "who": scene.member.name if scene.member else ""
    }
    first = claim.part(facts.rules.patience.steps[0]).from_(scene.at, facts.rules.calendar)
    return [
        ChangeTicket(
            before=ticket,
            after=freed,
            move=Move.TRANSFER,
            state=freed.state,
            by=scene.actor,
            at=scene.at,
            note="leave",
            message=scene.message.key,
        ),
        Forget(ticket=ticket.id, kinds=("solve", "eta")),
        Remind(ticket=ticket.id, kind="claim", at=first),
        tell_member(to, "handed_by_leave", scene.at, ticket, 1, **values),
    ]


def back(scene: Scene) -> list[Effect]:
    """Back early: a leave that ended yesterday."""
    if scene.member is None:
        return [whisper(scene, "refuse_unbound")]
    yesterday = scene.at.astimezone(LOCAL).date() - timedelta(days=1)
    ended = Leave(first=yesterday, last=yesterday)
    return [TakeLeave(member=scene.member.key, leave=ended), whisper(scene, "back")]
