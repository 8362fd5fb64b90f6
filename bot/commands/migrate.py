"""`xiaoge migrate`: bring the database to the schema of this program."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.options import AsJson, ConfigFile


def migrate(
    config: ConfigFile = None,
    *,
    status: Annotated[
        bool, typer.Option("--status", help="Only say how far it is; exit code 1 when behind.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Bring the database to the schema of this program. Make a backup first.

    `xiaoge run` does the same at its start; this verb is for doing it at a time of your choice.

    Examples:

    * `xiaoge migrate --status`

    * `xiaoge migrate`
    """
    from bot.app import open_store, rules_of
    from bot.commands.opening import config_of
    from bot.commands.printing import as_json, say
    from storage.migrate import look

    loaded = config_of(config)
    if not status:
        open_store(loaded, rules_of(loaded)).close()
    else:
        loaded.data_folder.mkdir(parents=True, exist_ok=True)
    found = look(loaded.database_url)
    if json:
        as_json({"current": found.current, "head": found.head, "up_to_date": found.up_to_date})
    else:
        say(f"{found.current or '-'} / {found.head}")
    if not found.up_to_date:
        raise typer.Exit(1)
