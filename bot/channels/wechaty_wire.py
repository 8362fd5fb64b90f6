"""What a wechaty gateway says, in plain data: events, payloads, times, mentions, pictures. Pure."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import cast

from domain.events import IdScope

Json = Mapping[str, object]

_MILLISECONDS = 10**11
_BASE64 = 1


class Occasion(IntEnum):
    """The types of the event stream that mean something to us; every other number is passed over."""

    HEARTBEAT = 1
    MESSAGE = 2
    DONG = 3
    ERROR = 16
    ROOM_JOIN = 19
    ROOM_LEAVE = 20
    ROOM_TOPIC = 21
    SCAN = 22
    READY = 23
    LOGIN = 25
    LOGOUT = 26
    DIRTY = 27


class Sort(IntEnum):
    """What a message is. The numbers are those of the gateway, not of the Python package's enum."""

    ATTACHMENT = 1
    AUDIO = 2
    CONTACT = 3
    CHAT_HISTORY = 4
    EMOTICON = 5
    IMAGE = 6
    TEXT = 7
    LOCATION = 8
    MINI_PROGRAM = 9
    RECALLED = 13
    URL = 14
    VIDEO = 15


PLACEHOLDER: Mapping[int, str] = {
    Sort.ATTACHMENT: "file",
    Sort.AUDIO: "voice",
    Sort.CONTACT: "contact",
    Sort.CHAT_HISTORY: "forward",
    Sort.EMOTICON: "sticker",
    Sort.IMAGE: "image",
    Sort.LOCATION: "location",
    Sort.MINI_PROGRAM: "link",
    Sort.URL: "link",
    Sort.VIDEO: "video",
}
"""Kind of message without words -> kind of placeholder that stands in its text."""


class Scan(IntEnum):
    """How far the scan of a log-in code came."""

    WAITING = 2
    SCANNED = 3
    CONFIRMED = 4
    TIMEOUT = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A message as the gateway keeps it; `room` is empty in a private chat."""

    id: str
    sort: int
    text: str
    timestamp: int
    sender: str
    room: str
    mentions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """One event of the stream; `told` is its payload, empty when that was no JSON object."""

    type: int
    told: Json

    def word(self, key: str) -> str:
        """A text of the payload, `""` when it is absent or something else."""
        value = self.told.get(key)
        return value if isinstance(value, str) else ""

    def words(self, *keys: str) -> tuple[str, ...]:
        """The list of texts under the first of the keys that is there."""
        for key in keys:
            value = self.told.get(key)
            if isinstance(value, list):
                found = cast("list[object]", value)
                return tuple(v for v in found if isinstance(v, str))
        return ()

    def number(self, key: str) -> int:
        """A whole number of the payload, 0 when it is absent or something else."""
        value = self.told.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return 0
        return int(value) if abs(value) < 10**18 else 0


def happening(type: int, payload: str) -> Happening:
    """An event from its number and its JSON text. Never raises: gateways differ."""
    try:
        told: object = json.loads(payload or "{}")
    except (ValueError, RecursionError):
        told = {}
    return Happening(type=type, told=cast("Json", told) if isinstance(told, dict) else {})


def moment(timestamp: int, otherwise: datetime) -> datetime:
    """Seconds or milliseconds as an aware time; `otherwise` when there is none."""
    seconds = timestamp / 1000 if timestamp > _MILLISECONDS else float(timestamp)
    if not 0 < seconds < _MILLISECONDS:
        return otherwise
    return datetime.fromtimestamp(seconds, UTC)


def scope_of(id: str) -> IdScope:
    """How long an id lasts: ids of the web protocol (`@…`, `@@…`) change with every log-in."""
    return IdScope.LOGIN if id.startswith("@") else IdScope.GLOBAL


def packed(picture: bytes, name: str) -> str:
    """A picture as the JSON text that gateways take for a file."""
    return json.dumps(
        {
            "name": name,
            "type": _BASE64,
            "boxType": _BASE64,
            "base64": base64.b64encode(picture).decode("ascii"),
            "metadata": {},
        }
    )


def unpacked(text: str) -> bytes | None:
    """The content of a small file sent as JSON text; None when it must be fetched as a stream."""
    box = happening(0, text)
    if box.number("type") != _BASE64 and box.number("boxType") != _BASE64:
        return None
    try:
        return base64.b64decode(box.word("base64"), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def suffix(picture: bytes) -> str:
    """The file suffix by the first bytes; gateways tell pictures from files by it."""
    for head, ending in ((b"\x89PNG", "png"), (b"GIF8", "gif")):
        if picture.startswith(head):
            return ending
    return "jpg"
