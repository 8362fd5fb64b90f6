"""Offers of a day are remembered between recalls; what is written meanwhile must show all the same."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from domain.effects import OpenTicket
from domain.errors import StoreError
from domain.facts import Wanted
from domain.ticket import Move
from storage.store import Store
from tests.store.making import AT, DAY, HERE, HOUR, OpenStore, moved, opened, ticket


def _offers(store: Store, at=AT + HOUR) -> Mapping[str, int]:
    return store.recall(Wanted(community=HERE), at=at).last_offers


def _offer_and_fail(store: Store) -> None:
    new = ticket(store, offered_to=("li",))
    with store.writing():
        store.record(None, [OpenTicket(ticket=new)], at=AT)
        raise StoreError("the disk is full")


def test_an_offer_shows_at_the_next_recall(store: Store) -> None:
    opened(store, offered_to=("li",))
    assert _offers(store) == {"li": 1}
    opened(store, offered_to=("li", "zhou"))
    assert _offers(store) == {"li": 2, "zhou": 1}


def test_an_offer_of_another_process_shows_at_the_next_recall(open_store: OpenStore) -> None:
    mine, other = open_store(), open_store()
    opened(mine, offered_to=("li",))
    assert _offers(mine) == {"li": 1}
    opened(other, offered_to=("li",))
    assert _offers(mine) == {"li": 2}


def test_an_offer_that_was_rolled_back_is_not_counted(store: Store) -> None:
    opened(store, offered_to=("li",))
    assert _offers(store) == {"li": 1}
    with pytest.raises(StoreError, match="the disk is full"):
        _offer_and_fail(store)
    assert _offers(store) == {"li": 1}


def test_the_same_ticket_offered_twice_to_one_member_is_one_offer(store: Store) -> None:
    first = opened(store, offered_to=("li",))
    assert _offers(store) == {"li": 1}

    store.record(None, [moved(first, Move.CORRECT, offered_to=())], at=AT)
    again = store.ticket(first.id)
    assert again is not None
    assert again.offered_to == ()
    store.record(None, [moved(again, Move.CORRECT, offered_to=("li",))], at=AT + HOUR)
    assert _offers(store) == {"li": 1}


def test_yesterdays_offers_are_not_todays(store: Store) -> None:
    opened(store, offered_to=("li",))
    assert _offers(store) == {"li": 1}
    assert _offers(store, at=AT + DAY) == {}
    assert _offers(store) == {"li": 1}
