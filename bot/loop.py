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
from typing import Protocol

import structlog

from bot.log import scene_of
from bot.memory import Memory
from domain.calendar import LOCAL
from domain.command import Act, Command
from domain.digest import DigestFigures
from domain.effects import Ask, CloseQuestion, Effect, Erase, JoinMessage, OptOut, Remind, Say
from domain.errors import Conflict, StoreError
from domain.events import DigestDue, Event, Message, ReminderDue
from domain.facts import Facts, Heard, Wanted
from domain.grid import Directory, Member, Room
from domain.reading import Reading
from domain.rules import Rules
from handlers import decide
from handlers.hearing import Hearing, hear, whereabouts
from handlers.scene import Scene
from handlers.understanding.context import Context
from handlers.wanting import wanted, wanted_of_moment
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


class Judge(Protocol):
    """A second opinion for the unsure band, asked by the shell before deciding."""

    def __call__(self, text: str, reading: Reading) -> Reading: ...


class House:
    """One town's loop: `take` every event, in order."""

    def __init__(
        self,
        store: Store,
        rules: Rules,
        read: Read,
        *,
        second_opinion: Judge | None = None,
    ) -> None:
        self.store = store
        self.rules = rules
        self.memory = Memory()
        self.counts: Counter[str] = Counter()
        self._read = read
        self._second_opinion = second_opinion

    def take(self, event: Event, *, cursor: Cursor | None = None) -> bool:
        """Everything that happens because of one event. True when something was recorded.

        `cursor` is kept in the same commit: a message is behind it exactly when it was recorded.
        An event that breaks a decision is counted and left behind (`event.poisoned` in the log);
        the rest of the room goes on. StoreError is the caller's to see: nothing was kept.
        """
        try:
            if isinstance(event, Message):
                return self._take_message(event, cursor)
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

    def remember_only(self, message: Message) -> None:
        """Hear a message again without judging it: after a restart, to know what was just said."""
        hearing = self._hear(message, self.store.directory())
        if hearing is not None:
            self._keep(message, hearing)

    # -- messages

    def _take_message(self, message: Message, cursor: Cursor | None) -> bool:
        directory = self.store.directory()
        hearing = self._hear(message, directory)
        if hearing is None:
            return False
        self.counts["judged"] += 1
        needed = wanted(
            message,
            hearing.reading,
            hearing.command,
            hearing.member,
            hearing.room,
            engaged=self.memory.engaged(message.person, message.at)
            or self.memory.engaged(hearing.as_member, message.at),
            directory=directory,
            rules=self.rules,
        )
        recorded = False
        if needed is not None:
            recorded = self._decide_message(message, hearing, needed, cursor)
        self._keep(message, hearing)
        return recorded

    def _hear(self, message: Message, directory: Directory) -> Hearing | None:
        """The message, read; None when it is not ours to read, or was delivered before."""
        if message.from_self or message.from_bot or not self.memory.is_new(message.key):
            return None
        room = self._served(message, directory)
        if room is None and not message.private:
            self.counts["not_served"] += 1
            return None
        member = directory.member_behind(message.person)
        out = message.person in directory.opted_out
        recent = self.memory.recent(message.place_of_talk or message.person, message.at)
        hearing = hear(message, room, member, recent, self._read, self.rules)
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
        place, grid = whereabouts(message, hearing, self.store.directory())
        if self._second_opinion is not None and hearing.reading.band == "unsure":
            reading = self._second_opinion(message.text, hearing.reading)
            hearing = replace(hearing, reading=reading)
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
                    effects = decided(self.store.recall(needed, at=at))
                    worth = bool(effects) or even_nothing
                    recorded = worth and self.store.record(
                        key, worded(effects), at=at, cursor=cursor
                    )
            except Conflict:
                if attempt == _TRIES - 1:
                    raise
                continue
            if recorded:
                self._after(effects, at)
            return recorded
        return False

    def _after(self, effects: list[Effect], at: datetime) -> None:
        """What memory must know of what was recorded."""
        for effect in effects:
            match effect:
                case JoinMessage(person=person) if person:
                    self.memory.engage_for_a_while(person, at)
                case Ask(question=question) if question.person:
                    self.memory.engage(question.person, question.expires_at)
                case Erase(person=person) | OptOut(person=person):
                    self.memory.forget_person(person)
                case CloseQuestion():
                    self.counts["answered"] += 1
                case Say():
                    self.counts["said"] += 1
                case _:
                    pass

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
