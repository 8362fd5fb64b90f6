"""One community of a town by itself: its grids and those above, its rooms and its people."""

from __future__ import annotations

from dataclasses import replace

from domain.grid import Directory


def only(town: Directory, community: str, channel: str) -> Directory:
    """The town cut down to one community and the rooms of one channel."""
    own = [key for key, grid in town.grids.items() if grid.community == community]
    kept = {grid.key for key in own for grid in town.chain(key)}
    members = {
        key: member
        for key, member in town.members.items()
        if any(post.grid in kept for post in member.posts)
    }
    estates = {key: e for key, e in town.estates.items() if e.community == community}
    return replace(
        town,
        communities={community: town.communities[community]},
        grids={key: grid for key, grid in town.grids.items() if key in kept},
        estates=estates,
        buildings={at: parts for at, parts in town.buildings.items() if at[0] in estates},
        landmarks=tuple(mark for mark in town.landmarks if mark.grid in kept),
        rooms={
            handle: room
            for handle, room in town.rooms.items()
            if room.community == community and handle.startswith(f"{channel}:")
        },
        members=members,
        bindings={who: key for who, key in town.bindings.items() if key in members},
    )
