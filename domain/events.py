"""What reaches the house: messages from a channel, and moments from the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class IdScope(StrEnum):
    """How long a sender's or room's handle stays the same person or room."""

    GLOBAL = "global"
    ACCOUNT = "account"
    GROUP = "group"
    LOGIN = "login"


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message as every channel delivers it; `id` is unique within (channel, account).

    `room` is the channel's handle of the group, or None in a private chat. `text` is plain,
    as typed, placeholders such as `[图片]` kept. `at` is aware and in the sender's order.
    """

    channel: str
    account: str
    id: str
    at: datetime
    sender: str
    sender_name: str
    text: str
    room: str | None = None
    room_name: str = ""
    reply_to: str | None = None
    images: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    mentions_me: bool = False
    from_self: bool = False
    from_bot: bool = False
    id_scope: IdScope = IdScope.GLOBAL
    forwarded: bool = False
    told_by: str = ""
    """Who said it, by name, when the sender only passes it on: never a handle."""
    again: bool = False
    """Read once more after a restart: perhaps it was heard before."""

    @property
    def private(self) -> bool:
        """Whether nobody but the sender reads the answer."""
        return self.room is None

    @property
    def key(self) -> str:
        """The inbox key: a redelivered message has the same one."""
        return f"{self.channel}:{self.account}:{self.id}"

    @property
    def person(self) -> str:
        """The sender as a handle: `channel:sender`. A claim, never proof of who it is."""
        return f"{self.channel}:{self.sender}"

    @property
    def place_of_talk(self) -> str | None:
        """The room as a handle: `channel:room`, or None in a private chat."""
        return None if self.room is None else f"{self.channel}:{self.room}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Recalled:
    """A sender took a message back; `message` is its inbox key."""

    channel: str
    account: str
    id: str
    at: datetime
    message: str

    @property
    def key(self) -> str:
        return f"{self.channel}:{self.account}:recall:{self.id}"


@dataclass(frozen=True, kw_only=True, slots=True)
class RoomChanged:
    """Somebody joined or left a room, or the bot itself did (`whose == "self"`)."""

    channel: str
    account: str
    id: str
    at: datetime
    room: str
    room_name: str
    person: str
    change: str
    """`joined` | `left`"""
    whose: str = "member"
    """`member` | `self`"""

    @property
    def key(self) -> str:
        return f"{self.channel}:{self.account}:room:{self.id}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """The link of a channel was down; messages between may be missing."""

    channel: str
    account: str
    at: datetime
    since: datetime
    filled: bool

    @property
    def key(self) -> str:
        return f"{self.channel}:{self.account}:gap:{self.since.isoformat()}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelTrouble:
    """A channel is away for too long, is back, or is left alone for a while.

    `change`: `down` | `back` | `paused`; `detail` is a code; `to` is the operator's handle on
    another channel, empty when there is none.
    """

    channel: str
    account: str
    at: datetime
    since: datetime
    change: str
    detail: str = ""
    to: str = ""

    @property
    def key(self) -> str:
        return f"{self.channel}:{self.account}:{self.change}:{self.since.isoformat()}"


@dataclass(frozen=True, kw_only=True, slots=True)
class RoomDoubted:
    """After a new log-in a channel is not sure that a room of this name is the one it served."""

    channel: str
    account: str
    room: str
    at: datetime

    @property
    def key(self) -> str:
        return f"{self.channel}:{self.account}:doubted:{self.room}:{self.at.isoformat()}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReminderDue:
    """A row of the reminders table whose time has come."""

    id: int
    ticket: int
    kind: str
    step: int
    due_at: datetime
    at: datetime

    @property
    def key(self) -> str:
        return f"reminder:{self.id}"


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestDue:
    """The digest of one community is due for one day; `kind` is `daily` or `weekly`."""

    community: str
    day: date
    at: datetime
    kind: str = "daily"

    @property
    def key(self) -> str:
        return f"digest:{self.community}:{self.kind}:{self.day.isoformat()}"


@dataclass(frozen=True, kw_only=True, slots=True)
class HousekeepingDue:
    """The nightly cleaning: retention, numbers, expired questions."""

    day: date
    at: datetime

    @property
    def key(self) -> str:
        return f"housekeeping:{self.day.isoformat()}"


Event = (
    Message
    | Recalled
    | RoomChanged
    | Gap
    | ChannelTrouble
    | RoomDoubted
    | ReminderDue
    | DigestDue
    | HousekeepingDue
)
