"""WeCom's message crypto: AES-256-CBC inside, a SHA1 signature outside. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from domain.errors import ConfigError

_BLOCK = 32
_HEAD = 16
_AES_BLOCK = 16


class Tampered(ValueError):
    """A sealed text that is not what the key and the receiver allow; says no more than that."""


class WecomCrypt:
    """Seals and opens texts for one callback; `receivers` are the ids it may be addressed to."""

    def __init__(self, *, token: str, aes_key: str, receivers: tuple[str, ...]) -> None:
        try:
            key = base64.b64decode(aes_key + "=", validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != 32 or not token:
            raise ConfigError(
                "the WeCom callback needs a token and an EncodingAESKey of 43 letters: set "
                "XIAOGE_WECOM_CALLBACK_TOKEN and XIAOGE_WECOM_CALLBACK_AES_KEY"
            )
        self._token = token
        self._key = key
        self._receivers = tuple(receiver.encode() for receiver in receivers)

    def signature(self, timestamp: str, nonce: str, sealed: str) -> str:
        """SHA1 in hex over the four sorted strings."""
        joined = "".join(sorted((self._token, timestamp, nonce, sealed)))
        return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()

    def signed(self, signature: str, timestamp: str, nonce: str, sealed: str) -> bool:
        """Whether the signature is ours, compared in constant time."""
        ours = self.signature(timestamp, nonce, sealed).encode()
        return hmac.compare_digest(ours, signature.encode("utf-8", "replace"))

    def open(self, sealed: str) -> bytes:
        """The text inside; raises Tampered. Check the signature first."""
        try:
            raw = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Tampered("not base64") from error
        return self._inside(self.unsealed(raw))

    def unsealed(self, raw: bytes) -> bytes:
        """A file as it was before it was sealed; raises Tampered."""
        if not raw or len(raw) % _AES_BLOCK:
            raise Tampered("not whole blocks")
        decryptor = self._cipher().decryptor()
        plain = decryptor.update(raw) + decryptor.finalize()
        pad = plain[-1]
        if not 1 <= pad <= _BLOCK or plain[-pad:] != bytes([pad]) * pad:
            raise Tampered("padding")
        return plain[:-pad]

    def seal(self, text: bytes, *, receiver: str, salt: bytes | None = None) -> str:
        """The text as the platform would send it; `salt` (16 bytes) is random unless given."""
        salt = os.urandom(_HEAD) if salt is None else salt
        if len(salt) != _HEAD:
            raise ValueError(f"salt has {len(salt)} bytes: 16 are needed")
        plain = salt + struct.pack("!I", len(text)) + text + receiver.encode()
        pad = _BLOCK - len(plain) % _BLOCK
        encryptor = self._cipher().encryptor()
        raw = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(raw).decode()

    def _inside(self, plain: bytes) -> bytes:
        if len(plain) < _HEAD + 4:
            raise Tampered("too short")
        (length,) = struct.unpack("!I", plain[_HEAD : _HEAD + 4])
        text = plain[_HEAD + 4 : _HEAD + 4 + length]
        if len(text) != length or plain[_HEAD + 4 + length :] not in self._receivers:
            raise Tampered("receiver")
        return text

    def _cipher(self) -> Cipher[CBC]:
        return Cipher(AES(self._key), CBC(self._key[:_AES_BLOCK]))
