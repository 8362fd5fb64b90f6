"""Settings that contradict each other, leave a door open, or will annoy the neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from bot.channel_settings import RISKY, Channel, Smtp
from bot.config import Config
from bot.doctor.findings import Finding, Level, Surroundings
from bot.secrets import Secrets, variable_of

_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_NEEDED = {
    "onebot": ("onebot_token",),
    "wechaty": ("wechaty_token",),
    "wecom": ("wecom_key",),
    "wecom_callback": ("wecom_callback_token", "wecom_callback_aes_key"),
    "qq_official": ("qq_official_secret",),
    "smtp": ("smtp_user", "smtp_password"),
}
_FILLED_IN = {
    "onebot": ("url", "http_url"),
    "wechaty": ("endpoint",),
    "wecom_callback": ("corp_id",),
    "qq_official": ("app_id",),
    "smtp": ("host", "sender"),
}
_LONG = timedelta(days=365)
_LOW = 0.4


def examine_settings(config: Config, around: Surroundings) -> list[Finding]:
    """What the configuration itself tells, without looking at anything else."""
    found = [Finding(level=Level.NOTE, code=f"mode.{config.mode}", where="mode")]
    found += [
        Finding(level=Level.WARNING, code="environment.unknown", where=name)
        for name in config.unknown_environment
    ]
    found += _channels(config)
    found += _privacy(config)
    found += _model(config, around)
    found += _reading(config, around)
    return found


def _channels(config: Config) -> Iterator[Finding]:  # noqa: C901  # one exhaustive match, or one table read in order
    if not config.running_channels:
        yield Finding(level=Level.ERROR, code="channels.none", where="channels")
    if config.delivers and config.running_channels == ("sandbox",):
        yield Finding(level=Level.WARNING, code="channels.only_sandbox", where="channels")
    for name, channel in config.channels.by_name().items():
        if name not in config.running_channels:
            continue
        where = f"channels.{name}"
        if name in RISKY:
            code = "channel.risky" if channel.accept_risk else "channel.risk_not_accepted"
            level = Level.NOTE if channel.accept_risk else Level.ERROR
            yield Finding(level=level, code=code, where=where, values={"channel": name})
        for secret in _needed(name, channel, config.secrets):
            if not getattr(config.secrets, secret):
                values = {"channel": name, "variable": variable_of(secret)}
                yield Finding(
                    level=Level.ERROR, code="channel.secret_missing", where=where, values=values
                )
        for key in _FILLED_IN.get(name, ()):
            if not getattr(channel, key):
                yield Finding(level=Level.ERROR, code="channel.incomplete", where=f"{where}.{key}")
        for key, address in _open(channel):
            values = {"address": address}
            yield Finding(
                level=Level.WARNING, code="channel.open", where=f"{where}.{key}", values=values
            )


def _needed(name: str, channel: Channel, secrets: Secrets) -> tuple[str, ...]:
    """The secrets that a channel cannot do without."""
    if isinstance(channel, Smtp) and channel.security == "none" and not secrets.smtp_user:
        return ()  # a mail server on this machine asks nobody who they are
    return _NEEDED.get(name, ())


def _open(channel: Channel) -> Iterator[tuple[str, str]]:
    """(setting, address) of what crosses the network in the clear."""
    for key in ("url", "http_url", "base_url"):
        address = str(getattr(channel, key, ""))
        parts = urlsplit(address)
        if parts.scheme in {"ws", "http"} and parts.hostname not in _HERE:
            yield key, address
    if isinstance(channel, Smtp) and channel.security == "none" and channel.host not in _HERE:
        yield "security", f"{channel.host}:{channel.port}"


def _model(config: Config, around: Surroundings) -> Iterator[Finding]:
    """How the language model took a harmless question."""
    if not config.llm.enabled or around.model_fails is None:
        return
    values = {"host": config.llm.host, "problem": around.model_fails}
    if around.model_fails:
        yield Finding(level=Level.WARNING, code="llm.fails", where="llm", values=values)
    else:
        yield Finding(level=Level.FINE, code="llm.answers", where="llm", values=values)


def _privacy(config: Config) -> Iterator[Finding]:
    if config.llm.enabled:
        level = Level.NOTE if config.llm.local else Level.WARNING
        code = "llm.local" if config.llm.local else "llm.remote"
        yield Finding(level=level, code=code, where="llm", values={"host": config.llm.host})
    if config.retention.text > _LONG:
        days = {"days": str(config.retention.text.days)}
        yield Finding(level=Level.WARNING, code="retention.long", where="retention", values=days)
    if config.rooms.default == "roster":
        yield Finding(level=Level.NOTE, code="rooms.all", where="rooms.default")
    if config.understanding.sure < _LOW:
        yield Finding(level=Level.WARNING, code="reading.hasty", where="understanding.sure")
    if not config.names:
        yield Finding(level=Level.WARNING, code="names.none", where="names")


def _reading(config: Config, around: Surroundings) -> Iterator[Finding]:
    """Learned weights that are not used; categories that reader and catalogue do not share."""
    if around.unlearned:
        values = {"problem": around.unlearned}
        yield Finding(level=Level.WARNING, code="learned.refused", where="learning", values=values)
    for key in sorted(around.readable - set(config.categories)):
        yield Finding(
            level=Level.WARNING, code="category.not_in_catalogue", where=f"categories.{key}"
        )
    if around.readable:
        for key in config.categories:
            if key not in around.readable:
                yield Finding(
                    level=Level.NOTE, code="category.never_read", where=f"categories.{key}"
                )
