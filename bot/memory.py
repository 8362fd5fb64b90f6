"""What was just said, in memory only: a few messages of each room, for minutes, never on disk."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.matters import Matters
from domain.effects import Ask, Effect, Erase, JoinMessage, OptOut
from domain.facts import Heard

_KEPT = timedelta(minutes=10)
_PER_ROOM = 40
_ENGAGED = timedelta(minutes=15)
_LARGEST = 20_000


class Memory:
    """The last minutes of each room, and who is in the middle of something."""

    def __init__(self) -> None:
        self._rooms: dict[str, deque[Heard]] = {}
        self._engaged: OrderedDict[str, datetime] = OrderedDict()
        self._keys: OrderedDict[str, None] = OrderedDict()
        self.matters = Matters()

    def remember(self, room: str, heard: Heard) -> None:
        """Keep a message for ten minutes, at most forty of a room."""
        line = self._rooms.get(room)
        if line is None:
            line = self._rooms[room] = deque(maxlen=_PER_ROOM)
        line.append(heard)

    def is_new(self, key: str) -> bool:
        """Whether a message was never heard since the start; chatter is known here only."""
        if key in self._keys:
            return False
        self._keys[key] = None
        if len(self._keys) > _LARGEST:
            self._keys.popitem(last=False)
        return True

    def knows(self, key: str) -> bool:
        """Whether a message was heard since the start; asking changes nothing."""
        return key in self._keys

    def unheard(self, key: str) -> None:
        """Its commit failed: when it is delivered again it is new."""
        self._keys.pop(key, None)

    def recent(self, room: str, at: datetime) -> tuple[Heard, ...]:
        """What a room heard in the ten minutes before `at`, oldest first."""
        line = self._rooms.get(room)
        if line is None:
            return ()
        while line and at - line[0].at > _KEPT:
            line.popleft()
        return tuple(line)

    def follow(self, effects: Sequence[Effect], at: datetime) -> None:
        """What must be known of what was recorded."""
        self.matters.follow(effects)
        for effect in effects:
            match effect:
                case JoinMessage(person=person) if person:
                    self.engage_for_a_while(person, at)
                case Ask(question=question) if question.person:
                    self.engage(question.person, question.expires_at)
                case Erase(person=person) | OptOut(person=person):
                    self.forget_person(person)
                case _:
                    pass

    def forget_person(self, person: str) -> None:
        """Drop everything this person said."""
        for room, line in self._rooms.items():
            kept = [h for h in line if h.person != person]
            self._rooms[room] = deque(kept, maxlen=_PER_ROOM)
        self._engaged.pop(person, None)
        self.matters.forget_person(person)

    def engage(self, person: str, until: datetime) -> None:
        """A person is spoken with until then: even an address alone will be looked at."""
        self._engaged.pop(person, None)
        self._engaged[person] = until
        while len(self._engaged) > _LARGEST:
            self._engaged.popitem(last=False)

    def engage_for_a_while(self, person: str, at: datetime) -> None:
        """As `engage`, for the time in which somebody goes on about their own matter."""
        until = at + _ENGAGED
        if self._engaged.get(person, at) < until:
            self.engage(person, until)

    def engaged(self, person: str, at: datetime) -> bool:
        until = self._engaged.get(person)
        return until is not None and until >= at

    def clean(self, at: datetime) -> None:
        """Let go of rooms and persons whose time is over."""
        for room in [r for r, line in self._rooms.items() if not line or at - line[-1].at > _KEPT]:
            del self._rooms[room]
        for person in [p for p, until in self._engaged.items() if until < at]:
            del self._engaged[person]
        self.matters.clean(at)

    def restore(self, engaged: Iterable[tuple[str, datetime]]) -> None:
        """After a start: who was asked something, or has just reported, and until when."""
        for person, until in engaged:
            self.engage(person, until)
