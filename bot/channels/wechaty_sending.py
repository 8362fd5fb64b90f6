"""Sends words and pictures through a wechaty gateway, and says honestly what became of them."""

from __future__ import annotations

from bot.channels.base import Send, SendResult
from bot.channels.wechat_names import addressed
from bot.channels.wechaty_gateway import Gateway, GatewayError, Trouble
from bot.channels.wechaty_reading import PICTURE, Reader
from bot.channels.wechaty_wire import packed, suffix
from domain.outgoing import SendState

SOON = 10.0
"""Seconds after which a gateway that could not be reached is worth another try."""
LATER = 60.0
"""Seconds after which a platform that has had too much may be asked again."""


async def say(gateway: Gateway, reader: Reader, send: Send, deadline: float) -> SendResult:
    """Text first, then the pictures. MAYBE_SENT when a call got no answer, or only a part is out.

    A puppet that tells no id has sent all the same. A quote stands as text above the words.
    """
    place = send.room or send.person
    if not place:
        return SendResult(state=SendState.FAILED, error="no_target")
    remote_id: str | None = None
    out = False
    try:
        if send.text or send.mentions:
            words = addressed(send.text, await reader.names(send.room or "", send.mentions))
            text = reader.quotes.quoting(place, send.reply_to, words)
            reader.uttered.append((send.room or "", text))
            remote_id = await gateway.say(place, text, send.mentions, deadline)
            out = True
            await _remember(reader, send.room, place, remote_id, words)
        for number, picture in enumerate(send.images, start=1):
            filebox = packed(picture, f"{number}.{suffix(picture)}")
            reader.uttered.append((send.room or "", PICTURE))
            shown = await gateway.show(place, filebox, deadline)
            remote_id = remote_id or shown
            out = True
    except GatewayError as error:
        return _failed(error, out)
    return SendResult(state=SendState.SENT, remote_id=remote_id)


async def _remember(
    reader: Reader, room: str | None, place: str, id: str | None, words: str
) -> None:
    if id is not None:
        reader.quotes.heard(place, id, await reader.name(room or "", reader.me), words)


def _failed(error: GatewayError, out: bool) -> SendResult:
    if out:
        return SendResult(state=SendState.MAYBE_SENT, error="picture_failed")
    if error.answered:
        again = LATER if error.code == "rate_limited" else None
        return SendResult(state=SendState.FAILED, error=error.code, retry_after=again)
    if error.trouble is Trouble.UNREACHABLE:
        return SendResult(state=SendState.FAILED, error="down", retry_after=SOON)
    code = "timeout" if error.trouble is Trouble.SILENT else error.trouble.value
    return SendResult(state=SendState.MAYBE_SENT, error=code)
