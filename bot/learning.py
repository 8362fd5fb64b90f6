"""Learning from corrections: refit, measure, and take the new weights if nothing got worse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.config import Config
from bot.learned import Refit, Shelf, packaged_calibration, packaged_fingerprint
from bot.reading import reader_of
from bot.single import alone_with
from domain.effects import Learn
from handlers.understanding import default_reader
from handlers.understanding.corpus import Example
from handlers.understanding.evaluate import Report, frozen_part
from handlers.understanding.margins import Margins
from handlers.understanding.refit import Fit, Local, Tell, Trial, fit_corpus, refit

FIGURES = (
    "precision",
    "recall",
    "f1",
    "emergency_recall",
    "emergency_captured",
    "emergency_seen",
    "false_quiet",
    "false_per_1000_chatter",
    "category_accuracy",
)
"""Of the frozen part, in the order shown; `local` follows when there is something to measure."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Learnt:
    """What a refit came to: its line in the ledger, and how many local examples were measured."""

    refit: Refit
    local: Local


def learn_from(
    config: Config,
    corrections: Sequence[Learn],
    now: Callable[[], datetime],
    *,
    dry_run: bool = False,
    tell: Tell = lambda _: None,
    fit: Fit = fit_corpus,
    frozen: Sequence[Example] | None = None,
) -> Learnt:
    """Refit with corrections; the outcome is in the ledger, and in use if nothing got worse.

    Raises StoreError while another refit runs. A dry run keeps nothing.
    """
    began = now()
    learning = config.learning
    in_use = reader_of(config)
    margins = Margins(
        share=learning.margin,
        chatter=learning.margin_chatter,
        emergency=learning.margin_emergency,
        local=learning.margin_local,
    )

    def tried() -> Trial:
        return refit(
            corrections,
            in_use=in_use,
            unlearnt=replace(default_reader(), bands=in_use.bands),
            frozen=frozen_part() if frozen is None else frozen,
            calibration=packaged_calibration(),
            weight=learning.weight,
            margins=margins,
            attempts=learning.attempts,
            fit=fit,
            tell=tell,
        )

    if dry_run:
        trial = tried()
        return Learnt(refit=_line(trial, corrections, began, dry=True), local=trial.local)
    refusal = "another refit{} is under way here: wait until it is done"
    with alone_with(config.learned_folder / "refit.lock", refusal):
        trial = tried()
        line = _line(trial, corrections, began, dry=False)
        shelf = Shelf(config.learned_folder, keep=learning.keep)
        line = shelf.keep(line, trial.weights if line.taken else None)
    return Learnt(refit=line, local=trial.local)


def _line(trial: Trial, corrections: Sequence[Learn], at: datetime, *, dry: bool) -> Refit:
    here = trial.local.shares
    local = trial.local.examples > 0
    return Refit(
        id=f"{at:%Y%m%d-%H%M%S}",
        at=at,
        examples=len(corrections),
        taken=not trial.worse and not dry,
        worse=trial.worse,
        before=_figures(trial.before) | ({"local": here[0]} if local else {}),
        after=_figures(trial.after) | ({"local": here[1]} if local else {}),
        base=packaged_fingerprint(),
    )


def _figures(report: Report) -> dict[str, float]:
    return {name: round(float(getattr(report, name)), 4) for name in FIGURES}
