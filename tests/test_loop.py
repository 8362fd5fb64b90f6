"""The one loop: what was delivered twice, what broke, and what could not be kept."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.loop import House
from bot.wakings import Timekeeper
from domain.calendar import LOCAL
from domain.errors import StoreError
from domain.events import Message
from domain.facts import Heard
from domain.rules import Rules
from handlers.understanding import default_reader
from storage.store import Store
from tests.dialogue import Stage, town

AT = datetime(2026, 11, 24, 9, 0, tzinfo=LOCAL)


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage(room="进修小区群", start=AT)
    yield stage
    stage.close()


def _message(text: str, id: str = "x1", minutes: int = 0) -> Message:
    return Message(
        channel="wechat",
        account="stage",
        id=id,
        at=AT + timedelta(minutes=minutes),
        sender="老徐",
        sender_name="老徐",
        text=text,
        room="进修小区群",
    )


def test_chatter_delivered_again_does_not_join_what_came_after_it(stage: Stage) -> None:
    chatter = _message("我家也是")
    assert not stage.house.take(chatter)
    stage.say("高姨", "2号楼2单元楼道灯不亮了 麻烦来修一下")
    assert not stage.house.take(chatter)
    (ticket,) = stage.store.tickets()
    assert ticket.households == 1


def test_a_reminder_whose_decision_breaks_is_put_off_and_the_rest_goes_on(stage: Stage) -> None:
    stage.say("高姨", "2号楼2单元楼道灯不亮了 麻烦来修一下")
    before = stage.store.next_due()
    assert before is not None
    broken = House(stage.store, Rules(categories={}), default_reader().read)
    taken = Timekeeper(broken, since=AT).tick(before)
    assert taken == 1
    assert broken.counts["poisoned"] == 1
    due = stage.store.due(before + timedelta(hours=2))
    assert before + timedelta(hours=1) in [r.due_at for r in due]
    assert stage.store.due(before) == []


def test_what_a_room_said_is_nowhere_in_the_process_an_hour_later(stage: Stage) -> None:
    """A room that fell silent is not looked at any more: the clock lets go of its words."""
    words = "晚上谁去跳广场舞 老地方"

    def known() -> int:
        gc.collect()
        return sum(isinstance(o, Heard) and o.text == words for o in gc.get_objects())

    timekeeper = Timekeeper(stage.house, since=AT)
    timekeeper.tick(AT)
    stage.house.take(_message(words))
    timekeeper.tick(AT + timedelta(minutes=59))
    assert known() == 1
    timekeeper.tick(AT + timedelta(minutes=60))
    assert known() == 0


def test_what_the_store_could_not_keep_is_new_when_it_comes_again(tmp_path: Path) -> None:
    request = _message("2号楼2单元楼道灯不亮了 麻烦来修一下")
    rules = Stage(room="进修小区群", start=AT).house.rules
    url = f"sqlite:///{tmp_path / 'town.sqlite3'}"
    first = Store.open(url, "test", wait=0.05)
    first.replace_directory(town())
    house = House(first, rules, default_reader().read)
    second = Store.open(url, "test")
    with second.writing():
        second.meta_set("a", "b")
        with pytest.raises(StoreError):
            house.take(request)
    assert house.take(request)
    assert len(first.tickets()) == 1
    second.close()
    first.close()


def test_messages_of_bots_and_of_the_product_itself_are_not_heard(stage: Stage) -> None:
    own = replace(_message("楼道里煤气味特别大 快来人"), from_self=True)
    other = replace(own, id="x2", from_self=False, from_bot=True)
    assert not stage.house.take(own)
    assert not stage.house.take(other)
    assert stage.store.tickets() == []


def test_the_cursor_moves_with_what_is_recorded_and_with_nothing_else(stage: Stage) -> None:
    assert not stage.house.take(_message("早上好"), cursor=("c", "1"))
    assert stage.store.meta_get("c") is None
    heard = _message("2号楼2单元楼道灯不亮了 麻烦来修一下", "x2", 1)
    assert stage.house.take(heard, cursor=("c", "2"))
    assert stage.store.meta_get("c") == "2"
