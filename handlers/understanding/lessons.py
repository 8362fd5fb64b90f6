"""Turns kept corrections into labelled examples for a refit, the newest word about each text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.effects import Learn
from domain.reading import Intent, Urgency
from handlers.masking import redacted
from handlers.understanding.corpus import Example
from handlers.understanding.normalise import normalise
from handlers.understanding.scores import CATEGORIES

_MOST = 3000
"""Corrections that a refit looks at, the newest: the corpus keeps the upper hand."""
_JOINED = 0.3
"""Words that were joined to another matter might have been a request by themselves."""
_OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """A correction as an example. `alone`: its label holds without what was said before."""

    example: Example
    alone: bool


def lessons_of(
    corrections: Sequence[Learn], *, weight: float, otherwise: Callable[[str], Intent]
) -> list[Lesson]:
    """The corrections (oldest first) as lessons; a later one about the same words replaces.

    `otherwise` says what words that are no request most likely are: people only say that they
    are none. A category that the reader does not have counts as `other`.
    """
    newest: dict[str, Lesson] = {}
    for correction in corrections:
        text = redacted(correction.text)
        key = normalise(text).text or text
        newest.pop(key, None)
        newest[key] = _lesson(correction, text, weight, otherwise)
    return list(newest.values())[-_MOST:]


def _lesson(
    correction: Learn, text: str, weight: float, otherwise: Callable[[str], Intent]
) -> Lesson:
    intent = Intent(correction.intent)
    if intent is Intent.CHATTER:
        intent = otherwise(text)
    category = correction.category
    if category is not None and category not in CATEGORIES:
        category = _OTHER
    request = intent is Intent.REQUEST
    alone = correction.source != "merge"
    return Lesson(
        example=Example(
            text=text,
            intent=intent,
            categories=(category,) if category else (),
            urgency=Urgency(correction.urgency) if request and correction.urgency else None,
            weight=weight if alone else weight * _JOINED,
        ),
        alone=alone,
    )
