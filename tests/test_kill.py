"""A replay that is killed and started again ends with the same tickets."""

from __future__ import annotations

from tests.kill_replay import DAY, Rows, compare, differences


def test_killed_three_times_and_started_again_it_ends_with_the_same_tickets() -> None:
    assert compare(DAY, seeds=(1,), kills=3) == []


def test_a_lost_row_would_be_seen() -> None:
    whole: Rows = {"tickets": [(1, "open"), (2, "open")]}
    assert differences(whole, {"tickets": [(1, "open")]}) == [
        "tickets lost (2, 'open')",
        "tickets: 1 rows instead of 2",
    ]
