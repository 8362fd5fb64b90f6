"""The whole product behind the rig of a channel: house, store and outbox."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Generic, TypeVar

from bot.app import App, build, open_store, rules_of
from bot.channels.base import Channel, Send, SendResult
from domain.events import Event
from domain.grid import Room
from tests.channels.onebot_rig import OneBotRig
from tests.channels.wechaty_rig import WechatyRig
from tests.channels.wecom_robot_rig import RobotRig
from tests.dialogue import town
from tests.soak.product import config_in

AnyRig = OneBotRig | WechatyRig | RobotRig
Played = TypeVar("Played", bound=AnyRig)
LAMP = "2号楼2单元楼道灯不亮了 麻烦来修一下"
HEAD = "王网格长"


class Died(BaseException):
    """Stands for kill -9: nothing in the product catches it, and nothing is put in order."""


class Dying:
    """A channel whose process dies when the words are out, before anybody can note it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.capabilities = channel.capabilities
        self.name, self.account = channel.name, channel.account
        self.health = channel.health

    async def send(self, send: Send) -> SendResult:
        await self._channel.send(send)
        raise Died


class Behind(Generic[Played]):
    """One rig, and the product on a database file; `neighbour` of the rig is bound as `HEAD`."""

    def __init__(self, rig: Played, folder: Path) -> None:
        self.rig, self._folder = rig, folder
        self.app = self.start()
        self._taken = 0

    def start(self, channel: object | None = None) -> App:
        """The product as after the start of a process; the one before is left as it is."""
        config = config_in(self._folder)
        pacing = config.pacing.model_copy(update={"breaker_timeouts": 1})
        config = config.model_copy(update={"pacing": pacing})
        store = open_store(config, rules_of(config))
        name = self.rig.channel.name
        if not store.directory().communities:
            store.replace_directory(self._town(name))
        channels: dict[str, Channel] = {name: channel or self.rig.channel}  # pyright: ignore[reportAssignmentType] # Dying only sends
        self.app = build(config, channels=channels, clock=self.rig.clock, store=store, seed=1)
        return self.app

    def _town(self, name: str):
        plain = town()
        rooms = [
            Room(handle=f"{name}:{room}", name=f"{estate}群", community="c1", estate=estate)
            for room, estate in ((self.rig.room, "进修小区"), (self.rig.other_room, "保健院小区"))
        ]
        return replace(
            plain,
            town="soak",
            rooms={room.handle: room for room in rooms},
            bindings={f"{name}:{self.rig.neighbour}": HEAD},
        )

    @property
    def room(self) -> str:
        return f"{self.rig.channel.name}:{self.rig.room}"

    async def hear(self, *words: str) -> list[Event]:
        """Wait until these were heard, and take all that came; returns what was taken."""
        for text in words:
            await self.rig.ears.words(text)
        new = self.rig.ears.events[self._taken :]
        self._taken = len(self.rig.ears.events)
        for event in new:
            self.app.house.take(event)
        return new

    async def send(self, minutes: float = 0) -> None:
        """Let time pass, and send all that may go then."""
        self.rig.clock.advance(minutes * 60)
        self.app.tick()
        while await self.app.outbox.flush():
            pass

    def call(self, person: str, name: str) -> None:
        """From now on this person is called so."""
        if isinstance(self.rig, OneBotRig):
            self.rig.server.town.people[person] = name
        elif isinstance(self.rig, WechatyRig):
            self.rig.world.aliases[(self.rig.room, person)] = name


def played(
    rig: Callable[[], AnyRig], folder: Path, scene: Callable[[Behind], Awaitable[None]]
) -> None:
    """Play a scene with the product behind a connected rig."""

    async def whole() -> None:
        async with asyncio.timeout(30):
            playing = rig()
            await playing.start()
            behind = Behind(playing, folder)
            try:
                await scene(behind)
            finally:
                await playing.stop()
                behind.app.store.close()

    asyncio.run(whole())
