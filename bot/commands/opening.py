"""What commands open: the configuration, the store with its town, a community by its name."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from domain.errors import XiaogeError

if TYPE_CHECKING:
    from bot.config import Config
    from domain.grid import Community, Directory, Member
    from domain.rules import Rules
    from storage.store import Store

# Imports are inside: `xiaoge --help` must not wait for a database it does not open.


def config_of(file: Path | None) -> Config:
    """The configuration; raises ConfigError."""
    from bot.config import load_config

    if file is not None and not file.is_file():
        raise XiaogeError(f"{file}: no such file: check --config")
    return load_config(file, os.environ)


@contextmanager
def house_of(file: Path | None) -> Generator[tuple[Config, Store, Rules]]:
    """The configuration, its store with the town in it, and its rules; the store is closed."""
    from bot.app import open_store, rules_of
    from bot.town import settle

    config = config_of(file)
    rules = rules_of(config)
    store = open_store(config, rules)
    try:
        settle(config, store)
        yield config, store, rules
    finally:
        store.close()


def community_of(directory: Directory, asked: str) -> Community:
    """A community by key, name or a part of its name; without one asked for, the first."""
    every = list(directory.communities.values())
    if not every:
        raise XiaogeError("the roster has no community: import one with `xiaoge roster import`")
    if not asked:
        return every[0]
    found = [c for c in every if asked in (c.key, c.name)] or [c for c in every if asked in c.name]
    if len(found) == 1:
        return found[0]
    names = ", ".join(c.name for c in (found or every))
    raise XiaogeError(f"{asked}: {'several fit' if found else 'no such community'}: {names}")


def member_of(directory: Directory, asked: str) -> Member:
    """A member by key, name, or what colleagues call them."""
    every = list(directory.members.values())
    found = [m for m in every if asked in (m.key, m.name)]
    found = found or [m for m in every if asked in m.nicknames]
    if len(found) == 1:
        return found[0]
    if found:
        keys = ", ".join(f"{m.key} {m.name}" for m in found[:10])
        raise XiaogeError(f"{asked}: several members are called so: {keys}: give the key")
    raise XiaogeError(f"{asked}: no such member: `xiaoge roster show` lists them")
