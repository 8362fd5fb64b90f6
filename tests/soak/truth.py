"""What was said in the soak, and what must have come of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.ticket import Move
from tests.channels.onebot_town import Frame
from tests.soak.town import ACCOUNT, CHANNEL, COMMUNITIES, ESTATES

_ASKED = re.compile(r"#(\d+) (\S+?苑)(\d+)号楼.*?请回“\1我去”认领")
"""What the work room is told of a new ticket."""
_DONE = "办好了，您那边好了吗？"
"""What a reporter is asked alone."""


@dataclass(kw_only=True)
class Reply:
    """What a member or the reporter answered: it moves one ticket once."""

    move: Move
    message: str
    """The inbox key of the answer."""


@dataclass(kw_only=True)
class Request:
    """Something that must become exactly one ticket, and what was answered to it."""

    estate: int
    door: tuple[int, int]
    reporter: str
    """Reports nothing else."""
    message: str
    """The inbox key of what was said."""
    number: int = 0
    """The number that the work room was told; 0: it was not told yet."""
    replies: list[Reply] = field(default_factory=list[Reply])


@dataclass(kw_only=True)
class Outage:
    """A time in which nothing could be heard; `filled`: history had all of it."""

    since: datetime
    until: datetime | None = None
    filled: bool = True
    first: bool = False
    """Before the first start nobody listened: there is nothing to name."""


@dataclass(kw_only=True)
class Truth:
    """All of it, and how much was done to the link."""

    requests: dict[str, Request] = field(default_factory=dict[str, Request])
    outages: list[Outage] = field(default_factory=list[Outage])
    said: int = 0
    """Messages of people since the product last started."""
    again: int = 0
    """Messages from before that, which it may take again."""
    lost: int = 0
    """Of them, chatter that history could not give back."""
    counts: dict[str, int] = field(default_factory=dict[str, int])
    _buildings: dict[tuple[int, int], Request] = field(
        default_factory=dict[tuple[int, int], Request]
    )
    _reporters: dict[str, Request] = field(default_factory=dict[str, Request])

    def asked(self, request: Request) -> None:
        """Somebody reported something in a building where nobody did before."""
        self.requests[request.message] = request
        self._buildings[(request.estate, request.door[0])] = request
        self._reporters[request.reporter] = request

    def free(self, estate: int, building: int) -> bool:
        """Whether nothing was reported there yet: two leaks in one house may be one."""
        return (estate, building) not in self._buildings

    def announced(self, sent: Frame) -> Iterator[Request]:
        """The requests that words of the product ask a member to take up, for the first time."""
        place = str(sent.get("group_id", ""))
        for number, estate, building in _ASKED.findall(words_of(sent)):
            request = self._buildings.get((ESTATES.index(estate), int(building)))
            if request is not None and not request.number and place.startswith("99"):
                request.number = int(number)
                yield request

    def confirming(self, sent: Frame) -> Request | None:
        """The request that the product asks its reporter about, for the first time: is it over?"""
        asks = "group_id" not in sent and _DONE in words_of(sent)
        return self._reporters.pop(str(sent["user_id"]), None) if asks else None

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1


def key_of(frame: Frame) -> str:
    """The inbox key that a message in a room has."""
    return f"{CHANNEL}:{ACCOUNT}:{frame['group_id']}:{frame['message_id']}:{frame['time']}"


def words_of(sent: Frame) -> str:
    """The text of what the product sent."""
    parts: list[Any] = sent["message"]
    return "".join(part["data"]["text"] for part in parts if part["type"] == "text").strip()


def community_of(estate: int) -> str:
    return f"c{estate // (len(ESTATES) // len(COMMUNITIES))}"
