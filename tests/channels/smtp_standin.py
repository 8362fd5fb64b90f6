"""A mail server on loopback: takes letters, offers STARTTLS, and fails where a test wants it to."""

from __future__ import annotations

import asyncio
import base64
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(kw_only=True, slots=True)
class Post:
    """What one connection said."""

    commands: list[str] = field(default_factory=list[str])
    user: str = ""
    encrypted: bool = False
    letter: bytes = b""


class SmtpStandIn:
    """`says` maps a command word to an answer; `.` is the end of the letter. `silent_at`: no answer."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        starttls: bool = False,
        says: dict[str, str] | None = None,
        silent_at: str = "",
        hang_up_at: str = "",
        password: str = "pass-wort",
    ) -> None:
        self.posts: list[Post] = []
        self._tls = tls
        self._starttls = starttls
        self._says = says or {}
        self._silent_at = silent_at
        self._hang_up_at = hang_up_at
        self._password = password
        self._server: asyncio.Server | None = None
        self._over = asyncio.Event()
        self._talks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        at_once = None if self._starttls else self._tls
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=at_once)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._over.set()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        await asyncio.gather(*self._talks, return_exceptions=True)

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def letters(self) -> list[bytes]:
        return [post.letter for post in self.posts if post.letter]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        post = Post(encrypted=self._tls is not None and not self._starttls)
        self.posts.append(post)
        try:
            writer.write(b"220 standin\r\n")
            while line := await reader.readline():
                word = line.split()[0].decode().upper() if line.split() else ""
                post.commands.append(line.decode().strip())
                if not await self._reply(word, line, post, reader, writer):
                    return
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)

    async def _reply(
        self,
        word: str,
        line: bytes,
        post: Post,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        if word == self._silent_at:
            await self._over.wait()
        if word in (self._silent_at, self._hang_up_at):
            return False
        if answer := self._says.get(word):
            writer.write(f"{answer}\r\n".encode())
            return True
        match word:
            case "EHLO":
                offers = ["250-standin", "250-AUTH PLAIN"]
                offers += ["250-STARTTLS"] if self._starttls and not post.encrypted else []
                writer.write("\r\n".join([*offers, "250 8BITMIME", ""]).encode())
            case "STARTTLS":
                writer.write(b"220 go\r\n")
                await writer.drain()
                assert self._tls is not None
                await writer.start_tls(self._tls)
                post.encrypted = True
            case "AUTH":
                _, post.user, given = base64.b64decode(line.split()[-1]).decode().split("\0")
                right = given == self._password
                writer.write(b"235 ok\r\n" if right else b"535 no\r\n")
            case "DATA":
                writer.write(b"354 go on\r\n")
                post.letter = await reader.readuntil(b"\r\n.\r\n")
                return await self._reply(".", b"", post, reader, writer)
            case "QUIT":
                writer.write(b"221 bye\r\n")
                return False
            case _:
                writer.write(b"250 ok\r\n")
        return True


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context for 127.0.0.1 and a client's that trusts it and nobody else."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "standin.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + cert.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    client = ssl.create_default_context(cafile=str(file))
    return server, client
