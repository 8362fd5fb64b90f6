"""Say in few words what a ticket is, where, and when. Chinese comes from `handlers.zh.names`."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.calendar import LOCAL
from domain.facts import Facts
from domain.grid import Directory
from domain.reading import Place, Urgency
from domain.rules import HERE, Rules
from domain.ticket import Ticket
from handlers.zh import names

OUTAGE_TERM = "#outage"
_SHOWN = 40


def place_words(place: Place, directory: Directory, *, full: bool, estate: bool = True) -> str:
    """`保健院小区2号楼3单元`; the room number only when `full`. Empty when nothing is known."""
    home = directory.estates.get(place.estate or "")
    words = home.name if home and estate else ""
    if place.building:
        suffix = "" if not place.building[-1].isalnum() else names.UNITS["building"]
        words += f"{place.building}{suffix}"
    if place.unit:
        words += f"{place.unit}{names.UNITS['unit']}"
    if full and place.floor:
        words += f"{place.floor}{names.UNITS['floor']}"
    if full and place.room:
        words += place.room
    if place.landmark and not place.building:
        words += place.landmark
    return words


def where(ticket: Ticket, facts: Facts, *, full: bool = False, estate: bool = True) -> str:
    """The place followed by a blank, or nothing when unknown."""
    known = ticket.place or Place(estate=ticket.place.estate)
    words = place_words(known, facts.directory, full=full, estate=estate)
    return f"{words} " if words else ""


def what(ticket: Ticket, rules: Rules) -> str:
    """Two to eight characters: what the matter is."""
    if OUTAGE_TERM in ticket.terms and ticket.category in names.BRIEF_OUTAGE:
        return names.BRIEF_OUTAGE[ticket.category]
    return names.BRIEF.get(ticket.category) or rules.category(ticket.category).name


def matter(ticket: Ticket) -> str:
    """The resident's own words, cut, for those who work on it."""
    text = ticket.matter.strip()
    if not text:
        return ""
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return names.SAID.format(text=shown)


def homes(ticket: Ticket) -> str:
    """`（3 户）`, or nothing for one."""
    return names.HOMES.format(n=ticket.households) if ticket.households > 1 else ""


def who(member: str | None, facts: Facts) -> str:
    """A member's name, or a word for nobody."""
    found = facts.directory.members.get(member or "")
    return found.name if found else names.NOBODY


def clock(at: datetime, now: datetime) -> str:
    """`14:35` today, `明天07:00`, `11月30日18:00`."""
    local, today = at.astimezone(LOCAL), now.astimezone(LOCAL).date()
    time = f"{local:%H:%M}"
    days = (local.date() - today).days
    if days == 0:
        return time
    if days == 1:
        return names.TOMORROW + time
    if days == -1:
        return names.YESTERDAY + time
    return names.MONTH_DAY.format(month=local.month, day=local.day) + time


def day(at: datetime) -> str:
    """`5月1日`."""
    local = at.astimezone(LOCAL)
    return names.MONTH_DAY.format(month=local.month, day=local.day)


def span(length: timedelta) -> str:
    """`47 分钟`, `3 小时`, `2 天`; rounded down, never `0`."""
    minutes = max(1, int(length.total_seconds() // 60))
    if minutes < 90:
        return names.MINUTES.format(n=minutes)
    if minutes < 48 * 60:
        return names.HOURS.format(n=minutes // 60)
    return names.DAYS.format(n=minutes // (24 * 60))


def care(ticket: Ticket) -> str:
    """What to do until help comes: for dangers, and for water near sockets before it is one."""
    if ticket.urgency is Urgency.EMERGENCY:
        return names.CARE.get(ticket.category, names.CARE_OTHER)
    early = ticket.urgency is Urgency.URGENT and ticket.category in names.CARE_BEFORE_DANGER
    return names.CARE[ticket.category] if early and OUTAGE_TERM not in ticket.terms else ""


def line_values(ticket: Ticket, facts: Facts, now: datetime) -> dict[str, str]:
    """Values for the wording key `line`."""
    due = ticket.claim_due if ticket.assignee is None else ticket.solve_due
    return {
        "number": ticket.label,
        "where": where(ticket, facts, full=not ticket.private),
        "what": what(ticket, facts.rules),
        "state": names.STATES[ticket.state],
        "due": names.DUE.format(when=clock(due, now)) if due and ticket.active else "",
    }


def about(ticket: Ticket, facts: Facts, *, full: bool) -> dict[str, str]:
    """The values that most sentences about a ticket share."""
    return {
        "number": ticket.label,
        "where": where(ticket, facts, full=full),
        "what": what(ticket, facts.rules),
        "mark": names.MARKS[ticket.urgency],
        "homes": homes(ticket),
    }


def elsewhere(rules: Rules) -> str:
    """Part of the notice: which language model is shown unsure words; nothing when none is."""
    if not rules.asks_elsewhere:
        return ""
    if rules.asks_elsewhere == HERE:
        return names.ASKS_HERE
    return names.ASKS_ELSEWHERE.format(host=rules.asks_elsewhere)
