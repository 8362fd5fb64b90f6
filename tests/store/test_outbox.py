"""Words go out once: urgent first, claimed by one, and honest about what nobody knows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from domain.effects import Say, Unsay
from domain.outgoing import Outgoing, SendState
from storage.store import Store
from tests.store.making import AT, HOUR, MINUTE, ROOM, OpenStore, opened, record, say

LEASE = timedelta(minutes=2)


def texts(rows: list[Outgoing]) -> list[str]:
    return [row.text for row in rows]


def test_words_come_out_as_they_went_in(store: Store) -> None:
    said = Say(
        key="noted",
        at=AT,
        values={"number": "1"},
        person="sandbox:wang",
        ticket=3,
        priority=2,
        not_before=AT + MINUTE,
        merge="day",
        mentions=("sandbox:wang", "sandbox:liu"),
        reply_to="sandbox:a:1",
        fallback=ROOM,
        alone=True,
        text="记下了 #1",
    )
    record(store, said)
    assert store.claim_outgoing(AT) == []
    (row,) = store.claim_outgoing(AT + MINUTE)
    assert row == Outgoing(
        id=row.id,
        key="noted",
        text="记下了 #1",
        created_at=AT,
        not_before=AT + MINUTE,
        priority=2,
        person="sandbox:wang",
        ticket=3,
        merge="day",
        mentions=("sandbox:wang", "sandbox:liu"),
        reply_to="sandbox:a:1",
        fallback=ROOM,
        alone=True,
        state=SendState.SENDING,
    )


@pytest.mark.parametrize("target", [{}, {"room": ROOM, "member": "zhou"}])
def test_words_need_exactly_one_target(store: Store, target: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        record(store, Say(key="noted", at=AT, text="x", **target))  # type: ignore[arg-type] # keys
    assert store.next_outgoing() is None


def test_urgent_words_go_first_then_the_oldest(store: Store) -> None:
    record(store, say("b", priority=1), say("d", priority=3))
    record(store, say("c", priority=1), say("a", priority=0))
    assert texts(store.claim_outgoing(AT, limit=3)) == ["a", "b", "c"]
    assert texts(store.claim_outgoing(AT)) == ["d"]
    assert store.claim_outgoing(AT) == []


def test_the_next_words_tell_when_they_may_go(store: Store) -> None:
    assert store.next_outgoing() is None
    record(store, say("late", not_before=AT + HOUR), say("soon", not_before=AT + MINUTE))
    assert store.next_outgoing() == AT + MINUTE


def test_sent_merged_and_failed_words_are_settled(store: Store) -> None:
    record(store, *(say(word) for word in "abcd"))
    rows = store.claim_outgoing(AT)
    a, b, c, d = (row.id for row in rows)
    assert store.mark([a], SendState.SENT, AT + MINUTE, remote_id="sandbox:a:7") == 1
    assert store.mark([b, c], SendState.MERGED, AT + MINUTE) == 2
    assert store.mark([d], SendState.FAILED, AT + MINUTE, error="room_gone") == 1
    assert store.mark([a, b, d], SendState.DROPPED, AT) == 0, "what is settled stays"
    counted = {state: n for state, n in store.outgoing_states().items() if n}
    assert counted == {SendState.SENT: 1, SendState.MERGED: 2, SendState.FAILED: 1}
    (said,) = store.said(AT)
    assert (said.text, said.sent_at, said.remote_id) == ("a", AT + MINUTE, "sandbox:a:7")
    (failed,) = store.list_outgoing([SendState.FAILED])
    assert (failed.error, failed.sent_at) == ("room_gone", None)


def test_held_back_words_wait_and_count_their_tries(store: Store) -> None:
    record(store, say())
    (row,) = store.claim_outgoing(AT)
    assert store.requeue(row.id, AT + MINUTE, error="timeout")
    assert not store.requeue(row.id, AT + HOUR), "it is no longer claimed"
    assert store.claim_outgoing(AT) == []
    (again,) = store.claim_outgoing(AT + MINUTE)
    assert (again.attempts, again.error) == (1, "timeout")
    assert store.requeue(row.id, AT + MINUTE, tried=False)
    assert store.claim_outgoing(AT + MINUTE)[0].attempts == 1


def test_words_of_a_dead_sender_may_have_been_sent(store: Store) -> None:
    record(store, say("news"), say("fire", priority=0))
    store.claim_outgoing(AT, lease=LEASE)
    assert store.recover(AT + MINUTE) == 0, "their lease still runs"
    assert store.recover(AT + LEASE) == 2
    (maybe,) = store.list_outgoing([SendState.MAYBE_SENT])
    assert (maybe.text, maybe.sent_at) == ("news", AT + LEASE)
    (fire,) = store.claim_outgoing(AT + LEASE, lease=LEASE)
    assert (fire.text, fire.attempts) == ("fire", 1)
    assert store.recover(AT + HOUR) == 1
    assert store.claim_outgoing(AT + HOUR) == [], "an emergency is repeated only once"
    assert store.outgoing_states()[SendState.MAYBE_SENT] == 2


def test_a_restarted_process_settles_what_it_left_at_once(open_store: OpenStore) -> None:
    before = open_store()
    record(before, say())
    before.claim_outgoing(AT, lease=HOUR)
    after = open_store()
    assert after.recover(AT, everything=True) == 1
    assert texts(after.said(AT)) == ["记下了 #1"]


def test_a_late_answer_still_tells_what_became_of_the_words(store: Store) -> None:
    record(store, say("news"), say("fire", priority=0))
    fire, news = store.claim_outgoing(AT, lease=LEASE)
    store.recover(AT + LEASE)
    assert store.mark([news.id, fire.id], SendState.SENT, AT + LEASE) == 2
    assert store.claim_outgoing(AT + HOUR) == [], "the repetition is not needed any more"


def test_queued_words_of_a_ticket_can_be_dropped(store: Store) -> None:
    new, other = opened(store), opened(store)
    record(
        store,
        say("a", key="ask", ticket=new.id),
        say("b", key="noted", ticket=new.id),
        say("c", key="ask", ticket=other.id),
    )
    record(store, Unsay(ticket=new.id, keys=("ask",)))
    assert store.outgoing_states()[SendState.DROPPED] == 1
    record(store, Unsay(ticket=new.id), say("d", ticket=new.id))
    assert sorted(texts(store.claim_outgoing(AT))) == ["c", "d"]


def test_no_two_senders_get_the_same_words(open_store: OpenStore) -> None:
    stores = [open_store() for _ in range(4)]
    record(stores[0], *(say(str(n)) for n in range(60)))

    def claim(store: Store) -> list[str]:
        got: list[str] = []
        while rows := store.claim_outgoing(AT, limit=3):
            got += texts(rows)
        return got

    with ThreadPoolExecutor(4) as threads:
        claimed = [word for words in threads.map(claim, stores) for word in words]
    assert sorted(claimed, key=int) == [str(n) for n in range(60)]


def test_threads_may_share_one_store(store: Store) -> None:
    def put(n: int) -> None:
        record(store, say(str(n)), key=f"m{n % 20}")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(put, range(40)))
    assert store.outgoing_states()[SendState.QUEUED] == 20
