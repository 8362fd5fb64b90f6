"""Refits the reader with local examples, and tells whether the new weights may be taken.

The frozen part of the corpus is measured with the weights in use and with the new ones. The local
examples are measured by cross-fitting: what judges an example has not seen it. Pure: it takes
minutes, writes nothing, and the same examples give the same outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from domain.effects import Learn
from domain.reading import Intent
from handlers.masking import redacted
from handlers.understanding.corpus import Example, groups
from handlers.understanding.evaluate import Report, evaluate
from handlers.understanding.lessons import Lesson, lessons_of
from handlers.understanding.margins import Margins, worse
from handlers.understanding.model import Model, Weights
from handlers.understanding.normalise import normalise
from handlers.understanding.reader import Bands, Reader

Tell = Callable[[str], None]
_FOLDS = 3
_NEVER = Bands(sure=2.0, ask=2.0, sure_danger=2.0, ask_danger=2.0)
"""Bands that no confidence reaches: the reading says what else the words most likely are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Local:
    """Local examples read right, of how many: by weights that have not seen them."""

    examples: int = 0
    before: int = 0
    after: int = 0

    @property
    def shares(self) -> tuple[float, float]:
        """(before, after) in 0..1; both 0 without examples."""
        return (
            (self.before / self.examples, self.after / self.examples) if self.examples else (0, 0)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """What a refit came to. `worse` names what got worse beyond its margin: empty is good."""

    weights: Weights
    lessons: int
    before: Report
    after: Report
    local: Local = Local()
    """Only measured when nothing got worse on the frozen part."""
    worse: tuple[str, ...]


Fit = Callable[[Sequence[Example], int, Tell], Weights]
"""(local examples, which attempt, who hears of the progress) -> weights."""


def fit_corpus(extra: Sequence[Example], attempt: int, tell: Tell) -> Weights:
    """The usual fit: the corpus without its frozen part, and the local examples.

    Each attempt begins from other chance numbers.
    """
    from handlers.understanding.train import Recipe, train  # noqa: PLC0415  # scikit-learn loads slowly

    usual = Recipe()
    shift = attempt * len(usual.seeds)
    recipe = replace(usual, calibrate=False, seeds=tuple(seed + shift for seed in usual.seeds))
    return train(extra, recipe=recipe, tell=tell)


def refit(
    corrections: Sequence[Learn],
    *,
    in_use: Reader,
    unlearnt: Reader,
    frozen: Sequence[Example],
    calibration: tuple[float, float],
    weight: float,
    margins: Margins,
    attempts: int = 1,
    fit: Fit = fit_corpus,
    tell: Tell = lambda _: None,
) -> Trial:
    """Try new weights. `in_use` reads now; `unlearnt` has never seen a local example.

    `calibration` is that of the packaged weights: a few local examples say nothing about it, and
    measuring it anew would shift the bands by chance. Chance alone makes a fit a little better or
    worse on the frozen part: what is refused there is tried again, up to `attempts` fits in all.
    The margins hold against both readers, so that many small steps down never add up.
    """
    asking = replace(unlearnt, bands=_NEVER)
    lessons = lessons_of(
        corrections, weight=weight, otherwise=lambda text: asking.read(text).intent
    )
    known = {_plain(lesson.example.text) for lesson in lessons}
    unseen = [e for e in frozen if _plain(redacted(e.text)) not in known]
    tell(f"{len(lessons)} local examples; measuring the weights in use")
    before = evaluate(unseen, in_use)
    floor = before if in_use.scorer is unlearnt.scorer else evaluate(unseen, unlearnt)
    best: Trial | None = None
    for attempt in range(attempts):

        def fitted(extra: Sequence[Example], attempt: int = attempt) -> Weights:
            return replace(fit(extra, attempt, tell), calibration=calibration)

        tell(f"attempt {attempt + 1} of at most {attempts}: fitting the new weights")
        weights = fitted([lesson.example for lesson in lessons])
        after = evaluate(unseen, _reading(weights, in_use))
        found = tuple(
            dict.fromkeys((*worse(before, after, margins), *worse(floor, after, margins)))
        )
        trial = Trial(
            weights=weights, lessons=len(lessons), before=before, after=after, worse=found
        )
        if not found:
            local = _held_out(lessons, unlearnt, in_use, fitted, tell)
            trial = replace(trial, local=local, worse=_worse_here(local, margins))
        if best is None or len(trial.worse) < len(best.worse):
            best = trial
        if not trial.worse:
            break
    assert best is not None
    return best


def _held_out(
    lessons: Sequence[Lesson],
    unlearnt: Reader,
    in_use: Reader,
    fitted: Callable[[Sequence[Example]], Weights],
    tell: Tell,
) -> Local:
    """Each third of the local examples, read by weights that were fitted with the other two."""
    alone = [i for i, lesson in enumerate(lessons) if lesson.alone]
    if not alone:
        return Local()
    numbers: list[int] = groups(lesson.example.text for lesson in lessons).tolist()
    folds = min(_FOLDS, len(set(numbers)))
    if folds < 2:
        return Local()
    rank = {number: place for place, number in enumerate(dict.fromkeys(numbers))}
    before = after = 0
    for fold in range(folds):
        out = [i for i in alone if rank[numbers[i]] % folds == fold]
        rest = [e.example for i, e in enumerate(lessons) if rank[numbers[i]] % folds != fold]
        tell(f"held-out part {fold + 1} of {folds}")
        reader = _reading(fitted(rest), in_use)
        before += sum(_right(lessons[i].example, unlearnt) for i in out)
        after += sum(_right(lessons[i].example, reader) for i in out)
    return Local(examples=len(alone), before=before, after=after)


def _worse_here(local: Local, margins: Margins) -> tuple[str, ...]:
    fallen = local.before - local.after
    return ("local",) if fallen > max(1, margins.local * local.examples) else ()


def _right(example: Example, reader: Reader) -> bool:
    """A request as one, of its category; anything else as none."""
    reading = reader.read(example.text)
    if example.intent is not Intent.REQUEST:
        return not reading.is_request
    return reading.is_request and (not example.categories or reading.category in example.categories)


def _reading(weights: Weights, like: Reader) -> Reader:
    return replace(like, scorer=Model(weights).score)


def _plain(text: str) -> str:
    return normalise(text).text or text
