"""Quotes in WeChat, where they are only text: finds the message that is meant, and writes one."""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from dataclasses import dataclass

OPEN, CLOSE, COLON = "\u300c", "\u300d", "\uff1a"
RULE = "- - - - - - - - - - - - - - -"

_RULE = re.compile(r"\s*(?:[-\u2014_] ?){3,}\s*")
_COLON = re.compile(r"[:\uff1a]")
_KEPT = 60
"""Messages remembered for each room."""
_ROOMS = 2_000
_LENGTH = 80
"""Letters of a message that are remembered and compared."""
_SHOWN = 40
_LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class _Said:
    id: str
    name: str
    text: str


class Quotes:
    """What was said lately, by room; in memory only."""

    def __init__(self) -> None:
        self._rooms: OrderedDict[str, deque[_Said]] = OrderedDict()

    def heard(self, place: str, id: str, name: str, text: str) -> None:
        """Remember a message; `place` is the room, or the person of a private chat."""
        said = self._rooms.setdefault(place, deque(maxlen=_KEPT))
        self._rooms.move_to_end(place)
        if len(self._rooms) > _ROOMS:
            self._rooms.popitem(last=False)
        if all(other.id != id for other in said):
            said.append(_Said(id, name, _plain(text)))

    def split(self, place: str, text: str) -> tuple[str | None, str]:
        """(id of the message quoted, the words below it); (None, text) when there is none we know."""
        found = _parts(text)
        if found is None:
            return None, text
        name, quoted, rest = found
        same = [
            said
            for said in self._rooms.get(place, ())
            if said.text == quoted or (len(quoted) > 5 and said.text.startswith(quoted))
        ]
        if not same:
            return None, text
        return next((said for said in reversed(same) if said.name == name), same[-1]).id, rest

    def quoting(self, place: str, id: str | None, text: str) -> str:
        """The words below a quote of a message; bare when it is no longer remembered."""
        for said in self._rooms.get(place, ()):
            if said.id == id:
                return f"{OPEN}{said.name}{COLON}{said.text[:_SHOWN]}{CLOSE}\n{RULE}\n{text}"
        return text


def _parts(text: str) -> tuple[str, str, str] | None:
    if not text.startswith(OPEN):
        return None
    lines = text[:_LONGEST].split("\n")
    for number, line in enumerate(lines[1:], start=1):
        if _RULE.fullmatch(line):
            quote = "\n".join(lines[:number]).rstrip()
            if not quote.endswith(CLOSE) or not (colon := _COLON.search(quote)):
                return None
            rest = text[sum(len(above) + 1 for above in lines[: number + 1]) :]
            return quote[1 : colon.start()], _plain(quote[colon.end() : -1]), rest.strip()
    return None


def _plain(text: str) -> str:
    return " ".join(text.replace("\u2005", " ").split())[:_LENGTH]
