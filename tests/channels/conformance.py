"""What every channel must do: one suite of scenarios, played against each channel's stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import ClassVar, Protocol, cast

from bot.channels.base import Capabilities
from tests.channels import scenes_link, scenes_talk
from tests.channels.rig import PIXEL, SCENARIOS, Rig, Said, Scenario

__all__ = ["PIXEL", "Rig", "Said", "Scenario", "play", "scenes_link", "scenes_talk", "suite"]

DEADLINE = 20.0
"""Seconds of real time after which a scenario has failed; none of them waits for it."""


class Player(Protocol):
    """What every rig has; see `Rig` for the verbs."""

    plays: frozenset[str]
    skips: ClassVar[dict[str, str]]

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


def suite(
    capabilities: Capabilities, plays: frozenset[str], skips: Mapping[str, str] = {}
) -> list[str]:
    """The names of the scenarios that a channel must pass."""
    found = SCENARIOS.values()
    return [s.name for s in found if s.concerns(capabilities, plays) and s.name not in skips]


def play(name: str, rig: Callable[[], Player]) -> None:
    """Play one scenario from beginning to end; tasks that are left over fail it.

    The rig needs the verbs of that scenario only, and `suite` names no others.
    """

    async def whole() -> None:
        async with asyncio.timeout(DEADLINE):
            playing = rig()
            await playing.start()
            try:
                await SCENARIOS[name].play(cast("Rig", playing))
            finally:
                await playing.stop()
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert not left, f"tasks are left over: {left}"

    asyncio.run(whole())
