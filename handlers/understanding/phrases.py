"""Reads a fixed phrase of a plain reply (`17我去`, `催17`, `请假 3天 老张替我`) into a Command."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import lru_cache

from domain.calendar import LOCAL
from domain.command import Act, Command
from domain.reading import NOWHERE
from handlers.pattern import Pattern
from handlers.understanding.normalise import Normal, normalise
from handlers.understanding.place import find_place, plain_number
from handlers.understanding.stafftalk import staff_act
from handlers.understanding.times import find_day, find_days_long, find_time
from handlers.zh import lexicon_time, phrases

_LONGEST = 120
_LONGEST_RELAY = 460

_WITH = tuple((act, Pattern(p)) for act, p in phrases.WITH_NUMBER)
_ALONE = tuple((act, Pattern(p)) for act, p in phrases.ALONE)
_ADDRESSED = tuple((act, Pattern(p)) for act, p in phrases.ADDRESSED)
_NUMBER = Pattern(phrases.TICKET_NUMBER)
_BEFORE = tuple(
    (act, Pattern(p + r"\s?" + phrases.MARKED_NUMBER)) for act, p in phrases.BEFORE_NUMBER
)
_STAND_IN = Pattern(phrases.STAND_IN)
_UNTIL = Pattern(phrases.UNTIL)
_OPT_OUT = Pattern(phrases.OPT_OUT_PLAIN)
_STARTS = Pattern(phrases.STARTS)
_MAYBE_NUMBERED = Pattern(phrases.MAYBE_NUMBERED, re.DOTALL)
_TRIM = Pattern(r"^[\s,:。!、.;~]+|[\s,:。!、.;~]+$")


def _without_names(pattern: str) -> str:
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


_CLOCK_WORDS = "|".join(
    (
        _without_names(lexicon_time.SPAN),
        (
            rf"(?:{_without_names(lexicon_time.DAY)}|{_without_names(lexicon_time.WEEKDAY)}"
            rf"|{_without_names(lexicon_time.DATE)})?\s?(?:{_without_names(lexicon_time.PART)})?\s?"
            rf"(?:{_without_names(lexicon_time.CLOCK)})"
        ),
        (
            rf"(?:{_without_names(lexicon_time.DAY)}|{_without_names(lexicon_time.WEEKDAY)}"
            rf"|{_without_names(lexicon_time.DATE)})\s?(?:{_without_names(lexicon_time.PART)})?"
        ),
    )
)
_ETA = Pattern(phrases.ETA_WORDS.format(time=f"(?:{_CLOCK_WORDS})"))


_SOON = Pattern(phrases.SOON)


@lru_cache(maxsize=8)
def _calls(names: tuple[str, ...]) -> Pattern:
    return Pattern(phrases.CALLS.format(names="|".join(map(re.escape, names))))


def may_be_numbered(plain: str) -> bool:
    """Whether a judged text could be a command with a number or a code; a cheap look."""
    return _MAYBE_NUMBERED.search(_TRIM.sub("", plain)) is not None


def read_command(
    text: str,
    at: datetime,
    *,
    bot_names: tuple[str, ...] = (),
    mentions_me: bool = False,
) -> Command | None:
    """The command in a fixed phrase, or None when the text is anything else.

    A bare number (`17`) reads as DETAIL of that ticket: an answer to “which one?” is found there
    too. `certain` is False only for a few words that people also say of other things.
    """
    if len(text) > _LONGEST_RELAY * 2:
        return None
    normal = normalise(text)
    plain, addressed = _called(normal, bot_names)
    addressed = addressed or mentions_me
    plain = _TRIM.sub("", plain)
    if not plain or len(plain) > _LONGEST_RELAY:
        return None
    found = _read(plain, at, normal, addressed=addressed)
    if found is None:
        return None
    if found.act is Act.DONE and _SOON.search(plain):
        found = replace(found, act=Act.PROGRESS)
    return replace(found, addressed=addressed) if addressed else found


def _called(normal: Normal, names: tuple[str, ...]) -> tuple[str, bool]:
    """The text without the product's name in front, and whether it was called."""
    plain = normal.text
    if not names:
        return plain, False
    lowered = tuple(name.lower() for name in names)
    if any(m.lower() in lowered for m in normal.mentions):
        return plain, True
    rest = _calls(lowered).sub("", plain, count=1)
    return rest, rest != plain


def _read(plain: str, at: datetime, normal: Normal, *, addressed: bool) -> Command | None:
    if _OPT_OUT.fullmatch(plain):
        return Command(act=Act.OPT_OUT)
    for act, pattern in _ADDRESSED:
        if (addressed or act in phrases.UNADDRESSED_TOO) and pattern.fullmatch(plain):
            return Command(act=Act(act))
    for act, pattern in _ALONE:
        if found := pattern.fullmatch(plain):
            return _filled(Command(act=Act(act)), found, at, normal)
    if len(plain) > _LONGEST:
        return None
    for act, pattern in _BEFORE:
        if found := pattern.fullmatch(plain):
            return _numbered_behind(act, found)
    if _STARTS.match(plain) and (command := _with_number(plain, at, normal)):
        return command
    return _bare(plain, at, normal, addressed=addressed)


def _numbered_behind(act: str, found: re.Match[str]) -> Command | None:
    number = _ticket_number(found["number"])
    if number is None:
        return None
    if act == "merge_into":
        return Command(act=Act.MERGE, into=number)
    return Command(act=Act(act), number=number, part=int(found["part"] or 0))


def _ticket_number(written: str) -> int | None:
    value = plain_number(written)
    return int(value) if value.isdigit() and 0 < int(value) < 1000 else None


def _with_number(plain: str, at: datetime, normal: Normal) -> Command | None:
    """A number in front and a phrase behind; None when what follows is no phrase."""
    if _ETA.fullmatch(plain) or not (found := _NUMBER.match(plain)):
        return None
    number = _ticket_number(found["number"])
    if number is None:
        return None
    part = int(found["part"] or 0)
    rest = _TRIM.sub("", plain[found.end() :])
    if not rest:
        certain = not found[0].isdigit()
        return Command(act=Act.DETAIL, number=number, part=part, certain=certain)
    command = _phrase(rest, at, normal)
    if command is None and not plain[found.end() :].startswith(("-", "/", ".", ":")):
        command = _free(rest, at, plain[found.end() : found.end() + 1])
    if command is None:
        return None
    return replace(command, number=number, part=part, certain=True)


def _free(rest: str, at: datetime, first: str) -> Command | None:
    """Free staff talk behind a number (`12换了个阀 好了`, `17 明天上午去`)."""
    if _ETA.fullmatch(rest):
        return Command(act=Act.ETA, when=find_time(rest, at))
    act = staff_act(rest) if len(rest) <= _FREE else None
    if act is Act.ETA and first.strip(" ,"):
        return None
    if act is None or (first in phrases.NOT_BEHIND_NUMBER and first):
        return None
    return Command(act=act, when=find_time(rest, at), text=rest)


def _phrase(rest: str, at: datetime, normal: Normal) -> Command | None:
    for act, pattern in _WITH:
        if (found := pattern.fullmatch(rest)) is None:
            continue
        command = _filled(Command(act=Act(act)), found, at, normal)
        if command is not None:
            return command
    return None


def _bare(plain: str, at: datetime, normal: Normal, *, addressed: bool) -> Command | None:
    """A phrase with no number: the context must say which ticket is meant."""
    if _ETA.fullmatch(plain) and (when := find_time(plain, at)):
        return Command(act=Act.ETA, when=when)
    command = _phrase(plain, at, normal)
    if command is not None:
        vague = str(command.act) in phrases.BARE_ONLY_WITH_NUMBER
        quoted = bool(normal.quoted)
        return replace(command, certain=addressed or quoted) if vague else command
    if len(plain) <= _SHORT and staff_act(plain) is Act.DONE:
        return Command(act=Act.DONE, text=plain, certain=False)
    return None


_SHORT = 16
_AFTER_CLAIM = 3
_FREE = 24


def _filled(command: Command, found: re.Match[str], at: datetime, normal: Normal) -> Command | None:
    """The command with what the phrase says beside it; None when a part makes no sense."""
    said = {key: value.strip(" ,") for key, value in found.groupdict().items() if value}
    if (rest := said.get("rest")) and len(rest) > _AFTER_CLAIM and not _ETA.fullmatch(rest):
        return None
    if "category" in said:
        key = phrases.CATEGORIES.get(said["category"])
        return None if key is None else replace(command, category=key)
    if "urgency" in said:
        return replace(command, urgency=phrases.URGENCIES[said["urgency"]])
    if "place" in said:
        place = find_place(normalise(said["place"]))
        return None if place == NOWHERE else replace(command, place=place)
    if "into" in said:
        into = _ticket_number(said["into"])
        return None if into is None else replace(command, into=into)
    command = replace(
        command,
        who=said.get("who", ""),
        reason=said.get("reason", ""),
        code=said.get("code", ""),
        text=_own_words(said.get("text", ""), normal),
    )
    return _timed(command, said, found[0], at)


def _own_words(text: str, normal: Normal) -> str:
    """The same span in the writer's own characters."""
    begin = normal.text.rfind(text) if text else -1
    return normal.written[begin : begin + len(text)] if begin >= 0 else text


def _timed(command: Command, said: dict[str, str], whole: str, at: datetime) -> Command:
    match command.act:
        case Act.CLAIM | Act.ETA:
            return replace(command, when=find_time(whole, at))
        case Act.PAUSE:
            until = _UNTIL.search(said.get("reason", ""))
            return replace(command, until=find_time(until["until"], at) if until else None)
        case Act.MUTE:
            return replace(command, until=_until(whole, at))
        case Act.LEAVE:
            return _leave(command, at)
        case _:
            return command


def _until(text: str, at: datetime) -> datetime | None:
    if (days := find_days_long(text)) is not None:
        return at + timedelta(days=days)
    return find_time(text, at)


def _leave(command: Command, at: datetime) -> Command:
    """`请假 3天 老张替我`: `when` the first day, `until` the end of the last, `who` stands in."""
    text = command.text
    who = _STAND_IN.search(text)
    until = _UNTIL.search(text)
    first = find_day(text[: until.start()] if until else text, at) or at.astimezone(LOCAL).date()
    last = first
    if until and (day := find_day(until["until"], at)):
        last = day
    elif (days := find_days_long(text)) is not None:
        last = first + timedelta(days=max(days, 1) - 1)
    return replace(
        command,
        who=who["who"].strip() if who else "",
        when=datetime.combine(first, time(0, 0), LOCAL),
        until=datetime.combine(last, time(23, 59), LOCAL),
    )
