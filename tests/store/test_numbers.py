"""Short numbers roll through each community and never stand for two open matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.effects import OpenTicket
from domain.errors import IllegalMove
from domain.facts import Wanted
from domain.ticket import Move, State
from storage.store import Store
from tests.store.making import AT, DAY, HERE, move, moved, opened, record, ticket

LONG_AGO = AT - 60 * DAY


def filled(store: Store, count: int, **fields: object) -> None:
    """That many tickets, closed long ago unless told otherwise."""
    old = {"state": State.CONFIRMED, "closed_at": LONG_AGO, "opened_at": LONG_AGO, **fields}
    first = ticket(store)
    tickets = [
        replace(first, id=first.id + n, number=(first.number + n - 1) % 999 + 1, **old)
        for n in range(count)
    ]
    record(store, *(OpenTicket(ticket=t) for t in tickets))


def test_numbers_count_up_in_each_community_by_itself(store: Store) -> None:
    assert [opened(store).number, opened(store).number] == [1, 2]
    elsewhere = opened(store, community="chongren")
    assert (elsewhere.number, elsewhere.id) == (1, 3)


def test_after_999_comes_1_again(store: Store) -> None:
    filled(store, 998)
    assert opened(store).number == 999
    assert [opened(store).number, opened(store).number] == [1, 2]


def test_a_number_in_use_is_skipped_when_numbers_come_round(store: Store) -> None:
    first = opened(store)
    second = opened(store)
    move(store, second.id, Move.WITHDRAW, closed_at=AT)
    opened(store)
    filled(store, 996)
    assert first.number == 1
    assert opened(store).number == 4, "1 and 3 are open, 2 was closed only just now"
    later = store.recall(Wanted(community=HERE), at=AT + timedelta(days=400))
    assert later.next_number == 5


def test_where_none_has_rested_the_one_that_was_given_longest_ago_is_next(store: Store) -> None:
    """1,200 matters in a month: the number of yesterday's ticket is not given out again today."""
    filled(store, 999, closed_at=AT - DAY)
    assert [opened(store).number, opened(store).number] == [1, 2]
    move(store, opened(store).id, Move.WITHDRAW, closed_at=AT)
    assert opened(store).number == 4


def test_a_sub_task_shares_the_number_of_its_parent(store: Store) -> None:
    parent = opened(store)
    child = replace(ticket(store), number=parent.number, part=1, parent=parent.id)
    record(store, OpenTicket(ticket=child))
    assert child.label == "1-1"
    assert ticket(store).number == 2


def test_a_ticket_whose_number_went_to_another_cannot_be_revived(store: Store) -> None:
    old = opened(store)
    closed = move(store, old.id, Move.DISMISS, at=LONG_AGO, closed_at=LONG_AGO)
    filled(store, 998)
    assert opened(store).number == old.number
    with pytest.raises(IllegalMove, match="belongs to another"):
        record(store, moved(closed, Move.REVIVE))
    assert store.ticket(old.id) == closed


def test_past_999_open_tickets_numbers_go_on(store: Store) -> None:
    filled(store, 999, state=State.OPEN, closed_at=None)
    assert ticket(store).number == 1000
