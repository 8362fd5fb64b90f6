"""Spans and times of day as people write them: `15min`, `8wh`, `3wd`, `07:00-22:00`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Annotated

from pydantic import BeforeValidator

from domain.rules import Limit

_SPAN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?) ?(ms|s|min|h|d)\Z")
_LIMIT = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?(min|h|d|wh|wd)\Z")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})\Z")
_NATURAL = {"min": 1.0, "h": 60.0, "d": 1440.0}
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}

SPAN_REMEDY = "write a number and a unit: 800ms, 60s, 10min, 24h or 7d"
LIMIT_REMEDY = (
    "write natural time as 15min, 2h or 1d, working time as 8wh (hours) or 3wd (working days)"
)
CLOCK_REMEDY = "write a time of day as 07:40 (00:00 to 23:59)"


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenLimit:
    """A limit as written; working days are known only together with the working hours."""

    amount: float
    unit: str

    @property
    def working(self) -> bool:
        return self.unit.startswith("w")

    def limit(self, day_minutes: float) -> Limit:
        """As minutes; `day_minutes` is the length of one working day."""
        if self.unit == "wd":
            return Limit(minutes=self.amount * day_minutes, working=True)
        if self.unit == "wh":
            return Limit(minutes=self.amount * 60, working=True)
        return Limit(minutes=self.amount * _NATURAL[self.unit])


def parse_span(value: object) -> timedelta:
    """`10min` as a timedelta; ValueError with a remedy."""
    if isinstance(value, timedelta):
        return value
    found = _SPAN.match(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{value!r} is not a span: {SPAN_REMEDY}")
    try:
        return timedelta(seconds=float(found[1]) * _SECONDS[found[2]])
    except OverflowError as error:
        raise ValueError(f"{value!r} is too long: {SPAN_REMEDY}") from error


def parse_limit(value: object) -> WrittenLimit:
    """`8wh` as written; ValueError with a remedy."""
    if isinstance(value, WrittenLimit):
        return value
    found = _LIMIT.match(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{value!r} is not a limit: {LIMIT_REMEDY}")
    if float(found[1]) == 0:
        raise ValueError(f"{value!r} leaves no time at all: {LIMIT_REMEDY}")
    return WrittenLimit(amount=float(found[1]), unit=found[2])


def parse_clock(value: object) -> time:
    """`07:40` as a time of day; ValueError with a remedy."""
    if isinstance(value, time):
        return value
    found = _CLOCK.match(value) if isinstance(value, str) else None
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(f"{value!r} is not a time: {CLOCK_REMEDY}")
    return time(int(found[1]), int(found[2]))


def parse_hours(value: object) -> tuple[time, time]:
    """`07:00-22:00` as two times; they may lie on either side of midnight, but must differ."""
    parts = value.split("-") if isinstance(value, str) else []
    if len(parts) != 2:
        raise ValueError(f"{value!r} is not a span of the day: write it as 08:00-12:00")
    start, end = parse_clock(parts[0].strip()), parse_clock(parts[1].strip())
    if start == end:
        raise ValueError(f"{value!r} is empty: start and end must differ, as in 08:00-12:00")
    return start, end


Span = Annotated[timedelta, BeforeValidator(parse_span)]
Clock = Annotated[time, BeforeValidator(parse_clock)]
Hours = Annotated[tuple[time, time], BeforeValidator(parse_hours)]
Written = Annotated[WrittenLimit, BeforeValidator(parse_limit)]
