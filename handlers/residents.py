"""What residents may ask for by name, and the answers to what the product asked them."""

from __future__ import annotations

from datetime import timedelta

from domain.command import Act, Command
from domain.effects import CloseQuestion, Effect, Erase, OptOut
from domain.events import IdScope
from domain.facts import Question
from domain.reading import Band, Intent
from domain.ticket import ACTIVE, AWAITING_RESIDENT, State, Ticket
from handlers import (
    describing,
    doubting,
    homing,
    matching,
    opening,
    overlooked,
    recognising,
    resembling,
    settling,
)
from handlers.capturing import ask_capture
from handlers.opening import is_bare
from handlers.pattern import Pattern
from handlers.reporting import join, report
from handlers.scene import Scene, reply, whisper
from handlers.wording import words
from handlers.zh import names

_CARDS = 6
_A_DAY = timedelta(hours=24)
_CLEARLY = 0.8
_ANSWERED = frozenset({"where", "place", "same", "confirm"})
"""Questions that a resident answers in words."""
_STILL_SO = Pattern(names.STILL_SO)


def hear(scene: Scene) -> list[Effect]:
    """Everything a resident's message can lead to; silence is the usual answer."""
    if scene.command and (asked := command(scene, scene.command)) is not None:
        return asked
    if question := _question_of(scene):
        answered = _answer(scene, question)
        if answered is not None:
            return answered
    return _judge(scene)


def _judge(scene: Scene) -> list[Effect]:
    reading = scene.reading
    if reading.intent is Intent.REQUEST and reading.band is Band.SURE:
        return _again_or_report(scene)
    still = _STILL_SO.search(scene.text) is not None
    if (reading.intent is Intent.THANKS_RESOLVED or reading.resolved) and not still:
        ticket = _settled_one(scene)
        if ticket is not None:
            return settling.it_is_over(scene, ticket)
        if not reading.danger:
            return _seen_by_others(scene)
    if reading.intent is Intent.FOLLOW_UP or (still and reading.intent is Intent.THANKS_RESOLVED):
        ticket = matching.spoken_of(scene)
        if matching.is_of_its_own(scene, ticket):
            sure = reading.band is Band.NOT and reading.alone >= _CLEARLY
            return report(scene) if sure else ask_capture(scene)
        if ticket is not None:
            return _follow(scene, ticket)
        if reading.band is not Band.UNSURE:
            return overlooked.second(scene) if reading.me_too else []
    return _unsure(scene) if reading.band is Band.UNSURE else _beside_own(scene)


def _unsure(scene: Scene) -> list[Effect]:
    """More of what is known, the second voice of something new, or a question to a person."""
    known = matching.spoken_of(scene)
    if known is not None and scene.reading.category in (None, known.category):
        return join(scene, known)
    return overlooked.second(scene) or ask_capture(scene)


def _again_or_report(scene: Scene) -> list[Effect]:
    """`又漏了` about a matter that was called done reopens it; else it is a report."""
    if scene.reading.again:
        for ticket in matching.own(scene):
            same = scene.reading.category in (None, ticket.category)
            if same and not ticket.active:
                return settling.not_yet(scene, ticket)
    return homing.ask(scene) if homing.homeless(scene) else report(scene)


def _follow(scene: Scene, ticket: Ticket) -> list[Effect]:
    if scene.reading.again and matching.speaks_in(ticket, scene.person):
        return settling.not_yet(scene, ticket)
    if scene.reading.urging:
        return settling.urge(scene, ticket) if ticket.active else []
    if scene.reading.again and not ticket.active:
        return settling.not_yet(scene, ticket)
    return join(scene, ticket) if ticket.active or matching.speaks_in(ticket, scene.person) else []


def _settled_one(scene: Scene) -> Ticket | None:
    open_own = [t for t in matching.own(scene) if t.state in ACTIVE | AWAITING_RESIDENT]
    if scene.facts.quoted is not None:
        quoted = scene.facts.ticket(scene.facts.quoted)
        return quoted if quoted in open_own else None
    if not open_own:
        return None
    ranked = sorted(open_own, key=lambda t: matching.affinity(scene, t), reverse=True)
    if matching.affinity(scene, ranked[0]) >= matching.FOLLOW_BAR:
        return ranked[0]
    worked_on = ranked[0].assignee is not None or ranked[0].state in AWAITING_RESIDENT
    plainly = scene.reading.intent is Intent.THANKS_RESOLVED and len(open_own) == 1 and worked_on
    return ranked[0] if plainly and scene.at - ranked[0].touched_at <= _A_DAY else None


def _seen_by_others(scene: Scene) -> list[Effect]:
    """`来水了` of somebody who never spoke of it: kept with the matter, closes nothing."""
    if scene.reading.intent is not Intent.THANKS_RESOLVED or not scene.message.place_of_talk:
        return []
    ticket = matching.spoken_of(scene)
    return [opening.joined(scene, ticket, "more")] if ticket and not ticket.private else []


def _beside_own(scene: Scene) -> list[Effect]:
    """A bare picture, or an address alone, right after one's own words belongs to them."""
    patience = scene.facts.rules.patience
    for ticket in matching.own(scene):
        near = ticket.active and scene.at - ticket.touched_at <= patience.stitch
        talk = scene.message.place_of_talk
        here = scene.message.private or (talk is not None and resembling.told_in(ticket, talk))
        if near and here and (is_bare(scene.text) or scene.place):
            return join(scene, ticket)
    return []


def _question_of(scene: Scene) -> Question | None:
    """The open question that this person was asked; in a group only the latest one."""
    mine = [q for q in scene.facts.questions if q.person == scene.person and q.kind in _ANSWERED]
    return max(mine, key=lambda q: q.asked_at, default=None)


def _answer(scene: Scene, question: Question) -> list[Effect] | None:
    """The answer to a question, or None when the message is about something else."""
    if question.kind == "where":
        return homing.answered(scene, question)
    ticket = scene.facts.ticket(question.ticket)
    if ticket is None:
        return None
    reading = scene.reading
    if question.kind == "place" and scene.place:
        if reading.intent is Intent.REQUEST and reading.category not in (None, ticket.category):
            return None
        return [CloseQuestion(question=question.id), *join(scene, ticket)]
    if question.kind == "same" and scene.place:
        return doubting.two_matters(scene, question, ticket)
    return _confirmation(scene, ticket) if question.kind == "confirm" else None


def _confirmation(scene: Scene, ticket: Ticket) -> list[Effect] | None:
    """`行了` or `没好` to the question whether it is done."""
    act, reading = scene.command.act if scene.command else None, scene.reading
    if reading.again or act in (Act.NOT_DONE, Act.REOPEN):
        return settling.not_yet(scene, ticket)
    over = reading.resolved or reading.intent is Intent.THANKS_RESOLVED
    return settling.it_is_over(scene, ticket) if over or act in (Act.DONE, Act.CONFIRM) else None


def command(scene: Scene, asked: Command) -> list[Effect] | None:
    """The few things a resident may ask for by name; None for what is no resident's to ask."""
    if (void := recognising.claimed_as_void(scene)) is not None:
        return void
    match asked.act:
        case Act.WHO_ARE_YOU:
            return [reply(scene, "who_are_you", town=scene.facts.directory.town_name)]
        case Act.WHAT_KEPT:
            days = scene.facts.rules.patience.text_kept.days
            there = describing.elsewhere(scene.facts.rules)
            return [reply(scene, "what_kept", days=str(days), elsewhere=there)]
        case Act.HELP:
            return [whisper(scene, "help_resident")]
        case Act.OPT_OUT:
            return [OptOut(person=scene.person, out=True), whisper(scene, "opted_out")]
        case Act.OPT_IN:
            return [OptOut(person=scene.person, out=False), whisper(scene, "opted_in")]
        case Act.ERASE:
            return [Erase(person=scene.person, at=scene.at), whisper(scene, "erased")]
        case Act.MY_CASES:
            return [_my_cases(scene)]
        case _:
            return _about_own(scene, asked)


def _my_cases(scene: Scene) -> Effect:
    mine = [t for t in matching.own(scene) if t.state in ACTIVE | AWAITING_RESIDENT]
    if not mine:
        return whisper(scene, "my_cases_none")
    lines = [
        words("line", **describing.line_values(t, scene.facts, scene.at)) for t in mine[:_CARDS]
    ]
    return whisper(scene, "my_cases", count=str(len(mine)), lines="\n".join(lines))


def _about_own(scene: Scene, asked: Command) -> list[Effect] | None:
    """Commands about one of the speaker's own tickets."""
    handled = {Act.WHERE, Act.WITHDRAW, Act.URGE, Act.CONFIRM, Act.DONE, Act.REOPEN, Act.NOT_DONE}
    rated = {Act.SATISFIED: "satisfied", Act.UNSATISFIED: "unsatisfied"}
    if asked.act not in handled and asked.act not in rated:
        return _not_theirs(scene, asked)
    mine = settling.own_tickets(scene, asked.number)
    if not mine:
        missing = asked.addressed and asked.act in (Act.WHERE, Act.URGE, Act.WITHDRAW)
        return [whisper(scene, "status_none")] if missing else None
    ticket = mine[0]
    if asked.act in rated:
        closed = [t for t in mine if t.state is State.CONFIRMED]
        return settling.rate(scene, closed[0], rated[asked.act]) if closed else None
    match asked.act:
        case Act.WHERE:
            return [settling.status(scene, ticket)] if asked.number or asked.addressed else None
        case Act.WITHDRAW:
            return settling.withdraw(scene, ticket) if ticket.active else None
        case Act.URGE:
            return settling.urge(scene, ticket) if ticket.active else None
        case Act.CONFIRM | Act.DONE:
            return settling.it_is_over(scene, ticket) if asked.number else None
        case _:
            return settling.not_yet(scene, ticket) if asked.number else None


def _not_theirs(scene: Scene, asked: Command) -> list[Effect] | None:
    """A stranger who claims a numbered ticket is told privately how to be bound."""
    claims = {Act.CLAIM, Act.TRANSFER, Act.ESCALATE, Act.PAUSE, Act.RELEASE, Act.MERGE, Act.ACCEPT}
    if asked.act not in claims or asked.number is None:
        return None
    exists = any(t.number == asked.number and t.active for t in scene.facts.tickets)
    if not exists:
        return None
    again = scene.message.id_scope is IdScope.LOGIN
    return recognising.ask(scene) if again else [whisper(scene, "refuse_unbound")]
