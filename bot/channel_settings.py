"""The channels in the configuration: one small model each, all of them off but the sandbox."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StrictBool, StrictInt

from bot.section import Section
from bot.spans import Span


def _address(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"{value!r} is not an address: it must start with {schemes[0]}://")
        if parts.password or parts.username:
            raise ValueError("an address must not hold a name or password: use the environment")
        if "token" in parts.query.lower() or "key=" in parts.query.lower():
            raise ValueError("an address must not hold a token or key: use the environment")
        return value

    return AfterValidator(check)


def _path(value: str) -> str:
    if not value.startswith("/") or ".." in value:
        raise ValueError(f"{value!r} is not a web path: write it as /wecom/callback")
    return value


def _host_port(value: str) -> str:
    host, _, port = value.rpartition(":")
    if value and not (host and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"{value!r} is not host:port: write it as 127.0.0.1:8788")
    return value


HttpUrl = Annotated[str, _address("http", "https")]
HttpsUrl = Annotated[str, _address("https", "http")]
SocketUrl = Annotated[str, _address("ws", "wss")]
WebPath = Annotated[str, AfterValidator(_path)]
HostPort = Annotated[str, AfterValidator(_host_port)]
Port = Annotated[int, Field(ge=1, le=65535, strict=True)]


class Channel(Section):
    """What each channel has: whether it is on, whether its risk was accepted, which account."""

    enabled: StrictBool = False
    accept_risk: StrictBool = False
    account: str = Field(default="", max_length=80)


class Sandbox(Channel):
    """Rooms and people inside the process; always delivers, even in a dry run."""

    enabled: StrictBool = True
    account: str = "sandbox"


class OneBot(Channel):
    """QQ by OneBot v11: events by WebSocket, actions by HTTP, or the other side calls us."""

    transport: Literal["forward", "reverse"] = "forward"
    url: SocketUrl = "ws://127.0.0.1:3001"
    http_url: HttpUrl = "http://127.0.0.1:3000"
    listen: HostPort = "127.0.0.1:6199"
    heartbeat: Span = Field(default="30s", validate_default=True)
    history: StrictInt = Field(default=100, ge=0, le=500)


class Wechaty(Channel):
    """WeChat by a wechaty puppet gateway; `host:port` of that gateway."""

    endpoint: HostPort = "127.0.0.1:8788"


class Itchat(Channel):
    """WeChat by the web protocol; the session lies in `session`, readable by its owner only."""

    session: str = "data/itchat-session.json"
    base_url: HttpsUrl = "https://login.weixin.qq.com"


class Wecom(Channel):
    """A WeCom group robot: it can only send."""

    url: HttpsUrl = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"
    per_minute: StrictInt = Field(default=20, ge=1, le=20)


class WecomCallback(Channel):
    """WeCom's callback: an encrypted POST to a path of our web server."""

    path: WebPath = "/wecom/callback"
    corp_id: str = ""
    agent_id: StrictInt = Field(default=0, ge=0)


class WecomArchive(Channel):
    """Decrypted records of the WeCom archive, from a folder or by HTTP push."""

    folder: str = ""
    path: WebPath = "/wecom/archive"


class QQOfficial(Channel):
    """The official QQ bot: a signed webhook in, answers within the reply window."""

    path: WebPath = "/qq/webhook"
    api_url: HttpsUrl = "https://api.sgroup.qq.com"
    app_id: str = ""


class Smtp(Channel):
    """E-mail as the second way out, for operators and supervisors."""

    host: str = ""
    port: Port = 465
    security: Literal["tls", "starttls", "none"] = "tls"
    sender: str = ""
    operators: tuple[str, ...] = ()


class Channels(Section):
    """Every channel the product knows, by name."""

    sandbox: Sandbox = Sandbox()
    onebot: OneBot = OneBot()
    wechaty: Wechaty = Wechaty()
    itchat: Itchat = Itchat()
    wecom: Wecom = Wecom()
    wecom_callback: WecomCallback = WecomCallback()
    wecom_archive: WecomArchive = WecomArchive()
    qq_official: QQOfficial = QQOfficial()
    smtp: Smtp = Smtp()

    def by_name(self) -> dict[str, Channel]:
        """Name -> settings, in the order of the file."""
        found: dict[str, Channel] = {}
        for name in type(self).model_fields:
            channel = getattr(self, name)
            if isinstance(channel, Channel):
                found[name] = channel
        return found

    def on(self) -> tuple[str, ...]:
        """The names of those switched on."""
        return tuple(name for name, channel in self.by_name().items() if channel.enabled)


RISKY = ("onebot", "wechaty", "itchat")
"""Channels that break a platform's terms: they need `accept_risk: true`."""
