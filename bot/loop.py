"""If you read one file, read this one: receive, understand, recall, decide, record, send.

`take` is plain synchronous Python. Chatter ends after `understand`: nothing is read or written.
Everything else is recalled, decided and recorded inside one transaction; what is said goes into
the outbox with it, and is sent after the commit by `bot.outbox`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import structlog

from bot.log import scene_of
from bot.matters import FRESH, scope_of
from bot.memory import Memory
from domain.calendar import LOCAL
from domain.command import Act, Command
from domain.digest import DigestFigures
from domain.effects import Effect, Remind
from domain.errors import Conflict, StoreError
from domain.events import DigestDue, Event, Message, ReminderDue
from domain.facts import Facts, Heard, Wanted
from domain.grid import Directory, Member, Room
from domain.opinion import Opinion
from domain.reading import Band, Reading
from domain.rules import Rules
from handlers import decide
from handlers.hearing import Hearing, hear, whereabouts
from handlers.scene import Scene
from handlers.understanding.context import Context
from handlers.unfolding import unfolded
from handlers.wanting import at_home, wanted, wanted_of_moment
from handlers.weighing import weighed
from handlers.wording import worded
from storage.store import Recalled as Found
from storage.store import Store

log = structlog.get_logger()

_TRIES = 5
_LATER = timedelta(hours=1)
_FIGURED = frozenset({Act.DIGEST, Act.WEEKLY, Act.STATISTICS})

Read = Callable[[str, Context | None], Reading]
Cursor = tuple[str, str]
"""(name, value) for the store's `meta_get`: how far a stream of messages was taken."""


class House:
    """One town's loop: `take` every event, in order."""

    def __init__(self, store: Store, rules: Rules, read: Read) -> None:
        self.store = store
        self.rules = rules
        self.memory = Memory()
        self.counts: Counter[str] = Counter()
        self._read = read

    def take(
        self, event: Event, *, cursor: Cursor | None = None, opinion: Opinion | None = None
    ) -> bool:
        """Everything that happens because of one event. True when something was recorded.

        `opinion` was asked for beforehand, if `doubtful` said so. `cursor` is kept in the same commit: a message is behind it exactly when it was recorded.
        An event that breaks a decision is counted and left behind (`event.poisoned` in the log);
        the rest of the room goes on. StoreError is the caller's to see: nothing was kept.
        """
        try:
            if isinstance(event, Message):
                return self._take_message(event, cursor, opinion)
            return self._moment(event)
        except (StoreError, KeyboardInterrupt):
            self.memory.unheard(event.key)
            raise
        except Exception as error:  # noqa: BLE001  # one broken event or channel takes no other down
            self.counts["poisoned"] += 1
            log.error(
                "event.poisoned",
                kind=type(event).__name__,
                error=type(error).__name__,
                where=scene_of(error),
            )
            return isinstance(event, ReminderDue) and self._put_off(event)

    def _put_off(self, event: ReminderDue) -> bool:
        """A reminder whose decision broke is asked again later, not for ever at once."""
        at = event.at + _LATER
        again = Remind(ticket=event.ticket, kind=event.kind, at=at, step=event.step)
        return self.store.record(event.key, [again], at=event.at)

    def know_again(self, now: datetime) -> None:
        """After a start: who may answer what, and what each room waits for."""
        self.memory.restore(self.store.engaged(now))
        self.memory.matters.restore(reversed(self.store.tickets(touched_since=now - FRESH)))

    def read_with(self, read: Read) -> None:
        """From the next message on this reader reads: it learned something meanwhile."""
        self._read = read

    def remember_only(self, message: Message) -> None:
        """Hear a message again without judging it: after a restart, to know what was just said."""
        hearing = self._hear(message, self.store.directory())
        if hearing is not None:
            self._keep(message, hearing)

    def doubtful(self, message: Message) -> str | None:
        """The words that a second opinion may be asked about, or None. Nothing is remembered."""
        if message.from_self or message.from_bot or self.memory.knows(message.key):
            return None
        hearing = self._listen(message, self.store.directory())
        if hearing is None or hearing.member is not None or hearing.command is not None:
            return None
        reading = hearing.reading
        return hearing.text if reading.band is Band.UNSURE and not reading.danger else None

    # -- messages

    def _take_message(
        self, message: Message, cursor: Cursor | None, opinion: Opinion | None
    ) -> bool:
        if message.private and (told := unfolded(message, self._read, self.rules.bot_names)):
            taken = [self.take(one, cursor=cursor) for one in told]
            return any(taken)
        directory = self.store.directory()
        hearing = self._hear(message, directory)
        if hearing is None:
            return False
        if opinion is not None and hearing.member is None and hearing.command is None:
            hearing = replace(hearing, reading=weighed(hearing.reading, opinion, self.rules))
        self.counts["judged"] += 1
        needed = wanted(
            message,
            hearing.reading,
            hearing.command,
            hearing.member,
            hearing.room,
            engaged=self.memory.engaged(message.person, message.at)
            or self.memory.engaged(hearing.as_member, message.at),
            pending=hearing.pending,
            directory=directory,
            rules=self.rules,
        )
        recorded = False
        if needed is not None:
            recorded = self._decide_message(message, hearing, needed, cursor)
        if not message.told_by:
            self._keep(message, hearing)
        return recorded

    def _hear(self, message: Message, directory: Directory) -> Hearing | None:
        """The message, read; None when it is not ours to read, or was delivered before."""
        if message.from_self or message.from_bot or not self.memory.is_new(message.key):
            return None
        return self._listen(message, directory)

    def _listen(self, message: Message, directory: Directory) -> Hearing | None:
        room = self._served(message, directory)
        if room is None and not message.private:
            self.counts["not_served"] += 1
            return None
        out = message.person in directory.opted_out
        talk = message.place_of_talk or message.person
        recent = self.memory.recent(talk, message.at)
        pending = self.memory.matters.of(scope_of(message, room), message.at)
        hearing = hear(message, room, directory, recent, pending, self._read, self.rules)
        if out and (hearing.command is None or hearing.command.act is not Act.OPT_IN):
            return None
        return hearing

    def _served(self, message: Message, directory: Directory) -> Room | None:
        handle = message.place_of_talk
        room = directory.rooms.get(handle) if handle else None
        return room if room and room.allowed else None

    def _decide_message(
        self, message: Message, hearing: Hearing, needed: Wanted, cursor: Cursor | None
    ) -> bool:
        directory = self.store.directory()
        place, grid = whereabouts(message, hearing, directory)
        needed = at_home(needed, message, hearing.command, hearing.member, grid, directory)
        figures = self._figures(hearing.command, needed.community, message.at)
        recent = self.memory.recent(message.place_of_talk or message.person, message.at)

        def decided(found: Found) -> list[Effect]:
            facts = self._facts(found, hearing.room, hearing.member, recent, figures)
            scene = Scene(
                message=message,
                reading=hearing.reading,
                facts=facts,
                place=place,
                grid=grid,
                command=hearing.command,
                text=hearing.text,
                home=needed.community,
            )
            return decide(message, scene, facts)

        return self._settle(
            message.key, needed, decided, message.at, even_nothing=False, cursor=cursor
        )

    def _keep(self, message: Message, hearing: Hearing) -> None:
        self.memory.remember(
            message.place_of_talk or message.person,
            Heard(
                key=message.key,
                person=message.person,
                name=message.sender_name,
                text=hearing.text,
                at=message.at,
                reading=hearing.reading,
                images=message.images,
                reply_to=message.reply_to,
                role=hearing.role,
            ),
        )

    # -- moments: reminders, digests, things that happened to rooms

    def _moment(self, event: Event) -> bool:
        needed = wanted_of_moment(event)
        figures: DigestFigures | None = None
        if isinstance(event, DigestDue):
            day = event.day - timedelta(days=1)
            figures = self.store.figures(event.community, day, event.at, self.rules)

        def decided(found: Found) -> list[Effect]:
            return decide(event, None, self._facts(found, None, None, (), figures))

        return self._settle(event.key, needed, decided, event.at, even_nothing=True)

    # -- recall, decide, record: one transaction, tried again when somebody was faster

    def _settle(
        self,
        key: str,
        needed: Wanted,
        decided: Callable[[Found], list[Effect]],
        at: datetime,
        *,
        even_nothing: bool,
        cursor: Cursor | None = None,
    ) -> bool:
        for attempt in range(_TRIES):
            try:
                with self.store.writing():
                    found = self.store.recall(needed, at=at)
                    effects = decided(found)
                    worth = bool(effects) or even_nothing
                    recorded = worth and self.store.record(
                        key, worded(effects), at=at, cursor=cursor
                    )
            except Conflict:
                if attempt == _TRIES - 1:
                    raise
                continue
            if recorded:
                self.memory.follow(effects, at)
            return recorded
        return False

    def _facts(
        self,
        found: Found,
        room: Room | None,
        member: Member | None,
        recent: tuple[Heard, ...],
        figures: DigestFigures | None,
    ) -> Facts:
        return Facts(
            directory=self.store.directory(),
            rules=self.rules,
            room=room,
            member=member,
            tickets=found.tickets,
            quoted=found.quoted,
            questions=found.questions,
            recent=recent,
            next_id=found.next_id,
            next_number=found.next_number,
            figures=figures,
            last_offers=found.last_offers,
            codes=found.codes,
        )

    def _figures(
        self, command: Command | None, community: str, at: datetime
    ) -> DigestFigures | None:
        if command is None or command.act not in _FIGURED:
            return None
        return self.store.figures(community, _day_of(at), at, self.rules)


def _day_of(at: datetime) -> date:
    return at.astimezone(LOCAL).date() - timedelta(days=1)
