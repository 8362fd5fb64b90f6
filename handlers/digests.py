"""The supervisor's digest as text: exceptions first, every figure with its denominator."""

from __future__ import annotations

from datetime import datetime
from statistics import median

from domain.calendar import LOCAL
from domain.digest import DigestFigures, Ratio
from domain.effects import Effect, Say
from domain.events import DigestDue
from domain.facts import Facts
from domain.ticket import Ticket
from handlers import describing
from handlers.zh import digest as zh
from handlers.zh import names

_LISTED = 4
_DUE_LISTED = 6


def due(event: DigestDue, facts: Facts) -> list[Effect]:
    """The digest to each supervisor of the community; on days off only when danger is late."""
    figures = facts.figures
    if figures is None or event.community not in facts.directory.communities:
        return []
    working = facts.rules.calendar.is_working_day(event.at.astimezone(LOCAL).date())
    if not working and not any(t.urgency != "normal" for t in figures.late):
        return []
    weekly = event.kind == "weekly" or event.at.astimezone(LOCAL).weekday() == 0
    text = compose(figures, facts, event.at, weekly=weekly)
    return [
        Say(key="digest", at=event.at, values={"text": text}, member=m.key, priority=4)
        for m in facts.directory.supervisors(event.community)
    ]


def compose(figures: DigestFigures, facts: Facts, at: datetime, *, weekly: bool = False) -> str:
    """The whole digest; empty blocks are left out. No resident names, private matters as counts."""
    home = facts.directory.communities.get(figures.community)
    local = at.astimezone(LOCAL)
    head = zh.HEAD.format(
        community=home.name if home else figures.community,
        month=local.month,
        day=local.day,
        weekday=names.WEEKDAYS[local.weekday()],
        time=f"{local:%H:%M}",
    )
    blocks = [
        head,
        *_needs(figures, facts, at),
        *_late(figures, facts, at),
        *_due_today(figures, facts),
        *_rising(figures, facts),
        *_done(figures),
        *_programme(figures),
        *(_week(figures) if weekly else []),
        zh.FOOT,
    ]
    return "\n".join(blocks)


def _open(tickets: tuple[Ticket, ...]) -> list[Ticket]:
    return [t for t in tickets if not t.private]


def _needs(figures: DigestFigures, facts: Facts, at: datetime) -> list[str]:
    rows = _open(figures.needs_decision)
    if not rows:
        return []
    lines = [
        zh.NEED[t.state].format(
            number=t.label,
            where=describing.where(t, facts),
            what=describing.what(t, facts.rules),
            note=t.note or zh.NO_NOTE,
            age=describing.span(at - t.opened_at),
        )
        for t in rows[:_LISTED]
        if t.state in zh.NEED
    ]
    return [zh.NEEDS.format(n=len(rows)), *lines]


def _late(figures: DigestFigures, facts: Facts, at: datetime) -> list[str]:
    rows = _open(figures.late)
    if not rows:
        return []
    lines = [
        zh.LATE_LINE.format(
            number=t.label,
            where=describing.where(t, facts),
            what=describing.what(t, facts.rules),
            over=describing.span(at - (_limit(t) or at)),
            who=describing.who(t.assignee, facts) if t.assignee else zh.WITH[t.level >= 3],
        )
        for t in rows[:_LISTED]
    ]
    return [zh.LATE.format(n=len(rows)), *lines]


def _limit(ticket: Ticket) -> datetime | None:
    return ticket.solve_due if ticket.assignee else ticket.claim_due


def _due_today(figures: DigestFigures, facts: Facts) -> list[str]:
    rows = _open(figures.due_today)
    if not rows:
        return []
    parts = [
        zh.DUE_ITEM.format(
            number=t.label,
            what=describing.what(t, facts.rules),
            time=f"{(_limit(t) or t.opened_at).astimezone(LOCAL):%H:%M}",
        )
        for t in rows[:_DUE_LISTED]
    ]
    return [zh.DUE_TODAY.format(n=len(rows), items="|".join(parts))]


def _rising(figures: DigestFigures, facts: Facts) -> list[str]:
    rows = _open(figures.rising)
    return [
        zh.RISING.format(
            number=t.label,
            where=describing.where(t, facts),
            what=describing.what(t, facts.rules),
            homes=t.households,
            state=names.STATES[t.state],
        )
        for t in rows[:2]
    ]


def _done(figures: DigestFigures) -> list[str]:
    channels = " ".join(
        f"{zh.CHANNELS.get(name, name)}{count}" for name, count in figures.opened_by_channel
    )
    lines = [
        zh.YESTERDAY.format(
            opened=figures.opened,
            channels=channels or zh.NONE,
            me_too=figures.me_too,
            closed=figures.closed,
            open=figures.still_open,
        ),
        zh.RATES.format(
            claimed=_ratio(figures.claimed_in_time),
            solved=_ratio(figures.solved),
            unanswered=figures.solved.unanswered,
            reopened=figures.reopened,
            satisfied=_ratio(figures.satisfied),
        ),
    ]
    if figures.minutes_to_arrival:
        before = figures.minutes_to_arrival_before
        lines.append(
            zh.ARRIVAL.format(
                median=round(median(figures.minutes_to_arrival)),
                n=len(figures.minutes_to_arrival),
                before=zh.ARRIVAL_BEFORE.format(median=round(median(before)), n=len(before))
                if before
                else zh.NO_BEFORE,
            )
        )
    return lines


def _ratio(ratio: Ratio) -> str:
    return f"{ratio.yes}/{ratio.of}"


def _programme(figures: DigestFigures) -> list[str]:
    lines: list[str] = []
    private = sum(count for _key, count in figures.private_active)
    if private:
        lines.append(zh.PRIVATE.format(n=private))
    away = [
        zh.AWAY.format(since=since, until=until, how=zh.FILLED if filled else zh.NOT_FILLED)
        for since, until, filled in figures.offline
    ]
    lines.append(
        zh.SPOKE.format(n=figures.said_in_groups, away="".join(away) if away else zh.NEVER_AWAY)
    )
    return lines


def _week(figures: DigestFigures) -> list[str]:
    lines = [zh.WEEK]
    if figures.top_places:
        places = "|".join(f"{place} {count}" for place, count in figures.top_places[:5])
        lines.append(zh.TOP_PLACES.format(places=places))
    if figures.by_level:
        levels = " ".join(zh.LEVEL.format(level=level, n=n) for level, n in figures.by_level)
        lines.append(zh.LEVELS.format(levels=levels))
    return lines if len(lines) > 1 else []


def statistics(figures: DigestFigures, span: str) -> str:
    """One line of counters for a span of time."""
    return zh.STATISTICS.format(
        span=span,
        opened=figures.opened,
        closed=figures.closed,
        open=figures.still_open,
        me_too=figures.me_too,
        solved=_ratio(figures.solved),
        unanswered=figures.solved.unanswered,
        reopened=figures.reopened,
    )
