"""A forward in a private chat, unfolded into the matters that it speaks of. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from domain.events import Message
from domain.reading import Band, Intent, Reading
from handlers.forwarding import Forwarded, Said, forwarded
from handlers.opening import is_bare
from handlers.understanding import context

Read = Callable[[str, context.Context | None], Reading]
_BY_ITSELF = 0.5
_MATTERS = 6
"""Messages that one forward becomes at most; what is left over goes into the last one."""
_ASIDE = frozenset({Intent.CHATTER, Intent.AD, Intent.NOTICE, Intent.INQUIRY})


@dataclass(slots=True)
class _Matter:
    """What somebody in the forward asks for, line by line, and what was said to it."""

    speaker: str
    lines: list[str]
    category: str | None
    certain: bool


def unfolded(message: Message, read: Read, bot_names: tuple[str, ...] = ()) -> tuple[Message, ...]:
    """One message for each matter of a forward, with who said it; () for the sender's own words.

    Chatter among the lines is left out. When nothing else is in it, one message holds the words of
    the first voice, so that somebody may be asked.
    """
    if not message.private or message.told_by:
        return ()
    found = forwarded(message.text, bot_names)
    if found is None or found.speaker == message.sender_name:
        return ()
    matters = _matters(found, read)
    if not matters:
        matters = [_Matter(found.speaker, [found.text], None, certain=False)]
    return tuple(_told(message, matter, n) for n, matter in enumerate(matters, 1))


def _told(message: Message, matter: _Matter, number: int) -> Message:
    return replace(
        message,
        id=f"{message.id}/{number}",
        text="\n".join(matter.lines),
        told_by=matter.speaker,
        reply_to=None,
        forwarded=True,
        mentions=(),
        mentions_me=False,
        images=message.images if number == 1 else (),
    )


def _matters(found: Forwarded, read: Read) -> list[_Matter]:
    matters: list[_Matter] = []
    said: list[tuple[str, Reading, str]] = []
    for voice in _lines(found):
        reading = read(voice.text, _around(matters, said, voice.speaker))
        _sort_in(matters, voice, reading)
        said.append((voice.speaker, reading, voice.text))
    return matters


def _around(
    matters: list[_Matter], said: list[tuple[str, Reading, str]], speaker: str
) -> context.Context:
    """What the record told before this line."""
    return context.Context(
        previous=tuple(
            context.Said(text=text, same_person=who == speaker, reading=reading)
            for who, reading, text in said[-4:]
        ),
        matters=tuple(
            context.Matter(category=m.category or "", own=m.speaker == speaker, text=m.lines[0])
            for m in reversed(matters)
        ),
    )


def _lines(found: Forwarded) -> Iterator[Said]:
    """Every line of every voice; the forwarder's own comment is part of the first one's words."""
    for voice in (Said(speaker=found.speaker, text=found.text), *found.others):
        for line in voice.text.splitlines():
            if line.strip():
                yield Said(speaker=voice.speaker, text=line.strip())
    if found.comment:
        yield Said(speaker=found.speaker, text=found.comment)


def _sort_in(matters: list[_Matter], voice: Said, reading: Reading) -> None:
    """Begin a matter with this line, add it to the one it is about, or leave it out."""
    asks = reading.danger or reading.band is not Band.NOT or _names_its_own(reading)
    own = next((m for m in reversed(matters) if m.speaker == voice.speaker), None)
    if asks:
        same = own if _goes_on(own, reading) else _of_others(matters, voice, reading)
        if same is None and len(matters) < _MATTERS:
            matters.append(
                _Matter(voice.speaker, [voice.text], reading.category, certain=_sure(reading))
            )
            return
        own = same or matters[-1]
        own.category = own.category if own.certain else reading.category or own.category
        own.certain = own.certain or _sure(reading)
    elif own is None or not (is_bare(voice.text) or _adds(reading)):
        return
    own.lines.append(voice.text)


def _names_its_own(reading: Reading) -> bool:
    """A trouble with an address, whatever was told before it."""
    return reading.alone >= _BY_ITSELF and reading.place.building is not None


def _adds(reading: Reading) -> bool:
    return bool(reading.place) or reading.intent not in _ASIDE


def _goes_on(own: _Matter | None, reading: Reading) -> bool:
    """Whether the speaker's next request is still about the last one."""
    if own is None:
        return False
    unlike = own.certain and _sure(reading) and own.category != reading.category
    return not unlike


def _of_others(matters: list[_Matter], voice: Said, reading: Reading) -> _Matter | None:
    """`俺家也是`, or the same thing in another mouth: one matter with what was said before."""
    for matter in reversed(matters):
        if matter.speaker != voice.speaker and (
            reading.me_too or matter.category == reading.category
        ):
            return matter
    return None


def _sure(reading: Reading) -> bool:
    likely = reading.danger or reading.band is Band.SURE or _names_its_own(reading)
    return reading.category is not None and likely
