"""The sample town: an invented place with 13 / 82 / 210 grids and 21 communities."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.roster import read
from domain.grid import Directory

TOWN = Path(__file__).parent / "town"
"""The roster of the sample town, a folder of CSV files as anybody could import it."""
FIRST = "C01"
"""The community that the sample day happens in."""
SANDBOX = "sandbox"
TRANSCRIPT_CHANNELS = ("wechat", "qq")


def sample_directory() -> Directory:
    """The sample town, always the same, with its members bound under the names they show.

    Everybody is bound on the sandbox; the members of the first community also on the channels
    of the sample day. These handles are names, so no account of a real channel can have one.
    """
    town = read(TOWN)
    bindings = {f"{SANDBOX}:{member.name}": member.key for member in town.members.values()}
    first = {grid.key for grid in town.grids.values() if grid.community == FIRST}
    for member in town.members.values():
        if any(post.grid in first for post in member.posts):
            for channel in TRANSCRIPT_CHANNELS:
                bindings[f"{channel}:{member.name}"] = member.key
    return replace(town, bindings=bindings)
