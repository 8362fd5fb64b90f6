"""`xiaoge run`: start the bot with every channel that is on."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.commands.options import ConfigFile, NoColor, Speed


def run(config: ConfigFile = None, *, speed: Speed = 60.0, no_color: NoColor = False) -> None:
    """Start Xiaoge with every channel switched on in config.yaml; Ctrl-C stops it cleanly.

    With nothing but the sandbox on, the residents of the sample town live through their day, and
    you may join in by typing: `room name: words`, `@name: words` in private, or plain words.
    Started again, it goes on where it was.

    Examples:

    * `xiaoge run`

    * `xiaoge run --config town.yaml`

    * `xiaoge run --speed 600` (the sample day ten times as fast as usual)
    """
    import asyncio

    from bot import log
    from bot.app import open_store, rules_of
    from bot.commands.opening import config_of
    from bot.commands.printing import complain, console
    from bot.running import Running
    from bot.showing.plain import PlainShow
    from bot.single import alone_on

    loaded = config_of(config)
    level = "warning" if loaded.running_channels == ("sandbox",) else loaded.log.level
    log.set_up(level, loaded.log.format, _file(loaded.base, loaded.log.file))
    with alone_on(loaded.database_url):
        store = open_store(loaded, rules_of(loaded))
        try:
            show = PlainShow(console(no_color=no_color))
            running = Running(
                loaded, store, show, speed=speed, refused=lambda _name, error: complain(error)
            )
            asyncio.run(running.run(typing=sys.stdin.isatty()))
        finally:
            store.close()


def _file(base: Path, name: str) -> Path | None:
    return base / name if name else None
