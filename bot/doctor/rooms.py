"""Each room: whether it is served, and why not."""

from __future__ import annotations

from datetime import datetime

from bot.config import Config
from bot.doctor.findings import Finding, Level, Surroundings
from domain.grid import Directory, Room

SANDBOX = "sandbox"


def room_verdict(
    config: Config, room: Room, now: datetime, doubted: frozenset[str] = frozenset()
) -> str:
    """Why a room of the roster is or is not answered, as a code.

    `room.served`, or one of `room.stopped` `room.not_allowed` `room.muted` `room.channel_unknown`
    `room.channel_off` `room.dry_run` `room.doubted`.
    """
    if not allowed(config, room):
        return "room.stopped" if room.handle in config.rooms.stop else "room.not_allowed"
    if room.muted_until is not None and room.muted_until > now:
        return "room.muted"
    channel = room.handle.partition(":")[0]
    if channel not in config.channels.by_name():
        return "room.channel_unknown"
    if channel not in config.running_channels:
        return "room.channel_off"
    if room.handle in doubted:
        return "room.doubted"
    if channel != SANDBOX and not config.delivers:
        return "room.dry_run"
    return "room.served"


def allowed(config: Config, room: Room) -> bool:
    """Whether the operator lets the product speak in this room of the roster."""
    if room.handle in config.rooms.stop:
        return False
    return room.allowed or room.handle in config.rooms.allow or config.rooms.default == "roster"


_LEVELS = {
    "room.served": Level.FINE,
    "room.dry_run": Level.NOTE,
    "room.doubted": Level.WARNING,
    "room.muted": Level.NOTE,
    "room.stopped": Level.NOTE,
    "room.not_allowed": Level.NOTE,
    "room.channel_off": Level.NOTE,
    "room.channel_unknown": Level.NOTE,
}


def examine_rooms(config: Config, directory: Directory, around: Surroundings) -> list[Finding]:
    """One finding per room of the roster, and one per room that is known but in no roster."""
    found: list[Finding] = []
    for room in directory.rooms.values():
        code = room_verdict(config, room, around.now, around.doubted_rooms)
        found.append(_finding(code, room.handle, room.name, _LEVELS[code]))
    for handle, name in around.seen_rooms.items():
        if handle not in directory.rooms:
            found.append(_finding("room.unknown", handle, name, Level.WARNING))
    found.extend(
        _finding("room.listed_but_unknown", handle, "", Level.WARNING)
        for handle in (*config.rooms.allow, *config.rooms.stop)
        if handle not in directory.rooms
    )
    return found


def _finding(code: str, handle: str, name: str, level: Level) -> Finding:
    channel = handle.partition(":")[0]
    values = {"room": name or handle, "handle": handle, "channel": channel}
    return Finding(level=level, code=code, where=handle, values=values)
