"""What must be recalled before deciding about an event; None: nothing, it is chatter."""

from __future__ import annotations

from dataclasses import replace

from domain.command import Act, Command
from domain.events import DigestDue, Event, Message, Recalled, ReminderDue, RoomChanged
from domain.facts import Pending, Wanted
from domain.grid import Directory, Member, Room
from domain.reading import Band, Intent, Reading
from domain.rules import Rules
from handlers.opening import is_bare

_KEPT = frozenset({Intent.REQUEST, Intent.FOLLOW_UP, Intent.THANKS_RESOLVED})


def wanted(
    message: Message,
    reading: Reading,
    command: Command | None,
    member: Member | None,
    room: Room | None,
    *,
    engaged: bool,
    pending: tuple[Pending, ...],
    directory: Directory,
    rules: Rules,
) -> Wanted | None:
    """`engaged`: the speaker has just spoken of a ticket, or was asked something."""
    if not _matters(message, reading, command, member, engaged):
        return None
    community = room.community if room else _home(member, directory)
    numbers = tuple(n for n in ((command.number, command.into) if command else ()) if n is not None)
    likely = tuple(key for key, p in reading.categories[:3] if p >= 0.1)
    if reading.category and reading.category not in likely:
        likely = (reading.category, *likely)
    return Wanted(
        community=community,
        room=message.place_of_talk,
        person=message.person,
        member=member.key if member else None,
        quoted=_quoted(message),
        numbers=numbers,
        categories=likely,
        pending=tuple(p.ticket for p in pending),
        broad=member is not None,
        since=message.at - rules.patience.reopen,
        code=command.code if command and command.act is Act.BIND else None,
    )


def at_home(
    needed: Wanted,
    message: Message,
    command: Command | None,
    member: Member | None,
    grid: str | None,
    directory: Directory,
) -> Wanted:
    """A report in a private chat belongs to the community of its place, when that is known."""
    reports = member is None or message.told_by or (command and command.act is Act.RELAY)
    if message.room is not None or grid is None or not reports:
        return needed
    found = next((g.community for g in directory.chain(grid) if g.community), "")
    return replace(needed, community=found) if found else needed


def wanted_of_moment(event: Event) -> Wanted:
    """What a reminder, a digest, a recall or a change of a room needs; messages ask `wanted`."""
    match event:
        case ReminderDue():
            return Wanted(ticket=event.ticket)
        case Recalled():
            return Wanted(quoted=event.message)
        case DigestDue():
            return Wanted(community=event.community)
        case RoomChanged():
            return Wanted(room=f"{event.channel}:{event.room}")
        case _:
            return Wanted()


def _matters(
    message: Message,
    reading: Reading,
    command: Command | None,
    member: Member | None,
    engaged: bool,
) -> bool:
    if message.again:
        return reading.danger or (reading.is_request and reading.band is Band.SURE)
    if command is not None or reading.danger or (message.forwarded and message.private):
        return True
    if reading.intent in _KEPT or reading.band is not Band.NOT or reading.resolved:
        return True
    if engaged and (is_bare(message.text) or bool(reading.place) or message.private):
        return True
    return member is not None and (message.reply_to is not None or not is_bare(message.text))


def _quoted(message: Message) -> str | None:
    if message.reply_to is None:
        return None
    return f"{message.channel}:{message.account}:{message.reply_to}"


def _home(member: Member | None, directory: Directory) -> str:
    for post in member.posts if member else ():
        grid = directory.grids.get(post.grid)
        if grid and grid.community:
            return grid.community
        for key, community in directory.communities.items():
            if community.grid == post.grid:
                return key
    return next(iter(directory.communities), "")
