"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        help="The configuration; without it XIAOGE_CONFIG, else config.yaml in this folder.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON for programs instead of a table.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="Plain text without colours.")]
Speed = Annotated[
    float,
    typer.Option(
        "--speed", min=0.1, max=100_000, help="How many times as fast as life the day runs."
    ),
]
