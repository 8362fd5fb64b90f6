"""What a scenario of the conformance suite plays with: a channel and its stand-in, as one rig."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from bot.channels.base import Capabilities, Channel
from tests.channels.ears import Ears

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d4944415478da63fcffff3f0300050001ff5ec9d6c50000000049454e44ae426082"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What the stand-in got to see of a send."""

    text: str
    room: str | None = None
    person: str | None = None
    mentions: tuple[str, ...] = ()
    images: int = 0
    reply_to: str | None = None
    """Id of the message answered to, as the channel writes ids."""


class Rig(Protocol):
    """A channel and its stand-in. A rig plays the verbs it names in `plays`; others may raise."""

    plays: frozenset[str]
    """Of: `duplicates` `garbage` `long` `leave` `remove_bot` `drop` `overflow` `freeze` `restart`
    `again` `wrong_token` `lose_answer` `refuse`."""
    skips: ClassVar[dict[str, str]]
    """Scenarios and verbs that this platform has no place for, and why."""
    ears: Ears
    room: str
    other_room: str
    resident: str
    neighbour: str
    other_bot: str
    """An account that the configuration says to ignore."""

    @property
    def channel(self) -> Channel: ...

    async def start(self) -> None:
        """Stand-in and channel run and the link is up."""
        ...

    async def stop(self) -> None:
        """Everything ends cleanly."""
        ...

    async def say(
        self,
        text: str,
        *,
        sender: str | None = None,
        room: str | None = "",
        mentions: tuple[str, ...] = (),
        reply_to: str | None = None,
        image: bool = False,
        times: int = 1,
    ) -> str:
        """Somebody says something (`""`: the first room, None: in private); the message's id."""
        ...

    async def recall(self, id: str) -> None: ...
    async def leave(self, person: str) -> None: ...
    async def remove_bot(self) -> None: ...
    async def garbage(self) -> None:
        """Things arrive that no channel can decode."""
        ...

    async def drop(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        """The link is cut, `meanwhile` happens, the channel comes back."""
        ...

    async def overflow(self) -> None:
        """From now on the platform's history reaches less far back than a gap."""
        ...

    async def freeze(self) -> None:
        """The other side says nothing any more, until the channel notices and comes back."""
        ...

    async def restart(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        """Our process ends, `meanwhile` happens, a new channel begins where the house was."""
        ...

    async def again(self) -> None:
        """`run` is called again on the channel that was closed; returns when it is connected."""
        ...

    async def wrong_token(self) -> None:
        """The token is changed over there, and the link cut; returns when that was noticed."""
        ...

    async def right_token(self) -> None:
        """The token is put right; returns when the channel is back."""
        ...

    async def lose_answer(self) -> None:
        """Answers to sends get lost from now on."""
        ...

    async def refuse(self) -> None:
        """The platform refuses to send from now on: the bot is muted."""
        ...

    def sent(self) -> list[Said]: ...
    def recalled(self) -> list[str]:
        """Ids of own messages that were taken back."""
        ...


Play = Callable[[Rig], Awaitable[None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """One thing that a channel must do, if its capabilities and its stand-in allow it."""

    name: str
    play: Play
    needs: Callable[[Capabilities], bool]
    plays: frozenset[str]

    def concerns(self, capabilities: Capabilities, plays: frozenset[str]) -> bool:
        """Whether a channel that can do this, with a stand-in that plays that, must pass it."""
        return self.needs(capabilities) and self.plays <= plays


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    *plays: str, needs: Callable[[Capabilities], bool] = lambda _: True, deaf: bool = False
) -> Callable[[Play], Play]:
    """Enters a function into the suite; `deaf`: also for channels that hear nothing."""

    def wanted(capabilities: Capabilities) -> bool:
        return (deaf or capabilities.hears) and needs(capabilities)

    def enter(play: Play) -> Play:
        name = getattr(play, "__name__", "")
        SCENARIOS[name] = Scenario(name=name, play=play, needs=wanted, plays=frozenset(plays))
        return play

    return enter
