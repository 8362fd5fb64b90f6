"""Members' replies on a ticket: claim, time, on site, done, release, transfer, pause, escalate."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from domain.command import Act, Command
from domain.effects import ChangeTicket, CloseQuestion, Effect, JoinMessage
from domain.ticket import MOVES, UNCLAIMED, Move, Ticket
from handlers import claiming, describing, finishing, handing, parking, referring
from handlers.masking import mask
from handlers.scene import Scene, whisper
from handlers.zh import names

_RESTORED_BY = re.compile(names.RESTORED_BY)
_MOVE = {
    Act.CLAIM: Move.CLAIM,
    Act.ACCEPT: Move.ACCEPT,
    Act.ETA: Move.ETA,
    Act.ARRIVE: Move.ARRIVE,
    Act.DONE: Move.DONE,
    Act.RELEASE: Move.RELEASE,
    Act.TRANSFER: Move.TRANSFER,
    Act.PAUSE: Move.PAUSE,
    Act.RESUME: Move.RESUME,
    Act.ESCALATE: Move.ESCALATE,
    Act.RETURN: Move.RETURN,
    Act.COUNCIL: Move.COUNCIL,
    Act.DECIDE: Move.DECIDE,
}


def work(scene: Scene, asked: Command, ticket: Ticket) -> list[Effect]:
    """What a member's act on this ticket leads to; refusals first."""
    act = _WORK.get(asked.act)
    effects = act(scene, asked, ticket) if act else []
    if not effects or any(isinstance(e, JoinMessage) for e in effects):
        return effects
    if any(isinstance(e, ChangeTicket) for e in effects):
        return [*effects, spoken(scene, ticket)]
    return effects


def _progress(scene: Scene, asked: Command, ticket: Ticket) -> list[Effect]:
    if _gives_a_time(scene, asked, ticket):
        return claiming.promise(scene, asked, ticket)
    return claiming.progress(scene, ticket)


def _gives_a_time(scene: Scene, asked: Command, ticket: Ticket) -> bool:
    """`换热站跳泵 说18点前恢复`: what an outage's neighbours wait to hear."""
    known = asked.when is not None and describing.OUTAGE_TERM in ticket.terms
    return known and _RESTORED_BY.search(scene.text) is not None


_WORK: Mapping[Act, Callable[[Scene, Command, Ticket], list[Effect]]] = {
    Act.CLAIM: claiming.claim,
    Act.ACCEPT: claiming.claim,
    Act.DECLINE: lambda scene, _asked, ticket: claiming.decline(scene, ticket),
    Act.ETA: claiming.promise,
    Act.ARRIVE: lambda scene, _asked, ticket: claiming.arrive(scene, ticket),
    Act.PROGRESS: _progress,
    Act.NOT_DONE: _progress,
    Act.DONE: lambda scene, _asked, ticket: finishing.done(scene, ticket),
    Act.RELEASE: lambda scene, _asked, ticket: handing.release(scene, ticket),
    Act.TRANSFER: handing.transfer,
    Act.CALL_IN: handing.call_in,
    Act.PAUSE: parking.pause,
    Act.RESUME: lambda scene, _asked, ticket: parking.resume(scene, ticket),
    Act.ESCALATE: referring.escalate,
    Act.RETURN: referring.give_back,
    Act.COUNCIL: lambda scene, _asked, ticket: parking.to_council(scene, ticket),
    Act.DECIDE: parking.decide,
}


def refusal(scene: Scene, asked: Command, ticket: Ticket) -> list[Effect] | None:
    """Why this cannot be: the lifecycle does not know the move from here."""
    move = _MOVE.get(asked.act)
    if asked.act is Act.CALL_IN and not ticket.active:
        move = Move.TRANSFER
    if move is None or move in MOVES[ticket.state] or _other_way(move, ticket):
        return None
    if not asked.certain:
        return []
    return [
        whisper(
            scene,
            "refuse_state",
            ticket,
            number=ticket.label,
            state=names.STATES[ticket.state],
            move=names.MOVES[move],
        )
    ]


def _other_way(move: Move, ticket: Ticket) -> bool:
    """A claim of a claimed ticket is an offer of help; time and arrival claim what is open."""
    if move in (Move.CLAIM, Move.ACCEPT):
        return ticket.active
    return move in (Move.ETA, Move.ARRIVE) and ticket.state in UNCLAIMED


def spoken(scene: Scene, ticket: Ticket) -> JoinMessage:
    """The member's message as part of the ticket."""
    return JoinMessage(
        ticket=ticket.id,
        message=scene.message.key,
        kind="staff",
        person=scene.person,
        text=mask(scene.text),
        at=scene.at,
        images=scene.message.images,
    )


def close_questions(scene: Scene, ticket: Ticket) -> list[Effect]:
    """Whatever was asked about this ticket is no longer asked."""
    return [CloseQuestion(question=q.id) for q in scene.facts.questions if q.ticket == ticket.id]
