"""Independent fits in several processes: what comes out is the same as of one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

Task = TypeVar("Task")
Found = TypeVar("Found")


def side_by_side(
    work: Callable[[Task], Found], tasks: Sequence[Task], processes: int
) -> Iterator[Found]:
    """What `work` makes of each task, in their order. With more than one process all must pickle."""
    if processes <= 1 or len(tasks) <= 1:
        yield from map(work, tasks)
        return
    count = min(processes, len(tasks))
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, tasks)
