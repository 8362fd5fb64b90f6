"""People are forgotten on request, and everything else when its time has come."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from domain.effects import (
    AddVoice,
    Ask,
    Bind,
    CleanUp,
    Erase,
    Learn,
    NoteGap,
    OptOut,
    Say,
    Unlearn,
)
from domain.facts import Question, Wanted
from domain.outgoing import SendState
from domain.reading import NOWHERE
from domain.ticket import Move
from storage.store import Store
from tests.store.making import (
    AT,
    DAY,
    HERE,
    HOUR,
    LIU,
    ROOM,
    WANG,
    joined,
    move,
    opened,
    record,
    say,
    town,
    voice,
)


def lived(store: Store) -> int:
    """A ticket in which a resident left traces everywhere."""
    store.replace_directory(town(store.town))
    new = opened(store, relayed_by=LIU)
    asked = Question(
        id=0,
        kind="place",
        ticket=new.id,
        person=WANG,
        room=ROOM,
        asked_at=AT,
        expires_at=AT + DAY,
    )
    code = store.new_code("li", AT, AT + HOUR)
    record(
        store,
        joined(new.id, "sandbox:a:1", WANG, kind="opened", text="我家水管", images=("a.jpg",)),
        joined(new.id, "sandbox:a:2", LIU, text="我家也是"),
        AddVoice(ticket=new.id, voice=voice(LIU, name="刘叔", home="2-3-402")),
        Ask(question=asked),
        Bind(person=WANG, member="li", code=code, at=AT),
        say("王姐, 记下了", ticket=new.id),
        Say(key="private", at=AT, person=WANG, text="王姐您好"),
    )
    rows = store.claim_outgoing(AT)
    store.mark([row.id for row in rows], SendState.SENT, AT)
    before = store.ticket(new.id)
    assert before is not None
    move(store, new.id, Move.CLAIM, assignee="zhou", note="王姐说晚上在家")
    return new.id


def test_an_erased_person_leaves_only_the_place(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    store = Store.open(f"sqlite:///{file}", "town")
    id = lived(store)
    record(store, Erase(person=WANG, at=AT))
    found = store.ticket(id)
    assert found is not None
    assert (found.place.building, found.category, found.grid) == ("2", "water_supply", "g3")
    assert (found.reporter, found.reporter_name, found.matter) == ("", "", "")
    store.close()
    kept = sqlite3.connect(file)
    for (table,) in kept.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in kept.execute(f"SELECT * FROM {table}").fetchall():  # our tables
            words = json.dumps(row, ensure_ascii=False)
            assert WANG not in words, f"{table} still has the handle"
            assert "我家水管" not in words, f"{table} still has the words"
    kept.close()


def test_an_erased_person_takes_nothing_of_others_along(store: Store) -> None:
    id = lived(store)
    record(store, Erase(person=WANG, at=AT))
    found = store.ticket(id)
    assert found is not None
    assert found.households == 2
    assert found.voices[1] == voice(LIU, name="刘叔", home="2-3-402")
    assert [m.person for m in store.messages(id)] == [LIU]
    assert WANG not in store.directory().bindings
    assert store.directory().bindings == {"sandbox:zhou": "zhou"}
    record(store, Erase(person=LIU, at=AT))
    later = store.ticket(id)
    assert later is not None
    assert later.relayed_by is None
    assert later.households == 2
    assert store.messages(id) == []


def test_erasing_is_seen_by_a_decision_made_before_it(store: Store) -> None:
    id = lived(store)
    before = store.ticket(id)
    assert before is not None
    record(store, Erase(person=WANG, at=AT))
    now = store.ticket(id)
    assert now is not None
    assert now.version > before.version


def test_an_opted_out_person_stays_opted_out_when_erased(store: Store) -> None:
    record(store, OptOut(person=WANG, out=True))
    record(store, Erase(person=WANG, at=AT))
    assert store.directory().opted_out == {WANG}
    record(store, OptOut(person=WANG, out=False))
    assert store.directory().opted_out == frozenset()


def closed(store: Store) -> int:
    id = lived(store)
    move(store, id, Move.DONE, Move.CONFIRM, closed_at=AT, done_at=AT, rating="satisfied")
    return id


def test_photos_go_after_90_days_and_words_after_180(store: Store) -> None:
    id = closed(store)
    still = opened(store)
    record(store, joined(still.id, "sandbox:a:9", images=("b.jpg",)))
    record(store, CleanUp(at=AT + 89 * DAY))
    assert store.messages(id)[0].images == ("a.jpg",)
    record(store, CleanUp(at=AT + 91 * DAY))
    first, second = store.messages(id)
    assert (first.text, first.images, second.text) == ("我家水管", (), "我家也是")
    record(store, CleanUp(at=AT + 181 * DAY))
    assert store.messages(id) == []
    assert store.messages(still.id)[0].images == ("b.jpg",), "it is not closed"


def test_a_ticket_past_its_time_keeps_category_grid_and_times(store: Store) -> None:
    id = closed(store)
    record(store, CleanUp(at=AT + 181 * DAY))
    found = store.ticket(id)
    assert found is not None
    assert (found.category, found.grid, found.closed_at) == ("water_supply", "g3", AT)
    assert (found.rating, found.done_at, found.households) == ("satisfied", AT, 2)
    assert found.place == NOWHERE
    gone = (found.matter, found.reporter, found.reporter_name, found.relayed_by, found.room)
    assert gone == ("", "", "", None, None)
    assert (found.assignee, found.note, found.terms, found.opened_by) == (None, "", (), "")
    assert {v.person for v in found.voices} == {"-0", "-1"}
    assert {v.name + v.home for v in found.voices} == {""}
    assert {line.by + line.note for line in store.history(id)} == {""}
    record(store, CleanUp(at=AT + 182 * DAY))
    assert store.ticket(id) == found, "the second time nothing is left to do"


def test_an_open_ticket_is_never_faded(store: Store) -> None:
    new = opened(store)
    record(store, CleanUp(at=AT + 1000 * DAY))
    assert store.ticket(new.id) == new


def test_small_things_go_when_nobody_needs_them(store: Store) -> None:
    closed(store)
    unused = store.new_code("zhou", AT, AT + HOUR)
    store.record("m1", [NoteGap(channel="qq", since=AT, until=AT + HOUR, filled=False)], at=AT)
    record(store, Learn(text="x", intent="ad", category=None, at=AT, source="zhou"))
    store.note_view("zhou", "ticket 1", AT)
    record(store, CleanUp(at=AT + 2 * DAY))
    assert store.recall(Wanted(person=WANG, code=unused), at=AT).codes == {}
    assert store.recall(Wanted(person=WANG), at=AT).questions == ()
    assert len(store.gaps(AT)) == len(store.lessons()) == len(store.views(AT)) == 1
    assert len(store.said(AT)) == 2
    record(store, CleanUp(at=AT + 31 * DAY))
    assert store.gaps(AT) == []
    assert store.said(AT) == []
    assert not store.is_new("m1")
    record(store, CleanUp(at=AT + 181 * DAY))
    assert store.is_new("m1")
    assert store.views(AT) == []
    assert len(store.lessons()) == 1, "examples have a time of their own"
    record(store, CleanUp(at=AT + 366 * DAY))
    assert store.lessons() == []


def lesson(**changed: object) -> Learn:
    given = {"text": "灯不亮", "intent": "request", "category": "street_light", "at": AT}
    return Learn(**{**given, "source": "category", **changed})


def test_whoever_is_forgotten_takes_the_examples_along(store: Store) -> None:
    full = lesson(person=WANG, message="m1", urgency="urgent")
    record(store, full, lesson(person=LIU, message="m2"))
    assert store.lessons()[0] == full
    record(store, Erase(person=WANG, at=AT))
    assert [taught.person for taught in store.lessons()] == [LIU]


def test_a_message_taken_back_is_unlearnt(store: Store) -> None:
    record(store, lesson(person=WANG, message="m1"), lesson(person=WANG, message="m2"))
    record(store, Unlearn(message="m1"))
    assert [taught.message for taught in store.lessons()] == ["m2"]


def test_words_said_to_a_ticket_are_learnt_as_they_are_kept(store: Store) -> None:
    id = lived(store)
    asked = lesson(text="", person=LIU, said_to=id, source="split")
    record(store, asked, lesson(text="", person="sandbox:nobody", said_to=id))
    (taught,) = store.lessons()
    assert (taught.text, taught.person) == (store.messages(id)[-1].text, LIU)
    assert taught.message == store.messages(id)[-1].message


def test_queued_words_are_not_cleaned_away(store: Store) -> None:
    record(store, say())
    record(store, CleanUp(at=AT + 365 * DAY))
    assert len(store.claim_outgoing(AT)) == 1


def test_another_town_is_left_alone(open_other: Store, store: Store) -> None:
    id = lived(store)
    opened(open_other)
    record(open_other, Erase(person=WANG, at=AT), CleanUp(at=AT + 1000 * DAY))
    found = store.ticket(id)
    assert found is not None
    assert found.reporter == WANG
    assert store.recall(Wanted(community=HERE, broad=True), at=AT).tickets == (found,)
