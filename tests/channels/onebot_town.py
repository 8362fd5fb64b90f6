"""What a stand-in OneBot server knows: rooms, people, and what was said, as frames on the wire."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Frame = dict[str, Any]
"""JSON, as it travels: the one place where the tests allow Any."""


@dataclass(kw_only=True)
class Town:
    """Rooms of one account. `act` answers actions; events that follow lie in `take_events`."""

    account: str
    form: str
    """`array` | `string`: how messages are written in events."""
    now: Callable[[], datetime]
    rooms: dict[str, str] = field(default_factory=lambda: {"501": "一号楼群", "502": "二号楼群"})
    people: dict[str, str] = field(
        default_factory=lambda: {
            "10001": "小格",
            "2001": "李大姐",
            "2002": "王师傅",
            "3001": "群管家",
        }
    )
    kept: int = 5000
    """Messages per room that history still has."""
    said: dict[str, list[Frame]] = field(default_factory=dict[str, list[Frame]])
    records: dict[str, Frame] = field(default_factory=dict[str, Frame])
    """Merged records, by the id in their segment."""
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """Pictures, by the name in their segment."""
    paths: dict[str, str] = field(default_factory=dict[str, str])
    """Pictures of which `get_image` only tells where they are, by their name."""
    sent: list[Frame] = field(default_factory=list[Frame])
    refusal: str = ""
    """If set, sending fails with these words."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    _events: list[Frame] = field(default_factory=list[Frame])
    _count: int = 0

    def say(
        self,
        message: str | Sequence[Frame],
        *,
        sender: str = "2001",
        room: str | None = "501",
        **more: object,
    ) -> Frame:
        """A message frame, remembered in the room's history; `room=None`: a private chat."""
        parts = [text(message)] if isinstance(message, str) else list(message)
        self._count += 1
        frame: Frame = self._head("message") | {
            "message_type": "group" if room else "private",
            "sub_type": "normal" if room else "friend",
            "message_id": self._id(room or sender),
            "user_id": int(sender),
            "message": self._written(parts),
            "raw_message": as_cq(parts),
            "font": 14,
            "sender": {"user_id": int(sender), "nickname": self.people[sender], "card": ""},
            "message_format": self.form,
        }
        if room:
            frame |= {"group_id": int(room), "group_name": self.rooms[room]}
            frame["sender"]["role"] = "member"
        frame |= {"message_seq": frame["message_id"], "real_id": frame["message_id"]}
        frame |= {"real_seq": str(self._count)} | more
        kept = self.said.setdefault(room or f"p{sender}", [])
        kept.append(frame)
        del kept[: -self.kept]
        return frame

    def recalled(self, frame: Frame) -> Frame:
        kind = "group_recall" if "group_id" in frame else "friend_recall"
        notice = self._notice(kind, user_id=frame["user_id"], message_id=frame["message_id"])
        if "group_id" in frame:
            notice |= {"group_id": frame["group_id"], "operator_id": frame["user_id"]}
        return notice

    def left(self, person: str, room: str, *, how: str = "leave") -> Frame:
        return self._notice(
            "group_decrease", sub_type=how, group_id=int(room), user_id=int(person), operator_id=0
        )

    def joined(self, person: str, room: str) -> Frame:
        return self._notice(
            "group_increase",
            sub_type="approve",
            group_id=int(room),
            user_id=int(person),
            operator_id=0,
        )

    def muted(self, room: str, seconds: int) -> Frame:
        return self._notice(
            "group_ban",
            sub_type="ban" if seconds else "lift_ban",
            group_id=int(room),
            user_id=int(self.account),
            operator_id=2002,
            duration=seconds,
        )

    def lifecycle(self) -> Frame:
        return self._head("meta_event") | {"meta_event_type": "lifecycle", "sub_type": "connect"}

    def heartbeat(self, *, online: bool = True, interval: int = 30_000) -> Frame:
        return self._head("meta_event") | {
            "meta_event_type": "heartbeat",
            "status": {"online": online, "good": online},
            "interval": interval,
        }

    def take_events(self) -> list[Frame]:
        events, self._events = self._events, []
        return events

    async def until_sent(self, count: int) -> list[Frame]:
        """Waits until so many messages were sent by the application."""
        while len(self.sent) < count:
            self.news.clear()
            await self.news.wait()
        return self.sent

    def act(self, action: str, params: Mapping[str, Any]) -> object:
        """The `data` of a successful action, or the words of a failure (`unknown`: no such one)."""
        match action:
            case "send_group_msg" | "send_private_msg" | "send_msg":
                return self._send(params)
            case "get_group_msg_history":
                return self._history(params)
            case "get_msg":
                return self._find(params["message_id"]) or "消息不存在"
            case "get_forward_msg" | "get_image":
                return self._kept(action, params)
            case "delete_msg":
                return self._delete(params["message_id"])
            case "get_group_list":
                return [{"group_id": int(r), "group_name": n} for r, n in self.rooms.items()]
            case "get_login_info":
                return {"user_id": int(self.account), "nickname": self.people[self.account]}
            case "get_status":
                return {"online": True, "good": True}
            case "get_version_info":
                return {"app_name": "stand-in", "protocol_version": "v11", "app_version": "0"}
            case _:
                return "unknown"

    def _send(self, params: Mapping[str, Any]) -> object:
        if self.refusal:
            return self.refusal
        private = params.get("message_type") == "private" or "group_id" not in params
        if not private and str(params["group_id"]) not in self.rooms:
            return "发送失败, 你不在群里"
        message = params["message"]
        parts = [text(message)] if isinstance(message, str) else message
        room = None if private else str(params["group_id"])
        frame = self.say(parts, sender=self.account, room=room, post_type="message_sent")
        self.sent.append(dict(params) | {"message": parts, "message_id": frame["message_id"]})
        self.news.set()
        return {"message_id": frame["message_id"]}

    def _history(self, params: Mapping[str, Any]) -> object:
        said = self.said.get(str(params["group_id"]), [])
        count = int(params.get("count", 20))
        anchor = params.get("message_seq")
        if anchor is None:
            return {"messages": said[-count:]}
        at = next((i for i, f in enumerate(said) if f["message_id"] == int(anchor)), None)
        if at is None:
            return "消息不存在"
        if params.get("reverse_order"):
            return {"messages": said[max(0, at + 1 - count) : at + 1]}
        return {"messages": said[at : at + count]}

    def _kept(self, action: str, params: Mapping[str, Any]) -> object:
        if action == "get_forward_msg":
            return self.records.get(str(params.get("id")), "消息不存在")
        return self._image(str(params.get("file")))

    def _image(self, name: str) -> object:
        """As NapCat gives it with enableLocalFile2Url: its own path, twice, and the content."""
        if name in self.paths:
            return {"file": self.paths[name], "url": self.paths[name], "file_name": name}
        if name not in self.files:
            return "file not found"
        path = f"/app/.config/QQ/temp/{name}"
        inside = base64.b64encode(self.files[name]).decode()
        return {"file": path, "url": path, "file_name": name, "base64": inside}

    def _find(self, id: int) -> Frame | None:
        return next((f for said in self.said.values() for f in said if f["message_id"] == id), None)

    def _delete(self, id: int) -> object:
        if (frame := self._find(int(id))) is None:
            return "消息不存在"
        self._events.append(self.recalled(frame))
        return None

    def _written(self, parts: list[Frame]) -> object:
        return as_cq(parts) if self.form == "string" else parts

    def _head(self, kind: str) -> Frame:
        second = int(self.now().timestamp())
        return {"time": second, "self_id": int(self.account), "post_type": kind}

    def _notice(self, kind: str, **more: object) -> Frame:
        return self._head("notice") | {"notice_type": kind} | more

    def _id(self, peer: str) -> int:
        """As NapCat does it: a positive 31-bit hash of the message and the chat."""
        digest = hashlib.md5(f"{self._count}-{peer}".encode(), usedforsecurity=False).digest()
        return int.from_bytes(digest[:4]) & 0x7FFFFFFF


def text(words: str) -> Frame:
    return {"type": "text", "data": {"text": words}}


def segment(kind: str, /, **data: object) -> Frame:
    return {"type": kind, "data": data}


def as_cq(parts: Sequence[Frame]) -> str:
    """The CQ string of an array message."""
    return "".join(_cq(part) for part in parts)


def _cq(part: Frame) -> str:
    if part["type"] == "text":
        return _safe(part["data"]["text"])
    pairs = (f",{key}={_safe(str(value), comma=True)}" for key, value in part["data"].items())
    return f"[CQ:{part['type']}{''.join(pairs)}]"


def _safe(words: str, *, comma: bool = False) -> str:
    words = words.replace("&", "&amp;").replace("[", "&#91;").replace("]", "&#93;")
    return words.replace(",", "&#44;") if comma else words
