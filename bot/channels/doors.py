"""What a channel that platforms call offers to the inbound server: paths, and who answers there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

BODY_LIMIT = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A request as a channel sees it; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the caller gets; never more than it must know."""

    status: int = 200
    body: bytes = b""
    kind: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """A path of a channel, the methods it takes, and who answers."""

    path: str
    methods: tuple[str, ...]
    answer: Callable[[Asked], Awaitable[Answer]]
    body_limit: int = BODY_LIMIT


@runtime_checkable
class HasDoors(Protocol):
    """A channel that is called at a path of the one inbound server, not at a port of its own."""

    @property
    def doors(self) -> Sequence[Door]: ...
