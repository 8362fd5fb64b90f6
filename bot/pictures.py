"""Pictures that came with a report, fetched where they lie when somebody is sent to look.

Only references are kept. A channel that gives pictures is asked at the moment of sending; where it
cannot, or the way out carries none, the words say that there is one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol, cast

import structlog

from bot.addressing import Parcel
from bot.channels.base import Channel
from domain.errors import ChannelError
from handlers.wording import words
from storage.store import Store

log = structlog.get_logger()

SHOWN = frozenset({"offer", "transfer_offer", "call_in", "work_private", "handed_by_leave"})
"""Private words that send somebody to look: with the pictures."""
TOLD = SHOWN | {"work_new", "escalated_up"}
"""Words that say at least that there are some."""
_MOST = 3
_LARGEST = 5 * 1024 * 1024
_PATIENCE = 10.0
_NOT_THE_REPORTERS = frozenset({"staff", "recalled"})


class _Gives(Protocol):
    async def picture(self, reference: str) -> bytes: ...


class Pictures:
    """The pictures of tickets, from whichever channel they came by."""

    def __init__(self, store: Store, channels: Mapping[str, Channel]) -> None:
        self._store = store
        self._channels = channels

    async def beside(self, parcel: Parcel) -> tuple[Parcel, tuple[bytes, ...]]:
        """The parcel with what is shown beside it, or with a word that there is something."""
        row = parcel.rows[0]
        if len(parcel.rows) != 1 or row.ticket is None or row.key not in TOLD:
            return parcel, ()
        wanted = self._of(row.ticket)
        if not wanted:
            return parcel, ()
        able = self._channels[parcel.channel].capabilities.image_out
        shown: tuple[bytes, ...] = ()
        if able and parcel.person is not None and row.key in SHOWN:
            found = [await self._fetched(channel, ref) for channel, ref in wanted[:_MOST]]
            shown = tuple(picture for picture in found if picture)
        if not shown:
            return replace(parcel, text=words("pictured", text=parcel.text)), ()
        return parcel, shown

    def _of(self, ticket: int) -> list[tuple[str, str]]:
        """(channel, reference) of what residents showed, oldest first."""
        return [
            (message.message.partition(":")[0], reference)
            for message in self._store.messages(ticket)
            if message.kind not in _NOT_THE_REPORTERS
            for reference in message.images
        ]

    async def _fetched(self, name: str, reference: str) -> bytes:
        channel = self._channels.get(name)
        if channel is None or not channel.capabilities.gives_pictures:
            return b""
        try:
            async with asyncio.timeout(_PATIENCE):
                picture = await cast("_Gives", channel).picture(reference)
        except (ChannelError, TimeoutError):
            log.warning("picture.not_fetched", channel=name)
            return b""
        return picture if len(picture) <= _LARGEST else b""
