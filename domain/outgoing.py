"""One row of the outbox, on its way to a channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SendState(StrEnum):
    """How far a row came. `maybe_sent` is shown to people and never repeated blindly."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    MAYBE_SENT = "maybe_sent"
    FAILED = "failed"
    MERGED = "merged"
    DROPPED = "dropped"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """Rendered words with exactly one target: `room` handle, `member` key or `person` handle."""

    id: int
    key: str
    text: str
    created_at: datetime
    not_before: datetime
    priority: int
    room: str | None = None
    member: str | None = None
    person: str | None = None
    ticket: int | None = None
    merge: str = ""
    mentions: tuple[str, ...] = ()
    reply_to: str | None = None
    fallback: str | None = None
    """Room handle to use, with a mention, when the target cannot be reached privately."""
    alone: bool = False
    """About a private matter: these words may never stand in a room."""
    state: SendState = SendState.QUEUED
    attempts: int = 0
    sent_at: datetime | None = None
    remote_id: str | None = None
    error: str = ""

    @property
    def target(self) -> str:
        """The target as one string, for pacing and merging."""
        return self.room or (f"member:{self.member}" if self.member else f"person:{self.person}")
