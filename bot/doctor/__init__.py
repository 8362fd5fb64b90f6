"""`xiaoge check`: everything that could keep the product from working, found before it does."""

from __future__ import annotations

from bot.calendar_file import NEXT_YEAR_MISSING, calendar_warning
from bot.config import Config
from bot.doctor.findings import Finding, Level, StoreStatus, Surroundings
from bot.doctor.holes import examine_roster
from bot.doctor.links import examine_links
from bot.doctor.risks import examine_settings
from bot.doctor.rooms import examine_rooms
from bot.doctor.surroundings import examine_machine, examine_store
from domain.calendar import WorkCalendar
from domain.grid import Directory

__all__ = ["Finding", "Level", "StoreStatus", "Surroundings", "examine", "worst"]

_ORDER = {Level.ERROR: 0, Level.WARNING: 1, Level.NOTE: 2, Level.FINE: 3}


def examine(
    config: Config, directory: Directory | None, calendar: WorkCalendar, around: Surroundings
) -> list[Finding]:
    """All findings, the worst first, otherwise in the order they were looked for.

    Nothing is read or opened here: what the machine, the store and the channels say comes in
    with `around`. Without a directory the town was not imported yet.
    """
    found = [*examine_settings(config, around)]
    found.append(_calendar(config, calendar, around))
    found += examine_store(around)
    found += examine_machine(around)
    if directory is None:
        found.append(Finding(level=Level.ERROR, code="roster.missing"))
    else:
        found += examine_roster(config, directory)
        found += examine_rooms(config, directory, around)
    said = {f.where for f in found if f.level is Level.ERROR}
    found += [f for f in around.channels if f.where not in said]
    found += examine_links(config, around)
    return sorted(found, key=lambda finding: _ORDER[finding.level])


def _calendar(config: Config, calendar: WorkCalendar, around: Surroundings) -> Finding:
    today = around.now.astimezone(calendar.zone).date()
    key = calendar_warning(calendar, today)
    if key is None:
        return Finding(level=Level.FINE, code="calendar.fine", where=config.calendar)
    year = today.year + 1 if key == NEXT_YEAR_MISSING else today.year
    values = {"year": str(year)}
    return Finding(level=Level.WARNING, code=key, where=config.calendar, values=values)


def worst(findings: list[Finding]) -> Level:
    """The worst level found; `fine` for nothing found."""
    return min((f.level for f in findings), key=_ORDER.__getitem__, default=Level.FINE)
