"""代报 and visits: a member reports what somebody else suffers. Leave: a member goes away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.calendar import LOCAL
from domain.command import Act, Command
from domain.effects import (
    ChangeTicket,
    CloseQuestion,
    Effect,
    Forget,
    Learn,
    Remind,
    TakeLeave,
)
from domain.facts import Question
from domain.grid import Leave
from domain.reading import Band, Intent
from domain.ticket import MOVES, Move, Ticket, after
from handlers import assigning, capturing, correcting, describing, handing, matching, settling
from handlers.hearing import beat_of
from handlers.opening import is_bare, open_ticket
from handlers.reporting import join
from handlers.scene import Scene, tell_member, whisper
from handlers.understanding.gazetteer import resolve
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
    return open_ticket(scene, relayed=True, text=text, told_by="")


def unreadable(scene: Scene) -> list[Effect] | None:
    """A forward of which the platform shows nothing but that it is one."""
    message = scene.message
    hidden = message.forwarded and message.private and not message.told_by
    return [whisper(scene, "relay_unreadable")] if hidden and is_bare(message.text) else None


def passed_on(scene: Scene) -> list[Effect]:
    """A neighbour's words, forwarded by a member: the same road; when in doubt the member is asked."""
    reading, who = scene.reading, scene.message.told_by
    known = matching.same_matter(scene)
    if reading.danger or (reading.is_request and reading.band is Band.SURE):
        if known is not None and known.active:
            words = describing.about(known, scene.facts, full=False)
            return [*join(scene, known), whisper(scene, "relayed_known", known, **words)]
        return open_ticket(scene, relayed=True, told_by=who)
    if reading.band is Band.UNSURE or reading.intent in (Intent.REQUEST, Intent.FOLLOW_UP):
        return capturing.ask_forwarder(scene)
    return [whisper(scene, "relay_nothing")]


def of_own(scene: Scene) -> list[Effect] | None:
    """A member's word on what they reported for somebody else: where it is, over, taken back."""
    if (placed := _placed(scene)) is not None:
        return placed
    if question := _asked(scene, "confirm"):
        ticket = scene.facts.ticket(question.ticket)
        if ticket is not None and (settled := _settled(scene, ticket)):
            return settled
    return _taken_back(scene)


def _placed(scene: Scene) -> list[Effect] | None:
    """The answer to where it is; an address alone right after a report is one unasked."""
    here = bool(scene.place or scene.place.estate)
    certain = scene.command is not None and scene.command.certain
    if not here or certain or scene.reading.is_request:
        return None
    if question := _asked(scene, "place"):
        ticket = scene.facts.ticket(question.ticket)
        if ticket is not None and ticket.active:
            return [CloseQuestion(question=question.id), *_located(scene, ticket)]
    stitch = scene.facts.rules.patience.stitch
    for ticket in matching.own(scene) if scene.message.private else ():
        new = matching.passed_on(ticket, scene) and not ticket.reporter
        if new and ticket.active and scene.at - ticket.opened_at <= stitch:
            return _located(scene, ticket)
    return None


def _located(scene: Scene, ticket: Ticket) -> list[Effect]:
    """The place that was asked for: what is new in it counts, and it goes to who answers there."""
    directory, known, said = scene.facts.directory, ticket.place, scene.place
    spot = None if said.building else said.landmark
    place = replace(known, landmark=spot or known.landmark).filled_by(replace(said, landmark=spot))
    near = beat_of(scene.member, directory) if scene.member else None
    found = resolve(place, scene.text, directory, near)
    there = replace(scene, place=found.place, grid=found.grid)
    return correcting.set_place(there, Command(act=Act.SET_PLACE), ticket)


def _asked(scene: Scene, kind: str) -> Question | None:
    """The latest question of this kind to this member; when numbered, that of the number."""
    key = f"member:{scene.member.key}" if scene.member else ""
    number = scene.command.number if scene.command else None
    mine = [q for q in scene.facts.questions if q.kind == kind and q.person == key]
    if number is not None:
        held = {t.id for t in scene.facts.tickets if t.number == number}
        mine = [q for q in mine if q.ticket in held]
    return max(mine, key=lambda q: q.asked_at, default=None)


def _settled(scene: Scene, ticket: Ticket) -> list[Effect] | None:
    """What the member heard from the one who reported; bare words only when nothing else is held."""
    asked, member = scene.command, scene.member
    numbered = asked is not None and asked.number == ticket.number
    busy = any(
        t.active and member is not None and t.assignee == member.key for t in scene.facts.tickets
    )
    quoted = scene.facts.quoted == ticket.id
    if not (numbered or quoted or (scene.message.private and not busy)):
        return None
    act = asked.act if asked else None
    if scene.reading.again or act in (Act.NOT_DONE, Act.REOPEN):
        return settling.not_yet(scene, ticket)
    over = scene.reading.resolved or act in (Act.DONE, Act.CONFIRM)
    return settling.confirm(scene, ticket) if over and Move.CONFIRM in MOVES[ticket.state] else None


_UNDO = frozenset({Act.WITHDRAW, Act.NOT_BUILD, Act.DISMISS})


def _taken_back(scene: Scene) -> list[Effect] | None:
    """`撤回` or `不是` takes back what the member has just passed on; by number also later."""
    asked = scene.command
    if asked is None or asked.act not in _UNDO or not scene.message.private:
        return None
    number, patience = asked.number, scene.facts.rules.patience
    if number is not None and asked.act is not Act.WITHDRAW:
        return None
    mine = [
        t
        for t in scene.facts.tickets
        if matching.passed_on(t, scene) and t.active
        if t.number == number or (number is None and scene.at - t.opened_at <= patience.stitch)
    ]
    if not mine:
        return None
    last = max(mine, key=lambda t: t.id)
    doubted = _asked(scene, "capture") if number is None else None
    if doubted is not None and doubted.asked_at > last.opened_at:
        return None
    gone = settling.withdraw(scene, last)
    if asked.act is Act.WITHDRAW or not gone:
        return gone or None
    lesson = Learn(text=last.matter, intent="chatter", category=None, at=scene.at, source="dismiss")
    return [*gone, lesson]


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
