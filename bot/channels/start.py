"""Start what is switched on: each SDK is imported only for its own channel, none stops another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from bot import channel_settings as settings_of
from bot.channels.base import Channel, Now
from bot.channels.sandbox import Sandbox
from bot.clock import Clock
from bot.config import Config
from bot.secrets import Secrets
from domain.errors import ChannelError, ConfigError, XiaogeError

_TELL_GAPS = ("onebot", "wechaty", "itchat")
_CATCH_UP = ("onebot",)
"""Channels that read what was said in a room while nobody listened."""

Refused = Callable[[str, XiaogeError], None]


class _Build(Protocol):
    """What every channel's file offers; raises ConfigError or ChannelError with the remedy."""

    def __call__(
        self, settings: settings_of.Channel, secrets: Secrets, *, now: Now, **known: object
    ) -> Channel: ...


class Known(Protocol):
    """How far a channel was heard before this process began."""

    def of(self, channel: str) -> Callable[[str], datetime | None]: ...

    def alive(self, channel: str) -> datetime | None: ...


class _Nothing:
    """A house that remembers nothing."""

    def of(self, channel: str) -> Callable[[str], datetime | None]:
        del channel
        return lambda _room: None

    def alive(self, channel: str) -> datetime | None:
        del channel
        return None


def build_channels(
    config: Config,
    clock: Clock,
    *,
    refused: Refused = lambda _name, _error: None,
    known: Known | None = None,
) -> dict[str, Channel]:
    """The channels to run, by name, in the order of the file; `known`: how far each was heard.

    One that cannot be built is told to `refused` and left out: its risk was not accepted,
    something of it is not filled in, its SDK does not load. Raises ConfigError when none is left.
    """
    built: dict[str, Channel] = {}
    every = config.channels.by_name()
    for name in config.running_channels:
        try:
            _accepted(name, every[name])
            built[name] = _built(name, every[name], config, clock.now, known or _Nothing())
        except XiaogeError as error:
            refused(name, error)
        except Exception as error:  # noqa: BLE001 # a broken SDK must not stop the others
            refused(name, ChannelError(f"channels.{name} does not start: {error!r}"))
    if not built:
        raise ConfigError(
            "no channel can be started: switch one on in config.yaml (channels.*.enabled), "
            "`xiaoge check` says what is missing"
        )
    return built


def _accepted(name: str, settings: settings_of.Channel) -> None:
    if name in settings_of.RISKY and not settings.accept_risk:
        raise ConfigError(
            f"channels.{name} breaks the platform's terms and may cost the account: it is not "
            f"started; decide, then set channels.{name}.accept_risk: true"
        )


def _built(
    name: str, settings: settings_of.Channel, config: Config, now: Now, known: Known
) -> Channel:
    if name == "sandbox":
        return Sandbox(now)
    if isinstance(settings, settings_of.WecomArchive):
        from bot.channels import wecom_archive  # noqa: PLC0415 # only when it is on

        return wecom_archive.build(
            settings, config.secrets, now, base=config.base, names=config.names
        )
    if isinstance(settings, settings_of.Itchat):
        session = _beside(config.base, settings.session)
        settings = settings.model_copy(update={"session": session})
    more: dict[str, object] = {}
    if name in _TELL_GAPS:
        more["away_since"] = known.alive(name)
    if name in _CATCH_UP:
        more["cursor"] = known.of(name)
    build = cast("_Build", import_module(f"bot.channels.{name}").build)
    return build(settings, config.secrets, now=now, **more)


def _beside(base: Path, path: str) -> str:
    return str(base / path)
