"""E-mail as the last way out: it hears nothing, and tells operators and supervisors."""

from __future__ import annotations

import asyncio
import secrets as randomness
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.channel_settings import Smtp as Settings
from bot.channels.base import Capabilities, Health, Inbox, Link, Now, Rate, Risk, Send, SendResult
from bot.channels.running import Running
from bot.channels.smtp_letter import Gate, Server, deliver, letter
from bot.channels.standing import Standing
from bot.mail_address import is_address
from bot.secrets import Secrets
from domain.errors import ConfigError
from domain.events import Message
from domain.outgoing import SendState

DEADLINE = 30.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class SmtpChannel:
    """Sends to addresses, one letter a time, in a worker thread with a deadline."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        sender: str,
        now: Now,
        name: str = "smtp",
        account: str = "",
        security: str = "tls",
        user: str = "",
        password: str = "",
        operators: tuple[str, ...] = (),
        deadline: float = DEADLINE,
        trust: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        for address in (sender, *operators):
            if not is_address(address):
                raise ConfigError(f"channels.smtp: {address!r} is no e-mail address: correct it")
        if security == "none" and user and host not in _LOOPBACK:
            raise ConfigError(
                "channels.smtp: security: none would send the password in clear: use tls or "
                "starttls, or a mail server on this machine"
            )
        self.name = name
        self.account = account or sender
        self.operators = operators
        self._sender = sender
        self._now = now
        self._deadline = deadline
        self._server = Server(
            host=host,
            port=port,
            security=security,
            user=user,
            password=password,
            timeout=deadline,
            trust=trust,
        )
        self._turn = asyncio.Lock()
        self._standing = Standing(now)
        self._running = Running()

    @property
    def capabilities(self) -> Capabilities:
        """Private and active, and deaf."""
        return Capabilities(
            receive_all=False,
            hears=False,
            can_private=True,
            image_out=True,
            rate=Rate(count=20, seconds=60.0),
            risk=Risk.OFFICIAL,
        )

    async def run(self, inbox: Inbox) -> None:
        """Stand ready until cancelled; nothing ever comes in."""
        del inbox
        if self._standing.link is not Link.LOGGED_OUT:
            self._standing.up()
        self._running.begin()
        await self._running.until_end()

    async def send(self, send: Send) -> SendResult:
        """One letter to `person`, an address. The first line of the words is its subject."""
        if send.room is not None or send.person is None:
            return _failed("no_rooms")
        if not is_address(send.person):
            return _failed("no_address")
        if not send.text.strip() and not send.images:
            return _failed("empty")
        domain = self._sender.rpartition("@")[2]
        mail = letter(
            sender=self._sender,
            to=send.person,
            text=send.text,
            images=send.images,
            at=self._now(),
            ident=f"<{randomness.token_hex(16)}@{domain}>",
        )
        async with self._turn:
            gate = Gate()
            work = asyncio.to_thread(deliver, self._server, mail, send.person, gate)
            try:
                async with asyncio.timeout(self._deadline):
                    result = await work
            except TimeoutError:
                stays = gate.give_up()
                result = SendResult(
                    state=SendState.FAILED if stays else SendState.MAYBE_SENT,
                    error="timeout",
                    retry_after=60.0 if stays else None,
                )
        self._note(result)
        return result

    async def recall(self, remote_id: str, room: str | None) -> bool:
        """A letter cannot be called back."""
        del remote_id, room
        return False

    async def history(self, room: str, since: datetime) -> Sequence[Message]:
        """Nothing is read."""
        del room, since
        return ()

    def health(self) -> Health:
        """Logged out when the server refuses the password."""
        return self._standing.health()

    async def close(self) -> None:
        """Nothing is kept open between letters."""
        self._running.end()
        self._standing.down("closed")

    def _note(self, result: SendResult) -> None:
        if result.state is SendState.SENT:
            self._standing.up()
        elif result.error == "wrong_password":
            self._standing.logged_out("wrong_password")
        elif not result.error.startswith("smtp_5"):
            self._standing.degraded(result.error)


def build(settings: Settings, secrets: Secrets, now: Now) -> SmtpChannel:
    """The mail of `config.yaml`; raises ConfigError for what cannot work."""
    if not settings.host or not settings.sender:
        raise ConfigError("channels.smtp needs `host` and `sender`: fill them in")
    return SmtpChannel(
        host=settings.host,
        port=settings.port,
        security=settings.security,
        sender=settings.sender,
        user=secrets.smtp_user,
        password=secrets.smtp_password,
        operators=settings.operators,
        account=settings.account,
        now=now,
    )


def _failed(error: str) -> SendResult:
    return SendResult(state=SendState.FAILED, error=error)
