"""WeChat by wechaty: the conformance suite, against a gateway that speaks real gRPC."""

from __future__ import annotations

import pytest

from bot.channels.wechaty import CAPABILITIES
from tests.channels.conformance import play, suite
from tests.channels.wechaty_rig import PLAYS, WechatyRig


@pytest.mark.parametrize("name", suite(CAPABILITIES, PLAYS))
def test_it_behaves_as_every_channel_must(name: str) -> None:
    play(name, WechatyRig)
