"""Raw messages and contacts of one web log-in into events; what is missing is asked for once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.channels.base import Now
from bot.channels.itchat_rooms import Change, Rooms
from bot.channels.itchat_web import Web, WebError
from bot.channels.itchat_wire import Json, Letter, letter, person, raw_room
from bot.channels.wechat_names import calls
from bot.channels.wechat_quotes import Quotes
from domain.events import IdScope, Message, Recalled, RoomChanged

Ask = Callable[[Callable[[], None]], Awaitable[None]]
"""Runs a blocking call elsewhere."""
_APART = timedelta(minutes=1)
"""Nobody is asked twice about the same room or person within this time."""


class Reader:
    """Knows who is who in one log-in. Ids go out with the log-in in front: they end with it."""

    def __init__(
        self,
        web: Web,
        ask: Ask,
        rooms: Rooms,
        *,
        channel: str,
        account: str,
        now: Now,
        ignore: frozenset[str],
    ) -> None:
        self._web = web
        self._ask = ask
        self.rooms = rooms
        self.quotes = Quotes()
        self._channel = channel
        self._account = account
        self._now = now
        self._ignore = ignore
        self._people: dict[str, tuple[str, bool]] = {}
        self._asked: dict[str, datetime] = {}

    def refresh(self) -> None:
        """Take over what the platform told about rooms and people."""
        for room in self._web.rooms():
            self.rooms.learn(room)
        self._people |= self._web.people()
        self.rooms.settle()

    async def event(self, raw: Json) -> Message | Recalled | None:
        """What a raw message says, None when nothing; raises Undecodable."""
        found = letter(raw, self._web.me, self._now())
        if found is None:
            return None
        if found.recalled:
            return self._recalled(found)
        if found.room:
            await self._know_room(found.room, found.sender)
        else:
            await self._know_person(found.sender)
        return self._message(found)

    def contact(self, raw: Json) -> list[RoomChanged]:
        """A contact that changed: who joined or left, as one event for each person."""
        if (room := raw_room(raw)) is None:
            id, name, official = person(raw)
            self._people[id] = (name, official)
            return []
        handle = self.rooms.handle(room.id)
        known = self.rooms.knows(room.id)
        changes = self._changed(self.rooms.learn(room), handle) if known else []
        if self._web.me not in room.members and room.members:
            self.rooms.forget(room.id)
        self.rooms.settle()
        return changes

    def _changed(self, change: Change, handle: str) -> list[RoomChanged]:
        now = self._now()
        return [
            RoomChanged(
                channel=self._channel,
                account=self._account,
                id=f"{change.room}:{who}:{what}:{now.timestamp()}",
                at=now,
                room=handle,
                room_name=self.rooms.name(change.room),
                person=self.person(who),
                change=what,
                whose="self" if who == self._web.me else "member",
            )
            for what, people in (("joined", change.joined), ("left", change.left))
            for who in people
        ]

    def _recalled(self, found: Letter) -> Recalled | None:
        if found.own:
            return None
        return Recalled(
            channel=self._channel,
            account=self._account,
            id=found.id,
            at=found.at,
            message=f"{self._channel}:{self._account}:{found.recalled}",
        )

    def _message(self, found: Letter) -> Message:
        place = found.room or found.sender
        name = self.name(found.room, found.sender)
        reply_to, text = self.quotes.split(place, found.text)
        self.quotes.heard(place, found.id, name, text)
        official = self._people.get(found.sender, ("", False))[1]
        return Message(
            channel=self._channel,
            account=self._account,
            id=found.id,
            at=found.at,
            sender=self.person(found.sender),
            sender_name=name or self.person(found.sender),
            text=text,
            room=self.rooms.handle(found.room) if found.room else None,
            room_name=self.rooms.name(found.room),
            reply_to=reply_to,
            images=(found.id,) if found.kind == "image" else (),
            mentions_me=bool(found.room) and not found.own and self._calls_me(found),
            from_self=found.own,
            from_bot=official or name in self._ignore,
            id_scope=IdScope.LOGIN,
            forwarded=found.kind == "forward",
        )

    def _calls_me(self, found: Letter) -> bool:
        names = {self._web.my_name, self.rooms.member(found.room, self._web.me)}
        return calls(found.text, names)

    def person(self, id: str) -> str:
        """An id as it goes out; `who` is the way back."""
        return f"{self._web.login}.{id}"

    def who(self, handle: str) -> str | None:
        """The id behind a handle of this log-in, None for one of an older log-in."""
        login, _, id = handle.partition(".")
        return id if id and login == self._web.login else None

    def name(self, room: str, id: str) -> str:
        """What a person is called in a room, or at all; `""` when the platform did not tell."""
        if id == self._web.me:
            return self.rooms.member(room, id) or self._web.my_name
        return self.rooms.member(room, id) or self._people.get(id, ("", False))[0]

    async def _know_room(self, room: str, sender: str) -> None:
        known = self.rooms.knows(room) and bool(self.rooms.member(room, sender))
        if not known and self._may_ask(room):
            await self._have_told(lambda: self._web.ask_rooms([room]))

    async def _know_person(self, id: str) -> None:
        if id != self._web.me and id not in self._people and self._may_ask(id):
            await self._have_told(lambda: self._web.ask_person(id))

    def _may_ask(self, what: str) -> bool:
        now = self._now()
        self._asked = {asked: at for asked, at in self._asked.items() if now - at < _APART}
        if what in self._asked:
            return False
        self._asked[what] = now
        return True

    async def _have_told(self, call: Callable[[], None]) -> None:
        """A name that cannot be had must not cost the message."""
        try:
            await self._ask(call)
        except WebError:
            return
        self.refresh()
