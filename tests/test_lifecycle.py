"""The lifecycle of a ticket is one table: what it allows, and that nothing else happens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.effects import ChangeTicket, OpenTicket
from domain.errors import IllegalMove
from domain.facts import Wanted
from domain.reading import Place, Urgency
from domain.ticket import (
    ACTIVE,
    AWAITING_RESIDENT,
    CLOSED,
    MOVES,
    UNCLAIMED,
    Move,
    State,
    Ticket,
    Voice,
    after,
)
from handlers.zh import names
from storage.store import Store

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
_PAIRS = tuple(product(State, Move))
_LEGAL = tuple((s, m) for s, m in _PAIRS if m in MOVES[s])
_ILLEGAL = tuple((s, m) for s, m in _PAIRS if m not in MOVES[s])
_MESSAGES = (f"m:{n}" for n in count(1))
_REOPENING = frozenset({Move.REOPEN, Move.REOPEN_UNCLAIMED, Move.REVIVE})


def _ticket(state: State) -> Ticket:
    return Ticket(
        id=1,
        town="test",
        community="c1",
        number=7,
        category="street_light",
        urgency=Urgency.NORMAL,
        state=state,
        opened_at=AT,
        touched_at=AT,
    )


def _change(before: Ticket, move: Move, state: State) -> ChangeTicket:
    changed = replace(before, state=state, touched_at=AT + timedelta(minutes=1))
    return ChangeTicket(before=before, after=changed, move=move, state=state, by="zhou", at=AT)


@pytest.mark.parametrize(("state", "move"), _LEGAL)
def test_a_legal_move_leads_to_the_state_in_the_table(state: State, move: Move) -> None:
    assert after(_ticket(state), move) is MOVES[state][move]


@pytest.mark.parametrize(("state", "move"), _ILLEGAL)
def test_an_illegal_move_raises_and_the_ticket_is_as_before(state: State, move: Move) -> None:
    ticket = _ticket(state)
    with pytest.raises(IllegalMove, match=f"ticket 7 is {state}: cannot {move} \\(allowed: "):
        after(ticket, move)
    assert ticket == _ticket(state)


def test_the_table_speaks_of_every_state() -> None:
    assert set(MOVES) == set(State)


def test_every_move_is_possible_from_somewhere() -> None:
    assert {move for _state, move in _LEGAL} == set(Move)


def test_a_state_is_active_or_waits_for_the_resident_or_is_closed() -> None:
    assert set(State) == ACTIVE | AWAITING_RESIDENT | CLOSED
    assert len(ACTIVE) + len(AWAITING_RESIDENT) + len(CLOSED) == len(State)
    assert UNCLAIMED < ACTIVE


@pytest.mark.parametrize("state", sorted(CLOSED))
def test_a_closed_ticket_comes_back_only_by_reopening_or_reviving(state: State) -> None:
    back = {move for move, to in MOVES[state].items() if to not in CLOSED}
    assert back
    assert back <= _REOPENING


@pytest.mark.parametrize("state", sorted(CLOSED))
def test_a_closed_ticket_that_came_back_has_to_be_worked_on(state: State) -> None:
    assert {MOVES[state][m] for m in MOVES[state] if m in _REOPENING} <= ACTIVE


@pytest.mark.parametrize("state", sorted(ACTIVE))
def test_whatever_is_active_can_be_finished_withdrawn_merged_and_dismissed(
    state: State,
) -> None:
    ends = {Move.DONE, Move.CONFIRM, Move.WITHDRAW, Move.MERGE, Move.DISMISS}
    assert ends <= set(MOVES[state])


@pytest.mark.parametrize("state", sorted(State))
def test_every_state_can_be_reached_from_open(state: State) -> None:
    reached = {State.OPEN}
    while more := {to for s in reached for to in MOVES[s].values()} - reached:
        reached |= more
    assert state in reached


@pytest.mark.parametrize("state", sorted(State))
def test_from_every_state_a_confirmed_end_can_be_reached(state: State) -> None:
    reached = {state}
    while more := {to for s in reached for to in MOVES[s].values()} - reached:
        reached |= more
    assert State.CONFIRMED in reached


def test_only_what_is_done_can_expire_in_silence() -> None:
    assert {state for state, move in _LEGAL if move is Move.EXPIRE} == {State.DONE}


def test_every_state_and_move_has_a_name_for_people() -> None:
    assert set(names.STATES) == set(State)
    assert set(names.MOVES) == set(Move)


@given(st.lists(st.sampled_from(Move), max_size=40))
def test_any_row_of_attempts_is_a_walk_through_the_table(attempts: list[Move]) -> None:
    ticket, walked = _ticket(State.OPEN), [State.OPEN]
    for move in attempts:
        try:
            state = after(ticket, move)
        except IllegalMove:
            assert move not in MOVES[ticket.state]
            continue
        ticket = replace(ticket, state=state)
        walked.append(state)
    assert all(b in MOVES[a].values() for a, b in pairwise(walked))


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """One store for all rows of the table: each has a ticket of its own."""
    store = Store.open("sqlite://", "test")
    yield store
    store.close()


def _kept(store: Store, state: State) -> Ticket:
    promised = store.recall(Wanted(community="c1"), at=AT)
    ticket = replace(_ticket(state), id=promised.next_id, number=promised.next_number)
    store.record(None, [OpenTicket(ticket=ticket)], at=AT)
    found = store.ticket(ticket.id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("state", "move"),
    [
        (State.CONFIRMED, Move.CLAIM),
        (State.OPEN, Move.RELEASE),
        (State.MERGED, Move.DONE),
        (State.DONE, Move.PAUSE),
        (State.DISMISSED, Move.CONFIRM),
    ],
)
def test_the_store_refuses_an_illegal_move_and_keeps_nothing_of_it(
    store: Store, state: State, move: Move
) -> None:
    before, message = _kept(store, state), next(_MESSAGES)
    with pytest.raises(IllegalMove):
        store.record(message, [_change(before, move, State.CLAIMED)], at=AT)
    assert store.ticket(before.id) == before
    assert store.is_new(message)


@pytest.mark.parametrize(("state", "move"), _LEGAL)
def test_the_store_keeps_every_legal_move_in_the_history(
    store: Store, state: State, move: Move
) -> None:
    before = _kept(store, state)
    store.record(None, [_change(before, move, MOVES[state][move])], at=AT)
    kept = store.ticket(before.id)
    assert kept is not None
    assert kept.state is MOVES[state][move]
    assert move in [line.move for line in store.history(before.id)]


def test_a_home_is_counted_once_however_many_of_it_speak() -> None:
    voices = [
        Voice(person="w:a", name="a", room=None, kind="reporter", home="e-6-3-201"),
        Voice(person="w:b", name="b", room=None, kind="me_too", home="e-6-3-201"),
        Voice(person="w:c", name="c", room=None, kind="me_too"),
    ]
    ticket = replace(_ticket(State.OPEN), voices=tuple(voices))
    assert ticket.households == 2
    assert _ticket(State.OPEN).households == 1


def test_a_sub_task_is_called_after_its_parent() -> None:
    assert _ticket(State.OPEN).label == "7"
    assert replace(_ticket(State.OPEN), part=1).label == "7-1"


@pytest.mark.parametrize(
    ("here", "there", "agree"),
    [
        (Place(building="6"), Place(building="6", unit="3"), True),
        (Place(building="6"), Place(building="8"), False),
        (Place(), Place(building="8"), True),
        (Place(building="6", unit="1"), Place(building="6", unit="2"), False),
    ],
)
def test_two_places_agree_when_nothing_that_both_name_differs(
    here: Place, there: Place, *, agree: bool
) -> None:
    assert here.agrees_with(there) is agree
    assert there.agrees_with(here) is agree
