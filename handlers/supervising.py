"""Lists, details, urging and rooms: what members ask to see, and what supervisors may order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from domain.calendar import LOCAL
from domain.command import Act, Command
from domain.effects import Effect, Say, SetRoom
from domain.ticket import Ticket
from handlers import assigning, describing, digests
from handlers.scene import Scene, reply, tell_member, whisper
from handlers.wording import words
from handlers.zh import names

ACTS = frozenset(
    {
        Act.MY_WORK,
        Act.TODAY,
        Act.OVERDUE,
        Act.UNCLAIMED,
        Act.DETAIL,
        Act.WHERE,
        Act.DIGEST,
        Act.WEEKLY,
        Act.STATISTICS,
        Act.HELP,
        Act.URGE,
        Act.MUTE,
        Act.UNMUTE,
        Act.ROOM_ON,
        Act.ROOM_OFF,
        Act.WHO_ARE_YOU,
        Act.WHAT_KEPT,
    }
)
_ORDERS = frozenset(
    {Act.DIGEST, Act.WEEKLY, Act.STATISTICS, Act.MUTE, Act.UNMUTE, Act.ROOM_ON, Act.ROOM_OFF}
)
_CONFIDANTS = ("civil", "family", "mediator", "grid_head", "party_head", "supervisor")
_LINES = 15


def supervise(scene: Scene, asked: Command) -> list[Effect]:
    """A list, a detail, an order; orders are for supervisors only."""
    member = scene.member
    if asked.act in _ORDERS and (member is None or not member.has_role("supervisor")):
        return [whisper(scene, "refuse_supervisor")]
    match asked.act:
        case Act.MY_WORK | Act.TODAY | Act.OVERDUE | Act.UNCLAIMED:
            return [listed(scene, asked.act)]
        case Act.DETAIL | Act.WHERE:
            return detail(scene, asked)
        case Act.URGE:
            return urge(scene, asked)
        case Act.DIGEST | Act.WEEKLY | Act.STATISTICS:
            return _figures(scene, asked)
        case Act.MUTE | Act.UNMUTE | Act.ROOM_ON | Act.ROOM_OFF:
            return _room(scene, asked)
        case Act.WHO_ARE_YOU:
            return [reply(scene, "who_are_you", town=scene.facts.directory.town_name)]
        case Act.WHAT_KEPT:
            days = scene.facts.rules.patience.text_kept.days
            there = describing.elsewhere(scene.facts.rules)
            return [reply(scene, "what_kept", days=str(days), elsewhere=there)]
        case _:
            head = member is not None and member.has_role("supervisor")
            return [whisper(scene, "help_supervisor" if head else "help_member")]


def listed(scene: Scene, act: Act) -> Say:
    """The tickets of one kind, most pressing first."""
    rows = [t for t in scene.facts.tickets if t.active and _belongs(t, act, scene)]
    rows.sort(key=lambda t: (_due(t) or scene.at, t.opened_at))
    shown = "\n".join(
        words("line", **describing.line_values(t, scene.facts, scene.at))
        for t in rows[:_LINES]
        if _may_see(scene, t)
    )
    if not shown:
        return _answer(scene, f"{act}_none", {})
    values = {"count": str(len(rows)), "lines": shown, "number": rows[0].label}
    return _answer(scene, act.value, values)


def _answer(scene: Scene, key: str, values: dict[str, str]) -> Say:
    if scene.in_work_room:
        return reply(scene, key, None, **values)
    return whisper(scene, key, None, **values)


def _belongs(ticket: Ticket, act: Act, scene: Scene) -> bool:
    member = scene.member.key if scene.member else ""
    due = _due(ticket)
    match act:
        case Act.MY_WORK:
            return ticket.assignee == member or member in ticket.helpers
        case Act.TODAY:
            today = scene.at.astimezone(LOCAL).date()
            return due is not None and due.astimezone(LOCAL).date() == today
        case Act.OVERDUE:
            return due is not None and due < scene.at
        case _:
            return ticket.assignee is None


def _due(ticket: Ticket) -> datetime | None:
    return ticket.solve_due if ticket.assignee else ticket.claim_due


def may_know(scene: Scene, ticket: Ticket) -> bool:
    """Whether this member may work on a ticket: a private one is for its own people only."""
    member = scene.member
    if not ticket.private:
        return True
    if member is None:
        return False
    asked = (ticket.assignee, *ticket.helpers, *ticket.offered_to)
    return member.key in asked or any(member.has_role(r) for r in _CONFIDANTS)


def _may_see(scene: Scene, ticket: Ticket) -> bool:
    """Private matters are shown to their own people only, and never in a room."""
    if not ticket.private:
        return True
    member = scene.member
    if member is None or not scene.message.private:
        return False
    return ticket.assignee == member.key or any(member.has_role(r) for r in _CONFIDANTS)


def detail(scene: Scene, asked: Command) -> list[Effect]:
    """Everything about one ticket, for those who may see it."""
    found = next(
        (t for t in scene.facts.tickets if t.number == asked.number and t.part == asked.part), None
    )
    if found is None and asked.number is None:
        found = scene.facts.ticket(scene.facts.quoted)
    if found is None:
        number = str(asked.number or "")
        return [whisper(scene, "refuse_no_number", number=number)] if asked.certain else []
    if not _may_see(scene, found):
        values = describing.about(found, scene.facts, full=False)
        values["state"] = names.STATES[found.state]
        return [whisper(scene, "status", found, **(values | {"where": ""}))]
    facts = scene.facts
    due = _due(found)
    values = describing.about(found, facts, full=True) | {
        "urgency": names.URGENCIES[found.urgency],
        "state": names.STATES[found.state],
        "matter": found.matter,
        "homes": str(found.households),
        "opened": describing.clock(found.opened_at, scene.at),
        "due": names.DUE.format(when=describing.clock(due, scene.at)).lstrip(names.COMMA_WIDE)
        if due and found.active
        else "",
        "who": describing.who(found.assignee, facts),
        "history": found.note,
    }
    return [whisper(scene, "detail", found, **values)]


def urge(scene: Scene, asked: Command) -> list[Effect]:
    """催5: whoever has it is asked how it stands."""
    found = next((t for t in scene.facts.tickets if t.number == asked.number), None)
    if found is None:
        return [whisper(scene, "refuse_no_number", number=str(asked.number or ""))]
    facts = scene.facts
    values = describing.about(found, facts, full=True) | {
        "by": scene.member.name if scene.member else "",
        "state": names.STATES[found.state],
    }
    told = (
        (found.assignee,)
        if found.assignee
        else found.offered_to or assigning.route(found, facts, scene.at).team[:2]
    )
    said: list[Effect] = [
        tell_member(key, "supervisor_urges", scene.at, found, 1, **values) for key in told
    ]
    who = names.COMMA.join(describing.who(key, facts) for key in told)
    return [*said, whisper(scene, "urge_sent", found, number=found.label, who=who)]


def _figures(scene: Scene, asked: Command) -> list[Effect]:
    figures = scene.facts.figures
    if figures is None:
        return []
    if asked.act is Act.STATISTICS:
        text = digests.statistics(figures, asked.text or names.THIS_MONTH)
    else:
        text = digests.compose(figures, scene.facts, scene.at, weekly=asked.act is Act.WEEKLY)
    return [replace(whisper(scene, "digest", text=text), priority=1)]


def _room(scene: Scene, asked: Command) -> list[Effect]:
    """Mute, unmute, serve or leave a room: this one, or all of the community."""
    rooms = (
        [scene.room]
        if scene.room
        else [r for r in scene.facts.directory.rooms.values() if r.community == scene.community]
    )
    until = asked.until or asked.when or scene.at + timedelta(hours=12)
    mute = until if asked.act is Act.MUTE else None
    allowed = asked.act is not Act.ROOM_OFF
    effects: list[Effect] = [
        SetRoom(room=r.handle, allowed=allowed, muted_until=mute) for r in rooms
    ]
    name = rooms[0].name if len(rooms) == 1 else names.ALL_ROOMS
    key = {Act.MUTE: "muted", Act.UNMUTE: "unmuted", Act.ROOM_ON: "room_on"}.get(
        asked.act, "room_off"
    )
    effects.append(
        whisper(scene, key, room=name, when=describing.clock(until, scene.at) if mute else "")
    )
    return effects
