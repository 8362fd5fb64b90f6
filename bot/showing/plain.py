"""The town as a stream of lines: for pipes, for slow terminals, and beside a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.markup import escape

from bot.showing import Card, clock_words
from handlers.zh import terminal


class PlainShow:
    """One line for everything; colours only where the console has them."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._states: dict[str, str] = {}

    def person(self, at: datetime, where: str | None, who: str, text: str) -> None:
        place = where or terminal.TO_BOT.format(name=who)
        name = f"{who}: " if where else ""
        self._line(at, place, f"{name}{text}", "white")

    def xiaoge(self, at: datetime, where: str, text: str) -> None:
        alone = where.startswith("@")
        place = terminal.ALONE.format(name=where[1:]) if alone else where
        self._line(at, place, f"{terminal.BOT}: {text}", "yellow" if alone else "green")

    def tickets(self, at: datetime, cards: Sequence[Card]) -> None:
        """Only what changed since the last time."""
        for card in reversed(cards):
            if self._states.get(card.number) != card.line:
                self._states[card.number] = card.line
                self._line(at, card.mark, card.line, "cyan")

    def note(self, text: str) -> None:
        self._console.print(escape(text), style="dim")

    def _line(self, at: datetime, where: str, text: str, colour: str) -> None:
        time = f"[dim]{clock_words(at)}[/] [dim]{escape(where)}[/]"
        self._console.print(f"{time} [{colour}]{escape(text)}[/]", soft_wrap=True)
