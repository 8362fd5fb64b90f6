"""`xiaoge outbox`: what waits to be said, what may not have arrived, and trying again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.options import AsJson, ConfigFile

if TYPE_CHECKING:
    from domain.outgoing import Outgoing

_CUT = 40


def outbox(
    config: ConfigFile = None,
    *,
    retry: Annotated[
        int | None, typer.Option(metavar="ID", help="Say this one again, now that you know.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 100,
    json: AsJson = False,
) -> None:
    """List words that are queued, may have been sent, or failed; --retry says one again.

    A timed-out message is never repeated by itself, because the room may have it already.

    Examples:

    * `xiaoge outbox`

    * `xiaoge outbox --retry 117`
    """
    from bot.commands.moments import moment_after
    from bot.commands.opening import house_of
    from bot.commands.printing import as_json, table
    from domain.errors import XiaogeError
    from domain.outgoing import SendState
    from handlers.zh import terminal

    with house_of(config) as (_config, store, _rules):
        if retry is not None and not store.resend(retry, moment_after(store)):
            raise XiaogeError(f"--retry {retry}: nothing failed or uncertain has this id")
        states = (SendState.QUEUED, SendState.SENDING, SendState.MAYBE_SENT, SendState.FAILED)
        found = store.list_outgoing(states, limit)
    if json:
        as_json([_plain(row) for row in found])
    else:
        table("", terminal.OUTBOX, [_row(row) for row in found])


def _row(row: Outgoing) -> tuple[str, ...]:
    from bot.commands.moments import shown
    from handlers.zh import terminal

    text = "" if row.alone else row.text.replace("\n", " ")
    return (
        str(row.id),
        terminal.SEND_STATES[row.state],
        row.room or row.member or (row.person or "").partition(":")[0],
        row.key,
        shown(row.not_before),
        str(row.attempts),
        row.error,
        text if len(text) <= _CUT else text[: _CUT - 1] + "…",
    )


def _plain(row: Outgoing) -> dict[str, object]:
    return {
        "id": row.id,
        "state": row.state.value,
        "room": row.room,
        "member": row.member,
        "key": row.key,
        "ticket": row.ticket,
        "priority": row.priority,
        "not_before": row.not_before.isoformat(),
        "attempts": row.attempts,
        "error": row.error,
        "text": None if row.alone else row.text,
    }
