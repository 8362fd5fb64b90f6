"""`xiaoge train`: fit the reader's weights to the corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def train(
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write there instead of into the program."),
    ] = None,
) -> None:
    """Fit the weights of the reader to the corpus that came with the program.

    The same corpus gives the same weights. It takes minutes and needs no network.

    Examples:

    * `xiaoge train`

    * `xiaoge train --out weights.npz`
    """
    from bot.commands.printing import say
    from domain.errors import XiaogeError
    from handlers import understanding
    from handlers.understanding.train import train as fit

    file = out or Path(understanding.__file__).parent / "weights.npz"
    if not file.parent.is_dir():
        raise XiaogeError(f"{file.parent}: no such folder: make it first")
    data = fit(tell=say).to_bytes()
    try:
        file.write_bytes(data)
    except OSError as error:
        raise XiaogeError(f"{file}: cannot be written: {error.strerror}") from error
    say(f"{file} ({len(data) // 1000} kB)")
