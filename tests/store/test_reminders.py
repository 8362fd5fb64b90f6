"""Reminders: one for each ticket and kind, fired once, in the commit of what they cause."""

from __future__ import annotations

import pytest

from domain.effects import Forget, OpenTicket, Remind
from storage.store import Store
from tests.store.making import AT, DAY, HOUR, MINUTE, OpenStore, opened, record, say, ticket


def remind(id: int, kind: str = "claim", minutes: int = 15, step: int = 0) -> Remind:
    return Remind(ticket=id, kind=kind, at=AT + minutes * MINUTE, step=step)


def waiting(store: Store) -> list[tuple[int, str, int]]:
    return [(r.ticket, r.kind, r.step) for r in store.due(AT + DAY)]


def test_reminders_are_due_in_the_order_of_their_time(store: Store) -> None:
    one, two = opened(store), opened(store)
    record(store, remind(one.id, "solve", 120), remind(one.id), remind(two.id, "claim", 10))
    assert store.next_due() == AT + 10 * MINUTE
    assert store.due(AT) == []
    assert waiting(store) == [(two.id, "claim", 0), (one.id, "claim", 0), (one.id, "solve", 0)]
    (first,) = store.due(AT + HOUR, limit=1)
    assert (first.due_at, first.at) == (AT + 10 * MINUTE, AT + HOUR)


def test_a_new_reminder_replaces_the_one_of_its_kind(store: Store) -> None:
    new = opened(store)
    record(store, remind(new.id))
    (old,) = store.due(AT + DAY)
    record(store, remind(new.id, minutes=30, step=1))
    assert waiting(store) == [(new.id, "claim", 1)]
    assert not store.record(old.key, [say()], at=AT), "the replaced one can no longer fire"


def test_reminders_are_forgotten_by_kind_or_all(store: Store) -> None:
    new, other = opened(store), opened(store)
    kinds = ("claim", "solve", "eta")
    record(store, *(remind(t.id, kind) for t in (new, other) for kind in kinds))
    record(store, Forget(ticket=new.id, kinds=("claim", "eta")))
    assert [kind for id, kind, _ in waiting(store) if id == new.id] == ["solve"]
    record(store, Forget(ticket=other.id))
    assert waiting(store) == [(new.id, "solve", 0)]


def test_forgetting_and_reminding_in_one_decision_keep_their_order(store: Store) -> None:
    new = ticket(store)
    record(store, OpenTicket(ticket=new), remind(new.id), Forget(ticket=new.id, kinds=("claim",)))
    assert waiting(store) == []
    record(store, remind(new.id), remind(new.id, "solve"))
    record(store, Forget(ticket=new.id), remind(new.id, "confirm"))
    assert waiting(store) == [(new.id, "confirm", 0)]
    record(store, remind(new.id, "eta"), Forget(ticket=new.id))
    assert waiting(store) == []


def test_a_reminder_fires_once_for_all_processes(open_store: OpenStore) -> None:
    one, other = open_store(), open_store()
    new = opened(one)
    record(one, remind(new.id))
    (mine,), (theirs,) = one.due(AT + DAY), other.due(AT + DAY)
    assert mine == theirs
    assert one.is_new(mine.key)
    assert one.record(mine.key, [say()], at=AT)
    assert not other.is_new(theirs.key)
    assert not other.record(theirs.key, [say()], at=AT)
    assert len(one.claim_outgoing(AT)) == 1


def test_a_reminder_that_cannot_be_recorded_waits_on(store: Store) -> None:
    new = opened(store)
    record(store, remind(new.id))
    (due,) = store.due(AT + DAY)
    with pytest.raises(ValueError, match="no words"):
        store.record(due.key, [remind(new.id, minutes=60), say("")], at=AT)
    assert store.due(AT + DAY) == [due]


def test_a_fired_reminder_may_set_itself_again(store: Store) -> None:
    new = opened(store)
    record(store, remind(new.id))
    for step in (1, 2, 3):
        (due,) = store.due(AT + DAY)
        assert due.step == step - 1
        assert store.record(due.key, [remind(new.id, minutes=15 * step, step=step)], at=AT)
    assert waiting(store) == [(new.id, "claim", 3)]


def test_ids_of_reminders_are_never_used_again(store: Store) -> None:
    new = opened(store)
    record(store, remind(new.id))
    (gone,) = store.due(AT + DAY)
    record(store, Forget(ticket=new.id))
    record(store, remind(new.id))
    (later,) = store.due(AT + DAY)
    assert later.id > gone.id
    assert not store.record(gone.key, [], at=AT)
    assert store.due(AT + DAY) == [later]
