"""`calendar.yaml` -> WorkCalendar: days off, make-up days, and a warning when a year is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import cast

from bot.yaml_file import Location, YamlFile, dotted, nearest, read_yaml
from domain.calendar import WorkCalendar
from domain.errors import ConfigError

_SPAN = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:\.\.([0-9]{4}-[0-9]{2}-[0-9]{2}))?\Z")
_YEAR = re.compile(r"20[0-9]{2}\Z")
_KEYS = ("status", "off", "on")
_LONGEST = timedelta(days=40)
_WARN_FROM = (11, 1)
NEXT_YEAR_MISSING = "calendar.next_year_missing"
THIS_YEAR_MISSING = "calendar.this_year_missing"


@dataclass(kw_only=True, slots=True)
class _Gathered:
    off: set[date] = field(default_factory=set[date])
    on: set[date] = field(default_factory=set[date])
    years: set[int] = field(default_factory=set[int])


def load_calendar(path: Path) -> WorkCalendar:
    """The calendar of a file; `years` holds the official ones only. Raises ConfigError."""
    return calendar_from(read_yaml(path))


def calendar_from(source: YamlFile) -> WorkCalendar:
    """The same for a file already read."""
    top = _keys(source, source.data, (), ("years",))
    years = _keys(source, top.get("years"), ("years",), None)
    found = _Gathered()
    for year, content in years.items():
        if not _YEAR.match(year):
            raise _refused(source, ("years", year), "is not a year: write it as 2027")
        _read_year(source, int(year), content, found)
    return WorkCalendar(
        off=frozenset(found.off), on=frozenset(found.on), years=frozenset(found.years)
    )


def calendar_warning(calendar: WorkCalendar, today: date) -> str | None:
    """A wording key when this year is missing, or, from 1 November, the next one; else None."""
    if today.year not in calendar.years:
        return THIS_YEAR_MISSING
    late = (today.month, today.day) >= _WARN_FROM
    return NEXT_YEAR_MISSING if late and today.year + 1 not in calendar.years else None


def _read_year(source: YamlFile, year: int, content: object, found: _Gathered) -> None:
    here: Location = ("years", str(year))
    keys = _keys(source, content, here, _KEYS)
    status = keys.get("status", "official")
    if status not in {"official", "provisional"}:
        raise _refused(source, (*here, "status"), "must be official or provisional")
    if status == "official":
        found.years.add(year)
    for at, day in _days(source, year, keys.get("off"), (*here, "off")):
        if day in found.off:
            raise _refused(source, at, f"{day} is listed twice: remove one")
        found.off.add(day)
    for at, day in _days(source, year, keys.get("on"), (*here, "on")):
        if day in found.off:
            raise _refused(source, at, f"{day} is also a day off: keep it in one list")
        if day.weekday() < 5:
            raise _refused(
                source, at, f"{day} is no Saturday or Sunday and is worked anyway: check the date"
            )
        found.on.add(day)


def _days(
    source: YamlFile, year: int, listed: object, here: Location
) -> list[tuple[Location, date]]:
    if listed is None:
        return []
    if not isinstance(listed, list):
        raise _refused(source, here, f"must be a list of days: - {year}-01-01")
    found: list[tuple[Location, date]] = []
    for n, written in enumerate(cast("list[object]", listed)):
        at = (*here, n)
        found.extend((at, day) for day in _span(source, year, written, at))
    return found


def _span(source: YamlFile, year: int, written: object, at: Location) -> list[date]:
    remedy = f"write it as {year}-10-01 or {year}-10-01..{year}-10-07"
    match = _SPAN.match(written) if isinstance(written, str) else None
    if match is None:
        raise _refused(source, at, f"{str(written)[:40]!r} is not a day: {remedy}")
    try:
        first = date.fromisoformat(match[1])
        last = date.fromisoformat(match[2] or match[1])
    except ValueError as error:
        raise _refused(source, at, f"{written!r} is not in the calendar: {remedy}") from error
    if first.year != year or last.year != year:
        raise _refused(source, at, f"{written} is not in {year}: move it to its own year")
    if not timedelta() <= last - first <= _LONGEST:
        raise _refused(source, at, f"{written} is backwards or longer than 40 days: {remedy}")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _keys(
    source: YamlFile, content: object, here: Location, known: tuple[str, ...] | None
) -> dict[str, object]:
    if not isinstance(content, dict):
        raise _refused(source, here, "must hold keys and values; see the comments in the file")
    found = cast("dict[str, object]", content)
    for key in found:
        if known is not None and key not in known:
            raise _refused(source, (*here, key), f"unknown key{nearest(key, known)}: remove it")
    return found


def _refused(source: YamlFile, at: Location, what: str) -> ConfigError:
    return ConfigError(f"{source.where(at)}: `{dotted(at)}`: {what}")
