"""OneBot v11 events: frames, live or from history, into what the house hears. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.channels.onebot_segments import (
    Json,
    Undecodable,
    fields,
    moment,
    place_of,
    segments,
    spoken,
    word,
)
from domain.events import Message, Recalled, RoomChanged

Heard = Message | Recalled | RoomChanged


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Frames of one account into events; `ignore` holds the ids of other bots."""

    channel: str
    account: str
    ignore: frozenset[str] = frozenset()

    def event(self, frame: Json, names: Mapping[str, str], now: datetime) -> Heard | None:
        """What a frame tells, None when nothing that concerns us; raises Undecodable.

        `reply_to` of a Message and `message` of a Recalled hold only `place:message_id` yet.
        """
        match word(frame, "post_type"):
            case "message" | "message_sent":
                return self.message(frame, names, now)
            case "notice":
                return self._notice(frame, names, now)
            case _:
                return None

    def message(self, frame: Json, names: Mapping[str, str], now: datetime) -> Message | None:
        """A message frame, live or from history; None for notices of the platform."""
        if word(frame, "sub_type") == "notice":
            return None
        sender = fields(frame.get("sender"))
        user = word(frame, "user_id") or word(sender, "user_id")
        id, room = word(frame, "message_id"), self._room(frame)
        if not (user and id):
            raise Undecodable("a message needs user_id and message_id")
        at = moment(frame, now)
        said = spoken(segments(frame.get("message", frame.get("raw_message"))))
        place = place_of(room, user)
        return Message(
            channel=self.channel,
            account=self.account,
            id=f"{place}:{id}:{int(at.timestamp())}",
            at=at,
            sender=user,
            sender_name=_name(frame, sender) or user,
            text=said.text,
            room=room or None,
            room_name=word(frame, "group_name") or names.get(room, ""),
            reply_to=f"{place}:{said.reply_to}" if said.reply_to else None,
            images=said.images,
            mentions=said.mentions,
            mentions_me=self.account in said.mentions,
            from_self=user == self.account or word(frame, "post_type") == "message_sent",
            from_bot=user in self.ignore,
            forwarded=said.forward is not None,
        )

    def _room(self, frame: Json) -> str:
        if word(frame, "message_type") == "private":
            return ""
        if not (room := word(frame, "group_id")):
            raise Undecodable("a group message needs group_id")
        return room

    def _notice(self, frame: Json, names: Mapping[str, str], now: datetime) -> Heard | None:
        at, user = moment(frame, now), word(frame, "user_id")
        room, second = word(frame, "group_id"), int(at.timestamp())
        kind = word(frame, "notice_type")
        if kind in ("group_recall", "friend_recall"):
            if not (id := word(frame, "message_id")) or not (room or user):
                raise Undecodable("a recall needs message_id and group_id or user_id")
            if user == self.account:
                return None
            bare = f"{place_of(room, user)}:{id}"
            return Recalled(
                channel=self.channel,
                account=self.account,
                id=f"{bare}:{second}",
                at=at,
                message=bare,
            )
        if kind not in ("group_increase", "group_decrease"):
            return None
        if not (room and user):
            raise Undecodable(f"{kind} needs group_id and user_id")
        own = user == self.account or word(frame, "sub_type") in ("kick_me", "disband")
        change = "joined" if kind == "group_increase" else "left"
        return RoomChanged(
            channel=self.channel,
            account=self.account,
            id=f"{room}:{self.account if own else user}:{change}:{second}",
            at=at,
            room=room,
            room_name=word(frame, "group_name") or names.get(room, ""),
            person=self.account if own else user,
            change=change,
            whose="self" if own else "member",
        )


def _name(frame: Json, sender: Json) -> str:
    if name := word(fields(frame.get("anonymous")), "name"):
        return name
    return (word(sender, "card") or word(sender, "nickname")).strip()
