"""A show without an audience: for programs that only want what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.showing import Card


class SilentShow:
    """Shows nothing."""

    def person(self, at: datetime, where: str | None, who: str, text: str) -> None:
        del at, where, who, text

    def xiaoge(self, at: datetime, where: str, text: str) -> None:
        del at, where, text

    def tickets(self, at: datetime, cards: Sequence[Card]) -> None:
        del at, cards

    def note(self, text: str) -> None:
        del text
