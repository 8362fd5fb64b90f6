"""The refit at night: a process of its own, with the lowest priority, that never holds anybody up."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog

from bot.config import Config
from bot.learned import Shelf
from domain.calendar import LOCAL
from domain.errors import LearnedError
from storage.store import Store

log = structlog.get_logger()

_LATEST = timedelta(hours=3)
"""A night slept through by the machine is not made up for at noon."""


class Work(Protocol):
    """What was started beside us."""

    def poll(self) -> int | None:
        """None while it runs, then its exit code."""
        ...

    def terminate(self) -> None: ...


Start = Callable[[Config], Work]


class Nightly:
    """Looks once a night whether there is enough to learn, and starts `xiaoge learn` for it."""

    def __init__(
        self, config: Config, store: Store, *, since: datetime, start: Start | None = None
    ) -> None:
        self._config, self._store = config, store
        self._start = start or start_refit
        self._work: Work | None = None
        local = since.astimezone(LOCAL)
        self._done: date | None = local.date() if local.time() >= config.learning.at else None

    def tick(self, now: datetime) -> None:
        """Called every second: almost always nothing is due."""
        if self._work is not None:
            self._look_after(self._work)
            return
        if not self._due(now):
            return
        try:
            self._work = self._start(self._config)
        except OSError as error:
            log.error("learning.not_started", error=type(error).__name__)
            return
        log.info("learning.started")

    def stop(self) -> None:
        """The product stops: a refit under way is given up; nothing of it was kept."""
        if self._work is not None and self._work.poll() is None:
            self._work.terminate()

    def _look_after(self, work: Work) -> None:
        code = work.poll()
        if code is not None:
            self._work = None
            (log.info if code in (0, 1) else log.error)("learning.ended", code=code)

    def _due(self, now: datetime) -> bool:
        learning = self._config.learning
        if not (learning.enabled and learning.nightly):
            return False
        local = now.astimezone(LOCAL)
        at = datetime.combine(local.date(), learning.at, LOCAL)
        if self._done == local.date() or local < at:
            return False
        self._done = local.date()
        return local - at <= _LATEST and worth_it(self._config, self._store)


def worth_it(config: Config, store: Store) -> bool:
    """Enough new examples since the last refit, or some that must be forgotten."""
    try:
        refits = Shelf(config.learned_folder).ledger().refits
    except LearnedError:
        return False
    times = [lesson.at for lesson in store.lessons()]
    if not refits:
        return len(times) >= config.learning.least
    last = refits[-1]
    new = sum(at > last.at for at in times)
    return new >= config.learning.least or len(times) - new < last.examples


def start_refit(config: Config) -> Work:
    """`xiaoge learn --nightly` for the same configuration, beside this process."""
    file = [] if config.file is None else ["--config", str(config.file)]
    here = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(p for p in (here, os.environ.get("PYTHONPATH", "")) if p)
    quiet = {
        "PYTHONPATH": path,
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
    return subprocess.Popen(  # noqa: S603  # our own command
        [sys.executable, "-m", "bot", "learn", "--nightly", *file],
        env={**os.environ, **quiet},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
    )
