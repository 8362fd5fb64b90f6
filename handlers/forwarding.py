"""Recognises words of somebody else in a private message: who said them, and what. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from handlers.zh.forwarding import BY_HAND, HEADS, NOT_NAMES

LONGEST = 4000
_NAME = r"[^\s:\uff1a,\uff0c\u3002\u300c\u300d\[\]<>][^\n:\uff1a,\uff0c\u3002\u300c\u300d<>]{0,23}"
_SAID = re.compile(rf"(?P<who>{_NAME}?)\s?[:\uff1a]\s*(?P<text>.*)")
_STAMP = r"(?:\d{4}[-/.\u5e74]\d{1,2}[-/.\u6708]\d{1,2}\u65e5?\s+)?\d{1,2}:\d{2}(?::\d{2})?"
_STAMPED = re.compile(rf"(?P<who>{_NAME}?)\s+{_STAMP}")
_ONLY_STAMP = re.compile(_STAMP)
_QUOTED = re.compile(
    rf"\u300c(?P<who>{_NAME}?)\s?[:\uff1a]\s*(?P<text>[^\u300d]*)\u300d(?P<rest>.*)", re.DOTALL
)
_RULE = re.compile(r"\s*(?:-\s?){3,}|\s*\u2014{2,}|\s*_{3,}")
_HEAD = re.compile("|".join(f"(?:{head})" for head in HEADS))
_BY_HAND = re.compile("|".join(BY_HAND))
_NODE = re.compile(r"\[CQ:node,(?P<fields>[^\[\]]*)\]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One voice of a forward."""

    speaker: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Forwarded:
    """The first voice with all it said; the other voices in order; the forwarder's own comment."""

    speaker: str
    text: str
    others: tuple[Said, ...] = ()
    comment: str = ""


def forwarded(text: str, bot_names: Collection[str] = ()) -> Forwarded | None:
    """What was forwarded, or None when these are the sender's own words.

    A quote of one of `bot_names` is an answer to the product and no forward. A quote of somebody
    else with a `comment` may be either: the caller knows whether the chat is private.

    Known: a merged record with its head line, a quote in corner brackets, lines under `name time`,
    words after a forward mark and a name, OneBot nodes written as CQ codes.
    """
    text = text.strip()
    if not text or len(text) > LONGEST:
        return None
    if nodes := list(_nodes(text)):
        return _gathered(nodes)
    if (found := _quote(text)) is not None:
        return None if found.speaker in bot_names else found
    return _merged(text) or _copied(text) or _by_hand(text)


def _quote(text: str) -> Forwarded | None:
    match = _QUOTED.match(text)
    if match is None or not _is_name(match["who"]) or not match["text"].strip():
        return None
    rest = _RULE.sub("", match["rest"], count=1).strip()
    return Forwarded(speaker=match["who"].strip(), text=match["text"].strip(), comment=rest)


def _merged(text: str) -> Forwarded | None:
    head, _, body = text.partition("\n")
    match = _HEAD.match(head)
    if match is None:
        return None
    first = head[match.end() :].strip()
    lines = [*([first] if first else []), *body.splitlines()]
    return _gathered(list(_copied_voices(lines) or _voices(lines)))


def _copied(text: str) -> Forwarded | None:
    return _gathered(_copied_voices(text.splitlines()))


def _by_hand(text: str) -> Forwarded | None:
    match = _BY_HAND.match(text)
    if match is None or match.end() == 0:
        return None
    return _gathered(list(_voices(text[match.end() :].splitlines())))


def _voices(lines: list[str]) -> Iterator[Said]:
    """`name: words` lines; a line without a name goes on with the one above."""
    who, words = "", list[str]()
    for line in lines:
        match = _SAID.fullmatch(line.strip())
        if match is not None and _is_name(match["who"]):
            if who and words:
                yield Said(speaker=who, text="\n".join(words))
            who, words = match["who"].strip(), [match["text"].strip()] if match["text"] else []
        elif who and line.strip() and not _RULE.fullmatch(line):
            words.append(line.strip())
    if who and words:
        yield Said(speaker=who, text="\n".join(words))


def _copied_voices(lines: list[str]) -> list[Said]:
    """Lines copied from a window: `name time`, then the words. Empty when the first is no head."""
    found: list[Said] = []
    who, words = "", list[str]()
    for line in (line.strip() for line in lines):
        match = _STAMPED.fullmatch(line)
        if match is not None and _is_name(match["who"]):
            if who and words:
                found.append(Said(speaker=who, text="\n".join(words)))
            who, words = match["who"].strip(), []
        elif not who and line and not _ONLY_STAMP.fullmatch(line):
            return []
        elif line and not _ONLY_STAMP.fullmatch(line):
            words.append(line)
    if who and words:
        found.append(Said(speaker=who, text="\n".join(words)))
    return found


def _nodes(text: str) -> Iterator[Said]:
    for match in _NODE.finditer(text):
        pairs = [pair.partition("=") for pair in str(match["fields"]).split(",")]
        fields = {key: value for key, _, value in pairs}
        who = fields.get("nickname") or fields.get("name") or ""
        words = _unescaped(fields.get("content", "")).strip()
        if _is_name(who) and words:
            yield Said(speaker=_unescaped(who).strip(), text=words)


def _gathered(voices: list[Said]) -> Forwarded | None:
    """The first speaker's words together, wherever they stand; the others follow."""
    if not voices:
        return None
    first = voices[0].speaker
    return Forwarded(
        speaker=first,
        text="\n".join(voice.text for voice in voices if voice.speaker == first),
        others=tuple(voice for voice in voices if voice.speaker != first),
    )


def _is_name(who: str) -> bool:
    who = who.strip()
    return bool(who) and who.lower() not in NOT_NAMES and not who.isdigit()


def _unescaped(text: str) -> str:
    text = text.replace("&#91;", "[").replace("&#93;", "]").replace("&#44;", ",")
    return text.replace("&amp;", "&")
