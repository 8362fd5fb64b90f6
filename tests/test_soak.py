"""A day of 50 rooms through the whole product, with every trouble of the link; `benchmarks.soak` is longer."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.outgoing import Outgoing, SendState
from domain.ticket import Move, State
from storage.ledger import HistoryLine
from tests.channels.onebot_town import Frame, text
from tests.soak.play import soak
from tests.soak.verdict import Found, meant, memory_of, of_sends

MESSAGES, SEED = 2_000, 1
AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def test_each_request_is_one_ticket_and_each_reply_counts_once_whatever_the_link_does(
    tmp_path: Path,
) -> None:
    """The seed is fixed: what fails here fails again, but for the timing of two processes."""

    async def whole() -> None:
        async with asyncio.timeout(180):
            found = await soak(tmp_path, messages=MESSAGES, seed=SEED)
        assert found.problems == [], asdict(found)
        assert found.tickets > 0.04 * MESSAGES
        assert found.replies > 1.8 * found.tickets
        happened = ("cut", "frozen", "kill", "flood", "repeated", "overtaken", "by_quote")
        assert all(found.faults.get(name) for name in happened), found.faults

    asyncio.run(whole())


def row(**changes: object) -> Outgoing:
    whole: dict[str, object] = {
        "id": 1,
        "key": "noted",
        "text": "记下了 #1",
        "created_at": AT,
        "not_before": AT,
        "priority": 1,
        "room": "onebot:9001",
        "state": SendState.SENT,
        "remote_id": "onebot:10001:9001:71:own",
    }
    return Outgoing(**(whole | changes))  # pyright: ignore[reportArgumentType] # the fields above


def sent(id: int, words: str = "记下了 #1") -> Frame:
    return {"group_id": "9001", "message_id": id, "message": [text(words)]}


def test_words_that_went_out_twice_would_be_seen_unless_a_row_says_they_may_have() -> None:
    assert list(of_sends([sent(71)], [row()])) == []
    assert "no row of the outbox says so" in next(of_sends([sent(71), sent(72)], [row()]))
    unsure = row(id=2, state=SendState.MAYBE_SENT, remote_id=None)
    assert list(of_sends([sent(71), sent(72)], [row(), unsure])) == []
    assert next(of_sends([sent(71), sent(72), sent(73)], [row(), unsure]))


def test_an_emergency_in_doubt_may_have_gone_out_twice_and_not_three_times() -> None:
    twice = row(priority=0, attempts=1, state=SendState.MAYBE_SENT, remote_id=None)
    again = sent(72, "（刚才可能没发出去，再发一次）记下了 #1")
    assert list(of_sends([sent(71), again], [twice])) == []
    assert next(of_sends([sent(71), again, sent(73)], [twice]))
    once = row(priority=2, attempts=1, state=SendState.MAYBE_SENT, remote_id=None)
    assert next(of_sends([sent(71), again], [once]))


def test_words_that_are_called_sent_and_never_arrived_would_be_seen() -> None:
    assert "the peer never got it" in next(of_sends([], [row()]))


@pytest.mark.parametrize(
    ("messages", "rss_mb", "flat"),
    [
        pytest.param(
            100_000, [120, 130, 138, 142, 145, 146, 145, 146, 147, 146], True, id="filled"
        ),
        pytest.param(100_000, [120, 124, 128, 132, 136, 140, 144, 148, 152, 156], False, id="leak"),
        pytest.param(100_000, [140] * 9 + [145], False, id="leak at the end"),
        pytest.param(
            20_000, [120, 121, 122, 123, 124, 126, 127, 128, 129, 130], True, id="filling"
        ),
        pytest.param(
            20_000, [120, 121, 122, 123, 124, 126, 129, 132, 134, 137], False, id="faster"
        ),
    ],
)
def test_memory_is_flat_when_it_does_not_grow_once_the_caches_are_full(
    messages: int, rss_mb: list[float], flat: bool
) -> None:
    memory = memory_of(Found(seed=1, messages=messages, rss_mb=rss_mb))
    assert (memory.most <= memory.allowed) is flat, str(memory)
    assert str(memory).startswith("flat" if flat else "not flat")


@pytest.mark.parametrize(
    ("move", "before", "counted"),
    [
        (Move.CLAIM, State.OPEN, Move.CLAIM),
        (Move.ACCEPT, State.ESCALATED, Move.CLAIM),
        (Move.ACCEPT, State.OPEN, Move.ACCEPT),
        (Move.DONE, State.ESCALATED, Move.DONE),
    ],
)
def test_only_a_matter_that_went_up_is_claimed_by_accepting_it(
    move: Move, before: State, counted: Move
) -> None:
    line = HistoryLine(
        ticket=1,
        at=AT,
        by="head-1",
        move=move,
        before=before,
        after=State.CLAIMED,
        note="",
        message="onebot:10001:9001:71:1",
    )
    assert meant(line) is counted
