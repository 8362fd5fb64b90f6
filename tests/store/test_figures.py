"""Each figure of the digest is counted from records, with its denominator."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from domain.calendar import LOCAL
from domain.digest import Ratio
from domain.effects import AddVoice, NoteGap
from domain.outgoing import SendState
from domain.reading import Place
from domain.rules import Rules
from domain.ticket import Move
from storage.store import Store
from tests.store.making import (
    DAY,
    HERE,
    HOUR,
    LIU,
    MINUTE,
    ROOM,
    SUN,
    joined,
    move,
    opened,
    record,
    say,
    town,
    voice,
)

TODAY = date(2026, 3, 10)
MORNING = datetime(2026, 3, 10, 8, 0, tzinfo=LOCAL)
NIGHT = datetime(2026, 3, 10, 23, 0, tzinfo=LOCAL)
RULES = Rules(categories={})


@pytest.fixture
def day(store: Store) -> Store:
    store.replace_directory(town(store.town))
    return store


def test_a_quiet_day_has_only_zeros(day: Store) -> None:
    found = day.figures(HERE, TODAY, NIGHT, RULES)
    assert (found.opened, found.closed, found.still_open, found.me_too) == (0, 0, 0, 0)
    assert found.claimed_in_time == found.solved == found.satisfied == Ratio()


def test_tickets_count_on_the_local_day_they_were_opened(day: Store) -> None:
    opened(day, opened_at=MORNING)
    opened(day, opened_at=MORNING, room="qq:7")
    opened(day, opened_at=datetime(2026, 3, 10, 0, 5, tzinfo=LOCAL))
    opened(day, opened_at=datetime(2026, 3, 9, 23, 55, tzinfo=LOCAL))
    opened(day, opened_at=MORNING, community="chongren")
    merged = opened(day, opened_at=MORNING)
    move(day, merged.id, Move.MERGE, at=MORNING, closed_at=MORNING, merged_into=1)
    found = day.figures(HERE, TODAY, NIGHT, RULES)
    assert found.opened == 3
    assert found.opened_by_channel == (("sandbox", 2), ("qq", 1))
    assert found.still_open == 4


def test_claims_count_once_they_are_made_or_late(day: Store) -> None:
    due = {"claim_due": MORNING + 15 * MINUTE, "opened_at": MORNING}
    in_time, too_late, _never = (opened(day, **due) for _ in range(3))
    opened(day, opened_at=MORNING, claim_due=NIGHT + HOUR)
    move(day, in_time.id, Move.CLAIM, at=MORNING, claimed_at=MORNING + 5 * MINUTE)
    move(day, too_late.id, Move.CLAIM, at=MORNING, claimed_at=MORNING + 50 * MINUTE)
    found = day.figures(HERE, TODAY, NIGHT, RULES)
    assert found.claimed_in_time == Ratio(yes=1, of=3, unanswered=1)


def test_silence_is_neither_solved_nor_satisfied(day: Store) -> None:
    done = [opened(day, opened_at=MORNING) for _ in range(4)]
    for each in done:
        move(day, each.id, Move.DONE, at=MORNING, done_at=MORNING + HOUR)
    move(day, done[0].id, Move.CONFIRM, at=NIGHT, closed_at=NIGHT, rating="satisfied")
    move(day, done[1].id, Move.CONFIRM, at=NIGHT, closed_at=NIGHT, rating="unsatisfied")
    move(day, done[2].id, Move.EXPIRE, at=NIGHT, closed_at=NIGHT)
    move(day, done[3].id, Move.REOPEN, at=NIGHT, reopened=1)
    found = day.figures(HERE, TODAY, NIGHT, RULES)
    assert found.closed == 3
    assert found.solved == Ratio(yes=2, of=3, unanswered=1)
    assert found.satisfied == Ratio(yes=1, of=2, unanswered=1)
    assert found.reopened == 1
    assert found.by_level == ((3, 3),)


def test_the_lists_hold_what_needs_somebody(day: Store) -> None:
    soon, later = {"solve_due": NIGHT + 30 * MINUTE}, {"solve_due": NIGHT + 2 * DAY}
    late = opened(day, opened_at=MORNING, claim_due=None, solve_due=MORNING + HOUR)
    today = opened(day, opened_at=MORNING, claim_due=None, **soon)
    council = opened(day, opened_at=MORNING, claim_due=None, **later)
    parked = opened(day, opened_at=MORNING, claim_due=None, **later)
    many = opened(day, opened_at=MORNING, claim_due=None, **later)
    private = opened(day, opened_at=MORNING, category="social_assistance", private=True)
    move(day, today.id, Move.CLAIM, at=MORNING)
    move(day, council.id, Move.COUNCIL, at=MORNING)
    move(day, parked.id, Move.PAUSE, at=MORNING, paused_until=MORNING + HOUR)
    record(day, *(AddVoice(ticket=many.id, voice=voice(person)) for person in (LIU, SUN)))
    found = day.figures(HERE, TODAY, NIGHT, RULES)
    assert [t.id for t in found.late] == [late.id]
    assert [t.id for t in found.due_today] == [today.id]
    assert [t.id for t in found.needs_decision] == [council.id, parked.id]
    assert [t.id for t in found.unclaimed] == [late.id, many.id]
    assert [t.id for t in found.rising] == [many.id]
    assert found.private_active == (("social_assistance", 1),)
    everywhere = (found.late, found.due_today, found.needs_decision, found.unclaimed, found.rising)
    assert private.id not in {t.id for tickets in everywhere for t in tickets}


def test_arrivals_are_told_for_this_month_and_the_last(day: Store) -> None:
    came = opened(day, opened_at=MORNING)
    move(day, came.id, Move.CLAIM, at=MORNING)
    move(day, came.id, Move.ARRIVE, at=MORNING, arrived_at=MORNING + 52 * MINUTE)
    february = datetime(2026, 2, 20, 9, 0, tzinfo=LOCAL)
    before = opened(day, opened_at=february)
    move(day, before.id, Move.DONE, at=february, done_at=february + 71 * MINUTE)
    found = day.figures(HERE, TODAY, NIGHT, RULES)
    assert found.minutes_to_arrival == (52.0,)
    assert found.minutes_to_arrival_before == (71.0,)


def test_households_that_joined_count_once(day: Store) -> None:
    new = opened(day, opened_at=MORNING)
    for message, person in (("m1", LIU), ("m2", LIU), ("m3", SUN)):
        record(day, joined(new.id, message, person, kind="me_too", at=MORNING))
    record(day, joined(new.id, "m4", "sandbox:x", kind="me_too", at=MORNING - DAY))
    assert day.figures(HERE, TODAY, NIGHT, RULES).me_too == 2


def test_only_what_was_said_to_residents_that_day_counts(day: Store) -> None:
    record(day, say("a"), say("b", room="sandbox:work"), say("c", member="zhou"), say("d"))
    rows = day.claim_outgoing(MORNING)
    day.mark([row.id for row in rows if row.text != "d"], SendState.SENT, MORNING)
    day.mark([row.id for row in rows if row.text == "d"], SendState.SENT, MORNING - DAY)
    assert {row.room for row in rows} == {ROOM, "sandbox:work", None}
    assert day.figures(HERE, TODAY, NIGHT, RULES).said_in_groups == 1


def test_gaps_are_cut_to_the_day_in_local_time(day: Store) -> None:
    midnight = datetime(2026, 3, 10, 0, 0, tzinfo=LOCAL)
    spans = ((midnight - HOUR, midnight + HOUR, True), (NIGHT, NIGHT + 20 * MINUTE, False))
    for since, until, filled in spans:
        record(day, NoteGap(channel="qq", since=since, until=until, filled=filled))
    record(day, NoteGap(channel="qq", since=NIGHT + DAY, until=NIGHT + DAY + HOUR, filled=False))
    found = day.figures(HERE, TODAY, NIGHT, RULES)
    assert found.offline == (("00:00", "01:00", True), ("23:00", "23:20", False))


def test_places_that_come_up_again_are_buildings(day: Store) -> None:
    for building in ("6", "6", "2"):
        place = Place(estate="jinxiu", building=building, room="501")
        opened(day, opened_at=MORNING, place=place)
    opened(day, opened_at=MORNING, place=Place(building="6"), private=True)
    assert day.figures(HERE, TODAY, NIGHT, RULES).top_places == (("jinxiu/6", 2),)


def test_statistics_count_a_span_of_the_whole_town(day: Store) -> None:
    first = opened(day, opened_at=MORNING)
    opened(day, opened_at=MORNING, community="chongren", category="heating")
    opened(day, opened_at=MORNING - 30 * DAY)
    move(day, first.id, Move.DONE, at=NIGHT, done_at=MORNING + HOUR)
    move(day, first.id, Move.CONFIRM, at=NIGHT, closed_at=NIGHT, rating="satisfied")
    found = day.statistics(MORNING - DAY, MORNING + DAY)
    assert (found.opened, found.active, found.confirmed, found.households) == (2, 1, 1, 2)
    assert found.by_category == (("water_supply", 1), ("heating", 1))
    assert found.by_community == ((HERE, 1), ("chongren", 1))
    assert found.satisfied == Ratio(yes=1, of=1)
    assert found.minutes_to_arrival == (60.0,)
