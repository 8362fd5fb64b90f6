"""WeChat by itchat: the conformance suite, against a web-WeChat server on loopback."""

from __future__ import annotations

import pytest

from bot.channels.itchat import CAPABILITIES
from tests.channels.conformance import play, suite
from tests.channels.itchat_rig import PLAYS, ItchatRig


@pytest.mark.parametrize("name", suite(CAPABILITIES, PLAYS))
def test_it_behaves_as_every_channel_must(name: str) -> None:
    play(name, ItchatRig)
