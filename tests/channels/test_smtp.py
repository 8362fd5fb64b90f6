"""E-mail: encrypted or not at all, one letter once, and nothing that could become a header."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channel_settings import Smtp as Settings
from bot.channels.base import Health, Link, Send, SendResult
from bot.channels.smtp import SmtpChannel, build, is_address
from bot.channels.smtp_letter import Gate, letter
from bot.secrets import Secrets
from domain.errors import ConfigError
from domain.outgoing import SendState
from tests.channels.conformance import PIXEL
from tests.channels.ears import Ears, HandClock
from tests.channels.smtp_standin import SmtpStandIn, certificate

TEXT = "【启智第一社区 · 11月23日 周一 07:40】\n已超时(1)\n.\n· #5 育红街井盖松动"
TO = "zhuren@example.cn"


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return certificate(tmp_path_factory.mktemp("smtp"))


def channel(server: SmtpStandIn, **more: object) -> SmtpChannel:
    given_ = {"security": "none", "deadline": 5.0, "host": "localhost"} | more
    return SmtpChannel(
        port=server.port,
        sender="xiaoge@example.cn",
        now=HandClock().now,
        **given_,  # type: ignore[arg-type]  # what a test adds
    )


def sent(
    server: SmtpStandIn, send: Send | None = None, **more: object
) -> tuple[SendResult, Health]:
    async def whole() -> tuple[SendResult, Health]:
        async with server:
            mail = channel(server, **more)
            result = await mail.send(send or Send(text=TEXT, person=TO))
            return result, mail.health()

    return asyncio.run(asyncio.wait_for(whole(), 20))


def read(raw: bytes) -> EmailMessage:
    body = raw.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
    return email.message_from_bytes(body, policy=email.policy.default)


def test_a_letter_arrives_as_it_was_written() -> None:
    server = SmtpStandIn()
    result, health = sent(server, Send(text=TEXT, person=TO, images=(PIXEL,)))
    assert result.state is SendState.SENT
    assert health.link is Link.UP
    mail = read(server.letters[0])
    assert mail["Subject"] == TEXT.splitlines()[0]
    assert (mail["From"], mail["To"]) == ("xiaoge@example.cn", TO)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == result.remote_id
    assert mail["Date"].datetime == HandClock().now()
    text = mail.get_body()
    assert text is not None
    assert text.get_content().splitlines() == TEXT.splitlines()
    (picture,) = mail.iter_attachments()
    assert (picture.get_content_type(), picture.get_content()) == ("image/png", PIXEL)
    said = [command.lower() for command in server.posts[0].commands[1:3]]
    assert said == ["mail from:<xiaoge@example.cn>", f"rcpt to:<{TO.lower()}>"]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_password_goes_only_over_an_encrypted_link(
    security: str, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    theirs, ours = contexts
    server = SmtpStandIn(tls=theirs, starttls=security == "starttls")
    result, _ = sent(server, security=security, user="u", password="pass-wort", trust=lambda: ours)
    assert result.state is SendState.SENT
    (post,) = server.posts
    assert (post.user, post.encrypted) == ("u", True)
    login = next(i for i, c in enumerate(post.commands) if c.startswith("AUTH"))
    assert security == "tls" or post.commands.index("STARTTLS") < login


def test_a_server_that_lost_its_starttls_gets_neither_password_nor_letter() -> None:
    server = SmtpStandIn()
    result, health = sent(server, security="starttls", user="u", password="pass-wort")
    assert result == SendResult(state=SendState.FAILED, error="no_starttls")
    assert health.link is Link.DEGRADED
    assert server.letters == []
    assert all("AUTH" not in command.upper() for command in server.posts[0].commands)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_nobody_vouches_for_is_refused(
    security: str, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    server = SmtpStandIn(tls=contexts[0], starttls=security == "starttls")
    result, _ = sent(server, security=security, user="u", password="pass-wort")
    assert result == SendResult(state=SendState.FAILED, error="bad_certificate")
    assert server.letters == []
    assert all(post.user == "" for post in server.posts)


def test_a_wrong_password_is_logged_out() -> None:
    result, health = sent(SmtpStandIn(), user="u", password="wrong")
    assert result == SendResult(state=SendState.FAILED, error="wrong_password")
    assert (health.link, health.detail) == (Link.LOGGED_OUT, "wrong_password")


@pytest.mark.parametrize(
    ("word", "says", "error", "retry_after"),
    [
        ("MAIL", "451 later", "smtp_451", 300.0),
        ("RCPT", "550 no such user", "smtp_550", None),
        ("DATA", "554 no", "smtp_554", None),
        (".", "452 full", "smtp_452", 300.0),
        (".", "554 spam", "smtp_554", None),
        ("EHLO", "421 busy", "smtp_421", 300.0),
    ],
)
def test_each_refusal_has_its_code(
    word: str, says: str, error: str, retry_after: float | None
) -> None:
    refuses = {word: says} | ({"HELO": says} if word == "EHLO" else {})
    result, _ = sent(SmtpStandIn(says=refuses))
    assert result == SendResult(state=SendState.FAILED, error=error, retry_after=retry_after)


@pytest.mark.parametrize("word", ["EHLO", "MAIL", "RCPT"])
def test_silence_before_the_letter_surely_sent_nothing(word: str) -> None:
    server = SmtpStandIn(silent_at=word)
    result, _ = sent(server, deadline=0.3)
    assert result.state is SendState.FAILED
    assert result.retry_after == 60.0
    assert server.letters == []


def test_silence_after_the_letter_may_have_sent_it() -> None:
    server = SmtpStandIn(silent_at=".")
    result, _ = sent(server, deadline=0.3)
    assert result == SendResult(state=SendState.MAYBE_SENT, error="timeout")
    assert len(server.letters) == 1
    result, _ = sent(SmtpStandIn(hang_up_at="."))
    assert result == SendResult(state=SendState.MAYBE_SENT, error="link_broken")


def test_a_server_that_is_not_there_surely_got_nothing() -> None:
    async def whole() -> SendResult:
        async with SmtpStandIn() as server:
            mail = channel(server)
        return await mail.send(Send(text="在吗", person=TO))

    result = asyncio.run(asyncio.wait_for(whole(), 20))
    assert result == SendResult(state=SendState.FAILED, error="unreachable", retry_after=60.0)


def test_of_giving_up_and_handing_over_exactly_one_wins() -> None:
    first, second = Gate(), Gate()
    assert first.give_up()
    assert not first.hand_over()
    assert second.hand_over()
    assert not second.give_up()


@pytest.mark.parametrize(
    ("send", "error"),
    [
        (Send(text="x", room="g"), "no_rooms"),
        (Send(text="x"), "no_rooms"),
        (Send(text="x", person="nobody"), "no_address"),
        (Send(text="x", person="a@b.cn\r\nBcc: c@d.cn"), "no_address"),
        (Send(text="x", person="a@b.cn, c@d.cn"), "no_address"),
        (Send(text=" \n", person=TO), "empty"),
    ],
)
def test_what_is_no_letter_is_not_sent(send: Send, error: str) -> None:
    server = SmtpStandIn()
    result, _ = sent(server, send)
    assert result == SendResult(state=SendState.FAILED, error=error)
    assert server.posts == []


@given(text=st.text(min_size=1), to=st.text("ab@.\r\n:,<> 水", max_size=20))
def test_no_text_and_no_address_becomes_a_header(text: str, to: str) -> None:
    if not is_address(to):
        to = TO
    mail = letter(
        sender="x@example.cn",
        to=to,
        text=text,
        images=(),
        at=HandClock().now(),
        ident="<1@example.cn>",
    )
    again = read(mail.as_bytes() + b"\r\n.\r\n")
    assert set(again.keys()) == {
        "Subject",
        "From",
        "To",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
    }
    assert again["To"] == to


def test_settings_that_would_leak_or_cannot_work_are_refused() -> None:
    now = HandClock().now
    secrets = Secrets(smtp_user="u", smtp_password="pass-wort")
    with pytest.raises(ConfigError, match="host"):
        build(Settings(), secrets, now=now)
    with pytest.raises(ConfigError, match="in clear"):
        build(Settings(host="mail.example.cn", sender="a@b.cn", security="none"), secrets, now=now)
    with pytest.raises(ConfigError, match="no e-mail address"):
        build(Settings(host="m", sender="a@b.cn", operators=("x",)), secrets, now=now)
    mail = build(Settings(host="m", sender="a@b.cn", operators=(TO,)), secrets, now=now)
    assert mail.operators == (TO,)
    assert "pass-wort" not in repr(mail)


def test_run_waits_until_close_and_hears_nothing() -> None:
    async def whole() -> None:
        mail = SmtpChannel(host="m", port=1, sender="a@b.cn", now=HandClock().now)
        ears = Ears()
        running = asyncio.create_task(mail.run(ears))
        await asyncio.sleep(0)
        assert mail.health().link is Link.UP
        await mail.close()
        await asyncio.wait_for(running, 5)
        assert (mail.health().link, ears.events) == (Link.DOWN, [])
        assert not await mail.recall("x", None)
        assert await mail.history("x", HandClock().now()) == ()

    asyncio.run(whole())
