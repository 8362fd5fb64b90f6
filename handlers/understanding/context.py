"""What the reader may know beside the text: the room a moment ago, the speaker, an open question."""

from __future__ import annotations

from dataclasses import dataclass

from domain.reading import Reading


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A message said before, as the shell remembers it. `minutes` is how long ago."""

    text: str
    minutes: float = 0.0
    same_person: bool = False
    reading: Reading | None = None
    staff: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """The surroundings of one message; everything may be left out.

    `previous` are the room's last messages, oldest first. `question` is the kind of an open
    question to this speaker (`place`, `confirm`, …). `reply_to` is the reading of the message
    that was quoted. `reported` are categories of tickets opened or touched in this room lately.
    `staff` says that a bound member is speaking.
    """

    previous: tuple[Said, ...] = ()
    question: str = ""
    reply_to: Reading | None = None
    reply_to_own_ticket: bool = False
    reported: frozenset[str] = frozenset()
    staff: bool = False


ALONE = Context()
