"""How the channels stand, by the last word of the running product."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.channels.base import Link
from bot.config import Config
from bot.doctor.findings import Finding, Level, Surroundings
from domain.calendar import LOCAL

_FRESH = timedelta(minutes=10)
"""The running product writes every two minutes; older words are those of one that has stopped."""
_CODES = {
    Link.UP: ("link.up", Level.FINE),
    Link.DEGRADED: ("link.degraded", Level.WARNING),
    Link.LOGGED_OUT: ("link.logged_out", Level.ERROR),
    Link.DOWN: ("link.down", Level.ERROR),
}


def examine_links(config: Config, around: Surroundings) -> list[Finding]:
    """One finding for each channel that is on, but for the sandbox; and the operator's own way."""
    found = [_link(name, around) for name in config.running_channels if name != "sandbox"]
    risky = [n for n in config.running_channels if n not in ("sandbox", "smtp", "wecom")]
    on = {way.partition(":")[0] for way in config.ways_to_operator} & set(config.running_channels)
    if risky and not on:
        found.append(Finding(level=Level.WARNING, code="operator.none", where="operator"))
    return found


def _link(name: str, around: Surroundings) -> Finding:
    word = around.bulletins.get(name)
    values = {"channel": name}
    where = f"channels.{name}"
    if word is None:
        return Finding(level=Level.NOTE, code="link.never", where=where, values=values)
    values["at"] = _time(word.at)
    if around.now - word.at > _FRESH:
        return Finding(level=Level.NOTE, code="link.not_running", where=where, values=values)
    code, level = _CODES[word.link]
    values["since"] = _time(word.since)
    values["heard"] = _time(word.last_event_at)
    values["gaps"] = str(word.gaps)
    values["why"] = word.detail or "-"
    return Finding(level=level, code=code, where=where, values=values)


def _time(at: datetime | None) -> str:
    return f"{at.astimezone(LOCAL):%m-%d %H:%M}" if at is not None else "-"
