"""A member's message: a command, a plain reply on a ticket, free talk about work, or small talk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.command import Act, Command
from domain.effects import Ask, CloseQuestion, Effect
from domain.facts import Question
from domain.ticket import MOVES, Move, State, Ticket
from handlers import (
    capturing,
    correcting,
    describing,
    doubting,
    matching,
    overlooked,
    relaying,
    splitting,
    supervising,
    talking,
    working,
)
from handlers.scene import Scene, whisper
from handlers.zh import names

_CHOICES = 4
_CORRECTIONS = frozenset(
    {Act.MERGE, Act.SPLIT, Act.SET_CATEGORY, Act.SET_PLACE, Act.SET_URGENCY, Act.DISMISS, Act.UNDO}
)
_RESTING = frozenset({State.MERGED, State.DISMISSED})
"""`恢复` brings these back; elsewhere it goes on with what was paused."""
_BARE_YES = frozenset({Act.CLAIM, Act.ACCEPT, Act.DECLINE, Act.BUILD, Act.NOT_BUILD})


def hear(scene: Scene) -> list[Effect]:
    """Everything a member's message can lead to."""
    asked = scene.command
    if (own := relaying.of_own(scene)) is not None:
        return own
    if (wanted := capturing.answered(scene)) is not None:
        return capturing.build(scene, wanted[0], wanted=wanted[1])
    doubted = doubting.in_doubt(scene)
    if doubted is not None and (asked is None or not asked.certain):
        return [*doubting.ask(scene, doubted), working.spoken(scene, doubted)]
    if asked is None:
        return talking.talk(scene)
    if answered := _answer(scene, asked):
        return answered
    if asked.act in supervising.ACTS:
        return supervising.supervise(scene, asked)
    if asked.act in relaying.ACTS:
        return relaying.relay(scene, asked)
    return _on_ticket(scene, asked)


def _on_ticket(scene: Scene, asked: Command) -> list[Effect]:
    if asked.act is Act.CLAIM and asked.number is None and (words := overlooked.answered(scene)):
        return overlooked.take_up(scene, asked, words)
    found = meant(scene, asked)
    if isinstance(found, list):
        return found
    if found is None:
        spoken = not asked.certain and asked.act not in _CORRECTIONS
        return talking.talk(scene) if spoken else []
    if not supervising.may_know(scene, found):
        who = describing.who(found.assignee, scene.facts)
        return [whisper(scene, "refuse_private", found, number=found.label, who=who)]
    if asked.act in _CORRECTIONS or (asked.act is Act.RESUME and found.state in _RESTING):
        return _correct(scene, asked, found)
    asked = talking.as_answer(scene, asked, found)
    refused = working.refusal(scene, asked, found)
    if refused is not None:
        return refused
    return working.work(scene, asked, found)


def _correct(scene: Scene, asked: Command, ticket: Ticket) -> list[Effect]:
    match asked.act:
        case Act.MERGE:
            return splitting.merge(scene, asked, ticket)
        case Act.SPLIT:
            return splitting.split(scene, ticket)
        case Act.SET_CATEGORY:
            return correcting.set_category(scene, asked, ticket)
        case Act.SET_PLACE:
            return correcting.set_place(scene, asked, ticket)
        case Act.SET_URGENCY:
            return correcting.set_urgency(scene, asked, ticket)
        case Act.DISMISS:
            return correcting.dismiss(scene, ticket)
        case _:
            return splitting.revive(scene, ticket)


def meant(scene: Scene, asked: Command) -> Ticket | list[Effect] | None:
    """The ticket meant: by number, by quote, or by context; a short question when in doubt."""
    tickets = scene.facts.tickets
    if asked.number is not None:
        same = [t for t in tickets if t.number == asked.number and t.part == asked.part]
        known = sorted(same, key=lambda t: not t.active)
        if known:
            return known[0]
        return [whisper(scene, "refuse_no_number", number=str(asked.number))]
    if scene.facts.quoted is not None:
        return scene.facts.ticket(scene.facts.quoted)
    fitting = [m for m in matching.candidates_for_staff(scene) if _fits(asked, m.ticket, scene)]
    if not fitting:
        return _in_hand(scene, asked)
    first, rest = fitting[0], fitting[1:]
    if rest and first.score - rest[0].score < matching.CLEAR_LEAD and asked.certain:
        return _which(scene, asked, [m.ticket for m in fitting])
    return first.ticket


def _in_hand(scene: Scene, asked: Command) -> Ticket | list[Effect] | None:
    """Plain words long after the last ones: what the member holds, or was asked to take."""
    if not asked.certain and not scene.message.private:
        return None
    member = scene.member.key if scene.member else ""
    held = [t for t in scene.facts.tickets if _fits(asked, t, scene)]
    mine = [t for t in held if t.assignee == member] or [
        t for t in held if member in (*t.offered_to, *t.helpers)
    ]
    if len(mine) > 1 and asked.certain:
        return _which(scene, asked, mine)
    return mine[0] if mine else None


def _fits(asked: Command, ticket: Ticket, scene: Scene) -> bool:
    """Whether the act makes sense for this ticket; a time or `done` is for one's own first."""
    allowed = MOVES[ticket.state]
    member = scene.member.key if scene.member else ""
    match asked.act:
        case Act.CLAIM | Act.ACCEPT:
            return ticket.active and (not asked.certain or ticket.assignee != member)
        case Act.DECLINE:
            return ticket.state in (State.OPEN, State.ESCALATED) and member in ticket.offered_to
        case Act.DONE:
            return Move.DONE in allowed
        case Act.RESUME:
            return ticket.state is State.PAUSED
        case Act.RETURN:
            return Move.RETURN in allowed or ticket.assignee == member
        case Act.DECIDE:
            return ticket.state is State.COUNCIL
        case Act.SPLIT:
            return Move.SPLIT in allowed or Move.REVIVE in allowed
        case Act.UNDO:
            return Move.REVIVE in allowed
        case _:
            return ticket.active


def _which(scene: Scene, asked: Command, tickets: list[Ticket]) -> list[Effect]:
    shown = tickets[:_CHOICES]
    choices = names.OR.join(
        names.CHOICE.format(
            number=t.label,
            what=describing.where(t, scene.facts) + describing.what(t, scene.facts.rules),
        )
        for t in shown
    )
    held: dict[str, str] = {
        "act": asked.act,
        "who": asked.who,
        "reason": asked.reason,
        "text": asked.text,
        "when": asked.when.isoformat() if asked.when else "",
        "until": asked.until.isoformat() if asked.until else "",
    }
    question = Question(
        id=0,
        kind="which",
        ticket=None,
        person=scene.person,
        room=scene.message.place_of_talk,
        asked_at=scene.at,
        expires_at=scene.at + scene.facts.rules.patience.offer * 3,
        payload=held,
    )
    return [Ask(question=question), whisper(scene, "which", choices=choices + names.CHOICE_END)]


def _answer(scene: Scene, asked: Command) -> list[Effect] | None:
    """The answer to something the product asked this member."""
    key = f"member:{scene.member.key}" if scene.member else ""
    mine = [q for q in scene.facts.questions if q.person in (scene.person, key)]
    for question in sorted(mine, key=lambda q: q.asked_at, reverse=True):
        if question.kind == "which" and asked.number is not None and asked.act is Act.DETAIL:
            again = _resumed(question.payload, asked)
            closed = CloseQuestion(question=question.id)
            return [closed, *_on_ticket(scene.reading_as(again), again)]
        if question.kind == "capture" and asked.act in (Act.BUILD, Act.NOT_BUILD, Act.DISMISS):
            return capturing.build(scene, question, wanted=asked.act is Act.BUILD)
    if asked.act is Act.NOT_BUILD:
        return []
    return None


def _resumed(held: Mapping[str, str], asked: Command) -> Command:
    return Command(
        act=Act(held["act"]),
        number=asked.number,
        part=asked.part,
        who=held["who"],
        reason=held["reason"],
        text=held["text"],
        when=datetime.fromisoformat(held["when"]) if held["when"] else None,
        until=datetime.fromisoformat(held["until"]) if held["until"] else None,
    )
