"""Replay one transcript: a fresh or given store, the town it speaks of, the whole house."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.loop import House, Read
from bot.replay.player import Player, Said, message_of
from bot.replay.report import Report, report_of
from bot.replay.town import town_of
from bot.replay.transcript import Transcript
from bot.wakings import Timekeeper
from domain.calendar import LOCAL
from domain.events import Message
from domain.grid import Directory
from domain.rules import Rules
from storage.store import Store

CURSOR = "replay"


def replay(
    transcript: Transcript,
    store: Store,
    rules: Rules,
    read: Read,
    *,
    town: Directory | None = None,
    on_said: Callable[[Said], None] = lambda _said: None,
    on_message: Callable[[int], None] = lambda _count: None,
) -> Report:
    """Play it, let the rest of the day pass, and report.

    A store that already holds a part of this transcript goes on behind it, and ends with the same
    tickets as without the interruption, wherever it was killed: the cursor (how many lines were
    taken) moves in the commit of each line that is recorded, and before time passes for anything
    else to be recorded. The lines between cursor and interruption changed nothing, and change
    nothing when they are taken again. `said` and `messages` count from the interruption only.
    """
    if not store.directory().rooms:
        store.replace_directory(town or town_of(transcript.lines))
    house = House(store, rules, read)
    cursor = Cursor(store, f"{CURSOR}:{transcript.scene}")
    messages = [message_of(line) for line in transcript.lines]
    start = messages[0].at
    player = Player(
        house=house,
        timekeeper=Timekeeper(house, since=start),
        now=start,
        on_said=on_said,
        before_moment=cursor.keep,
    )
    _go_on(player, messages[: cursor.taken])
    for count, message in enumerate(messages[cursor.taken :], cursor.taken + 1):
        player.hear(message, cursor=(cursor.name, str(count)))
        cursor.taken = count
        on_message(count)
    player.pass_until(_midnight(messages[-1].at))
    cursor.keep()
    return report_of(transcript.scene, store, player.said, house.counts["judged"])


class Cursor:
    """How many lines of one transcript were taken, as the store knows it and as it is."""

    def __init__(self, store: Store, name: str) -> None:
        self.name = name
        self.taken = int(store.meta_get(name) or 0)
        self._kept = self.taken
        self._store = store

    def keep(self) -> None:
        """Tell the store, unless it knows."""
        if self._kept != self.taken:
            self._store.meta_set(self.name, str(self.taken))
            self._kept = self.taken


def _go_on(player: Player, heard: list[Message]) -> None:
    """Know again what was known when the line after `heard` was about to be taken."""
    if not heard:
        return
    house = player.house
    house.know_again(heard[-1].at)
    for message in heard:
        player.hear_again(message)
    house.store.recover(player.now, everything=True)


def _midnight(at: datetime) -> datetime:
    local = at.astimezone(LOCAL)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
