"""The person at the terminal: typed lines become words said in the sandbox."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.channels.sandbox import Sandbox
from domain.errors import XiaogeError
from domain.grid import Room
from handlers.zh import terminal

_CHUNK = 4096
_COLONS = (":", "：")


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """What was typed: `room` is a handle, or None for words to Xiaoge alone."""

    room: str | None
    who: str
    text: str


def parse(text: str, rooms: Iterable[Room], last: str | None) -> Typed | None:
    """`room name: words`, `@name: words`, or plain words in the last room; None for nothing.

    Raises XiaogeError for a room that does not exist.
    """
    line = text.strip()
    if not line:
        return None
    known = {r.handle: r.name for r in rooms if r.handle.startswith("sandbox:")}
    head, words = _split(line)
    if head.startswith("@") and words:
        return Typed(room=None, who=head[1:].strip() or terminal.ME, text=words)
    place, _, name = head.rpartition(" ")
    if words and place:
        return Typed(room=_room(place.strip(), known), who=name, text=words)
    room = last if last is not None else next(iter(known), None)
    if room is None:
        raise XiaogeError(terminal.NO_SUCH_ROOM.format(name="", rooms=""))
    return Typed(room=room, who=terminal.ME, text=line)


def _split(line: str) -> tuple[str, str]:
    cuts = [at for colon in _COLONS if (at := line.find(colon)) > 0]
    if not cuts:
        return "", ""
    return line[: min(cuts)].strip(), line[min(cuts) + 1 :].strip()


def _room(asked: str, known: dict[str, str]) -> str:
    for handle, name in known.items():
        if name == asked:
            return handle
    near = [handle for handle, name in known.items() if asked in name]
    if near:
        return near[0]
    rooms = "、".join(list(known.values())[:6])
    raise XiaogeError(terminal.NO_SUCH_ROOM.format(name=asked, rooms=rooms))


class Keyboard:
    """Reads lines on a thread of its own, and speaks them on the loop."""

    def __init__(
        self,
        sandbox: Sandbox,
        rooms: Callable[[], Iterable[Room]],
        complain: Callable[[str], None],
    ) -> None:
        self._sandbox, self._rooms, self._complain = sandbox, rooms, complain
        self._last: str | None = None

    def listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on what is typed is said; the thread ends with the process."""
        thread = threading.Thread(target=self._read, args=(loop,), name="keyboard", daemon=True)
        thread.start()

    def typed(self, text: str) -> None:
        """Say one line; a mistake is told and changes nothing."""
        try:
            found = parse(text, self._rooms(), self._last)
        except XiaogeError as error:
            self._complain(str(error))
            return
        if found is None:
            return
        room = None if found.room is None else found.room.partition(":")[2]
        self._last = found.room or self._last
        self._sandbox.say(found.text, sender=found.who, name=found.who, room=room)

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        """Unbuffered: a thread that waits inside a buffered reader would break the exit."""
        encoding = sys.stdin.encoding or "utf-8"
        rest = b""
        while chunk := _chunk():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                words = line.decode(encoding, "replace")
                try:
                    loop.call_soon_threadsafe(self.typed, words)
                except RuntimeError:  # the loop was closed meanwhile
                    return


def _chunk() -> bytes:
    try:
        return os.read(0, _CHUNK)
    except OSError:
        return b""
