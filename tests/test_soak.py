"""A day of 50 rooms through the whole product, with every trouble of the link; `benchmarks.soak` is longer."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from domain.outgoing import Outgoing, SendState
from tests.channels.onebot_town import Frame, text
from tests.soak.play import soak
from tests.soak.verdict import of_sends

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


def test_words_that_are_called_sent_and_never_arrived_would_be_seen() -> None:
    assert "the peer never got it" in next(of_sends([], [row()]))
