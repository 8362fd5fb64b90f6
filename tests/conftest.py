"""Every test starts with the log as it comes, whatever a command set up before."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def plain_log() -> Iterator[None]:
    """The log's own defaults; a command that ran before may have turned it elsewhere."""
    structlog.reset_defaults()
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    yield
    structlog.reset_defaults()
