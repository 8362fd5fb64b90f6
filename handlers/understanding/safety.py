"""The safety guard: emergencies seen by pattern, with negation, past, jokes and drills understood."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.understanding.normalise import Normal
from handlers.understanding.patterns import Bank
from handlers.zh import lexicon_danger as words

_KIND_OF = {str(i): kind for i, (kind, _) in enumerate(words.DANGERS)}
_DANGERS = Bank(((str(i), p) for i, (_, p) in enumerate(words.DANGERS)), "danger:")
_HARMLESS = Bank(((str(i), p) for i, p in enumerate(words.HARMLESS)), "harmless:")
_SURELY = Bank((("surely", words.SURELY),))
KINDS = tuple(dict.fromkeys(kind for kind, _ in words.DANGERS))
"""What the guard knows, in a fixed order: `gas`, `fire`, `lift`, …"""
HARMLESS_COUNT = len(words.HARMLESS)
_TWO = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """What the guard saw. `kinds` are the dangers named, `harmless` the excuses found beside them.

    `danger` is the guard's own verdict, whatever the model thinks.
    """

    kinds: tuple[str, ...] = ()
    harmless: tuple[int, ...] = ()
    surely: bool = False

    @property
    def danger(self) -> bool:
        """A danger is named and nothing takes it back (or it is shouted in spite of that)."""
        if not self.kinds:
            return False
        return not self.harmless or (self.surely and len(self.harmless) < _TWO)


CALM = Alarm()


def guard(normal: Normal) -> Alarm:
    """What the guard makes of one message."""
    text = normal.text
    possible = normal.possible
    found = _DANGERS.found(text, possible)
    if not found:
        return CALM
    return Alarm(
        kinds=tuple(dict.fromkeys(_KIND_OF[name] for name in found)),
        harmless=tuple(int(name) for name in _HARMLESS.found(text, possible)),
        surely=bool(_SURELY.found(text, possible)),
    )
