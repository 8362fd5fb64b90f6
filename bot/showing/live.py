"""The town on one screen: chat on the left, what Xiaoge does on the right, tickets below."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.layout import Layout
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.showing import Card, clock_words
from handlers.zh import terminal

_KEPT = 60


class LiveShow:
    """A screen that is redrawn; use it as a context so that the terminal is given back."""

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._chat: deque[Text] = deque(maxlen=_KEPT)
        self._said: deque[Text] = deque(maxlen=_KEPT)
        self._cards: Sequence[Card] = ()
        self._at = ""
        self._live = Live(self._screen(), console=console, screen=True, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def person(self, at: datetime, where: str | None, who: str, text: str) -> None:
        place = where or terminal.TO_BOT.format(name=who)
        line = Text.assemble((f"{clock_words(at)[-5:]} {place} ", "dim"))
        line.append(f"{who}: {text}" if where else text, "white" if where else "magenta")
        self._chat.append(line)
        self._draw(at)

    def xiaoge(self, at: datetime, where: str, text: str) -> None:
        alone = where.startswith("@")
        place = terminal.ALONE.format(name=where[1:]) if alone else where
        line = Text.assemble((f"{clock_words(at)[-5:]} {place} ", "dim"))
        line.append(text, "yellow" if alone else "green")
        self._said.append(line)
        self._draw(at)

    def tickets(self, at: datetime, cards: Sequence[Card]) -> None:
        self._cards = cards
        self._draw(at)

    def note(self, text: str) -> None:
        self._said.append(Text(text, "bold"))
        self._live.update(self._screen(), refresh=True)

    def _draw(self, at: datetime) -> None:
        self._at = clock_words(at)
        self._live.update(self._screen(), refresh=True)

    def _screen(self) -> Layout:
        height = max(self._console.height, 16)
        below = min(14, max(5, height // 3))
        layout = Layout()
        layout.split_column(Layout(name="above"), Layout(name="below", size=below))
        layout["above"].split_row(
            Layout(self._panel(self._chat, f"{terminal.CHAT} · {self._at}", height - below)),
            Layout(self._panel(self._said, terminal.SPEAKS, height - below)),
        )
        layout["below"].update(Panel(self._table(below - 4), title=self._title, border_style="dim"))
        return layout

    def _panel(self, lines: deque[Text], title: str, height: int) -> Panel:
        """The last lines that fit, wrapped at the width of half a screen."""
        width = max(self._console.width // 2 - 4, 20)
        shown: list[Text] = []
        for line in reversed(lines):
            wrapped = list(line.wrap(self._console, width))
            if len(shown) + len(wrapped) > height - 2:
                break
            shown = wrapped + shown
        return Panel(Group(*shown), title=title, border_style="dim")

    def _table(self, rows: int) -> Table:
        table = Table(box=None, expand=True, pad_edge=False, header_style="dim")
        for column in ("", *terminal.TICKETS_BRIEF):
            table.add_column(column, no_wrap=True)
        ordered = sorted(self._cards, key=lambda card: not card.active)
        for card in ordered[: max(rows, 1)]:
            style = "" if card.active else "dim"
            cells = (card.what, card.where, card.state, card.who, str(card.homes))
            table.add_row(card.mark, f"#{card.number}", *map(Text, cells), style=style)
        return table
