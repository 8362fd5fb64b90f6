"""One e-mail as it goes out, and its way through a mail server, step by step. Blocking."""

from __future__ import annotations

import smtplib
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from bot.channels.base import SendResult
from domain.outgoing import SendState

SUBJECT_LETTERS = 60
_MINUTE = 60.0
_PICTURES = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"))


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Server:
    """A mail server and how we log in; the repr shows nothing of it."""

    host: str
    port: int
    security: str
    """`tls` | `starttls` | `none`"""
    user: str
    password: str
    timeout: float
    trust: Callable[[], ssl.SSLContext]


class Gate:
    """Between deciding to give up and handing the letter over: exactly one of both wins."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given_up = False
        self._handed_over = False

    def hand_over(self) -> bool:
        """Whether the letter may go out; from now on nobody knows until the server answers."""
        with self._lock:
            self._handed_over = not self._given_up
            return self._handed_over

    def give_up(self) -> bool:
        """Whether it surely stays here; False: it may be out already."""
        with self._lock:
            self._given_up = True
            return not self._handed_over


def letter(
    *, sender: str, to: str, text: str, images: tuple[bytes, ...], at: datetime, ident: str
) -> EmailMessage:
    """Plain text with the first line as subject; pictures are attached."""
    mail = EmailMessage(policy=SMTP)
    lines = text.strip().splitlines()
    subject = "".join(c for c in (lines[0] if lines else "") if c.isprintable())
    mail["Subject"] = subject[:SUBJECT_LETTERS]
    mail["From"] = sender
    mail["To"] = to
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = ident
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text.encode("utf-8", "replace").decode(), cte="base64")
    for number, image in enumerate(images, start=1):
        kind = next((kind for head, kind in _PICTURES if image.startswith(head)), None)
        mail.add_attachment(
            image,
            maintype="image" if kind else "application",
            subtype=kind or "octet-stream",
            filename=f"{number}.{kind or 'bin'}",
        )
    return mail


def deliver(server: Server, mail: EmailMessage, to: str, gate: Gate) -> SendResult:
    """What became of the letter. Before it is handed over: failed; after it, silence: maybe."""
    try:
        link = _connect(server)
    except smtplib.SMTPException as error:
        return _refused(error)
    except ssl.SSLError:
        return _failed("bad_certificate")
    except OSError:
        return _failed("unreachable", _MINUTE)
    try:
        return _through(link, server, mail, to, gate)
    finally:
        link.close()


def _connect(server: Server) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host, server.port, timeout=server.timeout, context=server.trust()
        )
    return smtplib.SMTP(server.host, server.port, timeout=server.timeout)


def _through(
    link: smtplib.SMTP, server: Server, mail: EmailMessage, to: str, gate: Gate
) -> SendResult:
    try:
        link.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            if not link.has_extn("starttls"):
                return _failed("no_starttls")
            link.starttls(context=server.trust())
            link.ehlo()
        if server.user:
            link.login(server.user, server.password)
        for code, _ in (link.mail(mail["From"].addresses[0].addr_spec), link.rcpt(to)):
            if code not in (250, 251):
                return _by_code(code)
    except smtplib.SMTPException as error:
        return _refused(error)
    except ssl.SSLError:
        return _failed("bad_certificate")
    except OSError:
        return _failed("unreachable", _MINUTE)
    if not gate.hand_over():
        return _failed("timeout", _MINUTE)
    return _handed_over(link, mail)


def _handed_over(link: smtplib.SMTP, mail: EmailMessage) -> SendResult:
    try:
        code, _ = link.data(mail.as_bytes())
    except smtplib.SMTPDataError as error:
        return _by_code(error.smtp_code)
    except TimeoutError:
        return SendResult(state=SendState.MAYBE_SENT, error="timeout")
    except (smtplib.SMTPException, OSError):
        return SendResult(state=SendState.MAYBE_SENT, error="link_broken")
    if code != 250:
        return _by_code(code)
    return SendResult(state=SendState.SENT, remote_id=str(mail["Message-ID"]))


def _refused(error: smtplib.SMTPException) -> SendResult:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _failed("wrong_password")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return _failed("not_supported")
    if isinstance(error, smtplib.SMTPResponseException):
        return _by_code(error.smtp_code)
    return _failed("link_broken", _MINUTE)


def _by_code(code: int) -> SendResult:
    """4xx asks to come again, 5xx is for good."""
    return _failed(f"smtp_{code}", 5 * _MINUTE if 400 <= code < 500 else None)


def _failed(error: str, retry_after: float | None = None) -> SendResult:
    return SendResult(state=SendState.FAILED, error=error, retry_after=retry_after)
