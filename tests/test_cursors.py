"""Where each room was heard survives a restart, and what is heard again changes nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.cursors import Cursors
from bot.loop import House
from domain.calendar import LOCAL
from domain.events import Message
from handlers.understanding import default_reader
from storage.store import Store
from tests.dialogue import Stage, town

AT = datetime(2026, 11, 24, 10, 0, tzinfo=LOCAL)
ROOM = "wechat:进修小区群"


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage(room="进修小区群", start=AT)
    yield made
    made.close()


def message(text: str, seconds: int, id: str, sender: str = "老徐") -> Message:
    return Message(
        channel="wechat",
        account="stage",
        id=id,
        at=AT + timedelta(seconds=seconds),
        sender=sender,
        sender_name=sender,
        text=text,
        room="进修小区群",
    )


SAID = (
    message("早啊", 0, "1"),
    message("俺家也是", 5, "2", "孙姨"),
    message("2号楼2单元楼道灯不亮了 麻烦来修一下", 10, "3"),
    message("今晚跳舞去不", 20, "4", "张姨"),
)


def take(house: House, cursors: Cursors, *messages: Message) -> list[bool]:
    taken: list[bool] = []
    for one in messages:
        marked, cursor = cursors.marked(one)
        taken.append(house.take(marked, cursor=cursor))
    return taken


def test_chatter_writes_nothing_and_a_recorded_message_carries_the_cursor(stage: Stage) -> None:
    cursors = Cursors(stage.store)
    take(stage.house, cursors, *SAID[:2])
    assert stage.store.meta_get("heard:" + ROOM) is None
    assert take(stage.house, cursors, SAID[2], SAID[3]) == [True, False]
    assert Cursors(stage.store).of("wechat")("进修小区群") == SAID[2].at
    assert cursors.of("wechat")("进修小区群") == SAID[3].at


def test_the_clock_and_a_clean_end_write_what_moved(stage: Stage) -> None:
    cursors = Cursors(stage.store)
    take(stage.house, cursors, SAID[0])
    cursors.listening("wechat", AT)
    assert cursors.keep(AT)
    assert Cursors(stage.store).of("wechat")("进修小区群") == SAID[0].at
    assert Cursors(stage.store).alive("wechat") == AT
    take(stage.house, cursors, SAID[3])
    assert not cursors.keep(AT + timedelta(minutes=1))
    assert cursors.keep(AT + timedelta(minutes=1), at_once=True)
    assert Cursors(stage.store).of("wechat")("进修小区群") == SAID[3].at


def test_after_a_crash_everything_read_again_makes_no_second_ticket(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'town.sqlite3'}"
    rules = Stage(room="进修小区群", start=AT).house.rules
    first = Store.open(url, "test")
    first.replace_directory(town())
    take(House(first, rules, default_reader().read), Cursors(first), *SAID)
    first.close()  # killed: nothing was kept at the end
    second = Store.open(url, "test")
    house, cursors = House(second, rules, default_reader().read), Cursors(second)
    late = message("3号楼1单元门口井盖坏了", 25, "5", "李哥")
    overtaken = message("6号楼5单元楼道灯也坏了 来个人修", 8, "6", "高姨")
    assert take(house, cursors, *SAID, overtaken, late) == [
        False, False, False, False, True, True,
    ]  # fmt: skip
    tickets = second.tickets()
    assert sum(t.category == "street_light" and t.place.building == "2" for t in tickets) == 1
    assert {v.name for t in tickets for v in t.voices}.isdisjoint({"孙姨", "张姨"})
    second.close()


def test_an_old_message_makes_a_ticket_whose_clock_starts_when_it_was_read(stage: Stage) -> None:
    stage.player.now = AT + timedelta(hours=5)
    stage.house.take(SAID[2])
    stage.house.take(replace(message("小格 1到哪了", 40, "7"), mentions_me=True))
    stage.wait(timedelta(seconds=1))
    rooms = [(s.room, s.text) for s in stage.unseen if s.room == "进修小区群"]
    assert rooms == [
        ("进修小区群", "老徐，记下了 #1（进修小区2号楼2单元 照明不亮）。已转物业小白。")
    ]
    (ticket,) = stage.store.tickets()
    assert ticket.level == 3
    assert ticket.claim_from is not None
    assert ticket.claim_from >= AT + timedelta(hours=5)
    assert not [s for s in stage.unseen if "超时" in s.text]
