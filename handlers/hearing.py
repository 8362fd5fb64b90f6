"""Read a message for what it is: a command, a member's talk, or a resident's words; and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from domain.command import Act, Command
from domain.events import Message
from domain.facts import Heard, Pending
from domain.grid import Directory, Member, Room
from domain.reading import NOWHERE, Place, Reading
from domain.rules import Rules
from handlers.recognising import is_void
from handlers.understanding.context import ALONE, Context, Matter, Said
from handlers.understanding.gazetteer import resolve
from handlers.understanding.normalise import normalise
from handlers.understanding.phrases import may_be_numbered, read_command
from handlers.understanding.place import canonical, find_place
from handlers.understanding.stafftalk import read_staff

_PREVIOUS = 6
_COMMAND_LENGTH = 40
"""A resident's longer message is no command."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hearing:
    """A message with its reading, and its command if it is one."""

    room: Room | None
    member: Member | None
    role: str
    reading: Reading
    command: Command | None
    text: str
    """Without quotes and mentions."""
    pending: tuple[Pending, ...] = ()
    """What is known to be under way where it was said."""

    @property
    def as_member(self) -> str:
        """The member as somebody who was asked: `member:<key>`; empty for a resident."""
        return f"member:{self.member.key}" if self.member else ""


def hear(
    message: Message,
    room: Room | None,
    directory: Directory,
    recent: tuple[Heard, ...],
    pending: tuple[Pending, ...],
    read: Callable[[str, Context | None], Reading],
    rules: Rules,
) -> Hearing:
    """What a message says, as far as it can be known without asking the store."""
    member = directory.member_behind(message.person)
    role = role_of(member)
    told = bool(message.told_by)
    context = ALONE if told else context_of(message, recent, pending, member)
    reading = read(message.text, context)
    normal = normalise(message.text)
    command = None if told else _command(message, normal.text, member, rules)
    if command is None and not told and is_void(message, room, directory):
        command = read_staff(message.text, message.at)
    return Hearing(
        room=room,
        member=member,
        role=role,
        reading=reading,
        command=command,
        text=_kept(message, normal.text),
        pending=pending,
    )


def whereabouts(
    message: Message, hearing: Hearing, directory: Directory
) -> tuple[Place, str | None]:
    """The place a message speaks of, with its estate, and the grid that answers for it."""
    command, reading = hearing.command, hearing.reading
    aside = hearing.member is None and command is None and not message.private
    if aside and not _counts(reading):
        return NOWHERE, None
    written = command.place if command and command.place else reading.place
    if hearing.room is not None:
        written = _with_name(written, message, reading)
    plain = normalise(message.text).text
    near = hearing.room
    if near is None and hearing.member is not None and _reports(message, command):
        near = beat_of(hearing.member, directory)
    resolved = resolve(canonical(written), plain, directory, near)
    return resolved.place, resolved.grid


def beat_of(member: Member, directory: Directory) -> Room:
    """Where a member is at home, as a room would be: what they pass on is from there, as a rule."""
    grids = [g for post in member.posts if (g := directory.grids.get(post.grid))]
    home = next((g.community for g in grids if g.community), "")
    keys = {g.key for g in grids}
    estates = [e for e in directory.estates.values() if e.grid in keys]
    only = estates[0] if len(estates) == 1 else None
    return Room(
        handle="",
        name="",
        community=home or next(iter(directory.communities), ""),
        estate=only.key if only else "",
        grid=only.grid if only else "",
    )


def _reports(message: Message, command: Command | None) -> bool:
    return bool(message.told_by) or (command is not None and command.act is Act.RELAY)


def context_of(
    message: Message,
    recent: tuple[Heard, ...],
    pending: tuple[Pending, ...],
    member: Member | None,
) -> Context:
    """What the reader may know: the last few messages, the quoted one, open matters, who speaks."""
    quoted = None
    if message.reply_to is not None:
        key = f"{message.channel}:{message.account}:{message.reply_to}"
        quoted = next((h.reading for h in recent if h.key == key), None)
    return Context(
        previous=tuple(
            Said(
                text=h.text,
                minutes=(message.at - h.at).total_seconds() / 60,
                same_person=h.person == message.person,
                reading=h.reading,
                staff=h.role != "resident",
            )
            for h in recent[-_PREVIOUS:]
        ),
        reply_to=quoted,
        matters=tuple(
            Matter(
                category=p.category,
                minutes=max((message.at - p.touched_at).total_seconds() / 60, 0.0),
                own=message.person in p.people,
                finished=p.finished,
                place=p.place,
                text=p.text,
            )
            for p in pending
        ),
        staff=member is not None,
    )


def role_of(member: Member | None) -> str:
    """The first post's role, or `resident`."""
    return member.posts[0].role if member and member.posts else "resident"


def _counts(reading: Reading) -> bool:
    return (
        reading.intent not in ("chatter", "ad", "notice") or reading.danger or bool(reading.place)
    )


def _kept(message: Message, plain: str) -> str:
    """The words without quotes; a message of pictures alone keeps its placeholders."""
    return plain or (message.text if len(message.text) < _COMMAND_LENGTH else "")


def _with_name(written: Place, message: Message, reading: Reading) -> Place:
    """`6号楼老周` says where he lives, when his own matter names no place."""
    if written or not reading.is_request:
        return written
    return replace(find_place(normalise(message.sender_name)), landmark=None)


def _command(message: Message, plain: str, member: Member | None, rules: Rules) -> Command | None:
    names = rules.bot_names
    addressed = message.mentions_me or any(name in message.text for name in names)
    if member is None:
        if not addressed and not message.private and not _may_command(plain):
            return None
        found = read_command(
            message.text, message.at, bot_names=names, mentions_me=message.mentions_me
        )
        if found is None:
            return _asked_alone(message, names)
        return found if addressed or _plain_enough(found, message) else None
    found = read_command(message.text, message.at, bot_names=names, mentions_me=message.mentions_me)
    return found or _asked_alone(message, names) or read_staff(message.text, message.at)


def _asked_alone(message: Message, names: tuple[str, ...]) -> Command | None:
    """In a private chat `你是谁` is said to the product without its name."""
    if not message.private:
        return None
    found = read_command(message.text, message.at, bot_names=names, mentions_me=True)
    return found if found and found.act in _OF_THE_PRODUCT else None


_OF_THE_PRODUCT = frozenset(
    {Act.WHO_ARE_YOU, Act.WHAT_KEPT, Act.HELP, Act.MY_CASES, Act.OPT_OUT, Act.OPT_IN}
)


def _may_command(plain: str) -> bool:
    """A cheap look before a resident's words are read as a command: short, number at an end."""
    return len(plain) <= _COMMAND_LENGTH // 2 and may_be_numbered(plain)


def _plain_enough(command: Command, message: Message) -> bool:
    """In a group, words that are not addressed to the product are a command only with a number."""
    return message.private or command.number is not None or command.code != ""
