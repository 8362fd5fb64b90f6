"""What each room waits for: it follows what was recorded, and a restart knows the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matters import FRESH, Matters, scope_of, within
from bot.memory import Memory
from domain.effects import AddVoice, ChangeTicket, Effect, Erase, JoinMessage, OpenTicket, OptOut
from domain.events import Message
from domain.facts import Pending
from domain.grid import Room
from domain.reading import Place, Urgency
from domain.ticket import ACTIVE, State, Ticket, Voice

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
HERE, THERE, AT_WORK = "wechat:here", "qq:there", within("c1")
XU, GAO, LI = "wechat:xu", "wechat:gao", "qq:li"
_GONE = (State.WITHDRAWN, State.MERGED, State.DISMISSED)
_FINISHED = tuple(s for s in State if s not in ACTIVE and s not in _GONE)


def _later(minutes: float) -> datetime:
    return AT + timedelta(minutes=minutes)


def _ticket(id: int = 1, *, minutes: float = 0, state: State = State.OPEN) -> Ticket:
    return Ticket(
        id=id,
        town="test",
        community="c1",
        number=id,
        category="street_light",
        urgency=Urgency.NORMAL,
        state=state,
        opened_at=AT,
        touched_at=_later(minutes),
        matter=f"matter {id}",
        place=Place(building=str(id)),
        reporter=XU,
        room=HERE,
        voices=(_voice(XU, HERE, "reporter"),),
    )


def _voice(person: str, room: str | None, kind: str = "me_too") -> Voice:
    return Voice(person=person, name="", room=room, kind=kind)


def _change(before: Ticket, after: Ticket) -> ChangeTicket:
    return ChangeTicket(
        before=before, after=after, move=None, state=after.state, by=XU, at=after.touched_at
    )


def _join(ticket: int, minutes: float, person: str = XU) -> JoinMessage:
    return JoinMessage(
        ticket=ticket,
        message=f"m{minutes}",
        kind="more",
        person=person,
        text="",
        at=_later(minutes),
    )


def _following(*effects: Effect) -> Matters:
    matters = Matters()
    matters.follow(effects)
    return matters


def _ids(matters: Matters, talk: str, minutes: float = 0) -> list[int]:
    return [p.ticket for p in matters.of(talk, _later(minutes))]


def test_an_opened_ticket_is_known_to_its_room_its_reporter_and_at_work() -> None:
    matters = _following(OpenTicket(ticket=_ticket()))
    known = Pending(
        ticket=1,
        category="street_light",
        text="matter 1",
        place=Place(building="1"),
        touched_at=AT,
        people=frozenset({XU}),
    )
    assert matters.of(HERE, AT) == matters.of(XU, AT) == matters.of(AT_WORK, AT) == (known,)
    assert matters.of(THERE, AT) == matters.of(GAO, AT) == matters.of(within("c2"), AT) == ()


def test_a_voice_makes_it_known_where_it_was_raised_and_the_matter_the_speakers_own() -> None:
    matters = _following(OpenTicket(ticket=_ticket()), AddVoice(ticket=1, voice=_voice(LI, THERE)))
    assert _ids(matters, THERE) == _ids(matters, LI) == [1]
    assert matters.of(HERE, AT)[0].people == {XU, LI}


def test_a_voice_raised_alone_is_known_to_that_person_only() -> None:
    matters = _following(OpenTicket(ticket=_ticket()), AddVoice(ticket=1, voice=_voice(GAO, None)))
    assert _ids(matters, GAO) == [1]
    assert matters.of(THERE, AT) == ()


def test_a_voice_of_a_ticket_that_is_not_known_is_no_matter() -> None:
    matters = _following(AddVoice(ticket=9, voice=_voice(GAO, HERE)))
    assert matters.of(HERE, AT) == matters.of(GAO, AT) == ()


def test_what_was_last_spoken_of_comes_first() -> None:
    matters = _following(*(OpenTicket(ticket=_ticket(n, minutes=n)) for n in (1, 2, 3)))
    assert _ids(matters, HERE, 5) == [3, 2, 1]
    matters.follow([_change(_ticket(1, minutes=1), _ticket(1, minutes=4))])
    assert _ids(matters, HERE, 5) == [1, 3, 2]


def test_a_message_of_a_ticket_that_nobody_recalled_changes_nothing() -> None:
    assert _following(_join(7, 1)).of(HERE, _later(1)) == ()


def test_a_change_shows_the_ticket_as_it_is_now() -> None:
    before = _ticket()
    after = replace(before, category="electricity", place=Place(building="5"), version=1)
    (known,) = _following(OpenTicket(ticket=before), _change(before, after)).of(HERE, AT)
    assert (known.category, known.place) == ("electricity", Place(building="5"))


def test_at_most_twelve_are_told_the_latest() -> None:
    matters = _following(*(OpenTicket(ticket=_ticket(n, minutes=n)) for n in range(1, 16)))
    assert _ids(matters, HERE, 20) == list(range(15, 3, -1))


def test_nothing_is_told_a_day_after_it_was_spoken_of_last() -> None:
    matters = _following(OpenTicket(ticket=_ticket()))
    assert matters.of(HERE, AT + FRESH)
    assert matters.of(HERE, AT + FRESH + timedelta(seconds=1)) == ()


@pytest.mark.parametrize("state", _GONE)
def test_what_is_no_matter_any_more_vanishes(state: State) -> None:
    before = _ticket()
    matters = _following(OpenTicket(ticket=before), _change(before, replace(before, state=state)))
    assert matters.of(HERE, AT) == matters.of(XU, AT) == matters.of(AT_WORK, AT) == ()


@pytest.mark.parametrize("state", _FINISHED)
def test_what_is_done_stays_as_finished(state: State) -> None:
    before = _ticket()
    matters = _following(OpenTicket(ticket=before), _change(before, replace(before, state=state)))
    assert [p.finished for p in matters.of(HERE, AT)] == [True]


@pytest.mark.parametrize("state", sorted(ACTIVE))
def test_what_somebody_must_act_on_is_not_finished(state: State) -> None:
    assert not _following(OpenTicket(ticket=_ticket(state=state))).of(HERE, AT)[0].finished


def test_a_sub_task_is_no_matter_of_a_room() -> None:
    assert _following(OpenTicket(ticket=replace(_ticket(), part=1, parent=2))).of(HERE, AT) == ()


def test_who_is_forgotten_waits_for_nothing_and_leaves_no_words() -> None:
    matters = _following(
        OpenTicket(ticket=_ticket()),
        AddVoice(ticket=1, voice=_voice(GAO, HERE)),
        OpenTicket(ticket=replace(_ticket(2), reporter=GAO, voices=())),
    )
    matters.forget_person(XU)
    assert matters.of(XU, AT) == ()
    known = {p.ticket: p for p in matters.of(HERE, AT)}
    assert (known[1].text, known[1].people) == ("", {GAO})
    assert (known[2].text, known[2].people) == ("matter 2", {GAO})


def test_cleaning_lets_go_of_what_nobody_spoke_of_for_a_day() -> None:
    matters = _following(
        OpenTicket(ticket=_ticket()),
        OpenTicket(ticket=replace(_ticket(2, minutes=30), room=THERE, voices=())),
    )
    kept = matters.of(THERE, AT)
    matters.clean(AT + FRESH + timedelta(minutes=1))
    # Asked as of long ago: what was let go of is not there for any moment.
    assert matters.of(HERE, AT) == ()
    assert matters.of(THERE, AT) == matters.of(XU, AT) == kept


@pytest.mark.parametrize(
    ("room", "scope"),
    [
        (Room(handle=HERE, name="", community="c1"), HERE),
        (Room(handle=HERE, name="", community="c1", kind="work"), AT_WORK),
        (None, XU),
    ],
)
def test_matters_are_those_of_the_room_the_community_at_work_or_ones_own(
    room: Room | None, scope: str
) -> None:
    message = Message(
        channel="wechat",
        account="a",
        id="1",
        at=AT,
        sender="xu",
        sender_name="",
        text="",
        room="here" if room else None,
    )
    assert scope_of(message, room) == scope


def _remembering(*effects: Effect) -> Memory:
    memory = Memory()
    memory.follow(effects, AT)
    return memory


def test_the_memory_follows_matters_and_knows_who_goes_on_about_one() -> None:
    memory = _remembering(OpenTicket(ticket=_ticket()), _join(1, 0, GAO))
    assert _ids(memory.matters, HERE) == [1]
    assert memory.engaged(GAO, _later(15))
    assert not memory.engaged(GAO, _later(16))
    assert not memory.engaged(LI, AT)


@pytest.mark.parametrize("effect", [Erase(person=XU, at=AT), OptOut(person=XU, out=True)])
def test_the_memory_forgets_whoever_asks_for_it(effect: Effect) -> None:
    memory = _remembering(OpenTicket(ticket=_ticket()), _join(1, 0), effect)
    assert memory.matters.of(XU, AT) == ()
    assert memory.matters.of(HERE, AT)[0].text == ""
    assert not memory.engaged(XU, AT)


def test_the_memory_cleans_matters_too() -> None:
    memory = _remembering(OpenTicket(ticket=_ticket()))
    memory.clean(AT + FRESH + timedelta(minutes=1))
    assert memory.matters.of(HERE, AT) == ()


# -- a restart: what the store has gives the same as having followed

_Step = tuple[str, int, str, str | None, State]
_STEPS = st.tuples(
    st.sampled_from(["open", "change", "more", "voice"]),
    st.integers(1, 4),
    st.sampled_from([XU, GAO, LI]),
    st.sampled_from([HERE, THERE, None]),
    st.sampled_from(list(State)),
)


def _happen(stored: dict[int, Ticket], step: _Step, minute: int) -> list[Effect]:
    """What is recorded for one step; `stored` becomes what the store has after it."""
    what, id, person, room, state = step
    before = stored.get(id)
    if before is None or what == "open":
        if before is not None:
            return []
        opened = replace(
            _ticket(id, minutes=minute),
            reporter=person,
            room=room,
            voices=(_voice(person, room, "reporter"),),
        )
        stored[id] = opened
        return [OpenTicket(ticket=opened), _join(id, minute, person)]
    after = replace(before, touched_at=_later(minute))
    if what == "change":
        after = replace(after, state=state)
    effects: list[Effect] = [] if what == "change" else [_join(id, minute, person)]
    if what == "voice" and person not in {v.person for v in before.voices}:
        voice = _voice(person, room)
        after = replace(after, voices=(*before.voices, voice))
        effects.append(AddVoice(ticket=id, voice=voice))
    stored[id] = after
    return [*effects, _change(before, after)]


@given(st.lists(_STEPS, max_size=25))
def test_after_a_restart_the_same_is_known(steps: list[_Step]) -> None:
    stored: dict[int, Ticket] = {}
    followed, restored = Matters(), Matters()
    for minute, step in enumerate(steps):
        followed.follow(_happen(stored, step, minute))
    restored.restore(sorted(stored.values(), key=lambda t: t.opened_at))
    now = _later(len(steps))
    for talk in (HERE, THERE, XU, GAO, LI, AT_WORK):
        assert followed.of(talk, now) == restored.of(talk, now), talk
