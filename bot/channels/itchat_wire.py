"""Web WeChat on the wire: one raw message or room at a time into plain data. Pure.

The sender is read from the raw text before anything else: the library takes every message with a
line break in it, and every note of the system, for one of its own.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from bot.channels.wechat_records import RECORD, record
from handlers.zh.placeholders import PLACEHOLDERS

Json = Mapping[str, object]

_SENDER = re.compile(r"(@[0-9A-Za-z_-]+):(?:<br/>|\n)(.*)", re.DOTALL)
_EMOJI = re.compile(r'<span class="emoji emoji([0-9a-f]{4,12})"></span>')
_TAKEN_BACK = re.compile(r"<msgid>(\d{1,24})</msgid>")
_A_RECORD = re.compile(rf"<type>\s*{RECORD}\s*</type>")
_TEXT, _APP, _RECALLED = 1, 49, 10002
_KINDS: Mapping[int, str] = {
    3: "image",
    34: "voice",
    42: "contact",
    43: "video",
    47: "sticker",
    48: "location",
    62: "video",
}
_APPS: Mapping[int, str] = {
    6: "file",
    8: "sticker",
    19: "forward",
    2000: "red_packet",
    2001: "red_packet",
}
_OFFICIAL = 8


class Undecodable(ValueError):
    """A message that lacks what every message has; the text names the field, never its content."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A message; `room` and `sender` are ids of this log-in, `recalled` the id taken back."""

    id: str
    at: datetime
    sender: str
    room: str
    text: str
    kind: str = "text"
    own: bool = False
    recalled: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RawRoom:
    """A room of this log-in; `members` maps ids to (own name, name in the room)."""

    id: str
    name: str
    members: Mapping[str, tuple[str, str]]


def word(raw: Json, key: str) -> str:
    """A text or number as text, `""` for anything else."""
    value = raw.get(key)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def number(raw: Json, key: str) -> int:
    """A whole number, 0 for anything else."""
    value = word(raw, key)
    return int(value) if value.isascii() and value.isdigit() and len(value) < 25 else 0


def plain(text: str) -> str:
    """What people see: line breaks, entities and emoji as characters."""
    return html.unescape(_EMOJI.sub(_emoji, text.replace("<br/>", "\n")))


def _emoji(found: re.Match[str]) -> str:
    digits = found[1]
    half = len(digits) // 2
    parts = (digits,) if len(digits) < 6 else (digits[:half], digits[half:])
    if len(digits) == 6:
        parts = (digits[:2], digits[2:])
    try:
        return "".join(chr(int(part, 16)) for part in parts)
    except (ValueError, OverflowError):
        return ""


def letter(raw: Json, me: str, now: datetime) -> Letter | None:
    """One raw message, None for what nobody said; raises Undecodable."""
    sender, to = word(raw, "FromUserName"), word(raw, "ToUserName")
    id = (word(raw, "NewMsgId").strip("0") and word(raw, "NewMsgId")) or word(raw, "MsgId")
    if not (id and sender):
        raise Undecodable("a message needs NewMsgId or MsgId, and FromUserName")
    room = next((who for who in (sender, to) if who.startswith("@@")), "")
    content, kind = word(raw, "Content"), number(raw, "MsgType")
    at = datetime.fromtimestamp(min(number(raw, "CreateTime"), 2**33) or now.timestamp(), UTC)
    if kind == _RECALLED:
        taken_back = _TAKEN_BACK.search(html.unescape(content))
        if taken_back is None:
            return None
        return Letter(
            id=id,
            at=at,
            sender=sender,
            room=room,
            text="",
            recalled=taken_back[1],
            own=sender == me,
        )
    own = sender == me
    if room and not own:
        if (found := _SENDER.match(content)) is None:
            return None
        sender, content = found[1], found[2]
    elif not own and not sender.startswith("@"):
        return None
    said = _said(raw, kind, content, alone=not room)
    if said is None:
        return None
    return Letter(id=id, at=at, sender=sender, room=room, kind=said[0], text=said[1], own=own)


def _said(raw: Json, kind: int, content: str, *, alone: bool) -> tuple[str, str] | None:
    """(kind, words); a merged record is opened only when it was sent to us alone."""
    if kind == _TEXT and not word(raw, "Url"):
        return "text", plain(content).strip()
    if kind == _TEXT:
        return "location", PLACEHOLDERS["location"]
    if kind == _APP:
        what = _app(raw, content)
        if what == "forward" and alone and (inside := record(plain(content))):
            return what, inside
        return what, f"{PLACEHOLDERS[what]} {plain(word(raw, 'FileName'))[:200]}".strip()
    if kind in _KINDS:
        return _KINDS[kind], PLACEHOLDERS[_KINDS[kind]]
    return None


def _app(raw: Json, content: str) -> str:
    """Web WeChat tells no type of a merged record: its XML does."""
    kind = number(raw, "AppMsgType") or int(RECORD) * (_A_RECORD.search(plain(content)) is not None)
    return _APPS.get(kind, "link")


def raw_room(raw: Json) -> RawRoom | None:
    """A room from a list of contacts, None for a person."""
    if not (id := word(raw, "UserName")).startswith("@@"):
        return None
    listed = raw.get("MemberList")
    members: dict[str, tuple[str, str]] = {}
    for entry in cast("list[object]", listed) if isinstance(listed, list) else ():
        if isinstance(entry, dict):
            member = cast("Json", entry)
            if who := word(member, "UserName"):
                own, shown = word(member, "NickName"), word(member, "DisplayName")
                members[who] = (plain(own), plain(shown))
    return RawRoom(id=id, name=plain(word(raw, "NickName")).strip(), members=members)


def person(raw: Json) -> tuple[str, str, bool]:
    """(id, name, whether it is an official account); the bot's own remark comes first."""
    name = word(raw, "RemarkName") or word(raw, "NickName")
    return word(raw, "UserName"), plain(name), bool(number(raw, "VerifyFlag") & _OFFICIAL)
