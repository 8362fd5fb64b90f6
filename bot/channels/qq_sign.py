"""Ed25519 of the official QQ bot: proves that a webhook is QQ's, and that the address is ours."""

from __future__ import annotations

import binascii
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.errors import ConfigError

_SEED = 32
_STAMP = re.compile(r"[0-9]{1,16}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,128}")


class QQSign:
    """Both sides share the secret: its letters, repeated to 32 bytes, are the key."""

    def __init__(self, secret: str) -> None:
        if not secret:
            raise ConfigError(
                "channels.qq_official needs the bot's AppSecret: set XIAOGE_QQ_OFFICIAL_SECRET"
            )
        seed = secret.encode()
        while len(seed) < _SEED:
            seed *= 2
        self._key = Ed25519PrivateKey.from_private_bytes(seed[:_SEED])
        self._public = self._key.public_key()

    def valid(self, signature: str, stamp: str, body: bytes) -> bool:
        """Whether `signature` (hex) is over the time stamp and the body as received."""
        try:
            self._public.verify(binascii.unhexlify(signature), stamp.encode() + body)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True

    def proof(self, event_ts: str, plain_token: str) -> str | None:
        """The signature (hex) that proves the address; None for what is no such question.

        The question comes unsigned. A token that could pass for a request body is refused,
        for otherwise anybody could have a forged event signed by us.
        """
        if not (_STAMP.fullmatch(event_ts) and _TOKEN.fullmatch(plain_token)):
            return None
        return self._key.sign(f"{event_ts}{plain_token}".encode()).hex()
