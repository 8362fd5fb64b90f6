"""`xiaoge digest`: the supervisor's digest of a community, now and here."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.options import AsJson, ConfigFile


def digest(
    community: Annotated[str, typer.Argument(help="Its key or name; the first without it.")] = "",
    config: ConfigFile = None,
    *,
    day: Annotated[
        str, typer.Option(metavar="DATE", help="The day reported on; yesterday without it.")
    ] = "",
    weekly: Annotated[bool, typer.Option("--weekly", help="Add the week.")] = False,
    json: AsJson = False,
) -> None:
    """Print the digest that the supervisors of a community get; nothing is sent.

    Examples:

    * `xiaoge digest`

    * `xiaoge digest 尚义第一社区 --day 2026-11-23 --weekly`
    """
    from dataclasses import asdict
    from datetime import timedelta

    from bot.commands.moments import day_of, moment_after
    from bot.commands.opening import community_of, house_of
    from bot.commands.printing import as_json, say
    from domain.facts import Facts
    from handlers.digests import compose

    with house_of(config) as (_config, store, rules):
        town = store.directory()
        home = community_of(town, community)
        now = moment_after(store)
        about = day_of(day, now - timedelta(days=1), "--day")
        figures = store.figures(home.key, about, now, rules)
    if json:
        as_json(_plain(asdict(figures)))
    else:
        say(compose(figures, Facts(directory=town, rules=rules), now, weekly=weekly))


def _plain(value: object) -> object:
    """The same for JSON: times and days as text."""
    from datetime import date

    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] # any figures
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] # any figures
    return value.isoformat() if isinstance(value, date) else value
