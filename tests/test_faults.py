"""What must hold when things go wrong between a chat and the database, for QQ and for WeChat.

The rows of docs/explanation/channels.md that no other test proves; the table there names them all.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from grpclib.const import Status
from starlette.responses import JSONResponse

from bot.app import rules_of
from bot.loop import House
from bot.wakings import Timekeeper
from domain.calendar import LOCAL
from domain.effects import Say
from domain.errors import StoreError
from domain.events import Message
from domain.outgoing import SendState
from domain.reading import Reading
from domain.ticket import Move, State
from handlers.understanding import default_reader
from handlers.understanding.context import Context
from storage.store import Store
from tests.channels.behind import HEAD, LAMP, AnyRig, Behind, Died, Dying, played
from tests.channels.http_standin import Told
from tests.channels.onebot_rig import OneBotRig
from tests.channels.wechaty_rig import WechatyRig
from tests.channels.wecom_robot_rig import RobotRig
from tests.dialogue import town
from tests.soak.product import config_in

ROOT = Path(__file__).parent.parent
LAMP_SAID = Message(
    channel="wechat",
    account="x",
    id="m1",
    at=datetime(2026, 11, 24, 9, 0, tzinfo=LOCAL),
    sender="老徐",
    sender_name="老徐",
    text=LAMP,
    room="进修小区群",
)
both = pytest.mark.parametrize("rig", [OneBotRig, WechatyRig])
Made = type[OneBotRig] | type[WechatyRig]


def say(behind: Behind, text: str, *, room: str = "", priority: int = 1) -> Say:
    return Say(
        key="noted",
        text=text,
        at=behind.rig.clock.now(),
        room=room or behind.room,
        priority=priority,
    )


def queue(behind: Behind, *says: Say) -> None:
    behind.app.store.record(None, says, at=behind.rig.clock.now())


def rows(behind: Behind) -> dict[str, SendState]:
    return {row.text: row.state for row in behind.app.store.list_outgoing(tuple(SendState), 500)}


@both
def test_3_a_kill_between_sending_and_marking_sends_nothing_again_but_an_emergency_once(
    rig: Made, tmp_path: Path
) -> None:
    async def scene(behind: Behind) -> None:
        queue(behind, say(behind, "记下了 #1"))
        for text in ("记下了 #1", "⚠️ 快走"):
            if text.startswith("⚠️"):
                queue(behind, say(behind, text, priority=0))
            dying = behind.start(Dying(behind.rig.channel))
            with pytest.raises(Died):
                await dying.outbox.flush()
            dying.store.close()
            behind.start().store.recover(behind.rig.clock.now(), everything=True)
            if not text.startswith("⚠️"):
                await behind.send(minutes=5)
                assert [said.text for said in behind.rig.sent()] == [text]
                assert rows(behind)[text] is SendState.MAYBE_SENT, "shown as perhaps sent"
        await behind.send(minutes=5)
        await behind.send(minutes=5)
        again = [said.text for said in behind.rig.sent() if "快走" in said.text]
        assert len(again) == 2

    played(rig, tmp_path, scene)


_DIES = """
import os, sys
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from bot.app import rules_of
from bot.loop import House
from bot.wakings import Timekeeper
from handlers.understanding import default_reader
from storage.store import Store
from tests.soak.product import config_in

class Dying(Store):
    @contextmanager
    def writing(self):
        with super().writing():
            yield
            if sys.argv[2] == "before":
                os._exit(9)
        os._exit(9)

store = Dying.open(sys.argv[1], "test")
rules = rules_of(config_in(Path(".")))
now = datetime.fromisoformat(sys.argv[3])
Timekeeper(House(store, rules, default_reader().read), since=now).tick(now)
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_4_a_kill_while_reminding_reminds_once(tmp_path: Path, when: str) -> None:
    url = f"sqlite:///{(tmp_path / 'x.db').as_posix()}"
    rules = rules_of(config_in(tmp_path))
    store = Store.open(url, "test")
    store.replace_directory(town())
    house = House(store, rules, default_reader().read)
    house.take(LAMP_SAID)
    announced = store.next_due()
    assert announced is not None
    Timekeeper(house, since=announced).tick(announced)
    due = store.next_due()
    assert due is not None
    before = sum(store.outgoing_states().values())
    store.close()
    died = subprocess.run(
        [sys.executable, "-c", _DIES, url, when, due.isoformat()], cwd=ROOT, check=False
    )
    assert died.returncode == 9
    store = Store.open(url, "test")
    timekeeper = Timekeeper(House(store, rules, default_reader().read), since=due)
    timekeeper.tick(due)
    first = sum(store.outgoing_states().values())
    timekeeper.tick(due)
    assert first > before
    said = [(row.target, row.text) for row in store.list_outgoing(tuple(SendState), 100)]
    assert len(said) == len(set(said)) == first
    store.close()


@both
def test_5_what_is_delivered_again_is_one_ticket_also_after_a_restart(
    rig: Made, tmp_path: Path
) -> None:
    async def scene(behind: Behind) -> None:
        await behind.rig.say(LAMP, times=3)
        (heard,) = [e for e in await behind.hear(LAMP) if isinstance(e, Message)]
        assert not behind.app.house.take(heard)
        behind.app.store.close()
        assert not behind.start().house.take(heard)
        assert len(behind.app.store.tickets()) == 1

    played(rig, tmp_path, scene)


@both
def test_6_a_claim_that_comes_before_its_ticket_claims_nothing_and_works_when_said_again(
    rig: Made, tmp_path: Path
) -> None:
    async def scene(behind: Behind) -> None:
        await behind.rig.say("1我去", sender=behind.rig.neighbour)
        await behind.rig.say(LAMP)
        await behind.hear("1我去", LAMP)
        (ticket,) = behind.app.store.tickets()
        assert (ticket.state, ticket.assignee) == (State.OPEN, None)
        await behind.rig.say("1我去吧", sender=behind.rig.neighbour)
        await behind.hear("1我去吧")
        (ticket,) = behind.app.store.tickets()
        assert (ticket.state, ticket.assignee) == (State.CLAIMED, HEAD)

    played(rig, tmp_path, scene)


@both
def test_7_the_same_message_through_two_processes_is_one_ticket(rig: Made, tmp_path: Path) -> None:
    async def scene(behind: Behind) -> None:
        one, two = behind.app, behind.start()
        await behind.rig.say(LAMP)
        (heard,) = await behind.hear(LAMP)
        assert len(two.store.tickets()) == 1
        assert not one.house.take(heard)
        assert len(one.store.tickets()) == 1
        one.store.close()

    played(rig, tmp_path, scene)


@both
def test_8_what_a_locked_database_could_not_keep_is_kept_when_it_is_delivered_again(
    rig: Made, tmp_path: Path
) -> None:
    async def scene(behind: Behind) -> None:
        config = config_in(tmp_path)
        store = Store.open(config.database_url, config.town.key, wait=0.1)
        house = House(store, rules_of(config), default_reader().read)
        await behind.rig.say(LAMP)
        heard = await behind.rig.ears.words(LAMP)
        with sqlite3.connect(tmp_path / "data" / "xiaoge.sqlite3") as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="locked by another program"):
                house.take(heard)
        other.close()
        assert house.take(heard)
        assert len(store.tickets()) == 1
        store.close()

    played(rig, tmp_path, scene)


def limit(rig: AnyRig) -> None:
    """The platform has had too much of us, and says so in its own way."""
    if isinstance(rig, OneBotRig):
        limited = JSONResponse({}, status_code=429, headers={"retry-after": "60"})
        rig.server.answers["send_group_msg"] = limited
    elif isinstance(rig, WechatyRig):
        rig.gateway.fails["MessageSendText"] = (Status.RESOURCE_EXHAUSTED, "slow down")
    else:
        rig.refusal = Told(body={"errcode": 45009, "errmsg": "api freq out of limit"})


def unlimit(rig: AnyRig) -> None:
    if isinstance(rig, OneBotRig):
        rig.server.answers.clear()
    elif isinstance(rig, WechatyRig):
        rig.gateway.fails.clear()
    else:
        rig.refusal = None


speaking = pytest.mark.parametrize("rig", [OneBotRig, WechatyRig, RobotRig])


@speaking
def test_15_a_busy_platform_is_asked_later_and_later_and_then_given_up(
    rig: type[AnyRig], tmp_path: Path
) -> None:
    async def scene(behind: Behind) -> None:
        limit(behind.rig)
        queue(behind, say(behind, "记下了 #1"))
        waits: list[timedelta] = []
        while rows(behind)["记下了 #1"] is SendState.QUEUED:
            await behind.app.outbox.flush()
            now, following = behind.rig.clock.now(), behind.app.store.next_outgoing()
            if following is not None:
                waits.append(following - now)
                behind.rig.clock.advance((following - now).total_seconds())
        assert len(waits) >= 3
        assert waits == sorted(waits)
        assert waits[-1] >= 4 * waits[0]
        assert rows(behind) == {"记下了 #1": SendState.FAILED}, "and the outbox did not grow"
        assert behind.rig.sent() == []

    played(rig, tmp_path, scene)


@speaking
def test_15_words_refused_for_a_moment_go_out_once(rig: type[AnyRig], tmp_path: Path) -> None:
    async def scene(behind: Behind) -> None:
        limit(behind.rig)
        queue(behind, say(behind, "记下了 #1"))
        await behind.send()
        unlimit(behind.rig)
        await behind.send(minutes=0.9)
        assert behind.rig.sent() == [], "not before the time it was told"
        await behind.send(minutes=0.5)
        await behind.send(minutes=10)
        assert [said.text for said in behind.rig.sent()] == ["记下了 #1"]

    played(rig, tmp_path, scene)


def test_15_a_limit_told_in_words_only_is_one_as_well(tmp_path: Path) -> None:
    async def scene(behind: Behind) -> None:
        rig = behind.rig
        assert isinstance(rig, OneBotRig)
        rig.server.town.refusal = "操作太频繁，请稍后再试"
        queue(behind, say(behind, "记下了 #1"))
        await behind.send()
        rig.server.town.refusal = ""
        await behind.send(minutes=2)
        assert [said.text for said in rig.sent()] == ["记下了 #1"]

    played(OneBotRig, tmp_path, scene)


def test_15_server_trouble_is_waited_out_on_qq(tmp_path: Path) -> None:
    async def scene(behind: Behind) -> None:
        rig = behind.rig
        assert isinstance(rig, OneBotRig)
        rig.server.answers["send_group_msg"] = JSONResponse({}, status_code=503)
        queue(behind, say(behind, "记下了 #1"))
        await behind.send()
        rig.server.answers.clear()
        await behind.send(minutes=1)
        assert [said.text for said in rig.sent()] == ["记下了 #1"]

    played(OneBotRig, tmp_path, scene)


def test_15_words_for_wechat_wait_for_a_gateway_that_is_away_and_go_out_once(
    tmp_path: Path,
) -> None:
    async def scene(behind: Behind) -> None:
        rig = behind.rig
        assert isinstance(rig, WechatyRig)

        async def meanwhile() -> None:
            queue(behind, say(behind, "记下了 #1"))
            await behind.send()
            assert rig.sent() == []

        await rig.drop(meanwhile)
        await behind.send(minutes=5)
        await behind.send(minutes=5)
        assert [said.text for said in rig.sent()] == ["记下了 #1"]

    played(WechatyRig, tmp_path, scene)


@both
def test_16_after_sends_without_an_answer_the_account_rests_and_somebody_is_told(
    rig: Made, tmp_path: Path
) -> None:
    async def scene(behind: Behind) -> None:
        alarms: list[tuple[str, str]] = []
        behind.app.outbox.alarms.append(lambda channel, code: alarms.append((channel, code)))
        await behind.rig.lose_answer()
        queue(behind, say(behind, "记下了 #1"))
        await behind.send()
        assert [channel for channel, _ in alarms] == [behind.rig.channel.name]
        queue(behind, say(behind, "记下了 #2"))
        await behind.send(minutes=1)
        assert [said.text for said in behind.rig.sent()] == ["记下了 #1"]
        assert rows(behind) == {
            "记下了 #1": SendState.MAYBE_SENT,
            "记下了 #2": SendState.QUEUED,
        }

    played(rig, tmp_path, scene)


@both
def test_17_a_burst_is_spread_over_rooms_and_minutes_and_the_urgent_goes_first(
    rig: Made, tmp_path: Path
) -> None:
    async def scene(behind: Behind) -> None:
        other = f"{behind.rig.channel.name}:{behind.rig.other_room}"
        queue(
            behind,
            *(say(behind, f"{n}", room=room) for n in range(20) for room in (behind.room, other)),
            say(behind, "⚠️", priority=0),
        )
        times: list[float] = []
        rooms: list[str | None] = []
        while len(times) < 41:
            await behind.send(minutes=1 / 60)
            new = behind.rig.sent()[len(times) :]
            times += [behind.rig.clock.elapsed()] * len(new)
            rooms += [said.room for said in new]
        assert behind.rig.sent()[0].text == "⚠️"
        for room, most in ((None, 25), (behind.rig.room, 9), (behind.rig.other_room, 9)):
            mine = [at for at, where in zip(times, rooms, strict=True) if room in (None, where)]
            for began in mine:
                assert sum(began <= at < began + 60 for at in mine) <= most + 1

    played(rig, tmp_path, scene)


@both
def test_18_a_message_that_breaks_the_reader_is_left_behind_and_the_room_goes_on(
    rig: Made, tmp_path: Path
) -> None:
    read = default_reader().read

    def breaking(text: str, context: Context | None) -> Reading:
        if "毒" in text:
            raise ZeroDivisionError
        return read(text, context)

    async def scene(behind: Behind) -> None:
        behind.app.house.read_with(breaking)
        await behind.rig.say("有毒的话")
        await behind.rig.say(LAMP)
        await behind.hear("有毒的话", LAMP)
        assert behind.app.house.counts["poisoned"] == 1
        assert len(behind.app.store.tickets()) == 1

    played(rig, tmp_path, scene)


@both
def test_25_whoever_only_bears_a_members_name_moves_nothing(rig: Made, tmp_path: Path) -> None:
    async def scene(behind: Behind) -> None:
        stranger, member = behind.rig.resident, behind.rig.neighbour
        behind.call(stranger, HEAD)
        behind.call(member, "路人")
        await behind.rig.say(LAMP, sender=stranger)
        await behind.rig.say("1我去", sender=stranger)
        await behind.hear(LAMP, "1我去")
        assert next(e for e in behind.rig.ears.all(Message)).sender_name == HEAD
        (ticket,) = behind.app.store.tickets()
        assert ticket.state is State.OPEN
        await behind.rig.say("1我去看看", sender=member)
        await behind.hear("1我去看看")
        (ticket,) = behind.app.store.tickets()
        assert (ticket.state, ticket.assignee) == (State.CLAIMED, HEAD)
        moves = [line.by for line in behind.app.store.history(ticket.id) if line.move is Move.CLAIM]
        assert moves == [HEAD]

    played(rig, tmp_path, scene)
