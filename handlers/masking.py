"""Take out of a text what must not be kept: phone numbers, identity cards, plates, links.

`mask` is for the words of a ticket, which need their address and who is meant; `redacted` is for
examples and for whatever leaves the machine: no name and no home is left in them.
"""

from __future__ import annotations

from collections.abc import Iterable

from handlers.pattern import Pattern
from handlers.zh import personal

_PHONE = Pattern(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_LANDLINE = Pattern(r"(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)")
_IDENTITY = Pattern(r"(?<!\d)\d{17}[\dXx](?!\d)")
_PLATE = Pattern(r"[\u4e00-\u9fff][A-Z][·\- ]?[A-Z0-9]{5,6}(?![A-Za-z0-9])")
_ACCOUNT = Pattern(r"(?<!\d)\d{12,19}(?!\d)")
_LINK = Pattern(r"https?://\S+")
_CAP = 400


def mask(text: str) -> str:
    """The text as it may be stored: private numbers replaced by `…`, at most 400 characters."""
    for pattern in (_LINK, _PHONE, _IDENTITY, _ACCOUNT, _LANDLINE, _PLATE):
        text = pattern.sub("…", text)
    return text if len(text) <= _CAP else text[: _CAP - 1] + "…"


_MENTION = Pattern(r"@[^\s@,:\uff0c\uff1a\u3002]{1,20}")
_PEOPLE = Pattern(f"{personal.INTRODUCED}|{personal.CALLED}|{personal.AMONG_COLLEAGUES}")
_DASHED = Pattern(r"(?<!\d)\d{1,3}(?:[-\u2014~#]\d{1,4}){1,3}(?!\d)")
_HOME = Pattern(f"[{personal.NUMERALS}]{{1,5}}(?={personal.NUMBERED})")
_ROOM_SPOKEN = Pattern(personal.ROOM_SPOKEN)
_LONG_NUMBER = Pattern(r"\d{3,}")
_DIGITS = Pattern(r"\d+")


def redacted(text: str, names: Iterable[str] = ()) -> str:
    """The text without people and homes as well: `names` that are known, titles, unit and room.

    Numbers become `0` where they stood, so that the shape of the sentence stays; a hotline such
    as 119 is left. What was masked is left masked.
    """
    text = mask(text)
    for name in sorted({n for n in names if len(n) > 1}, key=len, reverse=True):
        text = text.replace(name, personal.SOMEBODY)
    text = _MENTION.sub("@" + personal.SOMEBODY, text)
    text = _PEOPLE.sub(personal.SOMEBODY, text)
    text = _DASHED.sub(lambda found: _DIGITS.sub("0", found[0]), text)
    text = _HOME.sub("0", _ROOM_SPOKEN.sub("0", text))
    return _LONG_NUMBER.sub(lambda found: found[0] if found[0] in personal.HOTLINES else "0", text)
