"""Every test starts with the log as it comes, whatever a command set up before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def plain_log() -> Iterator[None]:
    """The log's own defaults; a command that ran before may have turned it elsewhere."""
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()
