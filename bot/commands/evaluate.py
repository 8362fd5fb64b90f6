"""`xiaoge evaluate`: how well the reader reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.options import AsJson

if TYPE_CHECKING:
    from handlers.understanding import Reader
    from handlers.understanding.evaluate import Report


def evaluate(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Labelled lines as in the corpus (tab-separated)."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            metavar="FILE",
            help="Measure the reader of this town: what it learned, and its bands.",
        ),
    ] = None,
    *,
    json: AsJson = False,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE.svg", help="Draw the figures there; no message is in it."),
    ] = None,
) -> None:
    """Measure the reader on a labelled file, or on the frozen part of the corpus.

    Precision, recall and F1 of requests, false captures, emergencies with every miss, categories,
    urgency, places, calibration, and the twenty worst mistakes. Without --config the reader is the
    one that came with the program.

    Examples:

    * `xiaoge evaluate`

    * `xiaoge evaluate messages.tsv --json`

    * `xiaoge evaluate --picture docs/explanation/reading.svg`

    * `xiaoge evaluate --config config.yaml`
    """
    from bot.commands.printing import as_json, say

    if picture is not None:
        _check(picture)
    report = _measured(file, _reader(config))
    if json:
        as_json(report.to_json())
    else:
        say(report.text())
    if picture is not None:
        _draw(report, picture, file)


def _reader(config: Path | None) -> Reader:
    from bot.commands.opening import config_of
    from bot.reading import reader_of
    from handlers.understanding import default_reader

    return default_reader() if config is None else reader_of(config_of(config))


def _measured(file: Path | None, reader: Reader) -> Report:
    from domain.errors import XiaogeError
    from handlers.understanding.corpus import parse
    from handlers.understanding.evaluate import evaluate as measure
    from handlers.understanding.evaluate import evaluate_frozen

    if file is None:
        return evaluate_frozen(reader)
    try:
        examples = list(parse(file.read_text("utf-8-sig"), file.stem))
    except (OSError, ValueError, KeyError) as error:
        raise XiaogeError(f"{file}: cannot be read as labelled lines: {error}") from error
    return measure(examples, reader)


def _check(picture: Path) -> None:
    """Before the work, not after it."""
    from domain.errors import XiaogeError

    if picture.suffix != ".svg":
        raise XiaogeError(f"{picture}: only SVG is drawn: give it a name that ends in .svg")
    if not picture.parent.is_dir():
        raise XiaogeError(f"{picture.parent}: no such folder: make it first")


def _draw(report: Report, picture: Path, file: Path | None) -> None:
    from bot.evaluation_picture import drawn
    from domain.errors import XiaogeError
    from handlers.zh.picture import FROZEN

    try:
        picture.write_text(drawn(report, FROZEN if file is None else file.name), "utf-8")
    except OSError as error:
        raise XiaogeError(f"{picture}: cannot be written: {error.strerror}") from error
