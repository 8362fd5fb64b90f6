"""What the wechaty channel knows while it runs: how it stands, what it heard, what may be missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.channels.base import Health, Inbox, Link, Now
from bot.channels.seen import Seen
from bot.channels.standing import Standing
from bot.channels.wechaty_gateway import Gateway, Trouble
from bot.channels.wechaty_reading import Reader
from bot.channels.wechaty_wire import Happening, Scan, scope_of
from domain.events import Event, Gap, IdScope, Message, RoomChanged

_REMEMBERED = timedelta(days=2)


class State:
    """Kept from connection to connection; `talk` is there while somebody is logged in."""

    def __init__(
        self, *, channel: str, account: str, now: Now, away_since: datetime | None = None
    ) -> None:
        self._channel = channel
        self._account = account
        self._now = now
        self._standing = Standing(now)
        self._seen = Seen(keep=_REMEMBERED, at_most=100_000)
        self._inbox: Inbox | None = None
        self._login_qr: str | None = None
        self._missing_since = away_since
        self.alive_at: datetime | None = None
        """The last sign of life of this connection."""
        self.talk: tuple[Gateway, Reader] | None = None
        self.scope = IdScope.GLOBAL
        self.left: set[str] = set()
        """Rooms from which the account was removed."""

    @property
    def link(self) -> Link:
        return self._standing.link

    def health(self) -> Health:
        """The state as the contract wants it."""
        return replace(self._standing.health(), login_qr=self._login_qr)

    def begin(self, inbox: Inbox) -> None:
        """Events go there from now on."""
        self._inbox = inbox

    def put(self, event: Event) -> None:
        """Hand an event over."""
        if isinstance(event, RoomChanged) and event.whose == "self" and event.change == "left":
            self.left.add(event.room)
        elif isinstance(event, Message | RoomChanged) and event.room in self.left:
            self.left.discard(event.room)
        if self._inbox is not None:
            self._inbox.put(event)

    def alive(self) -> None:
        """The gateway gave a sign of life."""
        self.alive_at = self._now()

    def heard(self) -> None:
        """An event came."""
        self.alive()
        self._standing.heard()

    def new(self, id: str) -> bool:
        """Whether a message was not handed over before."""
        return id not in self._seen

    def delivered(self, id: str) -> None:
        """A message was handed over: another one with its id is a repetition."""
        self._seen.add(id, self._now())

    def lost(self, since: datetime) -> None:
        """Something may be missing since then, and this platform cannot give it again."""
        self._standing.gaps += 1
        gap = Gap(
            channel=self._channel, account=self._account, at=self._now(), since=since, filled=False
        )
        self.put(gap)

    def streaming(self) -> None:
        """The stream stands; who is logged in follows, or a code to scan."""
        self.heard()
        if self.talk is None and self.link is not Link.LOGGED_OUT:
            self._standing.logged_out("waiting_for_login")

    def logged_in(self, gateway: Gateway, reader: Reader, me: str) -> None:
        """The account is there."""
        reader.me = me
        self.scope = scope_of(me)
        self.talk = (gateway, reader)
        self._login_qr = None
        self._standing.up()
        since, self._missing_since = self._missing_since, None
        if since is not None:
            self.lost(since)

    def logged_out(self, detail: str) -> None:
        """The account is gone; nothing is heard until it is back."""
        if self.talk is not None:
            self._missing_since = self._missing_since or self.alive_at
        self.talk = None
        self._standing.logged_out(detail)

    def scan(self, told: Happening) -> None:
        """A person must scan a code, or just did."""
        waiting = told.number("status") not in (Scan.SCANNED, Scan.CONFIRMED)
        self.logged_out("scan_qr" if waiting else "scan_confirm")
        self._login_qr = (told.word("qrcode") or None) if waiting else None

    def down(self, trouble: Trouble) -> None:
        """The connection is gone; what was heard last is where a gap begins."""
        self._missing_since = self._missing_since or self.alive_at
        self.talk = None
        self._login_qr = None
        if trouble is Trouble.WRONG_TOKEN:
            self._standing.logged_out(trouble.value)
        else:
            self._standing.down(trouble.value)

    def closed(self) -> None:
        """The channel was stopped; a later run starts afresh."""
        self._missing_since = self.alive_at = self.talk = self._inbox = self._login_qr = None
        self._standing.down("closed")
