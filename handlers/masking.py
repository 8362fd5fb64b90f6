"""Take out of a text what must not be kept: phone numbers, identity cards, plates, links."""

from __future__ import annotations

import re

_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_PLATE = re.compile(r"[\u4e00-\u9fff][A-Z][·\- ]?[A-Z0-9]{5,6}(?![A-Za-z0-9])")
_ACCOUNT = re.compile(r"(?<!\d)\d{12,19}(?!\d)")
_LINK = re.compile(r"https?://\S+")
_CAP = 400


def mask(text: str) -> str:
    """The text as it may be stored: private numbers replaced by `…`, at most 400 characters."""
    for pattern in (_LINK, _PHONE, _IDENTITY, _ACCOUNT, _LANDLINE, _PLATE):
        text = pattern.sub("…", text)
    return text if len(text) <= _CAP else text[: _CAP - 1] + "…"
