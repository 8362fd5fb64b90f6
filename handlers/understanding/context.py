"""What the reader may know beside the text: the room a moment ago, the speaker, what is under way."""

from __future__ import annotations

from dataclasses import dataclass

from domain.reading import NOWHERE, Place, Reading


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A message said before, as the shell remembers it. `minutes` is how long ago."""

    text: str
    minutes: float = 0.0
    same_person: bool = False
    reading: Reading | None = None
    staff: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Matter:
    """Something this room is known to wait for. `minutes` since it was last spoken of.

    `own` says that the speaker reported it or joined in; `finished` that somebody called it done.
    """

    category: str
    minutes: float = 0.0
    own: bool = False
    finished: bool = False
    place: Place = NOWHERE
    text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """The surroundings of one message; everything may be left out.

    `previous` are the room's last messages, oldest first. `question` is the kind of an open
    question to this speaker (`place`, `confirm`, …). `reply_to` is the reading of the message
    that was quoted. `matters` are those of this room, last spoken of first. `staff` says that a
    bound member is speaking.
    """

    previous: tuple[Said, ...] = ()
    question: str = ""
    reply_to: Reading | None = None
    matters: tuple[Matter, ...] = ()
    staff: bool = False


ALONE = Context()
