"""The grid tree: parents exist, nothing goes round in a circle, no level is skipped."""

from __future__ import annotations

from collections.abc import Mapping

from bot.roster.cells import Cells
from domain.grid import Grid

_ARROW = " → "


def check_tree(grids: Mapping[str, Grid], rows: Mapping[str, Cells]) -> None:
    """Complain about circles and gaps between levels; `rows` are where each grid stands."""
    in_circle = _complain_of_circles(grids, rows)
    for key, grid in grids.items():
        if key in in_circle:
            continue
        parent = grids.get(grid.parent or "")
        if grid.parent is None and grid.level != 1:
            rows[key].complain("root_level", "level", value=grid.level)
        elif grid.parent is not None and grid.level == 1:
            rows[key].complain("first_level_parent", "parent")
        elif parent is not None and grid.level != parent.level + 1:
            rows[key].complain(
                "level_gap",
                "level",
                value=grid.level,
                parent=parent.key,
                parent_level=parent.level,
                expected=parent.level + 1,
            )


def _complain_of_circles(grids: Mapping[str, Grid], rows: Mapping[str, Cells]) -> set[str]:
    settled: set[str] = set()
    in_circle: set[str] = set()
    for start in grids:
        path: dict[str, None] = {}
        key: str | None = start
        while key is not None and key in grids and key not in settled and key not in path:
            path[key] = None
            key = grids[key].parent
        if key is not None and key in path:
            circle = list(path)[list(path).index(key) :]
            in_circle.update(circle)
            rows[key].complain("cycle", "parent", value=_ARROW.join([*circle[:8], key]))
        settled.update(path)
    return in_circle
