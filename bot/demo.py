"""The sample day through the real house: a store in memory, and a clock that follows the script."""

from __future__ import annotations

from bot.loop import House, Read
from bot.replay.player import Player, Said
from bot.replay.report import Report, report_of
from bot.sample import sample_directory
from bot.sample.day import CHANNEL, Day, Line
from bot.sample.neighbourhood import only
from bot.showing import Card, Show, card_of
from bot.showing.pace import Pacer
from bot.wakings import Timekeeper
from domain.calendar import LOCAL
from domain.rules import Rules
from storage.store import Store

ACCOUNT = "demo"


def play(day: Day, rules: Rules, read: Read, show: Show, pacer: Pacer) -> Report:
    """Play the day to its end, the digest of the next morning; returns what came of it.

    A line that speaks of a ticket which was never opened is left out: nobody would say it. The
    labels of such tickets are under `unresolved` in the report.
    """
    store = Store.open("sqlite://", "demo", patience=rules.patience)
    try:
        store.replace_directory(only(sample_directory(), day.community, CHANNEL))
        return _Play(day, store, rules, read, show, pacer).run()
    finally:
        store.close()


class _Play:
    def __init__(
        self, day: Day, store: Store, rules: Rules, read: Read, show: Show, pacer: Pacer
    ) -> None:
        house = House(store, rules, read)
        self.day, self.store, self.rules, self.show, self.pacer = day, store, rules, show, pacer
        self.house = house
        self.unresolved: dict[str, None] = {}
        self.player = Player(
            house=house,
            timekeeper=Timekeeper(house, since=day.start),
            now=day.start,
            on_said=self._said,
        )

    def run(self) -> Report:
        for line in self.day.lines:
            self.player.pass_until(line.at)
            self._speak(line)
        self.player.pass_until(self.day.end)
        report = report_of("demo", self.store, self.player.said, self.house.counts["judged"])
        return {**report, "unresolved": list(self.unresolved)}

    def _speak(self, line: Line) -> None:
        text, missing = self.day.words(line, self.store, ACCOUNT)
        if missing:
            self.unresolved.update(dict.fromkeys(missing))
            return
        self.pacer.until(line.at)
        self.show.person(line.at.astimezone(LOCAL), line.room, line.who, text)
        self.player.hear(self.day.message(line, text, ACCOUNT))
        self.show.tickets(line.at, self._cards())

    def _said(self, said: Said) -> None:
        self.pacer.until(said.at)
        self.show.xiaoge(said.at, said.room, said.text)
        self.show.tickets(said.at, self._cards())

    def _cards(self) -> list[Card]:
        directory = self.store.directory()
        return [card_of(ticket, directory, self.rules) for ticket in self.store.tickets()]
