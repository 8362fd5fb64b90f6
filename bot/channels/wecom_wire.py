"""WeCom callbacks on the wire: XML or JSON bodies into messages. Pure; no entities, no DTD."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from bot.channels.safe_xml import Unreadable, elements
from domain.events import Message
from handlers.zh.placeholders import COLLEAGUE, PLACEHOLDERS

Json = Mapping[str, object]
SEALED = "sealed "
"""Before the address of a picture that is encrypted where it lies."""
_KINDS = {
    "image": "image",
    "voice": "voice",
    "video": "video",
    "shortvideo": "video",
    "file": "file",
    "location": "location",
    "link": "link",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """A message, and the one-time address where the robot may answer it."""

    message: Message
    answer_url: str = ""


def read_body(body: bytes) -> Json:
    """The fields of an XML document (its root's children) or of a JSON object."""
    start = body.lstrip()[:1]
    if start == b"{":
        try:
            value: object = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Unreadable("broken JSON") from error
        return _object(value)
    if start == b"<":
        return read_xml(body)
    raise Unreadable("neither XML nor JSON")


def read_xml(body: bytes) -> Mapping[str, str]:
    """Tag -> text of the root's children. A DTD, an entity or a deep tree raises Unreadable."""
    found: dict[str, str] = {}
    for element in elements(body):
        if len(element.path) == 2:
            found.setdefault(element.path[1], element.text)
    return found


def sealed_text(fields: Json) -> str:
    """What is encrypted, from either kind of envelope."""
    sealed = fields.get("Encrypt") or fields.get("encrypt")
    if not isinstance(sealed, str):
        raise Unreadable("no encrypted text")
    return sealed


def heard(
    fields: Json, *, channel: str, account: str, now: datetime, ignore: frozenset[str]
) -> Heard | None:
    """The message in an opened body; None for what is no message (events, receipts)."""
    if "msgtype" in fields or "msgid" in fields:
        return _from_robot(fields, channel=channel, account=account, now=now, ignore=ignore)
    return _from_app(fields, channel=channel, account=account, now=now, ignore=ignore)


def _from_app(
    fields: Json, *, channel: str, account: str, now: datetime, ignore: frozenset[str]
) -> Heard | None:
    kind = _word(fields, "MsgType")
    if kind == "event":
        return None
    ident, sender = _word(fields, "MsgId"), _word(fields, "FromUserName")
    if not (kind and ident and sender):
        raise Unreadable("a message without MsgType, MsgId or FromUserName")
    picture = f"{_word(fields, 'PicUrl')} {_word(fields, 'MediaId')}"
    return Heard(
        message=Message(
            channel=channel,
            account=account,
            id=ident,
            at=_moment(_word(fields, "CreateTime"), now),
            sender=sender,
            sender_name=COLLEAGUE,
            from_self=sender == account,
            from_bot=sender in ignore,
            text=_word(fields, "Content") if kind == "text" else _placeholder(kind),
            images=(picture,) if kind == "image" and picture.strip() else (),
        )
    )


def _from_robot(
    fields: Json, *, channel: str, account: str, now: datetime, ignore: frozenset[str]
) -> Heard | None:
    kind = _word(fields, "msgtype")
    if kind in ("event", "stream"):
        return None
    ident = _word(fields, "msgid")
    sender = _word(_part(fields, "from"), "userid")
    room = _word(fields, "chatid") if _word(fields, "chattype") == "group" else None
    if not (kind and ident and sender) or room == "":
        raise Unreadable("a message without msgtype, msgid, from.userid or chatid")
    text, images = _spoken(fields, kind)
    return Heard(
        message=Message(
            channel=channel,
            account=account,
            id=ident,
            at=_moment(_word(fields, "create_time"), now),
            sender=sender,
            sender_name=COLLEAGUE,
            from_self=sender == account,
            from_bot=sender in ignore,
            text=text,
            room=room,
            images=images,
            mentions_me=room is not None,
        ),
        answer_url=_word(fields, "response_url"),
    )


def _spoken(fields: Json, kind: str) -> tuple[str, tuple[str, ...]]:
    if kind == "mixed":
        items = _items(_part(fields, "mixed").get("msg_item"))
        found = [_spoken(i, kind) for i in items if (kind := _word(i, "msgtype")) != "mixed"]
        return "".join(text for text, _ in found), tuple(i for _, images in found for i in images)
    if kind in ("text", "markdown"):
        return _word(_part(fields, kind), "content"), ()
    if kind == "image":
        url = _word(_part(fields, "image"), "url")
        return _placeholder("image"), (f"{SEALED}{url}",) if url else ()
    if kind == "voice" and (said := _word(_part(fields, "voice"), "content")):
        return said, ()
    return _placeholder(kind), ()


def _items(value: object) -> list[Json]:
    found = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("Json", item) for item in found if isinstance(item, dict)]


def _placeholder(kind: str) -> str:
    return PLACEHOLDERS[_KINDS.get(kind, "other")]


def _object(value: object) -> Json:
    if not isinstance(value, dict):
        raise Unreadable("an object was expected")
    return cast("Json", value)


def _part(fields: Json, key: str) -> Json:
    value = fields.get(key)
    return cast("Json", value) if isinstance(value, dict) else {}


def _word(fields: Json, key: str) -> str:
    value = fields.get(key)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _moment(stamp: str, now: datetime) -> datetime:
    if stamp.isascii() and stamp.isdigit() and 0 < len(stamp) <= 11:
        return datetime.fromtimestamp(int(stamp), UTC)
    return now
