"""`xiaoge train`: fit everything the reader weighs to the corpora that came with the program."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def train(
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write there instead of into the program."),
    ] = None,
) -> None:
    """Fit the weights of the reader to the corpora that came with the program.

    Three files: how words are weighed, how the talk around them is, and what members' words do.
    The same corpora give the same weights. It takes minutes on all cores and needs no network.

    Examples:

    * `xiaoge train`

    * `xiaoge train --out weights/`
    """
    from bot.commands.printing import say
    from domain.errors import XiaogeError
    from handlers import understanding
    from handlers.understanding.train import Recipe
    from handlers.understanding.train import train as fit_words
    from handlers.understanding.trainscenes import train_scenes
    from handlers.understanding.trainstaff import train_staff

    folder = out or Path(understanding.__file__).parent
    if not folder.is_dir():
        raise XiaogeError(f"{folder}: no such folder: make it first")
    cores = os.cpu_count() or 1
    words = fit_words(recipe=Recipe(processes=cores), tell=say)
    quick = Recipe(seeds=(0,), calibrate=False, processes=cores)
    found = {
        "weights.npz": words.to_bytes(),
        "context_weights.npz": train_scenes(words.calibration, recipe=quick, tell=say).to_bytes(),
        "staff_weights.npz": train_staff().to_bytes(),
    }
    for name, data in found.items():
        file = folder / name
        try:
            file.write_bytes(data)
        except OSError as error:
            raise XiaogeError(f"{file}: cannot be written: {error.strerror}") from error
        say(f"{file} ({len(data) // 1000} kB)")
