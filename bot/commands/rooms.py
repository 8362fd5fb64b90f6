"""`xiaoge rooms`: which rooms are answered, and why the others are not."""

from __future__ import annotations

from bot.commands.options import AsJson, ConfigFile


def rooms(config: ConfigFile = None, *, json: AsJson = False) -> None:
    """List every room of the roster, whether it is served, and why it is not.

    Examples:

    * `xiaoge rooms`

    * `xiaoge rooms --json`
    """
    from bot.commands.moments import moment_after
    from bot.commands.opening import house_of
    from bot.commands.printing import as_json, table
    from bot.doctor.rooms import room_verdict
    from handlers.zh import terminal
    from handlers.zh.doctor import CHINESE

    with house_of(config) as (loaded, store, _rules):
        now = moment_after(store)
        every = list(store.directory().rooms.values())
    verdicts = [(room, room_verdict(loaded, room, now)) for room in every]
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
