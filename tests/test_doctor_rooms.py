"""The doctor on rooms: each is served, or told why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.doctor import examine
from bot.doctor.rooms import room_verdict
from domain.grid import Room
from tests.patients import (
    AROUND,
    CALENDAR,
    FINE,
    NOW,
    codes,
    config,
    town,
)


@pytest.mark.parametrize(
    ("settings", "handle", "allowed", "code"),
    [
        ("", "sandbox:1", True, "room.served"),
        ("", "sandbox:1", False, "room.not_allowed"),
        ("rooms: {allow: ['sandbox:1']}\n", "sandbox:1", False, "room.served"),
        ("rooms: {default: roster}\n", "sandbox:1", False, "room.served"),
        ("rooms: {default: roster, stop: ['sandbox:1']}\n", "sandbox:1", True, "room.stopped"),
        ("", "onebot:1", True, "room.channel_off"),
        ("", "wechat:1", True, "room.channel_unknown"),
        ("channels: {onebot: {enabled: true}}\n", "onebot:1", True, "room.dry_run"),
        (
            "mode: production\nchannels: {onebot: {enabled: true}}\n",
            "onebot:1",
            True,
            "room.served",
        ),
        (
            "mode: sandbox\nchannels: {onebot: {enabled: true}}\n",
            "onebot:1",
            True,
            "room.channel_off",
        ),
    ],
)
def test_each_room_is_served_or_told_why_not(
    settings: str, handle: str, allowed: bool, code: str
) -> None:
    room = Room(handle=handle, name="群", community="C1", allowed=allowed)
    assert room_verdict(config(settings), room, NOW) == code
    findings = examine(config(settings), replace(town(), rooms={handle: room}), CALENDAR, AROUND)
    assert [f.where for f in findings if f.code == code] == [handle]


def test_a_muted_room_is_served_again_afterwards() -> None:
    muted = Room(
        handle="sandbox:1", name="群", community="C1", muted_until=NOW + timedelta(hours=1)
    )
    assert room_verdict(config(), muted, NOW) == "room.muted"
    assert room_verdict(config(), muted, NOW + timedelta(hours=1)) == "room.served"


def test_rooms_outside_the_roster_are_named() -> None:
    around = replace(AROUND, seen_rooms={"onebot:9": "闲聊群", "sandbox:1": "东苑群"})
    text = FINE + "rooms: {allow: ['onebot:8']}\n"
    findings = examine(config(text), town(), CALENDAR, around)
    assert codes(findings) == ["room.unknown", "room.listed_but_unknown"]
