"""The town that is served: loaded into an empty store, with the rooms that the operator allows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from bot.config import Config
from bot.roster import read
from bot.sample import SANDBOX, sample_directory
from domain.effects import SetRoom
from domain.grid import Directory
from storage.store import Store

_ALLOWED_ONCE = "rooms.allowed"


def settle(config: Config, store: Store) -> Directory:
    """Make sure that the store has a town: the configured roster, else the sample town.

    Returns the town. Raises RosterError, and then the store stays empty.
    """
    if not store.directory().communities:
        store.replace_directory(first_town(config))
    return store.directory()


def first_town(config: Config) -> Directory:
    """The configured roster, or the sample town under the configured key."""
    path = config.roster_path
    town = read(path, config.categories) if path is not None else _in_the_sandbox()
    name = config.town.name or town.town_name
    return replace(town, town=config.town.key, town_name=name)


def _in_the_sandbox() -> Directory:
    """The sample town without its rooms on other channels, which nobody has."""
    town, prefix = sample_directory(), f"{SANDBOX}:"
    return replace(
        town,
        rooms={handle: r for handle, r in town.rooms.items() if handle.startswith(prefix)},
        bindings={who: key for who, key in town.bindings.items() if who.startswith(prefix)},
    )


def open_rooms(config: Config, store: Store, now: datetime) -> int:
    """Apply `rooms` of the configuration; returns how many rooms changed.

    Those of `stop` are stopped at every start. Those of `allow` (all, with `default: roster`)
    are allowed once: when a supervisor stops one in chat later, it stays stopped.
    """
    rooms, town = config.rooms, store.directory()
    before = set(json.loads(store.meta_get(_ALLOWED_ONCE) or "[]"))
    wanted = set(town.rooms) if rooms.default == "roster" else set(rooms.allow)
    effects: list[SetRoom] = []
    for handle, room in town.rooms.items():
        stop = handle in rooms.stop
        allow = handle in wanted and handle not in before and not stop
        if (stop and room.allowed) or (allow and not room.allowed):
            effects.append(SetRoom(room=handle, allowed=allow, muted_until=room.muted_until))
    if effects:
        store.record(None, effects, at=now)
    if wanted - before:
        store.meta_set(_ALLOWED_ONCE, json.dumps(sorted(before | wanted)))
    return len(effects)
