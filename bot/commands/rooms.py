"""`xiaoge rooms`: which rooms are answered, and why the others are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.options import AsJson, ConfigFile

if TYPE_CHECKING:
    from pathlib import Path

    from bot.doubts import Doubts
    from domain.grid import Room


def rooms(
    config: ConfigFile = None,
    *,
    confirm: Annotated[
        str, typer.Option(metavar="ROOM", help="You have looked: it is the room it was.")
    ] = "",
    json: AsJson = False,
) -> None:
    """List every room of the roster, whether it is served, and why it is not.

    Rooms outside the roster where somebody spoke within a week are listed too, with the handle to
    enter there. Nothing that was said in them is kept.

    After a new log-in a room may be in doubt: other people are in it, or two have its name.
    Nothing is said there until --confirm; what waits for it is not lost.

    Examples:

    * `xiaoge rooms`

    * `xiaoge rooms --confirm itchat:进修小区群`
    """
    from bot.commands.printing import as_json, table
    from handlers.zh import terminal
    from handlers.zh.doctor import CHINESE

    verdicts = _verdicts(config, confirm)
    if json:
        as_json(
            [
                {
                    "room": room.handle,
                    "name": room.name,
                    "community": room.community,
                    "served": code == "room.served",
                    "why": code.removeprefix("room."),
                }
                for room, code in verdicts
            ]
        )
        return
    rows = [
        (
            room.name,
            room.handle,
            terminal.SERVED[code == "room.served"],
            CHINESE[code].format(
                room=room.name, handle=room.handle, channel=room.handle.partition(":")[0]
            ),
        )
        for room, code in verdicts
    ]
    table("", terminal.ROOMS, rows)


def _verdicts(config: Path | None, confirm: str) -> list[tuple[Room, str]]:
    """Every room with the code of why it is served or not; `confirm` is confirmed before."""
    from bot.commands.moments import moment_after
    from bot.commands.opening import house_of
    from bot.doctor.rooms import room_verdict
    from bot.doubts import Doubts
    from bot.unserved import Unserved
    from domain.grid import Room

    with house_of(config) as (loaded, store, _rules):
        now, doubts = moment_after(store), Doubts(store)
        if confirm:
            _confirmed(doubts, confirm)
        town = store.directory()
        doubted = doubts.among(town.rooms)
        others = Unserved(store).all(town, now)
    verdicts = [(r, room_verdict(loaded, r, now, doubted)) for r in town.rooms.values()]
    strangers = [Room(handle=handle, name=name, community="") for handle, name in others.items()]
    return verdicts + [(room, "room.unknown") for room in strangers]


def _confirmed(doubts: Doubts, room: str) -> None:
    """Keep that a doubted room is the one; the running product takes it up in a moment."""
    from bot.clock import SystemClock
    from domain.errors import XiaogeError

    if room not in doubts.all():
        raise XiaogeError(f"--confirm {room}: this room is not in doubt: `xiaoge rooms` lists them")
    doubts.confirm(room, SystemClock().now())
