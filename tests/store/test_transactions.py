"""Several calls in one commit: kept together, each undone by itself, nothing begun for nothing."""

from __future__ import annotations

import pytest

from tests.store.conftest import OpenStore
from tests.store.making import opened


def test_several_calls_can_be_one_commit(open_store: OpenStore) -> None:
    store = open_store()
    with pytest.raises(RuntimeError, match="on purpose"), store.writing():  # noqa: PT012  # the commit at the end is part of what must fail
        opened(store)
        assert len(store.tickets()) == 1
        raise RuntimeError("on purpose")
    assert store.tickets() == []
    with store.writing():
        opened(store)
        opened(store)
    assert [t.number for t in open_store().tickets()] == [2, 1]


def test_what_fails_inside_a_commit_comes_to_nothing_by_itself(open_store: OpenStore) -> None:
    store = open_store()
    with store.writing():
        opened(store)
        with pytest.raises(RuntimeError, match="on purpose"), store.writing():  # noqa: PT012  # the savepoint's end is part of what must fail
            opened(store)
            raise RuntimeError("on purpose")
        assert [t.number for t in store.tickets()] == [1]
        opened(store)
    assert [t.number for t in open_store().tickets()] == [2, 1]


def test_when_the_whole_fails_its_parts_are_gone_too(open_store: OpenStore) -> None:
    store = open_store()
    with pytest.raises(RuntimeError, match="on purpose"), store.writing():  # noqa: PT012  # the commit at the end is part of what must fail
        with store.writing():
            opened(store)
        raise RuntimeError("on purpose")
    assert store.tickets() == []
    opened(store)
    assert [t.number for t in open_store().tickets()] == [1]


def test_a_transaction_in_which_nothing_happens_is_none(open_store: OpenStore) -> None:
    store, other = open_store(), open_store()
    with store.writing(), store.writing():
        opened(other)
    assert [t.number for t in store.tickets()] == [1]
