"""What a decision gets to know, and what it must not be bothered with."""

from __future__ import annotations

from dataclasses import replace

from domain.effects import AddVoice, Ask, CloseQuestion
from domain.facts import Question, Wanted
from domain.outgoing import SendState
from domain.ticket import Move
from storage.store import Store
from tests.store.making import (
    AT,
    DAY,
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
    numbers,
    opened,
    record,
    say,
    voice,
)

NOBODY = {"reporter": "", "voices": ()}


def question(**fields: object) -> Question:
    plain = Question(
        id=0,
        kind="place",
        ticket=1,
        person=WANG,
        room=ROOM,
        asked_at=AT,
        expires_at=AT + DAY,
        payload={"text": "路灯"},
    )
    return replace(plain, **fields)


def test_nothing_is_recalled_for_nothing_wanted(store: Store) -> None:
    opened(store)
    found = store.recall(Wanted(), at=AT)
    assert found.tickets == ()
    assert (found.next_id, found.quoted) == (2, None)


def test_broad_brings_all_that_is_not_closed_last_touched_first(store: Store) -> None:
    first, second, third = opened(store), opened(store), opened(store)
    opened(store, community="chongren")
    move(store, first.id, Move.CLAIM, Move.DONE, at=AT + HOUR)
    move(store, third.id, Move.WITHDRAW, at=AT + 2 * HOUR, closed_at=AT + 2 * HOUR)
    broad = Wanted(community=HERE, broad=True)
    assert numbers(store, broad) == [first.id, second.id]
    lately = replace(broad, since=AT + HOUR)
    assert numbers(store, lately) == [third.id, first.id, second.id]
    assert numbers(store, replace(broad, since=AT + 3 * HOUR)) == [first.id, second.id]


def test_a_person_brings_what_they_reported_and_what_they_joined(store: Store) -> None:
    mine = opened(store, reporter=LIU, voices=())
    joint = opened(store)
    opened(store, **NOBODY)
    record(store, AddVoice(ticket=joint.id, voice=voice(LIU)))
    assert set(numbers(store, Wanted(community=HERE, person=LIU))) == {mine.id, joint.id}
    move(store, mine.id, Move.WITHDRAW, at=AT + HOUR, closed_at=AT + HOUR)
    assert numbers(store, Wanted(person=LIU)) == [joint.id]
    assert set(numbers(store, Wanted(person=LIU, since=AT))) == {mine.id, joint.id}


def test_categories_bring_the_same_trouble_of_the_community_only(store: Store) -> None:
    water = opened(store, **NOBODY)
    opened(store, category="heating", **NOBODY)
    opened(store, community="chongren", **NOBODY)
    light = opened(store, category="street_light", opened_at=AT + MINUTE, **NOBODY)
    wanted = Wanted(community=HERE, person=SUN, categories=("water_supply", "street_light"))
    assert numbers(store, wanted) == [light.id, water.id]


def test_a_number_brings_its_ticket_even_when_it_was_closed_long_ago(store: Store) -> None:
    old = opened(store, **NOBODY)
    sub = opened(store, number=old.number, part=1, parent=old.id, **NOBODY)
    assert set(numbers(store, Wanted(community=HERE, numbers=(1,)))) == {old.id, sub.id}
    move(store, sub.id, Move.WITHDRAW, closed_at=AT)
    move(store, old.id, Move.WITHDRAW, at=AT + HOUR, closed_at=AT + HOUR)
    assert numbers(store, Wanted(community=HERE, numbers=(1,), since=AT + DAY)) == [old.id]
    assert numbers(store, Wanted(community=HERE, numbers=(77,))) == []


def test_a_quoted_message_brings_its_ticket(store: Store) -> None:
    new = opened(store, **NOBODY)
    record(store, joined(new.id, "sandbox:a:5"))
    found = store.recall(Wanted(quoted="sandbox:a:5"), at=AT)
    assert (found.quoted, [t.id for t in found.tickets]) == (new.id, [new.id])
    assert store.recall(Wanted(quoted="sandbox:a:6"), at=AT).quoted is None


def test_our_own_words_when_quoted_bring_their_ticket(store: Store) -> None:
    new = opened(store, **NOBODY)
    record(store, say(ticket=new.id))
    (row,) = store.claim_outgoing(AT)
    store.mark([row.id], SendState.SENT, AT, remote_id="sandbox:a:bot-9")
    assert store.recall(Wanted(quoted="sandbox:a:bot-9"), at=AT).quoted == new.id


def test_a_member_brings_what_they_have_were_offered_or_help_with(store: Store) -> None:
    mine, offered, helping, other = (opened(store, **NOBODY) for _ in range(4))
    move(store, mine.id, Move.CLAIM, assignee="li")
    move(store, offered.id, Move.CORRECT, offered_to=("li", "zhou"))
    move(store, helping.id, Move.CLAIM, assignee="zhou", helpers=("li",))
    move(store, other.id, Move.CLAIM, assignee="zhou")
    found = numbers(store, Wanted(member="li"))
    assert set(found) == {mine.id, offered.id, helping.id}


def test_the_ticket_of_a_reminder_comes_first(store: Store) -> None:
    first = opened(store)
    opened(store, opened_at=AT + HOUR)
    wanted = Wanted(community=HERE, broad=True, ticket=first.id)
    assert numbers(store, wanted)[0] == first.id


def test_many_tickets_come_with_their_own_voices(store: Store) -> None:
    for n in range(70):
        opened(store, voices=tuple(voice(f"p:{n}:{m}") for m in range(n % 4)))
    found = store.recall(Wanted(community=HERE, broad=True), at=AT).tickets
    assert len(found) == 70
    for each in found:
        n = each.id - 1
        assert [v.person for v in each.voices] == [f"p:{n}:{m}" for m in range(n % 4)]


def test_what_another_process_changed_is_seen(open_store: OpenStore) -> None:
    one, other = open_store(), open_store()
    new = opened(one)
    wanted = Wanted(community=HERE, broad=True)
    assert other.recall(wanted, at=AT).tickets == (new,)
    record(one, AddVoice(ticket=new.id, voice=voice(SUN)))
    (seen,) = other.recall(wanted, at=AT).tickets
    assert [v.person for v in seen.voices] == [WANG, SUN]


def test_a_commit_that_came_to_nothing_is_not_remembered(store: Store) -> None:
    new = opened(store)
    try:
        with store.writing():
            move(store, new.id, Move.CLAIM, assignee="zhou")
            raise KeyError
    except KeyError:
        pass
    assert store.ticket(new.id) == new
    move(store, new.id, Move.CLAIM, assignee="li")
    found = store.ticket(new.id)
    assert found is not None
    assert found.assignee == "li"


def test_questions_come_for_the_person_asked_or_for_anybody_in_the_room(store: Store) -> None:
    record(
        store,
        Ask(question=question()),
        Ask(question=question(person=None, kind="which")),
        Ask(question=question(person=LIU, kind="same")),
        Ask(question=question(person=None, room="sandbox:other", kind="eta")),
    )
    found = store.recall(Wanted(person=WANG, room=ROOM), at=AT).questions
    assert [q.kind for q in found] == ["which", "place"]
    assert replace(found[1], id=0) == question()
    assert [q.kind for q in store.recall(Wanted(person=LIU), at=AT).questions] == ["same"]
    assert store.recall(Wanted(person=WANG, room=ROOM), at=AT + 2 * DAY).questions == ()


def test_an_answered_question_is_gone_and_its_id_is_not_used_again(store: Store) -> None:
    record(store, Ask(question=question()))
    (asked,) = store.recall(Wanted(person=WANG), at=AT).questions
    record(store, CloseQuestion(question=asked.id))
    assert store.recall(Wanted(person=WANG), at=AT).questions == ()
    record(store, Ask(question=question(person=SUN)))
    (later,) = store.recall(Wanted(person=SUN), at=AT).questions
    assert later.id != asked.id


def test_offers_are_counted_for_the_local_day(store: Store) -> None:
    first = opened(store, offered_to=("li",))
    move(store, first.id, Move.CORRECT, offered_to=("li", "zhou"))
    opened(store, offered_to=("li",))
    wanted = Wanted(community=HERE)
    assert store.recall(wanted, at=AT + HOUR).last_offers == {"li": 2, "zhou": 1}
    assert store.recall(wanted, at=AT + DAY).last_offers == {}


def test_a_binding_code_is_recalled_until_it_expires(store: Store) -> None:
    code = store.new_code("zhou", AT, AT + HOUR)
    assert len(code) == 6
    assert code.isdigit()
    assert store.recall(Wanted(code=code), at=AT).codes == {code: "zhou"}
    assert store.recall(Wanted(code=code), at=AT + 2 * HOUR).codes == {}
    assert store.recall(Wanted(code="abc"), at=AT).codes == {}
