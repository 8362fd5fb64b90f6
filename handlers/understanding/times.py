"""Reads times out of chat: `20分钟`, `两点半`, `明早七点`, `今晚十点前`, `5月1日`, `周三`."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from domain.calendar import LOCAL
from handlers.pattern import Pattern
from handlers.understanding.place import plain_number
from handlers.zh import lexicon_time as words

_SPAN = Pattern(words.SPAN)
_HOUR_AND_HALF = Pattern(words.HOUR_AND_HALF)
_DAY = Pattern(words.DAY)
_WEEKDAY = Pattern(words.WEEKDAY)
_DATE = Pattern(words.DATE)
_DATE_ONLY = Pattern(words.DATE_ONLY)
_PART = Pattern(words.PART)
_CLOCK = Pattern(words.CLOCK)
_DAYS_LONG = Pattern(words.SPAN_DAYS)
_NOON = 12
_SMALL_HOURS = 7
_WEEK = 7


def find_time(text: str, at: datetime) -> datetime | None:
    """The moment a judged text names, aware and local, or None.

    A bare hour is the next such hour after `at` (`两点半` said at 14:05 is 14:30). A day without
    an hour is its 08:00, or the usual hour of the part of the day named.
    """
    if span := _span(text):
        return at.astimezone(LOCAL) + span
    now = at.astimezone(LOCAL)
    day, day_end = _day(text, now)
    clock = _CLOCK.search(text, day_end) or _CLOCK.search(text)
    part = _PART.search(text[: clock.start()] if clock else text)
    if clock is None and day is None and part is None:
        return None
    if clock is None:
        hour, minute = (words.PARTS[part[1]][1] if part else 8), 0
        if day is None and part is not None and len(part[1]) == 1:
            return None
    else:
        read = _hour_and_minute(clock)
        if read is None:
            return None
        hour, minute = read
    moment = _on(day or now.date(), _fit(hour, part, clock is not None), minute)
    if day is None and part is None and clock is not None and not clock["h24"]:
        return _next_such_hour(moment, now)
    if day is None and moment < now - timedelta(minutes=30):
        moment += timedelta(days=1)
    return moment


def _span(text: str) -> timedelta | None:
    if found := _SPAN.search(text):
        if found["half_hour"]:
            return timedelta(minutes=30)
        if found["quarters"]:
            return timedelta(minutes=45 if found["quarters"][0] == words.THREE else 15)
        if found["minutes"]:
            return timedelta(minutes=_number(found["minutes"]))
        extra = 30 if found["and_half"] or _HOUR_AND_HALF.search(found[0]) else 0
        return timedelta(minutes=_number(found["hours"]) * 60 + extra)
    return None


def _number(written: str) -> int:
    return int(plain_number(written))


def _hour_and_minute(found: re.Match[str]) -> tuple[int, int] | None:
    if found["h24"]:
        return int(found["h24"]) % 24, int(found["m24"])
    hour = _number(found["hour"])
    if hour > 24:
        return None
    if found["half"]:
        return hour % 24, 30
    if found["quarter"]:
        return hour % 24, 45 if found["quarter"] == words.THREE else 15
    minute = _number(found["minute"]) if found["minute"] else 0
    return hour % 24, minute if minute < 60 else 0


def _fit(hour: int, part: re.Match[str] | None, named: bool) -> int:
    """`下午三点` is 15; an hour that needs no help stays."""
    if part is None or not named:
        return hour
    add = words.PARTS[part[1]][0]
    if add and hour < _NOON and not (part[1] in words.NOONS and hour >= 10):
        return hour + add
    return hour


def _next_such_hour(moment: datetime, now: datetime) -> datetime:
    """A bare `两点半` means the next one, in the morning or the afternoon."""
    for hours in (0, 12, 24):
        later = moment + timedelta(hours=hours)
        if later >= now and (later.hour >= _SMALL_HOURS or now.hour < _SMALL_HOURS):
            if hours == 12 and moment.hour >= _NOON:
                continue
            return later
    return moment + timedelta(hours=36 if moment.hour < _SMALL_HOURS else 24)


def _day(text: str, now: datetime) -> tuple[date | None, int]:
    """The day named and where its words end; (None, 0) when none is."""
    today = now.date()
    if found := _DAY.search(text):
        return today + timedelta(days=words.DAYS[found["day"]]), found.end()
    if found := _WEEKDAY.search(text):
        wanted = words.WEEKDAYS[found["weekday"]]
        ahead = (wanted - today.weekday()) % 7
        if found["next"]:
            ahead = wanted - today.weekday() + 7
        return today + timedelta(days=ahead), found.end()
    if found := _DATE.search(text):
        day = _date(today, _number(found["month"]), _number(found["date"]))
        return day, found.end() if day else 0
    if found := _DATE_ONLY.search(text):
        day = _date(today, today.month, int(found["date_only"]))
        if day and day < today:
            day = _date(today, today.month % 12 + 1, int(found["date_only"]))
        return day, found.end() if day else 0
    return None, 0


def _date(today: date, month: int, day: int) -> date | None:
    """That day of this year, or of the next when it is long past; None when there is none."""
    try:
        found = date(today.year, month, day)
        return found if found >= today - timedelta(days=60) else date(today.year + 1, month, day)
    except ValueError:
        return None


def _on(day: date, hour: int, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LOCAL)


def find_day(text: str, at: datetime) -> date | None:
    """The day a text names (`到5月1日`, `周三`, `明天`), or None."""
    return _day(text, at.astimezone(LOCAL))[0]


def find_days_long(text: str) -> int | None:
    """How many days a span takes: `3天` -> 3, `两周` -> 14, `半个月` -> 15; None when none is named."""
    found = _DAYS_LONG.search(text)
    if found is None:
        return None
    if found["n"] == words.HALF:
        return 15 if found["unit"] == words.MONTH else 1
    if words.HALF in found["n"]:
        return None
    unit = words.DAYS_IN.get(found["unit"], _WEEK)
    return _number(found["n"]) * unit
