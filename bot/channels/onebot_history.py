"""Reads what rooms said while the link was down, back to a moment, as far as it still exists."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels.onebot_actions import Actions
from bot.channels.onebot_segments import (
    Json,
    Undecodable,
    as_list,
    as_object,
    fields,
    message_id,
    number,
    word,
)
from bot.channels.onebot_wire import Reader
from domain.events import Message

PAGE = 50
OVERLAP = timedelta(seconds=60)
"""How much later than its time stamp a message may arrive without getting lost in a gap."""
AT_ONCE = 4
"""Rooms read side by side."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Caught:
    """Messages of a room in their order; `reached`: nothing between them and `since` is missing."""

    messages: tuple[Message, ...]
    reached: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """`get_group_msg_history`, an extension that NapCat, LLOneBot and Lagrange share."""

    actions: Actions
    reader: Reader
    known: Callable[[str], bool]
    """Whether the message with this id was handed on before."""
    most: int
    """Messages read per room at most; 0: history is not read."""
    seconds: float
    """How long one call may take."""

    async def names(self) -> Mapping[str, str] | None:
        """Room -> name of all rooms the account is in; None when the list cannot be had."""
        answer = await self.actions.call("get_group_list", {}, self.seconds)
        if not answer.ok:
            return None
        found: dict[str, str] = {}
        for entry in as_list(answer.data):
            if room := word(fields(entry), "group_id"):
                found[room] = word(fields(entry), "group_name")
        return found

    async def since(
        self,
        room: str,
        since: datetime,
        names: Mapping[str, str],
        now: datetime,
        overlap: timedelta = timedelta(0),
    ) -> Caught:
        """Page back until a message that is known, or older than `since` (whole seconds).

        What was said within `overlap` before `since` is handed out too: it may have been overtaken.
        """
        since = since.replace(microsecond=0)
        wanted = since - overlap
        found: dict[str, Message] = {}
        anchor: str | None = None
        while len(found) < self.most:
            page = await self._page(room, anchor, min(PAGE, self.most - len(found)), names, now)
            fresh = {m.id: m for m in page if m.id not in found}
            if not fresh:
                break
            found = fresh | found
            oldest = min(fresh.values(), key=lambda message: message.at)
            if oldest.at < since or any(map(self.known, fresh)):
                return Caught(messages=_from(found, wanted), reached=True)
            anchor = message_id(oldest.id)
        return Caught(messages=_from(found, wanted), reached=False)

    async def all_since(
        self, rooms: Mapping[str, datetime], names: Mapping[str, str], now: datetime
    ) -> dict[str, Caught]:
        """`since` for many rooms, a few side by side, in the order given."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(room: str, since: datetime) -> Caught:
            async with gate:
                return await self.since(room, since, names, now, OVERLAP)

        found = await asyncio.gather(*(one(room, since) for room, since in rooms.items()))
        return dict(zip(rooms, found, strict=True))

    async def _page(
        self,
        room: str,
        anchor: str | None,
        count: int,
        names: Mapping[str, str],
        now: datetime,
    ) -> list[Message]:
        params: dict[str, object] = {"group_id": number(room), "count": count}
        if anchor is not None:
            params |= {
                "message_seq": number(anchor),
                "reverse_order": True,
                "reverseOrder": True,
            }
        answer = await self.actions.call("get_group_msg_history", params, self.seconds)
        entries = as_list(answer.fields.get("messages")) if answer.ok else ()
        read = (self._message(entry, room, names, now) for entry in entries)
        found = [message for message in read if message is not None]
        if found and found[0].at > found[-1].at:
            found.reverse()
        return found

    def _message(
        self, entry: object, room: str, names: Mapping[str, str], now: datetime
    ) -> Message | None:
        try:
            frame: Json = {"group_id": room, "message_type": "group"} | dict(as_object(entry))
            return self.reader.message(frame, names, now)
        except Undecodable:
            return None


def _from(found: Mapping[str, Message], wanted: datetime) -> tuple[Message, ...]:
    return tuple(message for message in found.values() if message.at >= wanted)
