"""In a town of several communities somebody who writes alone is asked where, before anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.calendar import LOCAL
from domain.grid import Community, Estate, Grid
from tests.dialogue import Stage, town

AT = datetime(2026, 11, 24, 9, 0, tzinfo=LOCAL)


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage(room="进修小区群", start=AT)
    plain = town()
    made.store.replace_directory(
        replace(
            plain,
            communities={
                **plain.communities,
                "c2": Community(key="c2", name="第二社区", grid="G2-2"),
            },
            grids={
                **plain.grids,
                "G2-2": Grid(key="G2-2", name="二", level=2, parent="G1-1", community="c2"),
                "G3-9": Grid(key="G3-9", name="三", level=3, parent="G2-2", community="c2"),
            },
            estates={
                **plain.estates,
                "群力小区": Estate(key="群力小区", name="群力小区", community="c2", grid="G3-9"),
            },
        )
    )
    yield made
    made.close()


def alone(stage: Stage, text: str) -> list[str]:
    stage.unseen.clear()
    stage.say("路人", text, "私聊")
    return [s.text for s in stage.unseen if s.room == "@路人"]


@pytest.mark.parametrize("answer", ["群力小区的", "群力小区2号楼"])
def test_the_estate_decides_which_community_opens_it(stage: Stage, answer: str) -> None:
    asked = alone(stage, "2号楼1单元楼道灯不亮了 麻烦来修一下")
    assert asked == ["听到了。请问是哪个小区几号楼？说了我就记下来找人。"]
    assert stage.store.tickets() == []
    alone(stage, answer)
    (ticket,) = stage.store.tickets()
    assert (ticket.community, ticket.grid, ticket.number) == ("c2", "G3-9", 1)
    assert (ticket.place.building, ticket.place.unit) == ("2", "1")
    assert ticket.matter == "2号楼1单元楼道灯不亮了 麻烦来修一下"
    assert ticket.category == "street_light"


def test_a_report_that_names_its_estate_and_one_in_danger_are_opened_at_once(stage: Stage) -> None:
    alone(stage, "群力小区2号楼1单元楼道灯不亮了")
    assert [t.community for t in stage.store.tickets()] == ["c2"]
    stage.wait(timedelta(minutes=5))
    stage.unseen.clear()
    stage.say("高姨", "楼道里煤气味特别大 快来人", "私聊")
    assert len(stage.store.tickets()) == 2


def test_an_answer_that_names_no_estate_opens_nothing(stage: Stage) -> None:
    alone(stage, "楼道灯不亮了 麻烦来修一下")
    alone(stage, "嗯嗯")
    assert stage.store.tickets() == []
