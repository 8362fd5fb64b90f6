"""What the OneBot channel keeps in mind: as much as it says, the latest of it."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.channels.onebot_memory import Memory
from domain.events import Message

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def message(number: int) -> Message:
    return Message(
        channel="onebot",
        account="10001",
        id=f"501:{number}:{int(AT.timestamp())}",
        at=AT,
        sender="2001",
        sender_name="李大姐",
        text="早",
        room="501",
    )


def test_the_oldest_ids_go_first() -> None:
    memory = Memory(most=3)
    assert all(memory.new(message(n)) for n in range(5))
    assert [memory.full(f"501:{n}") is not None for n in range(5)] == [
        *(False, False),
        *(True, True, True),
    ]
    assert not memory.new(message(4))


def test_who_wrote_through_a_group_lately_is_still_reached_through_it() -> None:
    memory = Memory()
    for number in range(6_000):
        memory.came_through(f"s{number}", "501")
        memory.came_through("李大姐", "502")
    assert memory.way_to("李大姐") == "502"
    assert memory.way_to("s5999") == "501"
    assert memory.way_to("s0") is None
