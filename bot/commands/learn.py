"""`xiaoge learn`: refit the reader with the corrections of this town."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.options import AsJson, ConfigFile

if TYPE_CHECKING:
    from bot.config import Config
    from bot.learned import Refit
    from bot.learning import Learnt
    from domain.effects import Learn

_WORSE = 1


def learn(
    config: ConfigFile = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Fit and measure, but keep nothing.")
    ] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Go back to the weights used before.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--list", help="List the refits so far and count the examples.")
    ] = False,
    nightly: Annotated[
        bool,
        typer.Option(
            "--nightly", help="As at night: lowest priority, and only with enough new examples."
        ),
    ] = False,
    json: AsJson = False,
) -> None:
    """Refit the reader with the corrections kept here, and use the result if nothing got worse.

    Figures before and after are those of the frozen part of the corpus, and of the local examples
    by weights that have not seen them. The margins stand under `learning` in config.yaml. It takes
    minutes, needs no network, and nothing leaves this machine. A running Xiaoge reads with the new
    weights at once. Exit code 1: refused, something got worse.

    Examples:

    * `xiaoge learn --dry-run`

    * `xiaoge learn`

    * `xiaoge learn --list`

    * `xiaoge learn --rollback`
    """
    from bot.commands.opening import config_of

    loaded = config_of(config)
    if rollback:
        _roll_back(loaded, json=json)
    elif every:
        _list(loaded, json=json)
    elif not nightly or _quietly(loaded):
        _refit(loaded, dry_run=dry_run, json=json)


def _quietly(config: Config) -> bool:
    """Give way to everybody else; whether there is something to do at all."""
    import os

    from bot.app import open_store, rules_of
    from bot.nightly import worth_it

    if hasattr(os, "nice"):
        os.nice(19)
    store = open_store(config, rules_of(config))
    try:
        return worth_it(config, store)
    finally:
        store.close()


def _corrections(config: Config) -> list[Learn]:
    from bot.app import open_store, rules_of

    store = open_store(config, rules_of(config))
    try:
        return store.lessons()
    finally:
        store.close()


def _refit(config: Config, *, dry_run: bool, json: bool) -> None:
    from bot.clock import SystemClock
    from bot.commands.printing import as_json, say
    from bot.learning import learn_from
    from handlers.zh import terminal

    corrections = _corrections(config)
    if not corrections:
        as_json({"examples": 0, "taken": False}) if json else say(terminal.NOTHING_LEARNT)
        return
    clock = SystemClock()
    learnt = learn_from(config, corrections, clock.now, dry_run=dry_run, tell=_progress(clock))
    if json:
        as_json(plain(learnt.refit))
    else:
        _print(learnt, dry_run=dry_run)
    if learnt.refit.worse:
        raise typer.Exit(_WORSE)


def _progress(clock: Any) -> Any:
    """Lines on stderr: seconds since the start, and what is being done."""
    import sys

    from bot.commands.printing import write

    began = clock.now()

    def tell(what: str) -> None:
        write(sys.stderr, f"{(clock.now() - began).total_seconds():5.0f}s  {what}")

    return tell


def _print(learnt: Learnt, *, dry_run: bool) -> None:
    from bot.commands.printing import say, table
    from handlers.zh import terminal

    refit = learnt.refit
    rows = [
        (
            terminal.FIGURES[name],
            _shown(name, refit.before[name]),
            _shown(name, refit.after[name]),
            f"{refit.after[name] - refit.before[name]:+.3f}",
            terminal.WORSE if name in refit.worse else "",
        )
        for name in refit.before
    ]
    table("", terminal.LEARNT, rows)
    say(terminal.LEARNT_FROM.format(examples=refit.examples))
    if refit.worse:
        what = terminal.COMMA.join(terminal.FIGURES[name] for name in refit.worse)
        say(terminal.LEARNT_REFUSED.format(what=what))
    else:
        say(terminal.LEARNT_DRY if dry_run else terminal.LEARNT_TAKEN.format(id=refit.id))


def _shown(name: str, value: float) -> str:
    return f"{value:.1f}" if name.startswith("false_per") else f"{value:.3f}"


def plain(refit: Refit) -> dict[str, Any]:
    """A refit for programs."""
    from dataclasses import asdict

    return {**asdict(refit), "at": refit.at.isoformat()}


def _list(config: Config, *, json: bool) -> None:
    from collections import Counter

    from bot.commands.moments import shown
    from bot.commands.printing import as_json, say, table
    from bot.learned import Shelf
    from handlers.zh import terminal

    ledger = Shelf(config.learned_folder).ledger()
    counts = Counter(correction.source for correction in _corrections(config))
    if json:
        refits = [plain(entry) for entry in ledger.refits]
        as_json({"in_use": ledger.in_use, "examples": dict(counts), "refits": refits})
        return
    rows = [
        (
            entry.id,
            shown(entry.at),
            str(entry.examples),
            *(f"{entry.before[n]:.3f} → {entry.after[n]:.3f}" for n in ("f1", "emergency_recall")),
            terminal.IN_USE if entry.id == ledger.in_use else terminal.TAKEN[entry.taken],
            terminal.COMMA.join(terminal.FIGURES[name] for name in entry.worse),
        )
        for entry in ledger.refits
    ]
    table("", terminal.REFITS, rows)
    kinds = [(terminal.CORRECTIONS.get(key, key), str(n)) for key, n in counts.most_common()]
    table("", terminal.EXAMPLES, kinds)
    if not ledger.in_use:
        say(terminal.PACKAGED_IN_USE)


def _roll_back(config: Config, *, json: bool) -> None:
    from bot.commands.printing import as_json, say
    from bot.learned import Shelf
    from handlers.zh import terminal

    to = Shelf(config.learned_folder).roll_back()
    if json:
        as_json({"in_use": to})
    else:
        say(terminal.ROLLED_BACK.format(id=to) if to else terminal.ROLLED_BACK_TO_PACKAGED)
