"""One decision is one commit: all of it, once, and only if nobody was faster."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime

import pytest

from domain.effects import AddVoice, ChangeTicket, OpenTicket, Remind
from domain.errors import Conflict, IllegalMove, StoreError
from domain.facts import Wanted
from domain.outgoing import SendState
from domain.reading import Place, Urgency
from domain.ticket import Move, State, Ticket
from storage.store import Store
from tests.store.making import (
    AT,
    HERE,
    HOUR,
    LIU,
    MINUTE,
    ROOM,
    SUN,
    WANG,
    OpenStore,
    joined,
    move,
    moved,
    opened,
    record,
    say,
    ticket,
    voice,
)


def full(store: Store) -> Ticket:
    return Ticket(
        id=1,
        town=store.town,
        community=HERE,
        number=1,
        category="heating",
        urgency=Urgency.EMERGENCY,
        state=State.PAUSED,
        opened_at=AT,
        touched_at=AT + MINUTE,
        part=2,
        parent=7,
        merged_into=8,
        matter="暖气“不热” 'x'",
        place=Place(estate="e", building="1", unit="2", floor="3", room="4", landmark="井"),
        grid="g",
        level=2,
        private=True,
        reporter=WANG,
        reporter_name="王",
        relayed_by=LIU,
        room=ROOM,
        opened_by="a:b:c",
        assignee="zhou",
        helpers=("li", "sun"),
        offered_to=("li",),
        claim_from=AT,
        claim_due=AT + MINUTE,
        solve_from=AT + 2 * MINUTE,
        solve_due=AT + 3 * MINUTE,
        claimed_at=AT + 4 * MINUTE,
        eta=AT + 5 * MINUTE,
        arrived_at=AT + 6 * MINUTE,
        done_at=AT + 7 * MINUTE,
        closed_at=AT + 8 * MINUTE,
        paused_until=AT + HOUR,
        note="等件",
        reopened=1,
        escalated=2,
        rating="satisfied",
        announced_at=AT,
        place_asked=True,
        voices=(voice(WANG, kind="reporter"), voice(LIU, name="刘", home="2-3-501")),
        terms=("暖气", "阀门"),
        version=4,
    )


def test_a_ticket_comes_back_as_it_was_recorded(open_store: OpenStore) -> None:
    store = open_store()
    new = full(store)
    plain = {f.name for f in fields(new) if getattr(new, f.name) == f.default}
    assert plain == set(), "every field of the sample ticket must differ from its default"
    record(store, OpenTicket(ticket=new))
    assert open_store().ticket(1) == new


def test_a_change_comes_back_as_it_was_recorded(open_store: OpenStore) -> None:
    store = open_store()
    before = opened(store)
    new = replace(full(store), id=before.id, version=0, state=State.PAUSED)
    change = ChangeTicket(
        before=before, after=new, move=Move.PAUSE, state=State.PAUSED, by="zhou", at=AT
    )
    record(store, change)
    found = open_store().ticket(before.id)
    assert found is not None
    assert replace(found, version=0) == new
    assert found.version > before.version


def test_a_redelivered_message_changes_nothing(store: Store) -> None:
    effects = [OpenTicket(ticket=ticket(store)), say()]
    assert store.is_new("m1")
    assert store.record("m1", effects, at=AT)
    assert not store.is_new("m1")
    assert not store.record("m1", effects, at=AT)
    assert len(store.tickets()) == 1
    assert store.outgoing_states()[SendState.QUEUED] == 1


def test_a_failing_effect_leaves_nothing_of_the_decision(store: Store) -> None:
    new = ticket(store)
    effects = [
        OpenTicket(ticket=new),
        joined(new.id, "m1"),
        Remind(ticket=new.id, kind="claim", at=AT),
        say(""),
    ]
    with pytest.raises(ValueError, match="no words"):
        store.record("m1", effects, at=AT, cursor=("replay", "7"))
    assert store.is_new("m1")
    assert store.tickets() == []
    assert store.messages(new.id) == []
    assert store.next_due() is None
    assert store.next_outgoing() is None
    assert store.meta_get("replay") is None
    assert store.recall(Wanted(community=HERE), at=AT).next_id == new.id


def test_the_cursor_is_kept_in_the_same_commit(store: Store) -> None:
    store.record("m1", [], at=AT, cursor=("room", "41"))
    store.record("m2", [], at=AT, cursor=("room", "42"))
    assert store.meta_get("room") == "42"


def test_of_two_changes_of_one_ticket_the_later_runs_into_a_conflict(
    open_store: OpenStore,
) -> None:
    one, other = open_store(), open_store()
    opened(one)
    mine, theirs = one.ticket(1), other.ticket(1)
    assert mine is not None
    assert theirs is not None
    record(one, moved(mine, Move.CLAIM, assignee="zhou"), key="m1")
    with pytest.raises(Conflict, match="changed meanwhile"):
        record(other, moved(theirs, Move.CLAIM, assignee="li"), key="m2")
    assert other.is_new("m2")
    again = other.ticket(1)
    assert again is not None
    assert again.assignee == "zhou"
    record(other, moved(again, Move.HELP, helpers=("li",)), key="m2")
    assert [line.move for line in one.history(1)] == [None, Move.CLAIM, Move.HELP]


def test_of_two_new_tickets_the_later_runs_into_a_conflict(open_store: OpenStore) -> None:
    one, other = open_store(), open_store()
    mine, theirs = ticket(one), ticket(other)
    assert mine.id == theirs.id
    record(one, OpenTicket(ticket=mine))
    with pytest.raises(Conflict):
        record(other, OpenTicket(ticket=theirs))
    assert ticket(other).id == mine.id + 1
    assert ticket(other).number == mine.number + 1


def test_several_changes_of_one_ticket_in_one_decision_all_count(store: Store) -> None:
    new = ticket(store)
    claim = moved(new, Move.CLAIM, assignee="zhou")
    arrive = moved(claim.after, Move.ARRIVE, arrived_at=AT)
    record(store, OpenTicket(ticket=new), claim, arrive)
    found = store.ticket(new.id)
    assert found is not None
    assert (found.state, found.assignee, found.arrived_at) == (State.CLAIMED, "zhou", AT)
    record(store, moved(found, Move.DONE))


def test_an_illegal_move_is_refused_and_nothing_changes(store: Store) -> None:
    new = opened(store)
    wrong = replace(moved(new, Move.CLAIM), move=Move.RESUME, state=State.CLAIMED)
    with pytest.raises(IllegalMove, match="cannot resume"):
        record(store, wrong)
    stray = replace(moved(new, Move.CLAIM), state=State.DONE)
    with pytest.raises(IllegalMove, match="leads to claimed"):
        record(store, stray)
    assert store.ticket(new.id) == new


def test_a_ticket_of_another_town_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="is of town"):
        record(store, OpenTicket(ticket=replace(ticket(store), town="elsewhere")))


def test_a_time_without_zone_is_refused(store: Store) -> None:
    naive = datetime(2026, 3, 2, 9, 30)  # the point of this test
    with pytest.raises(ValueError, match="has no zone"):
        record(store, OpenTicket(ticket=replace(ticket(store), eta=naive)))
    with pytest.raises(ValueError, match="has no zone"):
        store.record("m1", [], at=naive)
    assert store.tickets() == []


def test_a_voice_is_one_household_and_the_same_person_replaces_it(store: Store) -> None:
    new = opened(store)
    record(store, AddVoice(ticket=new.id, voice=voice(LIU)))
    record(store, AddVoice(ticket=new.id, voice=voice(SUN)))
    record(store, AddVoice(ticket=new.id, voice=replace(voice(LIU, home="2-3-501"), answer="yes")))
    found = store.ticket(new.id)
    assert found is not None
    assert [(v.person, v.home, v.answer) for v in found.voices] == [
        (WANG, "", ""),
        (LIU, "2-3-501", "yes"),
        (SUN, "", ""),
    ]


def test_a_split_takes_voices_away(store: Store) -> None:
    before = opened(store, voices=(voice(WANG), voice(LIU), voice(SUN)))
    left = (voice(WANG), replace(voice(SUN), answer="no"))
    record(store, moved(before, Move.SPLIT, voices=left))
    found = store.ticket(before.id)
    assert found is not None
    assert found.voices == left


def test_messages_of_a_ticket_are_kept_once_and_in_order(store: Store) -> None:
    new = opened(store)
    record(store, joined(new.id, "m2", at=AT + MINUTE, images=("a.jpg", "b.jpg")))
    record(store, joined(new.id, "m1", LIU, kind="opened"))
    record(store, joined(new.id, "m1", LIU, kind="opened"))
    found = store.messages(new.id)
    assert [(m.message, m.person, m.kind) for m in found] == [
        ("m1", LIU, "opened"),
        ("m2", WANG, "more"),
    ]
    assert found[1].images == ("a.jpg", "b.jpg")


def test_history_tells_every_step(store: Store) -> None:
    new = opened(store)
    move(store, new.id, Move.CLAIM, Move.DONE, Move.CONFIRM)
    told = [(line.before, line.move, line.after) for line in store.history(new.id)]
    assert told == [
        (None, None, State.OPEN),
        (State.OPEN, Move.CLAIM, State.CLAIMED),
        (State.CLAIMED, Move.DONE, State.DONE),
        (State.DONE, Move.CONFIRM, State.CONFIRMED),
    ]


def test_a_change_without_a_move_leaves_the_state_alone(store: Store) -> None:
    new = opened(store)
    place = ChangeTicket(
        before=new,
        after=replace(new, place=Place(building="5")),
        move=None,
        state=new.state,
        by=WANG,
        at=AT,
    )
    record(store, place)
    found = store.ticket(new.id)
    assert found is not None
    assert (found.state, found.place) == (State.OPEN, Place(building="5"))
    assert store.history(new.id)[-1].move is None


def test_a_message_cannot_join_a_ticket_that_is_not_there(store: Store) -> None:
    with pytest.raises(StoreError):
        record(store, joined(99, "m1"))
