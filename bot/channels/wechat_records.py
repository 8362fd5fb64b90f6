"""A merged record of WeChat, from the XML that comes with it. Pure.

The record lies inside as XML of its own; where that is left out, a few lines of it are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.channels.records import as_words
from bot.channels.safe_xml import Element, Unreadable, elements
from handlers.zh.placeholders import PLACEHOLDERS

RECORD = "19"
"""The type of an `appmsg` that is one."""
_KINDS = {
    "2": "image",
    "3": "voice",
    "4": "video",
    "5": "link",
    "6": "location",
    "8": "file",
    "16": "contact",
    "17": "forward",
    "37": "sticker",
}
_ITEM = ("recordinfo", "datalist", "dataitem")
_LONGEST = 500_000


def record(xml: str) -> str | None:
    """The words of a merged record, None when this is none, or none can be read."""
    found = _read(xml)
    parts = {e.path[-1]: e.text for e in found if e.path[:-1] == ("msg", "appmsg")}
    if parts.get("type", "").strip() != RECORD:
        return None
    whole = as_words(_items(_read(parts.get("recorditem", ""))))
    return whole or as_words(_shown(parts.get("des", "")))


def _read(xml: str) -> Sequence[Element]:
    start = xml.find("<")
    if start < 0 or len(xml) > _LONGEST:
        return ()
    try:
        return elements(xml[start:].encode("utf-8", "replace"))
    except Unreadable:
        return ()


def _items(found: Sequence[Element]) -> Iterator[tuple[str, str]]:
    told: dict[str, str] = {}
    for element in found:
        if element.path[:-1] == _ITEM:
            told[element.path[-1]] = element.text
        elif element.path == _ITEM:
            kind = element.attributes.get("datatype", "1")
            words = told.get("datadesc", "") if kind == "1" else _placeholder(kind)
            yield told.get("sourcename", ""), words
            told = {}


def _placeholder(kind: str) -> str:
    return PLACEHOLDERS[_KINDS.get(kind, "other")]


def _shown(lines: str) -> Iterator[tuple[str, str]]:
    for line in lines.splitlines():
        who, colon, words = line.replace("\uff1a", ":", 1).partition(":")
        yield (who, words) if colon else ("", line)
