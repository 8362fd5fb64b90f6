"""Messages a second through a real WebSocket: our OneBot channel against NoneBot2 and aiocqhttp.

python -m benchmarks.dispatch [--long]
"""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from benchmarks import material
from benchmarks.rounds import Done, Table, measure
from domain.reading import Intent
from tests.channels.onebot_server import OneBotServer

STACKS = {
    "Xiaoge, channel and whole house": "house",
    "Xiaoge's channel, plain work": "channel",
    "aiocqhttp, one handler": "aiocqhttp",
    "NoneBot2, one on_message": "nonebot2",
}
_REQUESTS = 0.05
_PATIENCE = 120.0
_PEOPLE = 4_000


def frames(count: int, server: OneBotServer, seed: int = 6) -> list[str]:
    """Lines of the corpus as OneBot frames of 20 rooms, one in twenty a request."""
    random = Random(seed)
    talk = [e.text for e in material.corpus() if e.intent is Intent.CHATTER and not e.context]
    asked = [
        e.text
        for e in material.corpus()
        if e.intent is Intent.REQUEST and not e.context and e.place
    ]
    server.town.rooms = {str(9000 + n): f"{n}号楼" for n in range(20)}
    server.town.kept = 1
    people = {str(30_000 + n): f"户{n}" for n in range(_PEOPLE)}
    server.town.people.update(people)
    persons = tuple(people)
    return [
        json.dumps(
            server.town.say(
                random.choice(asked if random.random() < _REQUESTS else talk),
                room=str(9000 + random.randrange(20)),
                sender=random.choice(persons),
            ),
            ensure_ascii=False,
        )
        for _ in range(count)
    ]


async def one(stack: str, folder: Path, count: int, kept: list[int]) -> Done:
    """A new process on this stack, connected, given every frame at once; until it has done all."""
    server = OneBotServer()
    await server.start()
    said = frames(count, server)
    file = folder / f"{stack}.sqlite3"
    for old in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        old.unlink(missing_ok=True)
    port = _free_port()
    ws = f"ws://127.0.0.1:{port}/" if stack == "aiocqhttp" else server.ws_url
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", "-m", "benchmarks.wire", stack, ws),
        *(server.http_url, server.token, str(file), str(count)),
        stdout=asyncio.subprocess.PIPE,
        cwd=material.ROOT,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_PATIENCE):
            if stack == "aiocqhttp":
                await _dial(server, ws)
            await server.joined.wait()
            await asyncio.sleep(0.5)
            began = time.perf_counter()
            for frame in said:
                await server.push(frame)
            found = await _report(process.stdout)
            kept.append(int(found["requests"]))
    finally:
        await server.stop()
        if process.returncode is None:
            process.terminate()
        await process.wait()
    _check(file, stack, int(found["requests"]))
    return Done(count, found["at"] - began, found["cpu"])


async def _report(said: asyncio.StreamReader) -> dict[str, float]:
    """The line of figures; what a stack says before is passed on."""
    while line := await said.readline():
        if line.startswith(b"{"):
            return json.loads(line)
        sys.stderr.buffer.write(line)
    raise RuntimeError("the process ended without a word")


def _check(file: Path, stack: str, requests: int) -> None:
    connection = sqlite3.connect(file)
    table = "inbox" if stack == "house" else "requests"
    (stored,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    connection.close()
    assert stored == requests > 0, (stack, stored, requests)


async def _dial(server: OneBotServer, ws: str) -> None:
    while True:
        try:
            await server.dial(ws, path="ws/")
        except OSError:
            await asyncio.sleep(0.05)
        else:
            return


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def table(folder: Path, *, rounds: int, count: int) -> Table:
    """Messages a second from the first frame sent to the last one dealt with."""
    kept: dict[str, list[int]] = {name: [] for name in STACKS}

    def variant(name: str):
        return lambda: asyncio.run(one(STACKS[name], folder, count, kept[name]))

    found = measure(
        f"OneBot messages over a WebSocket ({count:,}, one in twenty a request)",
        "messages/s",
        {name: variant(name) for name in STACKS},
        rounds=rounds,
    )
    mine = list(STACKS)[1]
    found.notes += [
        "kept as requests: "
        + ", ".join(f"{n} {statistics.median(k):.0f}" for n, k in kept.items()),
        "our channel, with the same plain work behind it, is "
        + ", ".join(f"{_times(found, mine, n):.2f} x {n}" for n in list(STACKS)[2:]),
        "the stand-in that sends runs on the same cores",
        "the house writes ticket, history, voice, reminders and words where the others write one row",
    ]
    return found


def _times(found: Table, mine: str, other: str) -> float:
    pairs = zip(found.rounds[mine], found.rounds[other], strict=True)
    return statistics.median(a / b for a, b in pairs)


def main() -> None:
    long = "--long" in sys.argv
    with tempfile.TemporaryDirectory() as folder:
        print(table(Path(folder), rounds=5 if long else 3, count=10_000 if long else 2_000).text())


if __name__ == "__main__":
    main()
