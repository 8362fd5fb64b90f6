"""`xiaoge evaluate`: how well the reader reads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.commands.options import AsJson


def evaluate(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Labelled lines as in the corpus (tab-separated)."),
    ] = None,
    *,
    json: AsJson = False,
) -> None:
    """Measure the reader on a labelled file, or on the frozen part of the corpus.

    Precision, recall and F1 of requests, false captures, emergencies with every miss, categories,
    urgency, places, calibration, and the worst mistakes.

    Examples:

    * `xiaoge evaluate`

    * `xiaoge evaluate messages.tsv --json`
    """
    from bot.commands.printing import as_json, say
    from domain.errors import XiaogeError
    from handlers.understanding import default_reader
    from handlers.understanding.corpus import parse
    from handlers.understanding.evaluate import evaluate as measure
    from handlers.understanding.evaluate import evaluate_frozen

    if file is None:
        report = evaluate_frozen(default_reader())
    else:
        try:
            examples = list(parse(file.read_text("utf-8-sig"), file.stem))
        except (OSError, ValueError, KeyError) as error:
            raise XiaogeError(f"{file}: cannot be read as labelled lines: {error}") from error
        report = measure(examples, default_reader())
    if json:
        as_json(report.to_json())
    else:
        say(report.text())
