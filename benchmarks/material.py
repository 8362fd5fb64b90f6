"""What is fed in: the sample town grown to 500 rooms, chatter that is none of our business, requests."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

from bot.app import reader_of, rules_of
from bot.config import Config, load_config
from bot.loop import House, Read
from bot.sample import sample_directory
from domain.calendar import LOCAL
from domain.events import Message
from domain.grid import Directory, Room
from domain.reading import Intent, Urgency
from domain.rules import Rules
from handlers.understanding.corpus import Example, load_corpus
from storage.store import Store

ROOT = Path(__file__).parent.parent
OUT = ROOT / "benchmarks" / "out"
TOWN = "bench"
START = datetime(2026, 11, 24, 9, 0, tzinfo=LOCAL)
"""A working Tuesday morning."""
ROOMS = 500
_PEOPLE = 20_000


@cache
def config() -> Config:
    return load_config(ROOT / "config.yaml", {})


@cache
def rules() -> Rules:
    return rules_of(config())


@cache
def read() -> Read:
    """The product's own reader, as configured."""
    return reader_of(config()).read


@cache
def town() -> Directory:
    """The sample town (13 / 82 / 210 grids, 753 members) with 500 rooms."""
    sample = sample_directory()
    rooms: dict[str, Room] = dict(sample.rooms)
    residents = [r for r in sample.rooms.values() if r.kind == "residents"]
    number = 0
    while len(rooms) < ROOMS:
        like = residents[number % len(residents)]
        handle = f"qq:{700000 + number}"
        rooms[handle] = replace(like, handle=handle, name=f"{like.name}{number}")
        number += 1
    allowed = {handle: replace(room, allowed=True) for handle, room in rooms.items()}
    return replace(sample, town=TOWN, rooms=allowed)


@cache
def residents_rooms() -> tuple[Room, ...]:
    return tuple(r for r in town().rooms.values() if r.kind == "residents")


@cache
def corpus() -> tuple[Example, ...]:
    return load_corpus()


def in_room(number: int, text: str, room: Room, at: datetime, *, person: int) -> Message:
    """A resident's message as a channel delivers it."""
    channel, _, handle = room.handle.partition(":")
    return Message(
        channel=channel,
        account="bench",
        id=f"m{number}",
        at=at,
        sender=f"u{person}",
        sender_name=f"户{person}",
        text=text,
        room=handle,
        room_name=room.name,
    )


def new_store(url: str) -> Store:
    """A store with the town in it."""
    store = Store.open(url, TOWN, patience=rules().patience)
    store.replace_directory(town())
    return store


def new_house(store: Store) -> House:
    return House(store, rules(), read())


@dataclass(frozen=True, kw_only=True)
class Chatter:
    """Messages that the product takes nothing from, and how large a part of the lines these are."""

    messages: tuple[Message, ...]
    offered: int
    kept: int


@cache
def chatter(count: int, seed: int = 1) -> Chatter:
    """Chatter, notices, ads and questions of the corpus, said here and there in 500 rooms.

    Lines that the reader takes for something (wrongly, mostly) are not chatter to the product:
    they are left out here and counted.
    """
    random = Random(seed)
    kinds = (Intent.CHATTER, Intent.NOTICE, Intent.AD, Intent.INQUIRY)
    texts = [e.text for e in corpus() if e.intent in kinds and not e.context]
    said = _said(Random(seed), texts, 2 * count)
    store = new_store("sqlite://")
    house, looked = new_house(store), _watch(store)
    kept: list[Message] = []
    for message in said:
        looked.clear()
        house.take(message)
        if not looked:
            kept.append(message)
    store.close()
    random.shuffle(said)
    assert len(kept) >= count, f"only {len(kept)} of {len(said)} lines are chatter to the reader"
    return Chatter(messages=tuple(kept[:count]), offered=len(said), kept=len(kept))


def _watch(store: Store) -> list[str]:
    """A list that gets every statement which the store's database carries out."""
    statements: list[str] = []
    driver = store._link._open()
    assert isinstance(driver, sqlite3.Connection)
    driver.set_trace_callback(statements.append)
    return statements


def statements_of(store: Store, work: Callable[[], None]) -> list[str]:
    """The statements that a piece of work brings about."""
    statements = _watch(store)
    try:
        work()
    finally:
        driver = store._link._open()
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(None)
    return statements


def _said(random: Random, texts: Sequence[str], count: int, first: int = 0) -> list[Message]:
    rooms = residents_rooms()
    return [
        in_room(
            first + n,
            random.choice(texts),
            random.choice(rooms),
            START + timedelta(seconds=n),
            person=random.randrange(_PEOPLE),
        )
        for n in range(count)
    ]


@cache
def requests(count: int, seed: int = 2) -> tuple[Message, ...]:
    """Requests at home, each from another door: each opens a ticket, none is an emergency.

    Rehearsed: what the reader does not take for such a request is left out.
    """
    random = Random(seed)
    texts = [
        e.text
        for e in corpus()
        if e.intent is Intent.REQUEST
        and e.urgency is not Urgency.EMERGENCY
        and not e.context
        and not e.place
        and len(e.text) <= 40
    ]
    store = new_store("sqlite://")
    house = new_house(store)
    kept: list[Message] = []
    for number in range(4 * count):
        door = f"{random.randrange(1, 40)}号楼{random.randrange(1, 6)}单元"
        door += f"{random.randrange(1, 7)}0{random.randrange(1, 5)} "
        room = random.choice(residents_rooms())
        at = START + timedelta(seconds=len(kept))
        message = in_room(number, door + random.choice(texts), room, at, person=100_000 + number)
        opened = _opened(house, message)
        if opened:
            kept.append(message)
        if len(kept) == count:
            break
    store.close()
    assert len(kept) == count, f"only {len(kept)} of {4 * count} requests opened a ticket"
    return tuple(kept)


def _opened(house: House, message: Message) -> bool:
    if not house.take(message):
        return False
    newest = house.store.tickets(opened_since=message.at, limit=1)
    return (
        bool(newest)
        and newest[0].opened_by == message.key
        and newest[0].urgency is not Urgency.EMERGENCY
    )
