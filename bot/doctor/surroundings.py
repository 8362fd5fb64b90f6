"""The machine and the store: fonts, clock, time zone, database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.doctor.findings import Finding, Level, Surroundings

FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("~/.fonts"),
    Path("~/.local/share/fonts"),
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
_CHINESE = (
    "notosanscjk",
    "notoserifcjk",
    "notosanssc",
    "notoserifsc",
    "sourcehan",
    "wqy",
    "wenquanyi",
    "droidsansfallback",
    "msyh",
    "simhei",
    "simsun",
    "deng",
    "pingfang",
    "hiragino sans gb",
    "stheiti",
    "songti",
    "lxgw",
    "ukai",
    "uming",
)
_BUILT = datetime(2025, 1, 1, tzinfo=UTC)
_SLACK = timedelta(minutes=5)
_TOWN_OFFSET = timedelta(hours=8)


def chinese_fonts(folders: Iterable[Path] = FONT_FOLDERS) -> tuple[str, ...]:
    """Font files with Chinese characters, by their usual names; unreadable folders are skipped."""
    found: list[str] = []
    for folder in folders:
        place = folder.expanduser()
        if not place.is_dir():
            continue
        found.extend(
            str(file)
            for file in sorted(place.rglob("*"))
            if file.suffix.lower() in {".ttf", ".ttc", ".otf"}
            and any(name in file.name.lower() for name in _CHINESE)
        )
    return tuple(found)


def examine_machine(around: Surroundings) -> list[Finding]:
    """Fonts, the clock, the time zone."""
    found: list[Finding] = []
    if around.fonts:
        found.append(Finding(level=Level.FINE, code="fonts.fine", where=Path(around.fonts[0]).name))
    else:
        found.append(Finding(level=Level.WARNING, code="fonts.missing"))
    last = around.store.last_at if around.store is not None else None
    now = {"now": around.now.isoformat(timespec="seconds")}
    if around.now < _BUILT:
        found.append(Finding(level=Level.ERROR, code="clock.past", values=now))
    elif last is not None and last > around.now + _SLACK:
        values = {**now, "last": last.isoformat(timespec="seconds")}
        found.append(Finding(level=Level.ERROR, code="clock.behind_store", values=values))
    else:
        found.append(Finding(level=Level.FINE, code="clock.fine", values=now))
    if around.local_offset != _TOWN_OFFSET:
        hours = around.local_offset / timedelta(hours=1)
        found.append(Finding(level=Level.NOTE, code="clock.zone", values={"offset": f"{hours:+g}"}))
    return found


def examine_store(around: Surroundings) -> list[Finding]:
    """Whether the database can be used and is of the right revision."""
    store = around.store
    if store is None:
        return []
    values = {"url": store.url, "revision": store.revision or "-", "newest": store.newest or "-"}
    if store.problem:
        values["problem"] = store.problem
        return [Finding(level=Level.ERROR, code="store.unreachable", values=values)]
    if not store.revision:
        return [Finding(level=Level.NOTE, code="store.empty", values=values)]
    if store.newest and store.revision != store.newest:
        return [Finding(level=Level.ERROR, code="store.migrate", values=values)]
    return [Finding(level=Level.FINE, code="store.fine", values=values)]
