"""What every channel is to the house: events in, actions out, capabilities as data, health.

A channel never calls the house: it puts events into the `Inbox` it is given, one at a time and in
order, and goes on. It decodes each event on its own, so that one broken event takes no other down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from domain.events import Event, IdScope, Message
from domain.outgoing import SendState


class Risk(StrEnum):
    """What the platform's owner thinks of this way in."""

    OFFICIAL = "official"
    TOLERATED = "tolerated"
    VIOLATES_TERMS = "violates_terms"


class Link(StrEnum):
    """How the link stands."""

    UP = "up"
    DEGRADED = "degraded"
    LOGGED_OUT = "logged_out"
    DOWN = "down"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """At most `count` sends in `seconds`, and `apart` seconds between two of them."""

    count: int
    seconds: float
    apart: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Capabilities:
    """What a channel can do. Features degrade by these, never by the channel's name."""

    receive_all: bool = True
    """False: only messages that mention the bot arrive."""
    can_mention: bool = False
    can_private: bool = False
    can_recall: bool = False
    sees_recall: bool = False
    stable_person_ids: bool = True
    stable_room_ids: bool = True
    id_scope: IdScope = IdScope.GLOBAL
    history: str = "none"
    """`none` | `partial` | `full`"""
    image_in: bool = False
    """Whether it is `Showing`: pictures that came in can be fetched."""
    image_out: bool = False
    member_list: bool = False
    reply_window_s: float | None = None
    """Seconds after a message within which an answer may be sent; None: any time."""
    active_push: bool = True
    """Whether words may be sent that answer nothing."""
    hears: bool = True
    """False: it only sends."""
    tells_gaps: bool = False
    """Whether it says itself, as a Gap, when something may not have been heard."""
    rate: Rate = Rate(count=20, seconds=60.0, apart=1.5)
    needs_inbound_port: bool = False
    risk: Risk = Risk.OFFICIAL


@dataclass(frozen=True, kw_only=True, slots=True)
class Send:
    """Words on their way: to `room` or, privately, to `person` (the channel's own ids)."""

    text: str
    room: str | None = None
    person: str | None = None
    mentions: tuple[str, ...] = ()
    images: tuple[bytes, ...] = ()
    reply_to: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SendResult:
    """What became of a send. `maybe_sent`: a time-out; it may have gone out."""

    state: SendState
    remote_id: str | None = None
    error: str = ""
    """A short code for logs (`timeout`, `muted`, `not_in_room`), never message text."""
    retry_after: float | None = None
    """Seconds after which trying again makes sense; None: not at all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """How a channel stands, for the doctor, the log and the supervisor."""

    link: Link
    since: datetime | None = None
    last_event_at: datetime | None = None
    detail: str = ""
    """A code (`wrong_token`, `heartbeat_lost`, `scan_qr`), rendered in Chinese elsewhere."""
    login_qr: str | None = None
    """The text of a QR code that a person must scan to log in."""
    gaps: int = 0
    login: str = ""
    """Which log-in this is, where handles of people begin with it; those of others are void."""
    doubtful_rooms: tuple[str, ...] = ()
    """Rooms, by handle, that may not be those they were; not spoken to until confirmed."""


class Inbox(Protocol):
    """Where a channel puts what it hears. `put` never blocks and never decides anything."""

    def put(self, event: Event) -> None: ...


@runtime_checkable
class Patient(Protocol):
    """An inbox that says when everything put so far was taken: a cursor may move then."""

    async def all_taken(self) -> None: ...


@runtime_checkable
class Showing(Protocol):
    """A channel that fetches the pictures of messages, when somebody needs to see them."""

    async def picture(self, reference: str) -> bytes:
        """The content of one of `Message.images`; raises ChannelError when it cannot be had."""
        ...


class Channel(Protocol):
    """One account on one platform."""

    @property
    def name(self) -> str:
        """The channel's key in `config.yaml`; the first half of every handle."""
        ...

    @property
    def account(self) -> str:
        """The account it speaks for; with `name` it scopes message ids."""
        ...

    @property
    def capabilities(self) -> Capabilities: ...

    async def run(self, inbox: Inbox) -> None:
        """Receive until cancelled. Reconnects by itself; raises ChannelError only for good."""
        ...

    async def send(self, send: Send) -> SendResult:
        """Send once, with a deadline of its own. Never raises for what the platform answers."""
        ...

    async def recall(self, remote_id: str, room: str | None) -> bool:
        """Take back an own message; False where that cannot be done."""
        ...

    async def history(self, room: str, since: datetime) -> Sequence[Message]:
        """What was said in a room after `since`, as far as the platform still has it."""
        ...

    def health(self) -> Health: ...

    async def close(self) -> None:
        """Stop cleanly; a later `run` starts afresh."""
        ...


Now = Callable[[], datetime]
"""Channels take the clock as an argument; only `bot/clock.py` asks the machine."""
