"""OneBot v11 messages: arrays and CQ strings into words, words into segments. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from bot.channels.base import Send
from handlers.zh.placeholders import EVERYONE, PLACEHOLDERS

Json = Mapping[str, object]

OWN = "own"
"""Stands for the time in the ids of our own messages: the platform does not tell it."""

_KINDS = {
    "face": "face",
    "dice": "face",
    "rps": "face",
    "poke": "face",
    "mface": "sticker",
    "marketface": "sticker",
    "record": "voice",
    "video": "video",
    "file": "file",
    "onlinefile": "file",
    "location": "location",
    "contact": "contact",
    "share": "link",
    "json": "link",
    "xml": "link",
    "markdown": "link",
    "miniapp": "link",
    "music": "music",
    "forward": "forward",
    "node": "forward",
    "redbag": "red_packet",
    "wallet": "red_packet",
}
_CQ = re.compile(r"\[CQ:([A-Za-z0-9_.\-]+)((?:,[^\[\],]*)*)\]")
_NAME = 500
"""Letters that the name of a picture may have."""
_FAR_OFF = 10**11
"""Seconds: the year 5138. A greater number of them is one of milliseconds."""


class Undecodable(ValueError):
    """A frame that is not what OneBot v11 says; the message names the field, never its content."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """What a list of segments says."""

    text: str
    images: tuple[str, ...]
    """Of each picture its address, and after a space its name over there."""
    mentions: tuple[str, ...]
    reply_to: str | None
    forward: str | None


def as_object(value: object) -> Json:
    """A JSON object as a mapping; raises Undecodable for anything else."""
    if not isinstance(value, dict):
        raise Undecodable(f"an object was expected, not {type(value).__name__}")
    return cast("Json", value)


def fields(value: object) -> Json:
    """A JSON object as a mapping; anything else is an empty one."""
    return cast("Json", value) if isinstance(value, dict) else {}


def as_list(value: object) -> Sequence[object]:
    """A JSON array; anything else is an empty one."""
    return cast("list[object]", value) if isinstance(value, list) else ()


def word(frame: Json, key: str) -> str:
    """A number or string as a string; `""` when it is absent, null or of another type."""
    value = frame.get(key)
    if isinstance(value, str):
        return value if value.isascii() else sound(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def sound(text: str) -> str:
    """The text without lone surrogates, which no database and no socket takes."""
    return text.encode("utf-8", "replace").decode()


def number(id: str) -> int | str:
    """An id as the platform wants it: a number where it is one."""
    digits = id.removeprefix("-")
    return int(id) if digits.isascii() and digits.isdecimal() and len(digits) < 20 else id


def moment(frame: Json, otherwise: datetime) -> datetime:
    """The `time` of a frame (seconds; milliseconds are recognised), aware."""
    value = frame.get("time")
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 14:
        value = int(value)
    if not isinstance(value, int | float) or not 0 < value < _FAR_OFF * 1000:
        return otherwise
    return datetime.fromtimestamp(value / 1000 if value > _FAR_OFF else value, UTC)


def segments(message: object) -> list[tuple[str, Json]]:
    """Array, single segment or CQ string -> (kind, data) pairs; what is malformed is `other`."""
    if isinstance(message, str):
        return list(_from_cq(message))
    found: list[tuple[str, Json]] = []
    for part in as_list(message) or [message]:
        segment = fields(part)
        found.append((word(segment, "type") or "other", fields(segment.get("data"))))
    return found


def _from_cq(message: str) -> Iterable[tuple[str, Json]]:
    end = 0
    for match in _CQ.finditer(message):
        if match.start() > end:
            yield "text", {"text": _plain(message[end : match.start()])}
        pairs = (pair.partition("=") for pair in match[2].split(",")[1:])
        yield match[1], {key: _plain(value) for key, _, value in pairs}
        end = match.end()
    if end < len(message):
        yield "text", {"text": _plain(message[end:])}


def _plain(text: str) -> str:
    if "&" not in text:
        return text
    text = text.replace("&#91;", "[").replace("&#93;", "]").replace("&#44;", ",")
    return text.replace("&amp;", "&")


def spoken(parts: Iterable[tuple[str, Json]]) -> Spoken:
    """Text with placeholders, pictures as references, people called, the message answered to."""
    text: list[str] = []
    images: list[str] = []
    mentions: list[str] = []
    reply_to: str | None = None
    forward: str | None = None
    for kind, data in parts:
        if kind == "text":
            text.append(word(data, "text"))
        elif kind == "at":
            mentions.append(word(data, "qq"))
            text.append(_called(data))
        elif kind == "reply":
            reply_to = reply_to or word(data, "id") or None
        elif kind == "image" and word(data, "sub_type") in ("", "0"):
            images.append(_reference(data))
            text.append(PLACEHOLDERS["image"])
        elif kind == "image":
            text.append(PLACEHOLDERS["sticker"])
        else:
            forward = word(data, "id") or forward if kind == "forward" else forward
            text.append(PLACEHOLDERS[_KINDS.get(kind, "other")])
    return Spoken(
        text="".join(text).strip(),
        images=tuple(image for image in images if image),
        mentions=tuple(dict.fromkeys(m for m in mentions if m)),
        reply_to=reply_to,
        forward=forward,
    )


def _reference(data: Json) -> str:
    """Some write the whole picture where its name belongs: that is no name."""
    url, name = word(data, "url"), word(data, "file")
    return f"{url} {name if len(name) <= _NAME else ''}".strip()


def _called(data: Json) -> str:
    name = (
        EVERYONE if word(data, "qq") == "all" else "".join(word(data, "name").split()).lstrip("@")
    )
    return f"@{name[:24]} " if name else ""


def place_of(room: str, user: str) -> str:
    """The first part of a message id: the group, or `p<user>` for a private chat."""
    return room or f"p{user}"


def message_id(remote_id: str) -> str:
    """The platform's own message id inside one of our ids; raises Undecodable if there is none."""
    parts = remote_id.split(":")
    found = parts[-2] if len(parts) > 2 else parts[-1]
    if isinstance(number(found), str):
        raise Undecodable("this is no message id of a OneBot channel")
    return found


def outgoing(send: Send) -> list[dict[str, object]]:
    """Words as segments: quote, mentions, text, pictures (base64)."""
    parts: list[dict[str, object]] = []
    if send.reply_to:
        parts.append({"type": "reply", "data": {"id": message_id(send.reply_to)}})
    parts.extend({"type": "at", "data": {"qq": who}} for who in send.mentions)
    if send.text:
        text = sound(f" {send.text}" if send.mentions else send.text)
        parts.append({"type": "text", "data": {"text": text}})
    for image in send.images:
        content = base64.b64encode(image).decode("ascii")
        parts.append({"type": "image", "data": {"file": f"base64://{content}"}})
    return parts
