"""From text to meaning: one message in, one reading out; commands, places, times; all pure."""

from __future__ import annotations

from functools import cache

from domain.reading import Reading
from handlers.understanding.context import Context, Said
from handlers.understanding.contextmodel import load_context_weights
from handlers.understanding.gazetteer import Resolved, resolve
from handlers.understanding.model import load_model
from handlers.understanding.normalise import Normal, normalise
from handlers.understanding.phrases import read_command
from handlers.understanding.place import buildings_in, canonical, find_place
from handlers.understanding.reader import Bands, Reader
from handlers.understanding.stafftalk import read_staff

__all__ = [
    "Bands",
    "Context",
    "Normal",
    "Reader",
    "Resolved",
    "Said",
    "buildings_in",
    "canonical",
    "default_reader",
    "find_place",
    "normalise",
    "read_command",
    "read_staff",
    "resolve",
    "understand",
]


@cache
def default_reader() -> Reader:
    """The reader with the weights that came with the product; rules alone when there are none."""
    model = load_model()
    if model is None:
        return Reader()
    return Reader(scorer=model.score, around=load_context_weights())


def understand(text: str, *, context: Context | None = None) -> Reading:
    """One message, read: intent, category, urgency, place, confidence, band and flags.

    Never raises, whatever the text. Alone without `context`; with it, follow-ups are told from
    new matters by what was just said, asked or quoted.
    """
    return default_reader().read(text, context)
