"""A day of 42 rooms: 21,000 messages, one in twenty a request, members who take them and finish."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random

from benchmarks import material, plain
from benchmarks.rounds import Done, Table, Watch, measure
from bot.replay.player import message_of
from bot.replay.run import replay
from bot.replay.transcript import Line, Transcript
from domain.grid import Directory, Room
from domain.reading import Intent
from storage.store import Store

ROOMS, EACH = 42, 500
_REQUESTS = 0.05
_HOURS = 12
_CHANNEL = "sandbox"
_TALK = (Intent.CHATTER, Intent.NOTICE, Intent.AD, Intent.INQUIRY)


@cache
def _rooms() -> tuple[Room, ...]:
    """Two rooms of residents in each of the 21 communities."""
    town = material.town()
    found: list[Room] = []
    for community in town.communities:
        here = [
            r
            for r in town.rooms.values()
            if r.community == community and r.kind == "residents" and r.handle.startswith(_CHANNEL)
        ]
        found += (here * 2)[:2] if len(here) == 1 else here[:2]
    return tuple(found)


@cache
def day(each: int = EACH, seed: int = 4) -> Transcript:
    """Chatter, requests, and for most requests a grid member's `我去` and `修好了` by quote."""
    random = Random(seed)
    town = material.town()
    talk = [e.text for e in material.corpus() if e.intent in _TALK and not e.context]
    asked = [e.text for e in material.corpus() if e.intent is Intent.REQUEST and not e.context]
    lines: list[Line] = []
    for number, room in enumerate(_rooms()):
        head = _head(town, room)
        said: list[Line] = []
        while len(said) < each:
            at = material.START + timedelta(seconds=random.uniform(0, _HOURS * 3600))
            wanted = random.random() < _REQUESTS
            id = f"{number}-{len(said)}"
            text = random.choice(asked if wanted else talk)
            said.append(_line(id, at, room, f"户{number}-{random.randrange(200)}", text))
            if wanted and head and random.random() < 0.95:
                later = at + timedelta(minutes=random.uniform(2, 20))
                said.append(_line(f"{id}c", later, room, head, "我去", reply_to=id))
                done = later + timedelta(minutes=random.uniform(20, 90))
                said.append(_line(f"{id}d", done, room, head, "修好了", reply_to=id))
        lines += said[:each]
    return Transcript(scene="day", lines=tuple(sorted(lines, key=lambda line: line.at)))


def _line(id: str, at, room: Room, sender: str, text: str, *, reply_to: str | None = None) -> Line:
    channel, _, handle = room.handle.partition(":")
    return Line(
        id=id,
        at=at,
        channel=channel,
        room=handle,
        sender=sender,
        role="resident",
        text=text,
        reply_to=reply_to,
    )


def _head(town: Directory, room: Room) -> str | None:
    """Who answers for this room's grid, as the name they are bound under."""
    grid = room.grid or (town.estates[room.estate].grid if room.estate in town.estates else "")
    for node in town.chain(grid):
        for member in town.posted("grid_head", node.key):
            if f"{_CHANNEL}:{member.name}" in town.bindings:
                return member.name
    return None


def table(folder: Path, *, rounds: int, each: int = EACH) -> Table:
    """Seconds for the whole day, against the same reader with the same rows written plainly."""
    transcript = day(each)
    messages = [replace(message_of(line)) for line in transcript.lines]
    count = len(messages)
    run: list[plain.Share] = []
    heard: list[plain.Heard] = []
    expected: dict[str, int] = {}
    reported: list[int] = []
    commits: list[int] = []
    cpu: dict[str, list[float]] = {"Xiaoge, replay": [], "Xiaoge, in memory": [], "raw loop": []}
    empty = folder / "empty.sqlite3"

    def in_memory() -> float:
        store = material.new_store("sqlite://")
        watch = Watch()
        report = replay(transcript, store, material.rules(), material.read())
        done = watch.done(count)
        store.close()
        _note(cpu["Xiaoge, in memory"], done)
        assert report["messages"] == count
        return done.seconds

    def ours() -> float:
        file = plain.copy(empty, folder / "replay.sqlite3")
        store = Store.open(f"sqlite:///{file}", material.TOWN, patience=material.rules().patience)
        read = material.read() if run else plain.Overhearing(material.read(), heard)
        watch = Watch()
        report = replay(transcript, store, material.rules(), read)
        done = watch.done(count)
        store.close()
        _note(cpu["Xiaoge, replay"], done)
        connection = plain.connect(file)
        if not run:
            run.extend(plain.moments(connection))
            expected.update(plain.counts(connection))
            reported.extend((report["messages"], len(report["tickets"]), len(report["said"])))
        assert report["messages"] == count
        assert plain.counts(connection) == expected
        connection.close()
        return done.seconds

    def loop() -> float:
        plainly = plain.PlainLoop(plain.copy(empty, folder / "replay-raw.sqlite3"), run)
        watch = Watch()
        commits.append(plainly.follow(messages, heard, run))
        done = watch.done(count)
        _note(cpu["raw loop"], done)
        assert plain.counts(plainly.connection) == expected
        plainly.close()
        return done.seconds

    variants = {
        "Xiaoge, replay": ours,
        "Xiaoge, in memory": in_memory,
        "raw loop: same reader, same rows": loop,
    }
    began = time.time()
    found = measure(
        f"Replay of {count:,} messages ({ROOMS} rooms)",
        "s",
        variants,
        rounds=rounds,
        more_is_better=False,
        goal=7.0 * count / (ROOMS * EACH),
    )
    found.cpu = cpu
    found.notes += [
        f"judged {reported[0]:,}, tickets {reported[1]}, said {reported[2]}; rows: "
        + ", ".join(f"{name} {number}" for name, number in expected.items()),
        (
            "the plain loop gives the same reader the same words and talk around them, and writes "
            f"the same rows at the same moments in {commits[-1]} durable commits, but neither "
            "keeps that talk, nor looks for what is due, nor decides anything"
        ),
        f"measured in {time.time() - began:.0f} s",
    ]
    return found


def _note(cpu: list[float], done: Done) -> None:
    cpu.append(done.cpu / done.count * 1e6)
