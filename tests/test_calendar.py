"""Working time: the arithmetic of the calendar, and the file that it is read from."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar_file import (
    NEXT_YEAR_MISSING,
    THIS_YEAR_MISSING,
    calendar_from,
    calendar_warning,
    load_calendar,
)
from bot.yaml_file import parse_yaml
from domain.calendar import LOCAL, WorkCalendar, within
from domain.errors import ConfigError

SHIPPED = Path(__file__).parent.parent / "calendar.yaml"
CALENDAR = load_calendar(SHIPPED)
MOMENTS = st.datetimes(datetime(2024, 12, 1), datetime(2027, 12, 31)).map(
    lambda at: at.replace(microsecond=0, tzinfo=LOCAL)
)
WORK = st.integers(min_value=0, max_value=20_000)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


@given(MOMENTS, WORK)
def test_between_undoes_add(begin: datetime, minutes: int) -> None:
    assert CALENDAR.between(begin, CALENDAR.add(begin, minutes)) == minutes


@given(MOMENTS, WORK, WORK)
def test_adding_twice_is_adding_the_sum(begin: datetime, first: int, second: int) -> None:
    twice = CALENDAR.add(CALENDAR.add(begin, first), second)
    assert CALENDAR.between(begin, twice) == first + second
    assert twice <= CALENDAR.next_start(CALENDAR.add(begin, first + second))


@given(MOMENTS, MOMENTS, MOMENTS)
def test_between_adds_up_over_a_moment_in_the_middle(a: datetime, b: datetime, c: datetime) -> None:
    first, middle, last = sorted((a, b, c))
    parts = CALENDAR.between(first, middle) + CALENDAR.between(middle, last)
    assert parts == pytest.approx(CALENDAR.between(first, last))
    assert CALENDAR.between(last, first) == 0 or first == last


@given(MOMENTS)
def test_next_start_is_working_and_nothing_is_worked_before_it(begin: datetime) -> None:
    start = CALENDAR.next_start(begin)
    assert start >= begin
    assert CALENDAR.is_working(start)
    assert CALENDAR.between(begin, start) == 0


@given(MOMENTS, WORK)
def test_the_zone_of_the_question_does_not_change_the_answer(begin: datetime, minutes: int) -> None:
    assert CALENDAR.add(begin.astimezone(UTC), minutes) == CALENDAR.add(begin, minutes)


def test_a_make_up_sunday_is_worked_and_a_festival_monday_is_not() -> None:
    assert CALENDAR.is_working_day(date(2026, 9, 20))
    assert CALENDAR.is_working_day(date(2026, 2, 14))
    assert not CALENDAR.is_working_day(date(2026, 2, 23))
    assert not CALENDAR.is_working_day(date(2026, 10, 7))
    assert CALENDAR.is_working_day(date(2026, 10, 8))
    assert not CALENDAR.is_working_day(date(2026, 10, 11))


def test_a_limit_runs_over_the_national_holiday_and_its_make_up_days() -> None:
    begin = at("2026-09-30T16:00")
    assert CALENDAR.add(begin, 120) == at("2026-10-08T09:00")
    assert CALENDAR.add(begin, 60 + 2 * 480 + 60) == at("2026-10-10T09:00")
    assert CALENDAR.between(begin, at("2026-10-12T08:00")) == 60 + 3 * 480


def test_the_lunch_break_and_the_night_are_no_working_time() -> None:
    assert CALENDAR.add(at("2026-11-23T11:30"), 60) == at("2026-11-23T13:30")
    assert CALENDAR.next_start(at("2026-11-23T12:00")) == at("2026-11-23T13:00")
    assert CALENDAR.next_start(at("2026-11-27T17:00")) == at("2026-11-30T08:00")
    assert CALENDAR.next_working_day(date(2026, 11, 27)) == date(2026, 11, 30)


def test_a_year_without_entries_falls_back_to_monday_to_friday() -> None:
    assert CALENDAR.is_working_day(date(2031, 10, 1))
    assert not CALENDAR.is_working_day(date(2031, 10, 4))


def test_a_calendar_without_any_working_day_never_hangs_or_raises() -> None:
    never = WorkCalendar(hours=())
    begin = at("2026-11-23T08:00")
    assert never.add(begin, 30) == begin + timedelta(minutes=30)
    assert never.next_start(begin) == begin


def test_a_span_over_midnight_is_understood() -> None:
    assert within(at("2026-11-23T23:30"), time(22), time(6))
    assert within(at("2026-11-23T05:59"), time(22), time(6))
    assert not within(at("2026-11-23T06:00"), time(22), time(6))
    assert within(datetime(2026, 11, 23, 0, 0, tzinfo=UTC), time(8), time(9))


def test_the_shipped_file_covers_2025_and_2026_as_published() -> None:
    """The counts are those of the plans: 28 and 33 days off, 5 and 6 make-up days."""
    assert sorted(CALENDAR.years) == [2025, 2026]
    assert sum(day.year == 2025 for day in CALENDAR.off) == 28
    assert sum(day.year == 2026 for day in CALENDAR.off) == 33
    assert sum(day.year == 2025 for day in CALENDAR.on) == 5
    assert sum(day.year == 2026 for day in CALENDAR.on) == 6
    assert date(2027, 2, 8) in CALENDAR.off


@pytest.mark.parametrize(
    ("today", "key"),
    [
        (date(2025, 11, 1), None),
        (date(2026, 10, 31), None),
        (date(2026, 11, 1), NEXT_YEAR_MISSING),
        (date(2026, 12, 31), NEXT_YEAR_MISSING),
        (date(2027, 1, 1), THIS_YEAR_MISSING),
    ],
)
def test_a_missing_year_is_warned_of_from_november(today: date, key: str | None) -> None:
    assert calendar_warning(CALENDAR, today) == key


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must hold keys"),
        ("year: {}\n", "did you mean `years`?"),
        ("years:\n  26: {}\n", "c:2: `years.26`: is not a year"),
        ("years:\n  2026:\n    of: []\n", "c:3: `years.2026.of`: unknown key (did you mean"),
        ("years: {2026: {status: maybe}}\n", "official or provisional"),
        ("years: {2026: {off: 2026-01-01}}\n", "must be a list"),
        ("years:\n  2026:\n    off:\n      - 1.1.2026\n", "c:4: `years.2026.off[0]`"),
        ("years: {2026: {off: [2026-02-30]}}\n", "not in the calendar"),
        ("years: {2026: {off: [2025-12-31..2026-01-01]}}\n", "not in 2026"),
        ("years: {2026: {off: [2026-05-03..2026-05-01]}}\n", "backwards"),
        ("years: {2026: {off: [2026-01-01, 2026-01-01]}}\n", "listed twice"),
        ("years: {2026: {on: [2026-10-09]}}\n", "check the date"),
        ("years: {2026: {off: [2026-10-10], on: [2026-10-10]}}\n", "also a day off"),
    ],
)
def test_a_mistake_in_the_file_is_refused_with_line_and_remedy(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        calendar_from(parse_yaml(text, "c"))
    assert said in str(caught.value)


@given(st.text(max_size=200))
def test_no_text_breaks_the_calendar_file(text: str) -> None:
    try:
        calendar_from(parse_yaml(f"years:\n  2026:\n    off:\n      - {text}\n", "c"))
    except ConfigError as error:
        assert str(error).startswith("c:")  # noqa: PT017  # the error is one of several allowed outcomes
