"""`xiaoge code`: a one-time code that binds a member's own account."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from bot.commands.options import AsJson, ConfigFile

_GOOD_FOR = timedelta(days=1)


def code(
    member: Annotated[str, typer.Argument(help="The member's key or name.")],
    config: ConfigFile = None,
    *,
    json: AsJson = False,
) -> None:
    """Make a one-time code for a member; they send it to Xiaoge in a private chat.

    From then on that account may claim and finish tickets. It is good for one day and one use.

    Examples:

    * `xiaoge code M0003`

    * `xiaoge code 网格长刘春梅`
    """
    from bot.clock import SystemClock
    from bot.commands.opening import house_of, member_of
    from bot.commands.printing import as_json, say
    from domain.calendar import LOCAL
    from handlers.zh import terminal

    with house_of(config) as (_config, store, _rules):
        found = member_of(store.directory(), member)
        now = SystemClock().now()
        until = now + _GOOD_FOR
        digits = store.new_code(found.key, now, until)
    local = until.astimezone(LOCAL)
    if json:
        as_json({"member": found.key, "code": digits, "until": local.isoformat()})
    else:
        say(terminal.CODE.format(name=found.name, code=digits, until=f"{local:%m-%d %H:%M}"))
