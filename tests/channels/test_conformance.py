"""Every channel passes the one suite; what it skips, it skips for a reason that is written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from bot.channel_settings import Channels
from bot.channels.base import Capabilities
from bot.channels.itchat_able import CAPABILITIES as ITCHAT
from bot.channels.onebot import CAPABILITIES as ONEBOT
from bot.channels.qq_official import QQOfficial
from bot.channels.sandbox import Sandbox
from bot.channels.wechaty import CAPABILITIES as WECHATY
from bot.channels.wecom import WecomRobot
from bot.channels.wecom_app import WecomApp
from bot.channels.wecom_archive import WecomArchive
from bot.channels.wecom_callback import WecomCallback
from tests.channels.conformance import Player, play, suite
from tests.channels.itchat_rig import ItchatRig
from tests.channels.onebot_rig import OneBotRig
from tests.channels.qq_rig import SECRET, QQRig
from tests.channels.rig import SCENARIOS
from tests.channels.sandbox_rig import SandboxRig
from tests.channels.wechaty_rig import WechatyRig
from tests.channels.wecom_archive_rig import ArchiveRig
from tests.channels.wecom_callback_rig import AES_KEY, CORP, TOKEN, CallbackRig
from tests.channels.wecom_robot_rig import KEY, RobotRig


def now() -> datetime:
    return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A channel, or one way to connect it, in the suite."""

    able: Capabilities
    rig: Callable[[], Player]
    kind: type[Player]
    """The rig's class: what its stand-in plays, and what it skips."""

    @property
    def names(self) -> list[str]:
        return suite(self.able, self.kind.plays, self.kind.skips)


def entry(able: Capabilities, kind: type[Player], **more: object) -> Entry:
    return Entry(able=able, rig=partial(kind, **more), kind=kind)


CALLBACK = WecomCallback(
    token=TOKEN,
    aes_key=AES_KEY,
    corp_id=CORP,
    now=now,
    app=WecomApp(corp_id=CORP, secret="s", agent_id=1, now=now),
)
ENTRIES = {
    "sandbox": entry(Sandbox(now).capabilities, SandboxRig),
    "onebot": entry(ONEBOT, OneBotRig),
    "onebot-cq": entry(ONEBOT, OneBotRig, form="string"),
    "onebot-reverse": entry(ONEBOT, OneBotRig, reverse=True),
    "wechaty": entry(WECHATY, WechatyRig),
    "itchat": entry(ITCHAT, ItchatRig),
    "wecom": entry(WecomRobot(key=KEY, now=now).capabilities, RobotRig),
    "wecom_callback": entry(CALLBACK.capabilities, CallbackRig),
    "wecom_archive": entry(
        WecomArchive(now=now, account="xiaoge", folder=Path()).capabilities, ArchiveRig
    ),
    "qq_official": entry(QQOfficial(app_id="1", secret=SECRET, now=now).capabilities, QQRig),
}
ELSEWHERE = {"smtp": "it writes to addresses, not to rooms: test_smtp.py"}
CASES = [(way, name) for way, one in ENTRIES.items() for name in one.names]


@pytest.mark.parametrize(("way", "name"), CASES, ids=str)
def test_a_channel_behaves_as_every_channel_must(way: str, name: str) -> None:
    play(name, ENTRIES[way].rig)


def test_every_channel_of_the_configuration_is_in_the_suite() -> None:
    known = {way.partition("-")[0] for way in ENTRIES} | set(ELSEWHERE)
    assert known == set(Channels.model_fields)


@pytest.mark.parametrize("way", ENTRIES)
def test_what_is_skipped_is_skipped_for_a_reason_and_no_reason_is_out_of_date(way: str) -> None:
    one = ENTRIES[way]
    plays, skips = one.kind.plays, one.kind.skips
    used: set[str] = set()
    for scenario in SCENARIOS.values():
        if scenario.name in one.names or not scenario.needs(one.able):
            continue
        reasons = {scenario.name, *(scenario.plays - plays)} & skips.keys()
        assert reasons, f"{way} does not play {scenario.name}, and nobody says why"
        used |= reasons
    assert used == skips.keys(), "reasons without anything to skip"
