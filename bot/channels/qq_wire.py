"""Events of the official QQ bot into messages and room changes. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

from domain.events import IdScope, Message, RoomChanged
from handlers.zh.placeholders import NEIGHBOUR, PLACEHOLDERS

Json = Mapping[str, object]
_AT = "GROUP_AT_MESSAGE_CREATE"
_ALL = "GROUP_MESSAGE_CREATE"
_PRIVATE = "C2C_MESSAGE_CREATE"
_JOINED = "GROUP_ADD_ROBOT"
_LEFT = "GROUP_DEL_ROBOT"
_MENTION = re.compile(r"<@!?([A-Za-z0-9_-]{1,64})>\s?")
_KINDS = {"image": "image", "video": "video", "voice": "voice", "audio": "voice"}


class Unreadable(ValueError):
    """An event that is not what the platform documents; names the field, not its content."""


def event(
    kind: str, data: object, *, channel: str, account: str, ignore: frozenset[str]
) -> Message | RoomChanged | None:
    """The event; None for kinds that say nothing to us. Raises Unreadable."""
    if kind not in (_AT, _ALL, _PRIVATE, _JOINED, _LEFT):
        return None
    if not isinstance(data, dict):
        raise Unreadable("d is not an object")
    fields = cast("Json", data)
    if kind in (_JOINED, _LEFT):
        return _moved(kind, fields, channel=channel, account=account)
    return _message(kind, fields, channel=channel, account=account, ignore=ignore)


def _message(
    kind: str, data: Json, *, channel: str, account: str, ignore: frozenset[str]
) -> Message:
    author = part(data, "author")
    private = kind == _PRIVATE
    sender = _word(author, "user_openid" if private else "member_openid") or _word(author, "id")
    ident, room = _word(data, "id"), _word(data, "group_openid")
    if not (ident and sender and (private or room)):
        raise Unreadable("id, author or group_openid is missing")
    own = _own(data)
    content = _word(data, "content")
    text, images = _with_files(_MENTION.sub("", content).strip(), data)
    called = tuple(_MENTION.findall(content))
    return Message(
        channel=channel,
        account=account,
        id=ident,
        at=_moment(data.get("timestamp")),
        sender=sender,
        sender_name=_word(author, "username") or NEIGHBOUR,
        text=text,
        room=None if private else room,
        reply_to=_word(part(data, "message_reference"), "message_id") or None,
        images=images,
        mentions=tuple(person for person in called if person not in own),
        mentions_me=kind == _AT or bool(own),
        from_self=sender == account,
        from_bot=author.get("bot") is True or sender in ignore,
        id_scope=IdScope.ACCOUNT if private else IdScope.GROUP,
    )


def _moved(kind: str, data: Json, *, channel: str, account: str) -> RoomChanged:
    room = _word(data, "group_openid")
    if not room:
        raise Unreadable("group_openid is missing")
    stamp = data.get("timestamp")
    change = "joined" if kind == _JOINED else "left"
    return RoomChanged(
        channel=channel,
        account=account,
        id=f"{room}:{change}:{stamp}",
        at=_moment(stamp),
        room=room,
        room_name="",
        person=_word(data, "op_member_openid"),
        change=change,
        whose="self",
    )


def _own(data: Json) -> frozenset[str]:
    """The bot's own ids among those called; empty when it was not called."""
    found = data.get("mentions")
    mine = [
        cast("Json", one)
        for one in (cast("list[object]", found) if isinstance(found, list) else [])
        if isinstance(one, dict) and cast("Json", one).get("is_you") is True
    ]
    ids = {_word(one, key) for one in mine for key in ("id", "member_openid", "user_openid")}
    return frozenset(ids | {"self"} if mine else ids) - {""}


def _with_files(text: str, data: Json) -> tuple[str, tuple[str, ...]]:
    images: list[str] = []
    marks: list[str] = []
    found = data.get("attachments")
    for one in cast("list[object]", found) if isinstance(found, list) else []:
        if not isinstance(one, dict):
            continue
        file = cast("Json", one)
        kind = _KINDS.get(_word(file, "content_type").partition("/")[0], "file")
        marks.append(PLACEHOLDERS[kind])
        url = _word(file, "url")
        if kind == "image" and url:
            images.append(url if "://" in url else f"https://{url.lstrip('/')}")
    return " ".join([text, *marks]).strip(), tuple(images)


def _moment(value: object) -> datetime:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**11:
        return datetime.fromtimestamp(value, UTC)
    try:
        at = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as error:
        raise Unreadable("timestamp is not a time") from error
    if at.tzinfo is None:
        raise Unreadable("timestamp has no time zone")
    return at


def part(data: Json, key: str) -> Json:
    """The object under a key; empty for anything else."""
    value = data.get(key)
    return cast("Json", value) if isinstance(value, dict) else {}


def _word(data: Json, key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""
