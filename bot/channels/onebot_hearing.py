"""Frames into the inbox: decoded one by one, in order, once, with the gaps filled from history."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import merge

import structlog

from bot.channels.base import Inbox, Now
from bot.channels.onebot_actions import Actions
from bot.channels.onebot_forwards import inside
from bot.channels.onebot_history import History
from bot.channels.onebot_memory import Memory
from bot.channels.onebot_segments import (
    OWN,
    Json,
    as_object,
    fields,
    message_id,
    moment,
    number,
    place_of,
    segments,
    spoken,
    word,
)
from bot.channels.onebot_watch import Watch
from bot.channels.onebot_wire import Heard, Reader
from bot.channels.standing import Standing
from domain.events import Gap, Message, Recalled

log = structlog.get_logger()

Cursor = Callable[[str], "datetime | None"]
"""Room -> when the last message that the house took from it was said; None: never heard of it."""

CATCH_UP_SECONDS = 30.0
"""How long live messages may wait for history."""
LOOK_UP_SECONDS = 3.0


class LoggedOut(Exception):
    """The other side does not speak for our account; `code` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class _CatchUp:
    """A place in the queue where history is to be read; `sure`: nothing can hide from it."""

    since: datetime | None
    sure: bool


class Hearing:
    """What one account hears, across all its links."""

    def __init__(
        self,
        *,
        reader: Reader,
        actions: Actions,
        cursor: Cursor,
        now: Now,
        history: int,
        away_since: datetime | None = None,
    ) -> None:
        self._reader = reader
        self._actions = actions
        self._cursor = cursor
        self._now = now
        self.memory = Memory()
        self.history = History(
            actions=actions, reader=reader, known=self.memory.knows, most=history, seconds=10.0
        )
        self.standing = Standing(now)
        self.names: dict[str, str] = {}
        self.muted: dict[str, datetime] = {}
        """Room -> until when the bot may not speak there."""
        self._forwards: dict[str, str] = {}
        """Private message -> the id of the merged record in it, until it is read."""
        self._waiting: deque[Heard | _CatchUp] = deque()
        self._wake = asyncio.Event()
        self._greeted = asyncio.Event()
        self._current = False
        self._gap = away_since
        self._offline: datetime | None = None
        self._heard_at: datetime | None = None

    def frame(self, raw: str, watch: Watch) -> Json | None:
        """Take one frame; returns it when it is an answer to an action. Raises LoggedOut only."""
        try:
            frame = as_object(json.loads(raw))
            if "post_type" not in frame:
                return self._answer(frame)
            if word(frame, "self_id") not in ("", self._reader.account):
                raise LoggedOut("wrong_account")
            self._heard_at = self._now()
            if not self._greeted.is_set():
                self._greeted.set()
                self.standing.up()
            if word(frame, "post_type") == "meta_event":
                self._meta(frame, watch)
            else:
                self._event(frame)
        except LoggedOut:
            raise
        except Exception as error:  # noqa: BLE001 - one broken frame takes no other down
            kind = type(error).__name__
            log.warning("onebot.undecodable", channel=self._reader.channel, error=kind)
        return None

    def _answer(self, frame: Json) -> Json:
        if word(frame, "retcode") == "1403" and not word(frame, "echo"):
            raise LoggedOut("wrong_token")
        return frame

    def _meta(self, frame: Json, watch: Watch) -> None:
        if word(frame, "meta_event_type") != "heartbeat":
            return
        interval = frame.get("interval")
        watch.beat(interval / 1000 if isinstance(interval, int | float) else 0)
        online = fields(frame.get("status")).get("online")
        self._online(online is not False)

    def _online(self, online: bool) -> None:
        if not online:
            self._offline = self._offline or self._now()
            self.standing.degraded("account_offline")
        elif self._offline is not None:
            self._waiting.append(_CatchUp(self._offline, sure=False))
            self._offline = None
            self._wake.set()
            self.standing.up()

    def _event(self, frame: Json) -> None:
        kind = word(frame, "notice_type")
        if kind == "bot_offline":
            self._online(online=False)
        elif kind == "group_ban":
            self._ban(frame)
        if word(frame, "message_type") == "private":
            self._through(frame)
        if (name := word(frame, "group_name")) and (room := word(frame, "group_id")):
            self.names[room] = name
        event = self._reader.event(frame, self.names, self._now())
        if isinstance(event, Message) and event.forwarded and event.private:
            said = spoken(segments(frame.get("message", frame.get("raw_message"))))
            self._forwards[event.id] = said.forward or ""
        if event is not None:
            self._waiting.append(event)
            self._wake.set()

    def _through(self, frame: Json) -> None:
        room = word(fields(frame.get("sender")), "group_id")
        if room and word(frame, "sub_type") == "group":
            self.memory.came_through(word(frame, "user_id"), room)

    def _ban(self, frame: Json) -> None:
        if word(frame, "user_id") not in (self._reader.account, "0"):
            return
        room, seconds = word(frame, "group_id"), frame.get("duration")
        if word(frame, "sub_type") == "lift_ban" or not isinstance(seconds, int) or not seconds:
            self.muted.pop(room, None)
        else:
            whole = seconds if seconds > 0 else 86400
            self.muted[room] = moment(frame, self._now()) + timedelta(seconds=min(whole, 10**8))

    async def deliver(self, inbox: Inbox) -> None:
        """Fill the gap before this link, then hand on what comes; runs until cancelled."""
        await self._greeted.wait()
        await self._catch_up(inbox, self._gap, sure=True)
        self._gap = None
        self._current = True
        while True:
            while self._waiting:
                match self._waiting[0]:
                    case _CatchUp(since=since, sure=sure):
                        await self._catch_up(inbox, since, sure=sure)
                    case event:
                        await self._complete(event, inbox)
                self._waiting.popleft()
            self._wake.clear()
            await self._wake.wait()

    def lost(self, inbox: Inbox) -> None:
        """The link ended: hand on what is still here, unless a gap before it is unfilled yet."""
        self._gap = self._gap or self._heard_at
        if self._current:
            while self._waiting:
                event = self._waiting.popleft()
                if not isinstance(event, _CatchUp):
                    self._put(event, inbox)
        self._current = False
        self._greeted.clear()

    async def _complete(self, event: Heard, inbox: Inbox) -> None:
        """Put whole ids where a frame only had half ones, then hand the event on."""
        if isinstance(event, Message) and event.forwarded and event.private:
            event = await self._unfolded(event)
        if isinstance(event, Message) and event.reply_to is not None:
            event = replace(event, reply_to=await self._full(event.reply_to))
        elif isinstance(event, Recalled):
            event = replace(event, message=self._key(await self._full(event.message)))
        self._put(event, inbox)

    async def _unfolded(self, event: Message) -> Message:
        """A merged record sent to us alone, with its words, where they can be had."""
        forward = self._forwards.pop(event.id, "")
        text = await inside(self._actions, message_id(event.id), forward)
        return event if text is None else replace(event, text=text)

    def _key(self, id: str) -> str:
        return f"{self._reader.channel}:{self._reader.account}:{id}"

    async def _full(self, short: str) -> str:
        """The id of a message of which a frame told no time; as it is when nobody knows it."""
        if (known := self.memory.full(short)) is not None:
            return known
        id = short.rpartition(":")[2]
        answer = await self._actions.call("get_msg", {"message_id": number(id)}, LOOK_UP_SECONDS)
        if not answer.ok or not word(answer.fields, "time"):
            return short
        user = word(fields(answer.fields.get("sender")), "user_id")
        second = int(moment(answer.fields, self._now()).timestamp())
        full = f"{short}:{OWN if user == self._reader.account else second}"
        self.memory.keep(short, full)
        return full

    def sent(self, room: str, person: str, id: str) -> str:
        """Remember an own message; returns its id as quotes of it will carry it."""
        short = f"{place_of(room, person)}:{id}"
        self.memory.keep(short, f"{short}:{OWN}")
        return f"{short}:{OWN}"

    def _put(self, event: Heard | Gap, inbox: Inbox) -> None:
        if isinstance(event, Message):
            if not self.memory.new(event):
                return
            self.memory.handed_on(event)
        self.standing.heard()
        try:
            inbox.put(event)
        except Exception as error:  # noqa: BLE001 - the house's trouble must not end the link
            kind = type(error).__name__
            log.error("channel.inbox_refused", channel=self._reader.channel, error=kind)

    async def _catch_up(self, inbox: Inbox, since: datetime | None, *, sure: bool) -> None:
        """Read what rooms said since we last heard them; say what stayed open."""
        try:
            async with asyncio.timeout(CATCH_UP_SECONDS):
                missing = await self._fill(inbox, since)
        except TimeoutError:
            missing = [since or self._now()]
        if since is None and not missing:
            return
        gap = Gap(
            channel=self._reader.channel,
            account=self._reader.account,
            at=self._now(),
            since=since or min(missing),
            filled=sure and not missing,
        )
        self.standing.gaps += 1
        self._put(gap, inbox)

    async def _fill(self, inbox: Inbox, since: datetime | None) -> list[datetime]:
        """Hand on what history has, in the order in which it was said, whatever the room.

        Returns the moments before which it has nothing.
        """
        names = await self.history.names()
        self.names.update(names or {})
        rooms: dict[str, datetime] = {}
        for room in self.names:
            known = [at for at in (self._cursor(room), self.memory.last.get(room)) if at]
            if known:
                rooms[room] = max(known)
        if names is None or not self.history.most:
            return list(rooms.values()) or ([since] if since else [])
        caught = await self.history.all_since(rooms, self.names, self._now())
        rows = [found.messages for found in caught.values()]
        for message in merge(*rows, key=lambda message: message.at):
            await self._complete(message, inbox)
        return [rooms[room] for room, found in caught.items() if not found.reached]
