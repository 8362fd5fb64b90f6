"""Who is asked for a ticket: nearest first, vacancies upward, deputies, leave, turns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.facts import Facts
from domain.grid import Leave, Member, Post
from domain.reading import Urgency
from domain.ticket import State
from handlers import assigning
from tests.test_decide import AT, ROOM, TOWN, facts_of, ticket_of


def _with(*members: Member) -> Facts:
    kept = {m.key: m for m in members}
    return replace(facts_of("王姐", ROOM, None), directory=replace(TOWN, members=kept))


def _member(key: str, *posts: str, **fields: object) -> Member:
    held = tuple(Post(role=p.split("@")[0], grid=p.split("@")[1]) for p in posts)
    return replace(Member(key=key, name=key, posts=held), **fields)


_LIGHT = ticket_of(1, State.OPEN)
_DIRT = ticket_of(1, State.OPEN, category="sanitation_garbage")
_LEAK = ticket_of(1, State.OPEN, category="water_supply", urgency=Urgency.URGENT)
_HARD = ticket_of(1, State.OPEN, category="social_assistance", private=True)
_AWAY = (Leave(first=date(2026, 11, 23), last=date(2026, 11, 25)),)


def test_the_owner_of_the_thing_comes_before_the_roles_of_the_grid() -> None:
    facts = _with(_member("p", "property@G2-1"), _member("h", "grid_head@G3-1"))
    assert assigning.route(_LIGHT, facts, AT).team[0] == "p"


def test_the_nearest_grid_answers_first() -> None:
    facts = _with(_member("far", "sanitation@G2-1"), _member("near", "sanitation@G3-1"))
    assert assigning.route(_DIRT, facts, AT).team[0] == "near"


def test_a_vacancy_falls_upward() -> None:
    facts = _with(_member("far", "sanitation@G2-1"), _member("other", "sanitation@G3-2"))
    assert assigning.route(_DIRT, facts, AT).team[0] == "far"


def test_without_the_role_anywhere_the_grid_head_answers_and_then_the_supervisors() -> None:
    facts = _with(_member("h", "grid_head@G2-1"), _member("s", "supervisor@G2-1"))
    assert assigning.route(_HARD, facts, AT).team == ("h",)
    assert assigning.route(_HARD, _with(_member("s", "supervisor@G2-1")), AT).team == ("s",)


def test_who_is_away_is_replaced_by_the_stand_in_else_by_the_deputy_else_from_above() -> None:
    far, stand, deputy = _member("far", "sanitation@G2-1"), _member("stand"), _member("deputy")
    named = (replace(_AWAY[0], stand_in="stand"),)
    gone = _member("gone", "sanitation@G3-1", deputy="deputy", leaves=named)
    assert assigning.route(_DIRT, _with(gone, far, stand, deputy), AT).team[0] == "stand"
    unnamed = replace(gone, leaves=_AWAY)
    assert assigning.route(_DIRT, _with(unnamed, far, stand, deputy), AT).team[0] == "deputy"
    alone = replace(unnamed, deputy=None)
    assert assigning.route(_DIRT, _with(alone, far, stand, deputy), AT).team[0] == "far"


def test_a_leave_that_is_over_changes_nothing() -> None:
    back = _member("back", "sanitation@G3-1", leaves=_AWAY)
    assert assigning.route(_DIRT, _with(back), AT + timedelta(days=2)).team[0] == "back"


def test_volunteers_with_the_skill_take_turns_and_stop_at_their_cap() -> None:
    one = _member("one", "volunteer@G3-1", skills=("plumber",))
    two = _member("two", "volunteer@G3-1", skills=("plumber",), daily_cap=1)
    none = _member("none", "volunteer@G3-1", skills=("driver",))
    facts = replace(_with(one, two, none), last_offers={"one": 1})
    assert assigning.route(_LEAK, facts, AT).volunteers == ("two", "one")
    capped = replace(facts, last_offers={"one": 1, "two": 1})
    assert assigning.route(_LEAK, capped, AT).volunteers == ("one",)


def test_danger_and_private_matters_are_nothing_for_volunteers() -> None:
    facts = _with(_member("v", "volunteer@G3-1", skills=("plumber",)))
    burst = replace(_LEAK, urgency=Urgency.EMERGENCY)
    assert assigning.route(burst, facts, AT).volunteers == ()
    assert assigning.route(replace(_LEAK, private=True), facts, AT).volunteers == ()


def test_one_level_up_is_whoever_has_the_field_in_charge() -> None:
    field = _member("field", "grid_head@G2-1", fields=("water_supply",))
    head = _member("head", "grid_head@G2-1")
    facts = _with(head, field)
    assert assigning.superiors(_LEAK, facts, AT) == (2, ("field",))
    assert assigning.superiors(_DIRT, facts, AT) == (2, ("head",))


@given(st.sets(st.sampled_from(sorted(TOWN.members))))
def test_somebody_present_is_asked_and_at_last_the_supervisor(away: set[str]) -> None:
    members = [replace(m, leaves=_AWAY if k in away else ()) for k, m in TOWN.members.items()]
    team = assigning.route(_LIGHT, _with(*members), AT).team
    assert team
    assert set(team).isdisjoint(away) or team == ("主任",), "the supervisor is the last resort"
