"""The real npm gateway (folder `gateway`) as a process that a test can talk to, freeze and kill."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import cast

FOLDER = Path(__file__).parent / "gateway"
TOKEN = "insecure_npm-test"
Line = Mapping[str, object]


def missing() -> str:
    """Why the gateway cannot run here, `""` when it can. Installs it first where npm can."""
    if shutil.which("node") is None:
        return "node is not installed"
    with (FOLDER / "package.json").open() as lock:
        # Several test processes may come here at the same time.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (FOLDER / "node_modules" / "wechaty-puppet-service").is_dir():
            return ""
        if (npm := shutil.which("npm")) is None:
            return "npm is not installed, and the gateway's packages are not there"
        done = subprocess.run(
            [npm, "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=FOLDER,
            capture_output=True,
            timeout=240,
            check=False,
        )
    return "" if done.returncode == 0 else "`npm install` could not install the gateway"


@contextlib.contextmanager
def one_at_a_time() -> Generator[None, None, None]:
    """Several test processes take turns: each gateway wants a processor for itself."""
    with (FOLDER / "gateway.mjs").open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


class NpmGateway:
    """One process of the gateway; `with_tls` runs it as it comes, without our setting."""

    def __init__(self, port: int = 0, *, with_tls: bool = False) -> None:
        self.port = port or free_port()
        self._with_tls = with_tls
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._more = asyncio.Event()
        self.told: list[Line] = []

    async def start(self) -> None:
        node = shutil.which("node")
        assert node is not None
        self._process = await asyncio.create_subprocess_exec(
            node,
            "gateway.mjs",
            str(self.port),
            TOKEN,
            "tls" if self._with_tls else "plain",
            cwd=FOLDER,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={k: v for k, v in os.environ.items() if not k.startswith("WECHATY")},
        )
        self._reading = asyncio.create_task(self._read(self._process))
        await self.hears("listening")

    async def do(self, name: str, **rest: object) -> None:
        """Have something happen over there; returns when it has."""
        assert self._process is not None
        assert self._process.stdin is not None
        begin = len(self.told)
        self._process.stdin.write(json.dumps({"do": name, **rest}).encode() + b"\n")
        await self._until(
            lambda: (
                any(line.get("done") == name for line in self.told[begin:])
                or any("failed" in line for line in self.told[begin:])
            )
        )
        assert [line for line in self.told[begin:] if "failed" in line] == []

    async def hears(self, name: str, having: str = "") -> Line:
        """The first thing told under a name whose text has this in it; waits for it."""

        def found() -> list[Line]:
            every = [line[name] for line in self.told if name in line]
            return [value for value in map(_line, every) if having in str(value.get("text", ""))]

        await self._until(lambda: bool(found()))
        return found()[0]

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    async def kill(self) -> None:
        """Kill -9, also when it is frozen or was killed before."""
        if self._process is None or self._reading is None:
            return
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reading
        self._process = None

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def _until(self, wanted: Callable[[], bool]) -> None:
        async with asyncio.timeout(40):
            while not wanted():
                self._more.clear()
                await self._more.wait()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            self.told.append(json.loads(line))
            self._more.set()


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _line(value: object) -> Line:
    return cast("Line", value) if isinstance(value, dict) else {}
