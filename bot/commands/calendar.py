"""`xiaoge calendar`: which days are worked, as the calendar file says."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from bot.commands.options import AsJson, ConfigFile

_DEFAULT_DAYS = 14


def calendar(
    start: Annotated[
        str, typer.Argument(metavar="DATE", help="The first day; today without it.")
    ] = "",
    config: ConfigFile = None,
    *,
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days.")] = _DEFAULT_DAYS,
    json: AsJson = False,
) -> None:
    """Show which days are worked and which are off, with make-up days (调休).

    Examples:

    * `xiaoge calendar`

    * `xiaoge calendar 2026-10-01 --days 10`
    """
    from bot.calendar_file import calendar_warning, load_calendar
    from bot.clock import SystemClock
    from bot.commands.moments import day_of
    from bot.commands.opening import config_of
    from bot.commands.printing import as_json, say, table
    from domain.calendar import WorkCalendar
    from handlers.zh import terminal
    from handlers.zh.doctor import CHINESE
    from handlers.zh.names import WEEKDAYS

    loaded = config_of(config)
    book: WorkCalendar = load_calendar(loaded.calendar_file)
    now = SystemClock().now()
    first = day_of(start, now, "DATE")
    listed = [first + timedelta(days=n) for n in range(days)]
    if json:
        as_json([{"day": d.isoformat(), "working": book.is_working_day(d)} for d in listed])
        return
    rows = [
        (
            d.isoformat(),
            WEEKDAYS[d.weekday()],
            terminal.WORKS[book.is_working_day(d)],
            terminal.DAY_OFF
            if d in book.off
            else terminal.MADE_UP
            if d in book.on
            else terminal.WEEKEND
            if d.weekday() >= 5
            else terminal.PLAIN,
        )
        for d in listed
    ]
    table("", terminal.DAYS, rows)
    today = day_of("", now, "")
    if (key := calendar_warning(book, today)) is not None:
        year = today.year if key.endswith("this_year_missing") else today.year + 1
        say(CHINESE[key].format(where=loaded.calendar, year=year))
