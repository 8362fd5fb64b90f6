"""`xiaoge demo`: a condensed day of the sample town, played in the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bot.commands.options import AsJson, ConfigFile, NoColor, Speed

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.replay.report import Report
    from bot.showing import Show


def demo(
    config: ConfigFile = None,
    *,
    speed: Speed = 60.0,
    no_color: NoColor = False,
    json: AsJson = False,
) -> None:
    """Play a day of the sample town through the real product, sixty times as fast as life.

    Chat on the left, what Xiaoge does on the right, tickets below; plain lines when the output is
    no terminal. No wait is longer than a few seconds, and it ends with the digest. Nothing is
    kept. With --json nothing is shown, and what came of the day is written at once.

    Examples:

    * `xiaoge demo`

    * `xiaoge demo --speed 300`

    * `xiaoge demo --json`
    """
    from bot import log
    from bot.app import rules_of
    from bot.commands.opening import config_of
    from bot.commands.printing import as_json
    from bot.demo import play
    from bot.reading import reader_of
    from bot.sample.day import read_day
    from bot.showing.pace import Pacer

    log.set_up("warning", "text")
    loaded = config_of(config)
    rules, read, day = rules_of(loaded), reader_of(loaded).read, read_day()

    def played(show: Show, pacer: Pacer) -> Report:
        return play(day, rules, read, show, pacer)

    if json:
        from bot.showing.silent import SilentShow

        as_json(played(SilentShow(), Pacer(day.start, speed, sleep=lambda _seconds: None)))
        return
    _shown(played, Pacer(day.start, speed), no_color=no_color)


def _shown(played: Callable[[Show, Pacer], Report], pacer: Pacer, *, no_color: bool) -> None:
    from bot.commands.printing import console, say
    from bot.showing.live import LiveShow
    from bot.showing.plain import PlainShow
    from handlers.zh import terminal

    screen = console(no_color=no_color)
    if sys.stdout.isatty() and not screen.is_dumb_terminal:
        with LiveShow(screen, terminal.LIST) as show:
            report = played(show, pacer)
        digests = [said["text"] for said in report["said"] if said["key"] == "digest"]
        say(digests[-1] if digests else "")
    else:
        report = played(PlainShow(screen), pacer)
    public = sum(not said["private"] for said in report["said"])
    say(
        terminal.SUMMARY.format(
            messages=report["messages"],
            tickets=len(report["tickets"]),
            said=len(report["said"]),
            public=public,
        )
    )


if TYPE_CHECKING:
    from bot.showing.pace import Pacer
