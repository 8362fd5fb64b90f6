"""The store: everything Xiaoge remembers, behind one door. `is_new`, `recall`, `record`."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, text

from domain.effects import (
    Bind,
    Effect,
    Erase,
    OptOut,
    SetRoom,
    TakeLeave,
)
from domain.events import ReminderDue
from domain.facts import Wanted
from domain.grid import Directory
from domain.outgoing import Outgoing, SendState
from domain.rules import Patience
from storage import (
    adjusting,
    directory,
    engagement,
    migrate,
    notebook,
    outbox,
    reminders,
    tables,
    town_tables,
)
from storage.engine import open_engine
from storage.link import Link
from storage.notebook import View
from storage.reading import Reading
from storage.recall import Recalled
from storage.record import record

_INBOX = tables.table_of(tables.Inbox)
_SEEN = select(_INBOX.c.key).where(
    _INBOX.c.town == bindparam("town"), _INBOX.c.key == bindparam("key")
)
_COUNTERS = tables.table_of(town_tables.Counter)
_COUNTED = select(_COUNTERS.c.value).where(
    _COUNTERS.c.town == bindparam("town"), _COUNTERS.c.name == "ticket"
)
_FIRST_COUNT = text(
    "INSERT INTO counters (town, name, value) VALUES (:town, 'ticket', 1) ON CONFLICT DO NOTHING"
)
_LEASE = timedelta(minutes=2)
_OF_DIRECTORY = (Bind, SetRoom, TakeLeave, OptOut, Erase)


class Store(Reading):
    """One town in one database. Every time given must be aware; every time returned is UTC.

    One connection, one writer: calls from several threads take turns. Any call may raise
    StoreError with its remedy, and nothing of that call was kept then.
    """

    def __init__(self, link: Link, town: str, patience: Patience) -> None:
        super().__init__(link, town)
        self._patience = patience
        self._directory: Directory | None = None
        link.after_rollback.append(self._forget_directory)

    @classmethod
    def open(
        cls, url: str, town: str, *, patience: Patience | None = None, wait: float = 5.0
    ) -> Store:
        """Open a database and bring its schema up to date.

        `url` is `sqlite://` (memory), `sqlite:///FILE` or `postgresql+psycopg://…`; `patience`
        says how long texts and photos are kept; `wait` is how many seconds a locked database is
        waited for. Raises StoreError.
        """
        engine = open_engine(url, wait=wait)
        link = Link(engine)
        try:
            migrate.upgrade(engine)
            if link.row(_COUNTED, {"town": town}) is None:
                link.run(_FIRST_COUNT, {"town": town})
        except BaseException:
            link.close()
            raise
        return cls(link, town, patience or Patience())

    def close(self) -> None:
        """Give the database back; the store cannot be used afterwards."""
        self._link.close()

    @contextmanager
    def writing(self) -> Generator[None]:
        """One transaction for several calls: all of them are kept, or none.

        On SQLite `recall` and `record` inside one are faster, and no Conflict can arise. Several
        may stand in one: each comes to nothing by itself, and all of them are one commit.
        """
        with self._link.apart():
            yield

    # the town

    def directory(self) -> Directory:
        """The town as it is known here: no query unless something changed.

        What this store writes shows at once; what another process wrote shows after the next
        `recall` or `refresh`.
        """
        if self._directory is None:
            self._directory = directory.read(self._link, self.town)
        return self._directory

    def refresh(self) -> Directory:
        """The town after asking the database whether another process changed it."""
        self._notice(adjusting.version(self._link, self.town))
        return self.directory()

    def replace_directory(self, new: Directory) -> None:
        """Put a new town in place of the old one, in one commit; see storage.directory."""
        self._forget_directory()
        directory.replace_all(self._link, self.town, new)

    def new_code(self, member: str, at: datetime, expires: datetime) -> str:
        """Six digits; the account that shows them until `expires` becomes this member's."""
        return adjusting.new_code(self._link, self.town, member, at, expires)

    # one event

    def is_new(self, key: str) -> bool:
        """Whether an event was never recorded; for `reminder:<id>` whether it still waits."""
        reminder = reminders.id_in(key)
        if reminder is not None:
            return reminders.waits(self._link, self.town, reminder)
        return self._link.row(_SEEN, {"town": self.town, "key": key}) is None

    def recall(self, wanted: Wanted, *, at: datetime) -> Recalled:
        """What a decision may need to know, last touched first; `wanted.ticket` leads.

        Broad: all tickets of the community that are not closed, and those closed ones touched
        since `wanted.since`, 300 at most. Otherwise only what the other fields reach. Without
        `since` closed tickets come only by `ticket`, `quoted` or `numbers`.
        """
        recalled = self._recollection.recall(wanted, at)
        self._notice(recalled.directory_version)
        return recalled

    def record(
        self,
        event_key: str | None,
        effects: Iterable[Effect],
        *,
        at: datetime,
        cursor: tuple[str, str] | None = None,
    ) -> bool:
        """Write a decision in one commit: True, or False when the event was recorded before.

        For `reminder:<id>` the row itself is the token: it goes in the same commit. `cursor` is
        a (name, value) for `meta_get`. Raises Conflict when a ticket changed or an id was taken
        since `recall`: recall and decide again. Raises IllegalMove and ValueError for a decision
        that must not be written. After any error nothing was kept.
        """
        decided = tuple(effects)
        recorded = record(
            self._link,
            self.town,
            event_key,
            decided,
            at=at,
            cursor=cursor,
            patience=self._patience,
            offers=self._recollection.offers,
        )
        if any(isinstance(effect, _OF_DIRECTORY) for effect in decided):
            self._forget_directory()
        return recorded

    def engaged(self, now: datetime) -> list[tuple[str, datetime]]:
        """(person, until) of everybody in the middle of something, to know after a start."""
        return engagement.engaged(self._link, self.town, now)

    # reminders

    def due(self, now: datetime, limit: int = 500) -> list[ReminderDue]:
        """Reminders whose time has come, oldest first; each goes when it is recorded."""
        return reminders.due(self._link, self.town, now, limit)

    def next_due(self) -> datetime | None:
        """When the next reminder is due, or None."""
        return reminders.next_due(self._link, self.town)

    # the outbox

    def claim_outgoing(
        self, now: datetime, limit: int = 50, lease: timedelta = _LEASE
    ) -> list[Outgoing]:
        """Take rows that may go out now, urgent first, then oldest; nobody else gets them.

        `attempts` is how many tries came before this one. Mark or requeue each within `lease`.
        """
        return outbox.claim(self._link, self.town, now, limit, lease)

    def mark(
        self,
        ids: Sequence[int],
        state: SendState,
        at: datetime,
        *,
        remote_id: str | None = None,
        error: str = "",
    ) -> int:
        """Say what became of claimed rows; returns how many were still on their way.

        `remote_id` is the sent message as an inbox key (`channel:account:id`), so that a quote of
        it finds its ticket. A row already settled, or queued again, is left alone.
        """
        return outbox.mark(self._link, self.town, ids, state, at, remote_id, error)

    def requeue(
        self, id: int, not_before: datetime, *, error: str = "", tried: bool = True
    ) -> bool:
        """Put a claimed row back until later; `tried=False` when it was only held back."""
        return outbox.requeue(self._link, self.town, id, not_before, error, int(tried))

    def resend(self, id: int, at: datetime) -> bool:
        """Queue a row again that failed or may have been sent; False when there is none."""
        return outbox.resend(self._link, self.town, id, at)

    def recover(self, now: datetime, *, everything: bool = False) -> int:
        """Settle rows left `sending` by a dead process; returns how many.

        They become `maybe_sent`; an emergency is queued once more. Only rows past their lease,
        or all with `everything` (right for the only process on a SQLite file, at its start).
        """
        return outbox.recover(self._link, self.town, now, everything=everything)

    def outgoing_states(self) -> Mapping[SendState, int]:
        """How many rows are in each state."""
        return outbox.states(self._link, self.town)

    def list_outgoing(self, states: Iterable[SendState], limit: int = 100) -> list[Outgoing]:
        """The newest rows in these states, newest first."""
        return outbox.in_states(self._link, self.town, states, limit)

    def next_outgoing(self) -> datetime | None:
        """When the next queued row may go out, or None."""
        return outbox.next_outgoing(self._link, self.town)

    def said(self, since: datetime) -> list[Outgoing]:
        """What went out, or may have, since a moment, in the order it did."""
        return outbox.said(self._link, self.town, since)

    # the notebook

    def note_view(self, member: str, what: str, at: datetime) -> None:
        """Keep that a member looked at something."""
        notebook.note_view(self._link, self.town, View(member=member, what=what, at=at))

    def meta_set(self, name: str, value: str) -> None:
        """Keep a small value of the shell."""
        notebook.set_meta(self._link, self.town, name, value)

    def _notice(self, version: int) -> None:
        if self._directory is not None and self._directory.version != version:
            self._directory = None

    def _forget_directory(self) -> None:
        self._directory = None
