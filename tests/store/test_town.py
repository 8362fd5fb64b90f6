"""The town goes in and comes out whole, and everybody notices when it changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.effects import Bind, OptOut, SetRoom, TakeLeave
from domain.errors import Conflict
from domain.facts import Wanted
from domain.grid import Directory, Leave
from storage.store import Store
from tests.store.making import AT, DAY, HOUR, LIU, ROOM, WANG, OpenStore, record, town


def same(found: Directory, given: Directory) -> bool:
    return replace(found, version=0) == replace(given, version=0)


def test_a_new_store_knows_an_empty_town(store: Store) -> None:
    assert store.directory() == Directory(town=store.town)


def test_a_town_comes_back_as_it_was_given(open_store: OpenStore) -> None:
    store = open_store()
    given = town(store.town)
    store.replace_directory(given)
    assert same(store.directory(), given)
    again = open_store().directory()
    assert same(again, given)
    assert list(again.members) == ["zhou", "li"], "in the order of the roster"
    assert again.version == 1


def test_a_new_roster_keeps_bindings_unless_it_brings_its_own(store: Store) -> None:
    given = town(store.town)
    store.replace_directory(given)
    code = store.new_code("li", AT, AT + HOUR)
    record(store, Bind(person=LIU, member="li", code=code, at=AT))
    store.replace_directory(replace(given, bindings={}))
    assert store.directory().bindings == {"sandbox:zhou": "zhou", LIU: "li"}
    without_li = {"zhou": given.members["zhou"]}
    store.replace_directory(replace(given, bindings={}, members=without_li))
    assert store.directory().bindings == {"sandbox:zhou": "zhou"}
    store.replace_directory(replace(given, bindings={WANG: "zhou"}))
    assert store.directory().bindings == {WANG: "zhou"}


def test_a_new_roster_leaves_opt_outs_and_muted_rooms_alone(store: Store) -> None:
    given = town(store.town)
    store.replace_directory(given)
    mute = SetRoom(room=ROOM, allowed=True, muted_until=AT + DAY)
    record(store, OptOut(person=WANG, out=True), mute)
    store.replace_directory(given)
    assert store.directory().opted_out == {WANG}
    assert store.directory().rooms[ROOM].muted_until == AT + DAY


def test_rooms_leaves_and_opt_outs_change_at_once(store: Store) -> None:
    store.replace_directory(town(store.town))
    away = Leave(first=AT.date(), last=AT.date() + 5 * DAY)
    record(
        store,
        SetRoom(room=ROOM, allowed=False),
        TakeLeave(member="zhou", leave=away),
        TakeLeave(member="li", leave=away),
        OptOut(person=WANG, out=True),
    )
    now = store.directory()
    assert not now.rooms[ROOM].allowed
    assert now.members["zhou"].leaves == (away,), "the same first day replaces"
    assert now.members["li"].leaves == (away,)
    assert WANG in now.opted_out


def test_a_code_binds_once(store: Store) -> None:
    store.replace_directory(town(store.town))
    code = store.new_code("li", AT, AT + HOUR)
    record(store, Bind(person=LIU, member="li", code=code, at=AT))
    found = store.directory().member_behind(LIU)
    assert found is not None
    assert found.key == "li"
    assert store.recall(Wanted(code=code), at=AT).codes == {}
    with pytest.raises(Conflict, match="used up"):
        record(store, Bind(person=WANG, member="li", code=code, at=AT))
    assert store.directory().member_behind(WANG) is None


def test_what_is_not_in_the_roster_cannot_be_changed(store: Store) -> None:
    with pytest.raises(Conflict, match="not in the roster"):
        record(store, SetRoom(room="sandbox:nowhere", allowed=True))
    with pytest.raises(Conflict, match="not in the roster"):
        record(store, TakeLeave(member="x", leave=Leave(first=AT.date(), last=AT.date())))


def test_another_process_notices_at_its_next_recall_or_refresh(open_store: OpenStore) -> None:
    one, other = open_store(), open_store()
    assert other.directory().town_name == ""
    one.replace_directory(town(one.town))
    assert other.directory().town_name == "", "no query for every message"
    assert other.refresh().town_name == "启智镇"
    record(one, OptOut(person=WANG, out=True))
    other.recall(Wanted(), at=AT)
    assert WANG in other.directory().opted_out


def test_a_roster_that_fails_half_way_changes_nothing(store: Store) -> None:
    given = town(store.town)
    store.replace_directory(given)
    broken = replace(
        given, town_name="别的", rooms={ROOM: given.rooms[ROOM], "x": given.rooms[ROOM]}
    )
    with pytest.raises(Conflict):
        store.replace_directory(broken)
    assert same(store.directory(), given)


def test_towns_in_one_database_do_not_mix(store: Store, open_other: Store) -> None:
    store.replace_directory(town(store.town))
    assert open_other.directory().members == {}
    open_other.replace_directory(town(open_other.town))
    open_other.replace_directory(Directory(town=open_other.town))
    assert same(store.directory(), town(store.town))
