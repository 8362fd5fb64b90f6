"""What an import would change: added, changed and removed rows of each sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.grid import Directory


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One sheet: the keys that were added, changed and removed, in the order of the sheets."""

    sheet: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def difference(old: Directory | None, new: Directory) -> tuple[Difference, ...]:
    """One entry per sheet, also when nothing changed. Without an old town all is added.

    What no roster holds is left out: bindings, opt-outs, leaves, muted rooms.
    """
    before = _rows(old) if old is not None else {}
    return tuple(
        _compared(sheet, before.get(sheet, {}), rows) for sheet, rows in _rows(new).items()
    )


def _compared(sheet: str, old: Mapping[str, object], new: Mapping[str, object]) -> Difference:
    return Difference(
        sheet=sheet,
        added=tuple(key for key in new if key not in old),
        changed=tuple(key for key in new if key in old and old[key] != new[key]),
        removed=tuple(key for key in old if key not in new),
    )


def _rows(town: Directory) -> dict[str, dict[str, object]]:
    return {
        "town": {town.town: town.town_name},
        "communities": dict(town.communities),
        "grids": dict(town.grids),
        "estates": dict(town.estates),
        "buildings": {
            f"{estate}/{number}": frozenset((p.units, p.grid) for p in parts)
            for (estate, number), parts in town.buildings.items()
        },
        "landmarks": {
            f"{mark.estate}/{mark.name}" if mark.estate else mark.name: mark
            for mark in town.landmarks
        },
        "rooms": {
            handle: (r.name, r.community, r.kind, r.estate, r.grid, r.allowed)
            for handle, r in town.rooms.items()
        },
        "members": {
            key: (
                *(m.name, m.posts, m.skills, m.fields, m.deputy, m.nicknames),
                *(m.daily_cap, m.email),
            )
            for key, m in town.members.items()
        },
    }
