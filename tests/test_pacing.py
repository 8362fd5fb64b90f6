"""How fast words may go out, and that nothing is remembered of whom nobody writes to any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from bot.channels.base import Rate
from bot.pacing import APART, Bucket, Pace, Rhythm

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
RATE = Rate(count=20, seconds=60.0)


def rhythm(pace: Pace | None = None) -> Rhythm:
    return Rhythm(pace or Pace(jitter_s=0.0), Random(1))


def said(on: Rhythm, target: str, at: datetime) -> None:
    on.wait("onebot", target, RATE, at)
    on.take("onebot", target, RATE, at)
    on.said(target, ("more",), at)


def test_a_bucket_is_full_again_when_its_tokens_are_back() -> None:
    bucket = Bucket(per_minute=6, burst=1)
    assert bucket.wait(AT) == timedelta()
    bucket.take()
    assert not bucket.full(AT + timedelta(seconds=9))
    assert bucket.full(AT + timedelta(seconds=10))


def test_a_place_and_an_account_are_held_back_when_their_burst_is_used_up() -> None:
    on = rhythm(Pace(account_burst=3, room_burst=2, jitter_s=0.0))
    for _ in range(2):
        said(on, "9001", AT)
    assert on.wait("onebot", "9001", RATE, AT) == timedelta(seconds=10)
    assert on.wait("onebot", "9002", RATE, AT) == timedelta()
    said(on, "9002", AT)
    assert on.wait("onebot", "9003", RATE, AT) == timedelta(seconds=3)


def test_whom_nobody_wrote_to_for_an_hour_takes_no_memory() -> None:
    """A town asks each of its residents once whether it is all right now, for years."""
    on, at = rhythm(), AT
    for person in range(5_000):
        at += timedelta(seconds=30)
        said(on, f"p{person}", at)
        assert len(on) < 500
    assert len(on.last) >= APART / timedelta(seconds=30) - 1


def test_what_was_said_within_the_hour_is_still_known_after_forgetting() -> None:
    on = rhythm()
    said(on, "9001", AT)
    said(on, "9002", AT + timedelta(minutes=50))
    said(on, "9003", AT + APART)
    assert set(on.last) == {("9002", "more"), ("9003", "more")}


def test_a_bucket_that_is_not_full_is_kept_whatever_the_hour() -> None:
    on = rhythm(Pace(room_per_minute=1, room_burst=100, account_burst=200, jitter_s=0.0))
    for _ in range(100):
        said(on, "9001", AT)
    said(on, "9002", AT + APART)
    assert on.wait("onebot", "9001", RATE, AT + APART) == timedelta()
    for _ in range(60):
        said(on, "9001", AT + APART)
    assert on.wait("onebot", "9001", RATE, AT + APART) > timedelta()
