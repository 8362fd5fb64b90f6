"""Who is let in by OneBot: frames that break rules, callers, accounts, settings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.channel_settings import OneBot as Settings
from bot.channels.base import Link
from bot.channels.onebot import OneBot, build
from bot.channels.onebot_socket import LARGEST
from bot.secrets import Secrets
from domain.errors import ChannelError, ConfigError
from domain.events import Gap, Message
from tests.channels.ears import Ears
from tests.channels.onebot_rig import OneBotRig, played


def now() -> datetime:
    return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_frame_beyond_all_measure_costs_the_link_but_not_the_channel() -> None:
    async def scene(rig: OneBotRig) -> None:
        await rig.server.push("x" * (LARGEST + 1))
        await rig.fallen()
        assert rig.channel.health().detail == "closed_1009"
        await rig.back()

    played(scene)


def test_a_frame_that_is_no_utf8_costs_the_link_but_not_the_channel() -> None:
    """RFC 6455 leaves no choice but to hang up; coming back fills the gap."""

    async def scene(rig: OneBotRig) -> None:
        await rig.server.push(b"\xff\xfe{}")
        await rig.fallen()
        assert rig.channel.health().detail == "closed_1007"
        await rig.back()
        (gap,) = rig.ears.all(Gap)
        assert gap.filled

    played(scene)


def test_the_wrong_account_is_not_listened_to() -> None:
    async def scene(rig: OneBotRig) -> None:
        frame = rig.server.town.say("串了")
        await rig.server.push(frame | {"self_id": 10002})
        await rig.fallen()
        health = rig.channel.health()
        assert (health.link, health.detail) == (Link.LOGGED_OUT, "wrong_account")
        assert await rig.clock.parked() == pytest.approx(300)
        assert "串了" not in rig.ears.texts

    played(scene)


def test_the_newest_caller_is_heard_and_a_stranger_is_refused() -> None:
    async def scene(rig: OneBotRig) -> None:
        url = f"ws://127.0.0.1:{rig.channel.port}"
        before = set(rig.server.peers)
        rig.server.joined.clear()
        await rig.server.dial(url)
        for peer in before:
            await peer.wait_closed()
        await rig.say("还在")
        await rig.ears.words("还在")
        assert len(rig.server.peers) == 1
        rig.server.account = "10002"
        assert await rig.server.dial_refused(url) == 403
        rig.server.account, rig.server.token = "10001", ""
        assert await rig.server.dial_refused(url) == 401
        await rig.say("仍在")
        await rig.ears.words("仍在")

    played(scene, reverse=True)


def test_an_address_in_use_is_an_error_that_names_the_key() -> None:
    async def scene(rig: OneBotRig) -> None:
        second = OneBot(
            name="onebot",
            account="10001",
            now=now,
            listen=f"127.0.0.1:{rig.channel.port}",
            token="s3cret",
        )
        with pytest.raises(ChannelError, match=r"channels\.onebot\.listen"):
            await second.run(Ears())

    played(scene, reverse=True)


def test_an_inbox_that_raises_does_not_end_the_link() -> None:
    class Deaf(Ears):
        def put(self, event: object) -> None:
            if isinstance(event, Message) and event.text == "毒":
                raise RuntimeError("poison")
            super().put(event)  # pyright: ignore[reportArgumentType] - events only

    async def scene(rig: OneBotRig) -> None:
        await rig.channel.close()
        rig.ears = Deaf()
        await rig.again()
        await rig.say("毒")
        await rig.say("药")
        await rig.ears.words("药")
        assert rig.channel.health().link is Link.UP

    played(scene)


@pytest.mark.parametrize(
    ("settings", "token", "wrong"),
    [
        ({"account": ""}, "t", "QQ number"),
        ({"account": "小格"}, "t", "QQ number"),
        ({"account": "10001", "transport": "reverse"}, "", "XIAOGE_ONEBOT_TOKEN"),
        ({"account": "10001", "url": "ws://192.0.2.7:3001"}, "", "XIAOGE_ONEBOT_TOKEN"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_a_remedy(
    settings: dict[str, str], token: str, wrong: str
) -> None:
    with pytest.raises(ConfigError, match=wrong):
        build(Settings.model_validate(settings), Secrets(onebot_token=token), now=now)


def test_the_settings_make_a_forward_or_a_reverse_channel() -> None:
    forward = build(Settings(account="10001"), Secrets(), now=now)
    assert (forward.name, forward.account) == ("onebot", "10001")
    assert not forward.capabilities.needs_inbound_port
    assert forward.health().detail == "not_started"
    settings = Settings(account="10001", transport="reverse")
    assert build(settings, Secrets(onebot_token="t"), now=now).capabilities.needs_inbound_port
