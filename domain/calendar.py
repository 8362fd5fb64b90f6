"""Working time: days off, make-up days, hours. Pure arithmetic, never raises for a date."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")
_ONE_DAY = timedelta(days=1)
_FAR = 3650


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkCalendar:
    """Monday to Friday, minus `off`, plus `on` (调休), within `hours` of local time.

    `years` are those the calendar file covers; other years fall back to Monday to Friday.
    """

    off: frozenset[date] = frozenset()
    on: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()
    hours: tuple[tuple[time, time], ...] = field(
        default=((time(8, 0), time(12, 0)), (time(13, 0), time(17, 0)))
    )
    zone: ZoneInfo = LOCAL

    def is_working_day(self, day: date) -> bool:
        if day in self.on:
            return True
        return day not in self.off and day.weekday() < 5

    def is_working(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        return self.is_working_day(local.date()) and any(
            start <= local.time() < end for start, end in self.hours
        )

    def spans(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The working spans of a day, as aware times; empty on a day off."""
        if not self.is_working_day(day):
            return ()
        return tuple(
            (
                datetime.combine(day, start, self.zone),
                datetime.combine(day, end, self.zone),
            )
            for start, end in self.hours
        )

    def add(self, at: datetime, minutes: float) -> datetime:
        """The moment `minutes` of working time after `at`."""
        left = timedelta(minutes=minutes)
        day = at.astimezone(self.zone).date()
        for _ in range(_FAR):
            for start, end in self.spans(day):
                begin = max(start, at)
                if begin >= end:
                    continue
                if end - begin >= left:
                    return begin + left
                left -= end - begin
            day += _ONE_DAY
        return at + timedelta(minutes=minutes)

    def between(self, first: datetime, last: datetime) -> float:
        """Working minutes between two moments; 0 if `last` is not after `first`."""
        total = timedelta()
        day = first.astimezone(self.zone).date()
        final = last.astimezone(self.zone).date()
        while day <= final:
            for start, end in self.spans(day):
                total += max(min(end, last) - max(start, first), timedelta())
            day += _ONE_DAY
        return total.total_seconds() / 60

    def next_start(self, at: datetime) -> datetime:
        """`at` itself when working, else the next moment that work starts."""
        return self.add(at, 0) if self.is_working(at) else self._next_span(at)

    def _next_span(self, at: datetime) -> datetime:
        day = at.astimezone(self.zone).date()
        for _ in range(_FAR):
            for start, _end in self.spans(day):
                if start >= at:
                    return start
            day += _ONE_DAY
        return at

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`."""
        following = day + _ONE_DAY
        for _ in range(_FAR):
            if self.is_working_day(following):
                return following
            following += _ONE_DAY
        return day + _ONE_DAY


def within(at: datetime, start: time, end: time, zone: ZoneInfo = LOCAL) -> bool:
    """Whether the local time of `at` lies in [start, end); a span over midnight is understood."""
    now = at.astimezone(zone).time()
    return start <= now < end if start <= end else now >= start or now < end
