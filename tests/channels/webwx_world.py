"""What a web-WeChat server knows in tests: people, rooms, log-ins, messages that wait, and its evils.

Ids of people and rooms are made anew at every log-in, messages wait on the server until the client
has moved its sync key past them, a poll is held until there is news.
"""

from __future__ import annotations

import hashlib
import html
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

Json = dict[str, object]
BOT, ZHANG, LI, WEATHER, NEWS = "bot", "zhang", "li", "weather", "news"
ROOM, OTHER = "room", "other"
UIN = "1234567"
HOLD = 15.0
"""Seconds that a poll is held when nothing happens."""


@dataclass(kw_only=True)
class Login:
    """One log-in: its keys, and what waits for it."""

    number: int
    alive: bool = True
    messages: list[Json] = field(default_factory=list[Json])
    contacts: list[tuple[int, Json]] = field(default_factory=list[tuple[int, Json]])

    @property
    def sid(self) -> str:
        return f"sid{self.number}"

    @property
    def name(self) -> str:
        """What the channel calls this log-in."""
        return hashlib.sha256(f"{UIN}:{self.sid}".encode()).hexdigest()[:8]

    def id(self, who: str) -> str:
        """The id of a person or room in this log-in."""
        head = "@@" if who.startswith((ROOM, OTHER)) else "@"
        return head + hashlib.md5(f"{self.number}:{who}".encode()).hexdigest()


@dataclass(kw_only=True)
class Sent:
    """What a client sent; `picture` is the size of the upload's body."""

    id: str
    to: str
    text: str = ""
    picture: int = 0


class World:
    """The platform: people, rooms, log-ins. Every change is made under one lock."""

    def __init__(self) -> None:
        self.names = {BOT: "小格", ZHANG: "张大妈", LI: "李师傅", WEATHER: "天气", NEWS: "新闻"}
        self.friends = {ZHANG, LI}
        self.official = {NEWS}
        self.topics = {ROOM: "幸福小区一群", OTHER: "幸福小区二群"}
        self.members = {ROOM: [BOT, ZHANG, LI, WEATHER], OTHER: [BOT, ZHANG, LI, WEATHER]}
        self.shown = {(ROOM, ZHANG): "3栋201张"}
        self.saved_rooms = {ROOM, OTHER}
        """Rooms in the list of contacts; others are unknown until they speak."""
        self.scans: list[str] = []
        """Statuses of the next checks of a code; then it is confirmed."""
        self.rejects = False
        self.fails: dict[str, int] = {}
        """Calls that are answered with this HTTP status."""
        self.rets: dict[str, int] = {}
        """Calls that are answered with this `Ret`."""
        self.loses: set[str] = set()
        """Calls that are carried out and never answered."""
        self.nags = False
        """Whether polls promise news that are not there."""
        self.breaks_sync = False
        """Whether the next fetch is cut off in the middle of its answer."""
        self.calls: list[str] = []
        self.sent: list[Sent] = []
        self.recalled: list[str] = []
        self.pictures: dict[str, bytes] = {}
        self.uploads: dict[str, int] = {}
        self.login = Login(number=0, alive=False)
        self.numbers = itertools.count(9_100_000_000_000_000_001)
        self.news = threading.Condition()
        self.port = 0
        self.closing = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def hold(self, until: Callable[[], bool], seconds: float = HOLD) -> None:
        """Waits with the lock; ends early when the server goes down."""
        with self.news:
            self.news.wait_for(lambda: self.closing or until(), seconds)

    def end_session(self) -> None:
        """The platform throws the log-in out."""
        with self.news:
            self.login.alive = False
            self.news.notify_all()

    def post(
        self,
        text: str,
        *,
        sender: str = ZHANG,
        room: str | None = ROOM,
        kind: int = 1,
        at: float = 1_772_442_000.0,
        picture: bytes = b"",
        raw: str | None = None,
        **more: object,
    ) -> str:
        """Somebody writes; the message's id. `raw`: the content as it is on the wire."""
        number = next(self.numbers)
        own = sender == BOT
        words = html.escape(text, quote=False).replace("\n", "<br/>")
        place = self.login.id(room) if room else ""
        if room and not own:
            words = f"{self.login.id(sender)}:<br/>{words}"
        message: Json = {
            "MsgId": str(number),
            "NewMsgId": number,
            "CreateTime": int(at),
            "MsgType": kind,
            "Content": words if raw is None else raw,
            "FromUserName": self.login.id(sender) if own or not room else place,
            "ToUserName": (place or self.login.id(ZHANG)) if own else self.login.id(BOT),
            "Url": "",
            "AppMsgType": 0,
            "FileName": "",
            **more,
        }
        self.pictures[str(number)] = picture
        self.put(message)
        return str(number)

    def put(self, *messages: Json) -> None:
        """Messages as they are, in one batch."""
        with self.news:
            self.login.messages += messages
            self.news.notify_all()

    def room_changes(self, room: str) -> None:
        """Tell the client how a room is now."""
        with self.news:
            self.login.contacts.append((len(self.login.messages), self.room(room)))
            self.login.messages.append({})
            self.news.notify_all()

    def room(self, room: str, *, whole: bool = True) -> Json:
        members = [
            {
                "UserName": self.login.id(who),
                "NickName": self.names[who],
                "DisplayName": self.shown.get((room, who), ""),
                "RemarkName": "",
                "AttrStatus": 0,
            }
            for who in self.members[room]
        ]
        return {
            "UserName": self.login.id(room),
            "NickName": self.topics[room],
            "RemarkName": "",
            "Sex": 0,
            "VerifyFlag": 0,
            "MemberList": members if whole else [],
            "EncryChatRoomId": "e",
        }

    def person(self, who: str) -> Json:
        return {
            "UserName": self.login.id(who),
            "NickName": self.names[who],
            "RemarkName": "",
            "Sex": 0,
            "VerifyFlag": 8 if who in self.official else 0,
        }

    def everybody(self) -> list[str]:
        return [*self.names, *self.topics]
