"""Play a transcript through the house: the clock follows it, the outbox is delivered on the spot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.channels.base import Capabilities
from bot.delivery import Parcel, Way, plan
from bot.loop import Cursor, House
from bot.replay.transcript import Line
from bot.wakings import Timekeeper
from domain.events import Message
from domain.grid import Directory
from domain.opinion import Opinion
from domain.outgoing import Outgoing, SendState

_AT_ONCE = 200
_ALL = Capabilities(can_mention=True, can_private=True, image_in=True, image_out=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What Xiaoge said: `room` is a room's name, or `@name` for private words."""

    at: datetime
    room: str
    text: str
    key: str
    private: bool
    id: str = ""
    """As the channel would call it, for a quote."""


@dataclass(kw_only=True)
class Player:
    """Feeds lines to a house and keeps what was said; time passes only as it is told to."""

    house: House
    timekeeper: Timekeeper
    now: datetime
    names: dict[str, str] = field(default_factory=dict[str, str])
    """person handle -> name shown, for private words"""
    said: list[Said] = field(default_factory=list[Said])
    on_said: Callable[[Said], None] = lambda _said: None
    account: str = "replay"
    before_moment: Callable[[], None] = lambda: None
    """Called before anything happens that time brings."""
    opinion_of: Callable[[Message], Opinion | None] = lambda _message: None
    """A second opinion, asked before the message is taken; a replay asks nobody."""
    capabilities: Capabilities = _ALL
    messages: int = 0
    _known: Directory | None = None
    _channels: set[str] = field(default_factory=set[str])
    """Channels that the directory has handles of, and those that were heard."""
    _wake: datetime | None = None
    """The next moment at which something is due; None when something was recorded since."""
    _last: dict[tuple[str, str], datetime] = field(default_factory=dict[tuple[str, str], datetime])

    def pass_until(self, at: datetime) -> None:
        """Let time pass: reminders, digests and held words come out when they are due."""
        self._wake = None
        self._pass(at)

    def _pass(self, at: datetime) -> None:
        while (moment := self._next(at)) is not None:
            self._wake = None
            self.now = moment
            with self.house.store.writing():
                self.before_moment()
                self.timekeeper.tick(moment)
                self.deliver(moment)
        self.now = max(self.now, at)

    def _next(self, at: datetime) -> datetime | None:
        """The next moment up to `at` at which something is due; None when nothing is."""
        if self._wake is None:
            due = self.timekeeper.next_wake(self.now)
            self._wake = min(due, self.house.store.next_outgoing() or due)
        first = max(self._wake, self.now)
        return first if first <= at else None

    def hear(self, message: Message, *, cursor: Cursor | None = None) -> None:
        """One message: time passes up to it, then it is taken (and the cursor kept with it)."""
        self._pass(message.at)
        self._know(message)
        self.messages += 1
        opinion = self.opinion_of(message)
        with self.house.store.writing():
            if self.house.take(message, cursor=cursor, opinion=opinion):
                self._wake = None
                self.deliver(message.at)

    def hear_again(self, message: Message) -> None:
        """A message that was taken before an interruption: only remembered, no time passes."""
        self.now = message.at
        self._know(message)
        self.house.remember_only(message)

    def _know(self, message: Message) -> None:
        self.names[message.person] = message.sender_name
        self._channels.add(message.channel)

    def deliver(self, now: datetime) -> None:
        """Send everything that may go now: nothing is sent really, so it is a matter of the store alone."""
        store = self.house.store
        with store.writing():
            while rows := store.claim_outgoing(now, _AT_ONCE):
                self._deliver(rows, now)
                if len(rows) < _AT_ONCE:
                    break

    def _deliver(self, rows: Sequence[Outgoing], now: datetime) -> None:
        store = self.house.store
        planned = plan(rows, store.directory(), self._ways(), now, self._last)
        for row, until in planned.held:
            store.requeue(row.id, max(until, now + timedelta(seconds=1)), tried=False)
        for row, code in planned.refused:
            store.mark([row.id], SendState.FAILED, now, error=code)
        for parcel in planned.parcels:
            self._send(parcel, now)

    def _ways(self) -> dict[str, Way]:
        directory = self.house.store.directory()
        if self._known is not directory:
            self._known = directory
            handles = (*directory.rooms, *directory.bindings, *self.names)
            self._channels.update(handle.partition(":")[0] for handle in handles)
        return {name: Way(name=name, capabilities=self.capabilities) for name in self._channels}

    def _send(self, parcel: Parcel, now: datetime) -> None:
        store = self.house.store
        id = f"x{parcel.rows[0].id}"
        key = f"{parcel.channel}:{self.account}:{id}"
        store.mark([row.id for row in parcel.rows], SendState.SENT, now, remote_id=key)
        for row in parcel.rows:
            if row.merge:
                self._last[(parcel.target, row.merge)] = now
        said = Said(
            at=now,
            room=self._where(parcel),
            text=parcel.text,
            key=parcel.rows[0].key,
            private=parcel.room is None,
            id=id,
        )
        self.said.append(said)
        self.on_said(said)

    def _where(self, parcel: Parcel) -> str:
        if parcel.room is not None:
            known = self.house.store.directory().rooms.get(f"{parcel.channel}:{parcel.room}")
            return known.name if known else parcel.room
        person = f"{parcel.channel}:{parcel.person}"
        member = self.house.store.directory().member_behind(person)
        return "@" + (member.name if member else self.names.get(person, parcel.person or ""))


def message_of(line: Line, account: str = "replay") -> Message:
    """A transcript line as the message that its channel would have delivered."""
    return Message(
        channel=line.channel,
        account=account,
        id=line.id,
        at=line.at,
        sender=line.sender,
        sender_name=line.sender,
        text=line.text,
        room=None if line.private else line.room,
        room_name=line.room or "",
        reply_to=line.reply_to,
        images=tuple(f"{line.id}#{n}" for n in range(line.images)),
    )
