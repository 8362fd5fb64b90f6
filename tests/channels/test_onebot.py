"""QQ by OneBot v11: the conformance suite, forward and reverse, and what is peculiar to OneBot."""

from __future__ import annotations

from functools import partial

import pytest

from bot.channels.onebot import CAPABILITIES
from tests.channels.conformance import play, suite
from tests.channels.onebot_rig import PLAYS, OneBotRig

CASES = suite(CAPABILITIES, PLAYS)


@pytest.mark.parametrize("name", CASES)
def test_forward_with_arrays(name: str) -> None:
    play(name, OneBotRig)


@pytest.mark.parametrize("name", CASES)
def test_forward_with_cq_strings(name: str) -> None:
    play(name, partial(OneBotRig, form="string"))


@pytest.mark.parametrize("name", CASES)
def test_reverse(name: str) -> None:
    play(name, partial(OneBotRig, reverse=True))
