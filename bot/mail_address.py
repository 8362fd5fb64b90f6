"""What an e-mail address looks like, in the roster and on the wire."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})")


def is_address(text: str) -> bool:
    """Whether this is one plain e-mail address and nothing that could become a header."""
    return _ADDRESS.fullmatch(text) is not None
