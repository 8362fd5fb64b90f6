"""The log: events and ids. Never names, phones or what people wrote; no local variables."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TextIO

import structlog

_QUIET = ("httpx", "httpcore", "apscheduler", "uvicorn", "asyncio", "alembic")
"""Libraries that tell more than an operator wants to read."""


def set_up(level: str, form: str, file: Path | None = None) -> None:
    """Write from now on to the screen (stderr), or to a file; `form` is `text` or `json`."""
    lowest = logging.getLevelNamesMapping()[level.upper()]
    stream: TextIO = sys.stderr
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        stream = file.open("a", encoding="utf-8")
    logging.basicConfig(stream=stream, level=max(lowest, logging.WARNING), force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            *_ending(form, colours=file is None and stream.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )


def _ending(form: str, *, colours: bool) -> list[structlog.types.Processor]:
    if form == "json":
        return [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain)]


def scene_of(error: BaseException) -> str:
    """Where an error happened, as `handlers/reporting.py:120`; never what was said there."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None:
        return ""
    path = Path(last.tb_frame.f_code.co_filename)
    return f"{path.parent.name}/{path.name}:{last.tb_lineno}"
