"""Who and what is behind a wechaty gateway in tests; it survives the gateway's death."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from wechaty_grpc.wechaty import puppet

TOKEN = "insecure_test-token"
BOT = "wxid_bot"
ZHANG = "wxid_zhang"
LI = "wxid_li"
OTHER_BOT = "wxid_weather"
ROOM = "10086@chatroom"
OTHER_ROOM = "10010@chatroom"
SMALL = 20 * 1024

LOGIN, LOGOUT, SCAN, MESSAGE, ERROR = 25, 26, 22, 2, 16
HEARTBEAT, JOIN, LEAVE, TOPIC, DIRTY = 1, 19, 20, 21, 27
TEXT, IMAGE, RECALLED = 7, 6, 13


@dataclass(kw_only=True)
class Sent:
    """What the gateway was asked to send; a file has no text."""

    place: str
    text: str = ""
    mentions: tuple[str, ...] = ()
    file: bytes = b""


@dataclass(kw_only=True)
class World:
    """People, rooms and messages behind the gateway; it survives the gateway's death."""

    names: dict[str, str] = field(
        default_factory=lambda: {
            BOT: "小格",
            ZHANG: "张大妈",
            LI: "李师傅",
            OTHER_BOT: "天气",
        }
    )
    official: set[str] = field(default_factory=set[str])
    topics: dict[str, str] = field(
        default_factory=lambda: {ROOM: "幸福小区一群", OTHER_ROOM: "幸福小区二群"}
    )
    aliases: dict[tuple[str, str], str] = field(default_factory=lambda: {(ROOM, ZHANG): "3栋201张"})
    messages: dict[str, puppet.MessagePayloadResponse] = field(
        default_factory=dict[str, puppet.MessagePayloadResponse]
    )
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    sent: list[Sent] = field(default_factory=list[Sent])
    recalled: list[str] = field(default_factory=list[str])
    logged_in: str = BOT
    scan: str = ""
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
