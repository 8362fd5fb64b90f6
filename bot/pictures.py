"""Pictures that came with a report, fetched where they lie when somebody is sent to look.

Only references are kept. A channel that shows pictures is asked at the moment of sending; where it
cannot, or the way out carries none, the words say that there is one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import structlog

from bot.addressing import Parcel
from bot.channels.base import Channel, Showing
from bot.channels.downloading import LARGEST
from domain.errors import ChannelError
from handlers.wording import words
from storage.store import Store

log = structlog.get_logger()

SHOWN = frozenset({"offer", "transfer_offer", "call_in", "work_private", "handed_by_leave"})
"""Private words that send somebody to look: with the pictures."""
TOLD = SHOWN | {"work_new", "escalated_up"}
"""Words that say at least that there are some."""
_MOST = 3
_PATIENCE = 10.0
_NOT_THE_REPORTERS = frozenset({"staff", "recalled"})
_HEADS = (b"\xff\xd8", b"\x89PNG", b"GIF8", b"BM", b"RIFF")
"""How pictures begin: JPEG, PNG, GIF, BMP, WebP. Else it is a page that says why there is none."""


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
        kept = self._of(row.ticket)
        if not kept:
            return parcel, ()
        able = self._channels[parcel.channel].capabilities.image_out
        fetches = able and parcel.person is not None and row.key in SHOWN
        wanted = [(name, c, ref) for name, ref in kept if (c := self._showing(name))]
        if not fetches or not wanted:
            return replace(parcel, text=words("pictured", text=parcel.text)), ()
        found = await asyncio.gather(*(self._fetched(*one) for one in wanted[:_MOST]))
        shown = tuple(picture for picture in found if picture)
        if lost := len(found) - len(shown):
            parcel = replace(parcel, text=words("pictures_lost", text=parcel.text, count=str(lost)))
        return parcel, shown

    def _of(self, ticket: int) -> list[tuple[str, str]]:
        """(channel, reference) of what residents showed, oldest first."""
        return [
            (message.message.partition(":")[0], reference)
            for message in self._store.messages(ticket)
            if message.kind not in _NOT_THE_REPORTERS
            for reference in message.images
        ]

    def _showing(self, name: str) -> Showing | None:
        channel = self._channels.get(name)
        able = channel is not None and channel.capabilities.image_in
        return channel if able and isinstance(channel, Showing) else None

    async def _fetched(self, name: str, channel: Showing, reference: str) -> bytes:
        try:
            async with asyncio.timeout(_PATIENCE):
                picture = await channel.picture(reference)
        except (ChannelError, TimeoutError) as error:
            log.warning("picture.not_fetched", channel=name, error=type(error).__name__)
            return b""
        return picture if len(picture) <= LARGEST and picture.startswith(_HEADS) else b""
