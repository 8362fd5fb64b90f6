"""`xiaoge tickets` and `xiaoge ticket`: the list, and one of them with its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.options import AsJson, ConfigFile

if TYPE_CHECKING:
    from domain.grid import Directory
    from domain.rules import Rules
    from domain.ticket import State, Ticket
    from storage.store import Store

Community = Annotated[
    str, typer.Option("--community", metavar="COMMUNITY", help="Its key or name.")
]


def tickets(
    config: ConfigFile = None,
    *,
    state: Annotated[
        list[str] | None,
        typer.Option(metavar="STATE", help="Only these: open, claimed, done … or `active`."),
    ] = None,
    community: Community = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 100,
    json: AsJson = False,
) -> None:
    """List tickets, the newest first. Private matters show no words and no place.

    Examples:

    * `xiaoge tickets --state active`

    * `xiaoge tickets --state open --state escalated --community 尚义第一社区 --json`
    """
    from bot.commands.opening import community_of, house_of
    from bot.commands.printing import as_json, table
    from handlers.zh import terminal

    states = _states(state or [])
    with house_of(config) as (_config, store, rules):
        town = store.directory()
        home = community_of(town, community).key if community else None
        found = store.tickets(home, states, limit=limit)
    if json:
        as_json([plain(ticket) for ticket in found])
    else:
        table("", terminal.TICKETS, [row_of(ticket, town, rules) for ticket in found])


def ticket(
    number: Annotated[str, typer.Argument(help="The number, as 17 or 40-1.")],
    config: ConfigFile = None,
    *,
    community: Community = "",
    json: AsJson = False,
) -> None:
    """Show the newest ticket with a number, with its history and the words kept.

    Examples:

    * `xiaoge ticket 17`

    * `xiaoge ticket 40-1 --community 尚义第一社区 --json`
    """
    from dataclasses import asdict

    from bot.commands.opening import community_of, house_of
    from bot.commands.printing import as_json

    with house_of(config) as (_config, store, rules):
        town = store.directory()
        home = community_of(town, community).key
        found = _numbered(store, home, number)
        if json:
            history = [asdict(line) for line in store.history(found.id)]
            messages = [asdict(m) for m in store.messages(found.id)] if not found.private else []
            as_json({**plain(found), "history": _times(history), "messages": _times(messages)})
        else:
            _print(found, store, town, rules)


def _numbered(store: Store, home: str, number: str) -> Ticket:
    from domain.errors import XiaogeError

    wanted = number.strip().lstrip("#")
    for found in store.tickets(home):
        if found.label == wanted:
            return found
    raise XiaogeError(f"no ticket {number} in {home}: `xiaoge tickets` lists them")


def _states(asked: list[str]) -> list[State]:
    from domain.errors import XiaogeError
    from domain.ticket import ACTIVE, State

    found: list[State] = []
    for name in asked:
        if name == "active":
            found += sorted(ACTIVE)
        elif name in set(State):
            found.append(State(name))
        else:
            known = ", ".join(["active", *State])
            raise XiaogeError(f"--state {name}: no such state: use one of {known}")
    return found


def row_of(ticket: Ticket, town: Directory, rules: Rules) -> tuple[str, ...]:
    """The cells of `terminal.TICKETS`."""
    from bot.commands.moments import shown
    from bot.showing import card_of
    from handlers.zh.names import URGENCIES

    card = card_of(ticket, town, rules)
    due = ticket.claim_due if ticket.assignee is None else ticket.solve_due
    return (
        f"#{card.number}",
        card.what,
        URGENCIES[ticket.urgency],
        card.state,
        "" if ticket.private else card.where,
        str(card.homes),
        card.who,
        shown(due) if ticket.active else "",
        shown(ticket.opened_at),
    )


def plain(ticket: Ticket) -> dict[str, Any]:
    """A ticket for programs: no names, no handles of residents, no words of private matters."""
    place = ticket.place
    return {
        "id": ticket.id,
        "number": ticket.label,
        "community": ticket.community,
        "grid": ticket.grid,
        "category": ticket.category,
        "urgency": ticket.urgency.value,
        "state": ticket.state.value,
        "level": ticket.level,
        "private": ticket.private,
        "matter": "" if ticket.private else ticket.matter,
        "place": None
        if ticket.private
        else {
            "estate": place.estate,
            "building": place.building,
            "unit": place.unit,
            "floor": place.floor,
            "room": place.room,
            "landmark": place.landmark,
        },
        "households": ticket.households,
        "assignee": ticket.assignee,
        "helpers": ticket.helpers,
        "reopened": ticket.reopened,
        "rating": ticket.rating,
        **{
            name: at.isoformat() if (at := getattr(ticket, name)) is not None else None
            for name in ("opened_at", "claim_due", "solve_due", "claimed_at", "eta", "done_at")
        },
    }


def _times(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "at": row["at"].isoformat()} for row in rows]


def _print(found: Ticket, store: Store, town: Directory, rules: Rules) -> None:
    from bot.commands.moments import shown
    from bot.commands.printing import table
    from handlers.zh import terminal
    from handlers.zh.names import MOVES, STATES

    table("", terminal.TICKETS, [row_of(found, town, rules)])
    rows = [
        (
            shown(line.at),
            member.name if (member := town.members.get(line.by)) else line.by.partition(":")[0],
            MOVES[line.move] if line.move else "",
            STATES[line.after],
            "" if found.private else line.note,
        )
        for line in store.history(found.id)
    ]
    table("", terminal.HISTORY, rows)
    if not found.private:
        kept = [
            (shown(m.at), terminal.KINDS.get(m.kind, m.kind), m.text)
            for m in store.messages(found.id)
        ]
        table("", terminal.MESSAGES, kept)
