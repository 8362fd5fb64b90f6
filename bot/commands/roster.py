"""`xiaoge roster …`: the town's grids, places, rooms and people, in and out."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.options import AsJson, ConfigFile

if TYPE_CHECKING:
    from bot.roster import Difference

app = typer.Typer(
    name="roster",
    help="Grids, estates, rooms and members: import, export, template, show.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
)

_SHOWN = 20


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(metavar="FILE|DIR", help="A workbook or CSV folder.")],
    config: ConfigFile = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check and compare; import nothing.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Put a roster in place of the one in the store: whole, or not at all.

    Every problem is listed by sheet, row and column. Bound accounts, leaves of members who stay,
    and opt-outs are kept.

    Examples:

    * `xiaoge roster import town.xlsx --dry-run`

    * `xiaoge roster import town.xlsx`
    """
    from bot.app import open_store, rules_of
    from bot.commands.opening import config_of
    from bot.roster import difference, read
    from domain.errors import XiaogeError

    if not path.exists():
        raise XiaogeError(f"{path}: no such file or folder")
    loaded = config_of(config)
    town = read(path, loaded.categories)
    store = open_store(loaded, rules_of(loaded))
    try:
        old = store.directory()
        changes = difference(old if old.communities else None, town)
        if not dry_run:
            store.replace_directory(town)
    finally:
        store.close()
    _print(changes, dry_run=dry_run, json=json)


def _print(changes: tuple[Difference, ...], *, dry_run: bool, json: bool) -> None:
    from bot.commands.printing import as_json, say, table
    from handlers.zh import terminal
    from handlers.zh.roster import SHEETS

    if json:
        sheets = {
            c.sheet: {"added": c.added, "changed": c.changed, "removed": c.removed} for c in changes
        }
        as_json({"imported": not dry_run, "sheets": sheets})
        return
    rows = [
        (SHEETS.get(c.sheet, c.sheet), _some(c.added), _some(c.changed), _some(c.removed))
        for c in changes
    ]
    table("", terminal.SHEETS_CHANGED, rows)
    say(terminal.NOT_IMPORTED if dry_run else terminal.IMPORTED)


def _some(keys: tuple[str, ...]) -> str:
    if not keys:
        return ""
    more = " …" if len(keys) > _SHOWN else ""
    return f"{len(keys)}: {' '.join(keys[:_SHOWN])}{more}"


@app.command()
def export(
    path: Annotated[Path, typer.Argument(metavar="FILE|DIR", help="Where to write it.")],
    config: ConfigFile = None,
) -> None:
    """Write the roster of the store: a workbook when the name ends in .xlsx, else CSV files.

    Example:

    * `xiaoge roster export town.xlsx`
    """
    from bot.commands.opening import house_of
    from bot.commands.printing import say
    from bot.roster import write

    with house_of(config) as (_config, store, _rules), _writing(path):
        write(store.directory(), path)
    say(str(path))


@app.command()
def template(
    path: Annotated[Path, typer.Argument(metavar="FILE|DIR", help="Where to write it.")],
) -> None:
    """Write an empty roster to fill in; the workbook explains each column.

    Example:

    * `xiaoge roster template town.xlsx`
    """
    from bot.commands.printing import say
    from bot.roster import template as write_template

    with _writing(path):
        write_template(path)
    say(str(path))


@app.command()
def show(
    config: ConfigFile = None,
    community: Annotated[str, typer.Option(metavar="COMMUNITY", help="List its members too.")] = "",
    *,
    json: AsJson = False,
) -> None:
    """Show the communities of the town, or the members of one and whether they are bound.

    Examples:

    * `xiaoge roster show`

    * `xiaoge roster show --community 尚义第一社区`
    """
    from bot.commands.opening import community_of, house_of
    from bot.commands.printing import as_json, table
    from bot.roster.summary import communities, members
    from handlers.zh import terminal

    with house_of(config) as (_config, store, _rules):
        town = store.directory()
    if community:
        rows, columns = members(town, community_of(town, community).key), terminal.MEMBERS
    else:
        rows, columns = communities(town), terminal.COMMUNITIES
    if json:
        as_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        table(town.town_name, columns, rows)


@contextmanager
def _writing(path: Path) -> Generator[None]:
    """Turn a refusal of the file system into one line."""
    from domain.errors import XiaogeError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix.lower() == ".xlsx":
            path.open("ab").close()  # a half-written workbook tells its troubles badly
        yield
    except OSError as error:
        raise XiaogeError(f"{path}: cannot be written: {error.strerror}") from error
