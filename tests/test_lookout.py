"""How channels stand: holes, long outages, rooms in doubt; each is told once, and by another way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.bulletins import Bulletins
from bot.channels.base import Capabilities, Health, Link
from bot.cursors import Cursors
from bot.doubts import Doubts
from bot.lookout import Lookout, Operator
from domain.calendar import LOCAL
from domain.events import ChannelTrouble, Event, Gap, IdScope, Message, RoomDoubted
from storage.store import Store
from tests.dialogue import Stage, town
from tests.fake_channel import ALL, FakeChannel

AT = datetime(2026, 11, 24, 10, 0, tzinfo=LOCAL)
SEND_ONLY = replace(ALL, hears=False)
ROOM = "进修小区群"


class Tower:
    """A lookout over a chat channel and mail, and what it put into the inbox."""

    def __init__(self, store: Store, able: Capabilities = ALL) -> None:
        self.store, self.now = store, AT
        self.wechat, self.smtp = FakeChannel("wechat", able), FakeChannel("smtp", SEND_ONLY)
        self.events: list[Event] = []
        self.cursors = Cursors(store)
        self.lookout = Lookout(
            {"wechat": self.wechat, "smtp": self.smtp},
            self.cursors,
            Doubts(store),
            bulletins=Bulletins(store),
            put=self.events.append,
            operator=Operator(ways=("wechat:ops", "smtp:ops@example.cn")),
        )

    def stand(self, link: Link, minutes: float = 0, **more: object) -> list[Event]:
        """Time passes, the channel stands so; what is new in the inbox."""
        self.now += timedelta(minutes=minutes)
        self.wechat.now = replace(Health(link=link), **more)
        self.events.clear()
        self.lookout.look(self.now)
        self.cursors.keep(self.now)
        return list(self.events)


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store.open("sqlite://", "test")
    made.replace_directory(town())
    yield made
    made.close()


def test_an_outage_is_told_once_on_the_second_path_and_again_when_it_is_over(store: Store) -> None:
    tower = Tower(store)
    assert tower.stand(Link.UP) == []
    assert tower.stand(Link.DOWN, 1, detail="unreachable") == []
    (told,) = tower.stand(Link.LOGGED_OUT, 6, detail="scan_qr")
    assert isinstance(told, ChannelTrouble)
    assert (told.change, told.detail, told.to) == ("down", "scan_qr", "smtp:ops@example.cn")
    assert tower.stand(Link.LOGGED_OUT, 60, detail="scan_qr") == []
    back, gap = tower.stand(Link.UP, 1)
    assert isinstance(back, ChannelTrouble)
    assert back.change == "back"
    assert isinstance(gap, Gap)
    assert (gap.since, gap.filled) == (told.since, False)


def test_a_code_to_scan_is_shown_and_its_successor_too(store: Store) -> None:
    tower = Tower(store)
    shown: list[str | None] = []
    tower.lookout.on_health.append(
        lambda name, h: shown.append(h.login_qr) if "w" in name else None
    )
    for code in ("q1", "q1", "q2"):
        tower.stand(Link.LOGGED_OUT, 1, detail="scan_qr", login_qr=code)
    assert shown == ["q1", "q2"]


def test_a_short_outage_is_a_gap_and_no_alarm(store: Store) -> None:
    tower = Tower(store)
    tower.stand(Link.UP)
    assert tower.stand(Link.DOWN, 1) == []
    (gap,) = tower.stand(Link.UP, 3)
    assert isinstance(gap, Gap)


def test_a_channel_that_tells_its_gaps_or_hears_nothing_has_none_told_for_it(store: Store) -> None:
    for able in (replace(ALL, tells_gaps=True), SEND_ONLY):
        tower = Tower(store, able)
        tower.stand(Link.UP)
        tower.stand(Link.DOWN, 1)
        assert [e for e in tower.stand(Link.UP, 3) if isinstance(e, Gap)] == []


def test_the_time_between_two_runs_is_a_gap(store: Store) -> None:
    first = Tower(store)
    first.stand(Link.UP)
    first.stand(Link.UP, 4)
    second = Tower(store)
    second.now = first.now + timedelta(hours=2)
    (gap,) = second.stand(Link.UP)
    assert isinstance(gap, Gap)
    assert gap.since == first.now
    assert second.stand(Link.UP, 1) == []


def test_how_it_stands_is_written_down_for_the_doctor(store: Store) -> None:
    tower = Tower(store)
    tower.stand(Link.LOGGED_OUT, detail="scan_qr", gaps=3, last_event_at=AT)
    read = Bulletins(store).read("wechat")
    assert read is not None
    assert (read.link, read.detail, read.gaps) == (Link.LOGGED_OUT, "scan_qr", 3)
    assert read.last_event_at == AT
    assert Bulletins(store).read("onebot") is None


def test_a_room_in_doubt_is_told_once_parked_and_free_when_confirmed(store: Store) -> None:
    tower = Tower(store)
    (told,) = tower.stand(Link.UP, doubtful_rooms=(ROOM,))
    assert isinstance(told, RoomDoubted)
    assert told.room == ROOM
    assert tower.lookout.doubted == {f"wechat:{ROOM}"}
    assert tower.stand(Link.UP, 10, doubtful_rooms=(ROOM,)) == []
    again = Tower(store)
    anew = again.stand(Link.UP, 20, doubtful_rooms=(ROOM,))
    assert [e for e in anew if isinstance(e, RoomDoubted)] == [], "a restart tells nothing twice"
    Doubts(store).confirm(f"wechat:{ROOM}", again.now)
    again.stand(Link.UP, 1, doubtful_rooms=(ROOM,))
    assert again.wechat.confirmed == [ROOM]
    assert again.lookout.doubted == frozenset()
    assert Doubts(store).all() == {}
    (told,) = again.stand(Link.UP, 60, doubtful_rooms=(ROOM,))
    assert isinstance(told, RoomDoubted), "a confirmation is for one doubt"


def test_a_room_that_is_in_no_doubt_any_more_is_free_by_itself(store: Store) -> None:
    tower = Tower(store)
    tower.stand(Link.UP, doubtful_rooms=(ROOM,))
    tower.stand(Link.DOWN, 1)
    tower.stand(Link.UP, 1)
    assert tower.lookout.doubted == frozenset()
    assert Doubts(store).all() == {}


# what is said about it


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage(room=ROOM, start=AT)
    yield made
    made.close()


def said(stage: Stage, event: Event) -> list[tuple[str, str]]:
    stage.house.take(event)
    stage.wait(timedelta(seconds=1))
    found = [(s.room, s.text) for s in stage.unseen]
    stage.unseen.clear()
    return found


def gap(since: datetime, until: datetime, *, filled: bool = False) -> Gap:
    return Gap(channel="wechat", account="a", at=until, since=since, filled=filled)


def test_after_a_hole_in_the_day_rooms_and_supervisors_hear_so_once(stage: Stage) -> None:
    hole = gap(AT - timedelta(minutes=50), AT)
    words = said(stage, hole)
    line = "我 09:10–10:00 不在线，群里若有急事请再说一句或@我。"
    assert words.count((ROOM, line)) == 1
    assert ("保健院小区群", line) in words
    assert ("@主任", "小格（微信）09:10–10:00 不在线。") in words
    assert "工作群" not in [room for room, _ in words]
    assert said(stage, hole) == []


def test_a_hole_in_the_night_or_filled_from_history_is_no_news_for_a_room(stage: Stage) -> None:
    night = AT.replace(hour=3, minute=10)
    words = said(stage, gap(night, night + timedelta(minutes=15)))
    assert [room for room, _ in words] == ["@主任"]
    evening = AT - timedelta(days=1) + timedelta(hours=12, minutes=30)
    words = said(stage, gap(evening, night))
    assert [room for room, _ in words] == ["@主任"]
    words = said(stage, gap(AT - timedelta(hours=1), AT, filled=True))
    assert words == [("@主任", "小格（微信）09:00–10:00 不在线，群里的话已补看。")]


def test_the_operator_and_the_supervisor_hear_it_in_words(stage: Stage) -> None:
    down = ChannelTrouble(
        channel="onebot", account="a", at=AT, since=AT - timedelta(minutes=6), change="down",
        detail="wrong_token", to="qq:ops@example.cn",
    )  # fmt: skip
    ((_, text),) = said(stage, down)
    assert text.startswith("通道 onebot 从 09:54 起不在线（令牌不对）。")
    assert said(stage, replace(down, to="", since=AT)) == []
    doubt = RoomDoubted(channel="wechat", account="a", room=ROOM, at=AT)
    ((who, text),) = said(stage, doubt)
    assert who == "@主任"
    assert ROOM in text
    assert "xiaoge rooms --confirm" in text


def test_a_claim_from_another_login_is_asked_to_confirm_and_not_executed(stage: Stage) -> None:
    stage.say("老徐", "2号楼2单元楼道灯不亮了 麻烦来修一下")
    stage.wait(timedelta(minutes=3))
    stage.unseen.clear()
    claim = Message(
        channel="wechat", account="stage", id="c1", at=stage.player.now, sender="new.王师傅",
        sender_name="王师傅", text="1我去", room="工作群", id_scope=IdScope.LOGIN,
    )  # fmt: skip
    ((_, text),) = said(stage, claim)
    assert text.startswith("小格刚重新登录过，认不出您了，要再确认一次")
    (ticket,) = stage.store.tickets()
    assert ticket.assignee is None
