"""Rooms outside the roster are known by their handle, for a week, and nothing of their talk is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.unserved import Unserved
from domain.events import Event, Gap, Message, RoomChanged
from storage.store import Store
from tests.dialogue import town

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
TOWN = town()


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store.open("sqlite://", "test")
    yield made
    made.close()


def said(room: str | None, at: datetime = AT, name: str = "闲聊群") -> Message:
    return Message(
        channel="qq", account="a", id="1", at=at, sender="s", sender_name="王姐",
        text="厨房漏水了", room=room, room_name=name,
    )  # fmt: skip


def test_a_room_in_no_roster_is_kept_with_its_name_and_nothing_else(store: Store) -> None:
    served = next(iter(TOWN.rooms)).partition(":")[2]
    joined = RoomChanged(
        channel="qq", account="a", id="2", at=AT, room="g2", room_name="", person="me",
        change="joined", whose="self",
    )  # fmt: skip
    gap = Gap(channel="qq", account="a", at=AT, since=AT, filled=False)
    events: list[Event] = [said("g1"), said(None), joined, gap]
    unserved = Unserved(store)
    for event in events:
        unserved.heard(event, TOWN)
    unserved.heard(replace(said(served), channel="wechat"), TOWN)
    assert Unserved(store).all(TOWN, AT) == {"qq:g2": "", "qq:g1": "闲聊群"}
    kept = store.meta_get("rooms.unserved") or ""
    assert "漏水" not in kept
    assert "王姐" not in kept


def test_a_room_is_forgotten_a_week_after_it_was_heard(store: Store) -> None:
    unserved = Unserved(store)
    unserved.heard(said("g1"), TOWN)
    unserved.heard(said("g2", AT + timedelta(days=6)), TOWN)
    assert Unserved(store).all(TOWN, AT + timedelta(days=8)) == {"qq:g2": "闲聊群"}
    unserved.heard(said("g3", AT + timedelta(days=8)), TOWN)
    assert "g1" not in (store.meta_get("rooms.unserved") or "")


def test_a_room_that_talks_all_day_is_written_once(store: Store) -> None:
    unserved = Unserved(store)
    unserved.heard(said("g1"), TOWN)
    store.meta_set("rooms.unserved", "{}")
    unserved.heard(said("g1", AT + timedelta(hours=9)), TOWN)
    assert Unserved(store).all(TOWN, AT) == {}
    unserved.heard(said("g1", AT + timedelta(hours=25)), TOWN)
    assert Unserved(store).all(TOWN, AT + timedelta(hours=25)) == {"qq:g1": "闲聊群"}


def test_only_the_last_fifty_are_kept(store: Store) -> None:
    unserved = Unserved(store)
    for n in range(70):
        unserved.heard(said(f"g{n}", AT + timedelta(seconds=n)), TOWN)
    kept = Unserved(store).all(TOWN, AT + timedelta(hours=1))
    assert set(kept) == {f"qq:g{n}" for n in range(20, 70)}
