"""One decrypted record of the WeCom conversation archive into an event. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from bot.channels.records import as_words
from domain.events import IdScope, Message, Recalled
from handlers.zh.placeholders import COLLEAGUE, NEIGHBOUR, PLACEHOLDERS

Json = Mapping[str, object]
_SEQ = re.compile(rb'"seq"\s*:\s*"?([0-9]{1,18})')
_ROBOT = "wb"
_OUTSIDE = ("wo", "wm")
"""How external ids begin: robots', and people's."""
_LATEST = 253_402_300_799_000
_KINDS = {
    "image": "image",
    "emotion": "sticker",
    "voice": "voice",
    "video": "video",
    "file": "file",
    "location": "location",
    "card": "contact",
    "link": "link",
    "weapp": "link",
    "chatrecord": "forward",
    "redpacket": "red_packet",
    "external_redpacket": "red_packet",
    "music": "music",
}
_RECORD = "chatrecord"
_QUIET = frozenset({"agree", "disagree"})
"""Consent to be archived: no words."""


class BadRecord(ValueError):
    """A record that is not what the archive gives; the message names the field, not its content."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """`seq` is the cursor (0: none given), `msgid` the stable id, `event` None for no words."""

    seq: int
    msgid: str
    event: Message | Recalled | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Reads records for one channel; `account` is the bot's own WeCom userid, `""` for none."""

    channel: str
    account: str
    names: tuple[str, ...] = ()
    """What people call the bot: `@` and one of these mentions it."""
    ignore: frozenset[str] = frozenset()
    """Ids of other bots."""

    def read(self, line: bytes) -> Record:
        """The record in one JSON line; raises BadRecord."""
        try:
            value: object = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadRecord("not JSON") from error
        return self.take(value)

    def take(self, value: object) -> Record:
        """The record in a JSON object; raises BadRecord."""
        if not isinstance(value, dict):
            raise BadRecord("not an object")
        record = cast("Json", value)
        msgid, action = _word(record, "msgid"), _word(record, "action")
        if not msgid:
            raise BadRecord("msgid is missing")
        if action == "switch":
            event = None
        elif action in ("send", "recall"):
            event = self._spoken(record, msgid, action)
        else:
            raise BadRecord("action is none of send, recall, switch")
        return Record(seq=seq_of(record), msgid=msgid, event=event)

    def _spoken(self, record: Json, msgid: str, action: str) -> Message | Recalled | None:
        at, kind = _moment(record), _word(record, "msgtype")
        if action == "recall" or kind == "revoke":
            before = _word(_part(record, "revoke"), "pre_msgid")
            if not before:
                raise BadRecord("revoke.pre_msgid is missing")
            return Recalled(
                channel=self.channel,
                account=self.account,
                id=msgid,
                at=at,
                message=f"{self.channel}:{self.account}:{before}",
            )
        sender, room = _word(record, "from"), _word(record, "roomid") or None
        if not sender or not kind:
            raise BadRecord("from or msgtype is missing")
        if kind in _QUIET or (room is None and not self._mine(record, sender)):
            return None
        text, images = _content(record, kind)
        if kind == _RECORD and room is None:
            text = as_words(_inside(_part(record, kind).get("item"))) or text
        return Message(
            channel=self.channel,
            account=self.account,
            id=msgid,
            at=at,
            sender=sender,
            sender_name=NEIGHBOUR if sender.startswith(_OUTSIDE) else COLLEAGUE,
            text=text,
            room=room,
            images=images,
            mentions_me=any(f"@{name}" in text for name in self.names),
            from_self=sender == self.account,
            forwarded=kind == _RECORD,
            from_bot=sender.startswith(_ROBOT) or sender in self.ignore,
            id_scope=IdScope.GLOBAL,
        )

    def _mine(self, record: Json, sender: str) -> bool:
        """Private words count only when the bot takes part: others' chats are not its business."""
        to = record.get("tolist")
        people = cast("Sequence[object]", to) if isinstance(to, list) else ()
        return bool(self.account) and (sender == self.account or self.account in people)


def seq_of(value: object) -> int:
    """The cursor of a record that may be broken; 0 when it has none."""
    if not isinstance(value, dict):
        return 0
    seq = cast("Json", value).get("seq")
    if isinstance(seq, str) and seq.isascii() and seq.isdigit() and len(seq) <= 18:
        return int(seq)
    return seq if isinstance(seq, int) and not isinstance(seq, bool) and seq > 0 else 0


def _content(record: Json, kind: str, depth: int = 0) -> tuple[str, tuple[str, ...]]:
    if kind == "text":
        return _word(_part(record, "text"), "content"), ()
    if kind == "markdown":
        return _word(_part(record, "info"), "content"), ()
    if kind == "image":
        file = _word(_part(record, "image"), "sdkfileid")
        return PLACEHOLDERS["image"], (file,) if file else ()
    if kind == "mixed" and depth == 0:
        return _mixed(_part(record, "mixed").get("item"))
    return PLACEHOLDERS[_KINDS.get(kind, "other")], ()


def _inside(items: object) -> Iterator[tuple[str, str]]:
    """What a merged record holds; the archive does not tell who said it."""
    for item in cast("list[object]", items) if isinstance(items, list) else []:
        piece = _part({"item": item}, "item")
        kind = _word(piece, "type").removeprefix("ChatRecord").lower()
        try:
            content: object = json.loads(_word(piece, "content"))
        except (ValueError, RecursionError):
            continue
        yield "", _content({kind: content}, kind, depth=1)[0]


def _mixed(items: object) -> tuple[str, tuple[str, ...]]:
    """Pieces in order; each holds its content as JSON in a string."""
    texts: list[str] = []
    images: list[str] = []
    for item in cast("list[object]", items) if isinstance(items, list) else []:
        if not isinstance(item, dict):
            raise BadRecord("mixed.item is not a list of objects")
        piece = cast("Json", item)
        kind = _word(piece, "type")
        try:
            content: object = json.loads(_word(piece, "content"))
        except (ValueError, RecursionError) as error:
            raise BadRecord("mixed.item.content is not JSON") from error
        text, found = _content({kind: content}, kind, depth=1)
        texts.append(text)
        images.extend(found)
    return "".join(texts), tuple(images)


def _moment(record: Json) -> datetime:
    value = record.get("msgtime")
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:18])
    if not isinstance(value, int) or not 0 < value <= _LATEST:
        raise BadRecord("msgtime is not a time in milliseconds")
    return datetime.fromtimestamp(value / 1000, UTC)


def _part(record: Json, key: str) -> Json:
    value = record.get(key)
    return cast("Json", value) if isinstance(value, dict) else {}


def _word(record: Json, key: str) -> str:
    value = record.get(key)
    return value if isinstance(value, str) else ""


def pieces(body: bytes) -> Sequence[object]:
    """The records of a push: the members of a JSON array, or the lines as bytes."""
    if body.lstrip()[:1] == b"[":
        try:
            return cast("list[object]", json.loads(body))
        except (ValueError, RecursionError):
            return [body]
    return [line for line in body.splitlines() if line.strip()]


def cursor_in(piece: object) -> int:
    """The cursor of a record that may be broken, even when it is no JSON; 0 when it has none."""
    if not isinstance(piece, bytes):
        return seq_of(piece)
    try:
        return seq_of(json.loads(piece))
    except (ValueError, RecursionError):
        found = _SEQ.search(piece)
        return int(found[1]) if found else 0
