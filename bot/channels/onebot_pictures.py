"""The content of a picture that came over OneBot: from its address, else from the implementation."""

from __future__ import annotations

import base64
import binascii

from bot.channels.downloading import LARGEST, download
from bot.channels.onebot_actions import Actions
from bot.channels.onebot_segments import word
from domain.errors import ChannelError

_SECONDS = 5.0
_HEAD = "base64://"


async def content(actions: Actions, reference: str, beside: str) -> bytes:
    """The picture behind a `reference`; raises ChannelError when it cannot be had.

    Addresses run out within hours: `get_image` then gives a new one, or the content. A path on
    the other side's disk is never opened.
    """
    url, file = _halves(reference)
    if url:
        try:
            return await download(url, beside=beside)
        except ChannelError:
            if not file:
                raise
    answer = await actions.call("get_image", {"file": file}, _SECONDS)
    if not answer.ok:
        raise ChannelError(f"the picture cannot be fetched: {answer.code}")
    if inside := _decoded(word(answer.fields, "base64")):
        return inside
    new = word(answer.fields, "url") or word(answer.fields, "file")
    if inside := _decoded(new.removeprefix(_HEAD)) if new.startswith(_HEAD) else b"":
        return inside
    return await download(new, beside=beside)


def _halves(reference: str) -> tuple[str, str]:
    first, _, rest = reference.partition(" ")
    return (first, rest) if "://" in first else ("", reference)


def _decoded(text: str) -> bytes:
    if len(text) > LARGEST * 2:
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
