"""Turns the ids that a wechaty gateway announces into events, with fresh names."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime, timedelta

from bot.channels.base import Now
from bot.channels.wechat_names import calls
from bot.channels.wechat_quotes import Quotes
from bot.channels.wechat_records import record
from bot.channels.wechaty_gateway import Gateway, GatewayError, Trouble
from bot.channels.wechaty_wire import (
    PLACEHOLDER,
    Happening,
    Letter,
    Occasion,
    Sort,
    moment,
    scope_of,
)
from domain.events import Message, Recalled, RoomChanged
from handlers.zh.placeholders import PLACEHOLDERS

PICTURE = "picture"
"""Stands for the text of a picture in `Reader.uttered`."""
TRIES = 3
"""How often a message is asked for before it counts as lost."""

_ROOM, _MEMBER, _CONTACT = 3, 4, 2
_KEPT = 20_000


class Reader:
    """Reads for one log-in; `me` is the id of the account, `""` until the log-in is known."""

    def __init__(
        self,
        gateway: Gateway,
        *,
        channel: str,
        account: str,
        now: Now,
        fresh: timedelta,
        quotes: Quotes,
        ignore: frozenset[str] = frozenset(),
    ) -> None:
        self._gateway = gateway
        self._channel = channel
        self._account = account
        self._now = now
        self._fresh = fresh
        self.quotes = quotes
        self._ignore = ignore
        self._names: dict[tuple[str, str], tuple[datetime, str]] = {}
        self._official: set[str] = set()
        self.me = ""
        self.uttered: deque[tuple[str, str]] = deque(maxlen=100)
        """(room, text) of what the channel is sending or has sent: its echo is no news."""

    async def message(self, id: str) -> Message | Recalled | None:
        """The message behind an id, None for what nobody said; raises GatewayError when lost."""
        letter = await self._letter(id)
        if letter.sort == Sort.RECALLED:
            return self._recalled(letter)
        if not letter.sender or (letter.sort != Sort.TEXT and letter.sort not in PLACEHOLDER):
            return None
        if letter.sender == self.me and self._echo(letter):
            return None
        name, room_name, mine = await asyncio.gather(
            self.name(letter.room, letter.sender),
            self.topic(letter.room),
            self._mine(letter),
        )
        return self._message(letter, name=name, room_name=room_name, mentions_me=mine)

    def _message(self, letter: Letter, *, name: str, room_name: str, mentions_me: bool) -> Message:
        kind = PLACEHOLDER.get(letter.sort)
        text = PLACEHOLDERS[kind] if kind else letter.text
        if letter.sort == Sort.CHAT_HISTORY and not letter.room:
            text = record(letter.text) or text
        place = letter.room or letter.sender
        reply_to, said = self.quotes.split(place, text)
        self.quotes.heard(place, letter.id, name, said)
        return Message(
            channel=self._channel,
            account=self._account,
            id=letter.id,
            at=moment(letter.timestamp, self._now()),
            sender=letter.sender,
            sender_name=name or letter.sender,
            text=said,
            room=letter.room or None,
            room_name=room_name,
            reply_to=reply_to,
            images=(letter.id,) if letter.sort == Sort.IMAGE else (),
            mentions=letter.mentions,
            mentions_me=mentions_me,
            from_self=bool(self.me) and letter.sender == self.me,
            from_bot=letter.sender in self._ignore or letter.sender in self._official,
            id_scope=scope_of(letter.sender),
            forwarded=letter.sort == Sort.CHAT_HISTORY,
        )

    def _echo(self, letter: Letter) -> bool:
        said = (letter.room, letter.text if letter.sort == Sort.TEXT else PICTURE)
        if said not in self.uttered:
            return False
        self.uttered.remove(said)
        return True

    def _recalled(self, letter: Letter) -> Recalled | None:
        """The text of a recalled message is the id of the one taken back."""
        taken_back = letter.text.strip()
        if not taken_back or (self.me and letter.sender == self.me):
            return None
        return Recalled(
            channel=self._channel,
            account=self._account,
            id=letter.id,
            at=moment(letter.timestamp, self._now()),
            message=f"{self._channel}:{self._account}:{taken_back}",
        )

    async def _letter(self, id: str) -> Letter:
        for attempt in range(1, TRIES + 1):
            try:
                return await self._gateway.letter(id)
            except GatewayError as error:
                if attempt == TRIES or error.trouble is Trouble.LOST:
                    raise
        raise AssertionError("unreachable")

    async def _mine(self, letter: Letter) -> bool:
        if self.me in letter.mentions:
            return bool(self.me)
        if letter.mentions or not letter.room or not self.me or "@" not in letter.text:
            return False
        names = await asyncio.gather(self.name("", self.me), self.name(letter.room, self.me))
        return calls(letter.text, names)

    async def topic(self, room: str) -> str:
        """The room's name, `""` when the gateway does not tell it."""
        if not room:
            return ""

        async def ask() -> str:
            return (await self._gateway.room(room))[0]

        return await self._named((room, ""), ask)

    async def name(self, room: str, person: str) -> str:
        """What a person is called in a room, or at all; `""` when the gateway does not tell it."""

        async def ask_room() -> str:
            return await self._gateway.member(room, person)

        async def ask() -> str:
            name, official = await self._gateway.contact(person)
            if official:
                self._official.add(person)
            return name

        in_room = await self._named((room, person), ask_room) if room else ""
        return in_room or await self._named(("", person), ask)

    async def names(self, room: str, people: Iterable[str]) -> list[str]:
        """The names of several people, in order."""
        return list(await asyncio.gather(*(self.name(room, person) for person in people)))

    async def _named(
        self, key: tuple[str, str], ask: Callable[[], Coroutine[object, object, str]]
    ) -> str:
        now = self._now()
        asked_at, name = self._names.get(key, (None, ""))
        if asked_at is not None and now - asked_at < self._fresh:
            return name
        try:
            name = await ask()
        except GatewayError:
            return name
        if len(self._names) >= _KEPT:
            self._names.clear()
        self._names[key] = (now, name)
        return name

    def changed(self, told: Happening) -> list[RoomChanged]:
        """Who joined or left, as one event for each person; names are forgotten on the way."""
        room, stamp = told.word("roomId"), told.number("timestamp")
        self.forget(room)
        if told.type not in (Occasion.ROOM_JOIN, Occasion.ROOM_LEAVE) or not room:
            return []
        left = told.type == Occasion.ROOM_LEAVE
        keys = ("removeeIdList", "removedIdList") if left else ("inviteeIdList",)
        change = "left" if left else "joined"
        return [
            RoomChanged(
                channel=self._channel,
                account=self._account,
                id=f"{room}:{person}:{change}:{stamp}",
                at=moment(stamp, self._now()),
                room=room,
                room_name="",
                person=person,
                change=change,
                whose="self" if person == self.me else "member",
            )
            for person in told.words(*keys)
        ]

    def stale(self, told: Happening) -> None:
        """The gateway says that something it told before has changed."""
        id = told.word("payloadId")
        match told.number("payloadType"):
            case kind if kind == _ROOM:
                self.forget(id)
            case kind if kind in (_CONTACT, _MEMBER):
                # The id of a member can come alone or together with its room.
                for key in [key for key in self._names if key[1] and key[1] in id]:
                    del self._names[key]
            case _:
                pass

    def forget(self, room: str) -> None:
        """Ask for the names of a room and its people again when they are needed."""
        for key in [key for key in self._names if key[0] == room]:
            del self._names[key]
