"""The way out: the best channel for each person, quiet after trouble, nothing lost in silence."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from bot.app import rules_of
from bot.channels.base import Capabilities, Health, Link, Rate, SendResult
from bot.clock import MovableClock
from bot.config import load_config
from bot.loop import House
from bot.outbox import Outbox
from bot.pacing import Pace
from domain.calendar import LOCAL
from domain.effects import Say
from domain.events import Message
from domain.grid import Room
from domain.outgoing import SendState
from handlers.understanding import default_reader
from storage.store import Store
from tests.dialogue import town
from tests.fake_channel import ALL, TIMEOUT, FakeChannel

ROOT = Path(__file__).parent.parent
AT = datetime(2026, 11, 24, 10, 0, tzinfo=LOCAL)
ROOM = "wechat:进修小区群"
WORK = "wechat:工作群"
FAST = Pace(
    account_per_minute=600, account_burst=50, room_per_minute=600, room_burst=50, jitter_s=0
)


class Post:
    """An outbox over two chat channels, a robot and mail, on a clock that is moved."""

    def __init__(self, pace: Pace = FAST) -> None:
        self.store = Store.open("sqlite://", "test")
        self.store.replace_directory(town())
        self.clock = MovableClock(AT)
        self.channels = {
            name: FakeChannel(name, able)
            for name, able in (
                ("wechat", ALL),
                ("qq", ALL),
                ("wecom", replace(ALL, can_private=False, hears=False)),
                ("smtp", replace(ALL, hears=False)),
            )
        }
        self.told: list[tuple[str, str]] = []
        self.outbox = Outbox(
            self.store,
            self.channels,
            self.clock,
            pace=pace,
            delivers=True,
            random=Random(7),
            resort=("smtp:ops@example.cn", "wecom:robot"),
        )
        self.outbox.alarms.append(lambda channel, code: self.told.append((channel, code)))

    def say(self, text: str, **more: object) -> None:
        given: dict[str, object] = {"key": "status", "at": self.clock.now(), "text": text, **more}
        self.store.record(None, [Say(**given)], at=self.clock.now())  # pyright: ignore[reportArgumentType]

    def flush(self, after: timedelta = timedelta()) -> None:
        """Time passes, then everything that may go out does."""
        self.clock.move_to(self.clock.now() + after)

        async def whole() -> None:
            while await self.outbox.flush():
                pass

        asyncio.run(whole())

    def down(self, *names: str, link: Link = Link.DOWN) -> None:
        for name in names:
            self.channels[name].now = Health(link=link)

    def up(self, *names: str) -> None:
        for name in names:
            self.channels[name].now = Health(link=Link.UP)

    def sent(self, name: str) -> list[str]:
        return [s.text for s in self.channels[name].sent]

    def states(self) -> dict[str, int]:
        return {state: n for state, n in self.store.outgoing_states().items() if n}


@pytest.fixture
def post() -> Iterator[Post]:
    made = Post()
    yield made
    made.store.close()


def test_a_member_on_two_channels_is_written_to_on_the_one_that_stands(post: Post) -> None:
    post.down("wechat")
    post.say("在吗", member="赵哥")
    post.flush()
    assert post.sent("qq") == ["在吗"]
    post.up("wechat")
    post.down("qq", link=Link.DEGRADED)
    post.say("还在吗", member="赵哥")
    post.flush()
    assert post.sent("wechat") == ["还在吗"]


def test_a_channel_that_may_only_answer_is_no_way_for_a_reminder(post: Post) -> None:
    post.down("wechat")
    post.channels["qq"].capabilities = replace(ALL, active_push=False)
    post.say("好的，18:00。", member="赵哥", priority=1)
    post.say("还没办好吗", member="赵哥", priority=3)
    post.flush()
    assert post.sent("qq") == ["好的，18:00。"]
    post.up("wechat")
    post.flush(timedelta(minutes=2))
    assert post.sent("wechat") == ["还没办好吗"]


def test_without_a_private_way_the_work_room_is_told_with_a_mention(post: Post) -> None:
    for name in ("wechat", "qq"):
        post.channels[name].capabilities = Capabilities(can_mention=True)
    post.say("请认领", member="赵哥")
    post.flush()
    (send,) = post.channels["wechat"].sent
    assert (send.room, send.mentions, send.text) == ("工作群", ("赵哥",), "请认领")


def test_a_private_matter_never_stands_in_a_room_nor_goes_to_the_operator(post: Post) -> None:
    post.channels["wechat"].capabilities = Capabilities(can_mention=True)
    post.channels["qq"].capabilities = Capabilities(can_mention=True)
    post.say("谁家有困难", member="赵哥", alone=True)
    post.flush()
    assert post.sent("wechat") == ["有一件要单独说的事等您，请私聊小格绑定后查看。"]
    post.down("wechat", "qq")
    post.say("谁家有困难", member="孟姐", alone=True, priority=0)
    post.flush(timedelta(hours=1))
    assert post.sent("smtp") == []


def test_with_everything_down_mail_passes_it_on_after_a_while_an_emergency_at_once(
    post: Post,
) -> None:
    post.down("wechat", "qq")
    post.say("日报", member="主任", key="digest", priority=2)
    post.say("有人被困", member="赵哥", priority=0)
    post.flush()
    assert post.sent("smtp") == ["（联系不上赵哥，请转告）有人被困"]
    post.flush(timedelta(minutes=11))
    assert post.sent("smtp")[1:] == ["（联系不上主任，请转告）日报"]
    post.down("smtp")
    post.say("煤气味", member="赵哥", priority=0)
    post.flush()
    assert post.sent("wecom") == ["（联系不上赵哥，请转告）煤气味"]


def mailed(post: Post, who: str) -> None:
    """The member has an address in the roster."""
    plain = town()
    member = replace(plain.members[who], email="post@example.cn")
    post.store.replace_directory(replace(plain, members={**plain.members, who: member}))


def test_with_everything_down_a_member_with_an_address_gets_the_words_by_mail(post: Post) -> None:
    mailed(post, "主任")
    post.say("日报", member="主任", key="digest", priority=4)
    post.flush()
    said = (post.sent("wechat") + post.sent("qq"), post.sent("smtp"))
    assert said == (["日报"], []), "mail is no way while a chat is open"
    post.down("wechat", "qq")
    post.say("有人被困", member="主任", priority=0)
    post.say("明天的日报", member="主任", key="digest", priority=4)
    post.say("谁家有困难", member="主任", alone=True)
    post.flush()
    note = "\n（私聊和工作群现在都发不出，改用邮件。回信小格看不见，请等通了在群里办。）"
    (letter,) = post.channels["smtp"].sent
    assert (letter.person, letter.room) == ("post@example.cn", None)
    assert letter.text == "有人被困" + note, "at once, to nobody else"
    post.flush(timedelta(minutes=11))
    assert post.sent("smtp")[1:] == [
        "有一件要单独说的事等您，请私聊小格绑定后查看。" + note,
        "明天的日报" + note,
    ]
    post.down("smtp")
    post.say("煤气味", member="主任", priority=0)
    post.flush()
    assert post.sent("wecom") == ["（联系不上主任，请转告）煤气味"]


def test_a_chat_that_opens_again_in_time_spares_the_mail(post: Post) -> None:
    mailed(post, "赵哥")
    post.down("wechat", "qq")
    post.say("能去吗？", member="赵哥", key="offer")
    post.flush(timedelta(minutes=5))
    post.up("qq")
    post.flush(timedelta(minutes=2))
    assert (post.sent("smtp"), post.sent("qq")) == ([], ["能去吗？"])


def test_words_to_a_room_wait_while_its_channel_is_away(post: Post) -> None:
    post.down("wechat")
    post.say("王姐，记下了", room=ROOM, key="noted")
    post.say("#1 王师傅接了。", room=ROOM, key="claimed_group")
    post.flush(timedelta(hours=3))
    assert post.states() == {"queued": 1, "dropped": 1}, "stale small talk is left out"
    post.up("wechat")
    post.flush(timedelta(minutes=2))
    assert post.sent("wechat") == ["王姐，记下了"]


def test_a_room_in_doubt_is_not_spoken_to_and_nothing_for_it_is_lost(post: Post) -> None:
    post.outbox.parked = frozenset({ROOM})
    post.say("#1 王师傅接了。", room=ROOM, key="claimed_group")
    post.say("在吗", person="wechat:王姐", fallback=ROOM)
    for _ in range(30):
        post.flush(timedelta(hours=1))
    assert post.sent("wechat") == ["在吗"], "alone is another way"
    (waiting,) = post.store.list_outgoing([SendState.QUEUED])
    assert waiting.error == "room_doubtful"
    post.outbox.parked = frozenset()
    post.flush(timedelta(minutes=2))
    assert post.sent("wechat") == ["在吗", "#1 王师傅接了。"]


def test_handles_of_an_older_login_are_no_way_to_anybody(post: Post) -> None:
    post.channels["wechat"].now = Health(link=Link.UP, login="abc")
    post.say("在吗", member="赵哥")
    post.say("好了吗", person="wechat:old.王姐", fallback=ROOM)
    post.say("好了吗？", person="wechat:abc.刘叔", fallback=ROOM)
    post.flush()
    assert post.sent("qq") == ["在吗"]
    assert [(s.room, s.person) for s in post.channels["wechat"].sent] == [
        ("进修小区群", None),
        (None, "abc.刘叔"),
    ]


def test_a_timed_out_send_is_shown_and_never_repeated_but_an_emergency_once_and_says_so(
    post: Post,
) -> None:
    post.channels["wechat"].answers = [TIMEOUT, TIMEOUT, TIMEOUT]
    post.say("有人被困", room=WORK, priority=0)
    post.flush()
    post.say("知道了", room=WORK)
    post.flush()
    post.flush(timedelta(minutes=5))
    assert post.sent("wechat") == ["有人被困", "知道了", "（刚才可能没发出去，再发一次）有人被困"]
    assert post.states() == {"maybe_sent": 2}
    post.flush(timedelta(hours=1))
    assert len(post.sent("wechat")) == 3


def test_repeated_timeouts_open_the_breaker_the_operator_hears_and_mail_is_held(post: Post) -> None:
    post.channels["wechat"].answers = [TIMEOUT] * 3
    for n in range(3):
        post.say(f"第{n}句", room=WORK)
        post.flush()
    assert post.told == [("wechat", "breaker_open")]
    post.say("还在吗", room=WORK)
    post.flush(timedelta(minutes=2))
    assert len(post.sent("wechat")) == 3
    post.flush(timedelta(minutes=10))
    assert post.sent("wechat")[3:] == ["还在吗"]


def test_a_sign_of_risk_control_is_answered_with_a_long_silence(post: Post) -> None:
    post.channels["wechat"].answers = [SendResult(state=SendState.FAILED, error="risk_control")]
    post.say("还在吗", room=WORK)
    post.flush()
    assert post.told == [("wechat", "risk_control")]
    post.flush(timedelta(minutes=50))
    assert len(post.sent("wechat")) == 1
    post.flush(timedelta(minutes=15))
    assert post.sent("wechat") == ["还在吗", "还在吗"]


def test_messages_keep_apart_and_never_evenly() -> None:
    post = Post(replace(FAST, jitter_s=2.0))
    post.channels["wechat"].capabilities = replace(
        ALL, rate=Rate(count=600, seconds=60.0, apart=1.5)
    )
    for n in range(8):
        post.say(f"第{n}句", room=WORK)
    moments: list[datetime] = []
    for _ in range(400):
        before = len(post.sent("wechat"))
        post.flush(timedelta(milliseconds=100))
        moments += [post.clock.now()] * (len(post.sent("wechat")) - before)
    gaps = [(b - a).total_seconds() for a, b in pairwise(moments)]
    assert len(gaps) == 7
    assert all(1.5 <= gap <= 3.7 for gap in gaps)
    assert len(set(gaps)) > 3
    post.store.close()


def test_an_emergency_does_not_wait_for_the_pace() -> None:
    post = Post(replace(FAST, account_per_minute=1, account_burst=1))
    post.say("一", room=WORK)
    post.say("二", room=WORK)
    post.flush()
    assert post.sent("wechat") == ["一"]
    post.say("有人被困", room=WORK, priority=0)
    post.flush()
    assert post.sent("wechat") == ["一", "有人被困"]
    post.store.close()


def test_only_what_is_for_the_operator_may_enter_the_robots_own_room(post: Post) -> None:
    post.say("通道 onebot 不在线", room="wecom:robot", key="operator_down")
    post.say("王姐，记下了", room="wecom:robot", key="noted")
    post.flush()
    assert post.sent("wecom") == ["通道 onebot 不在线"]
    assert post.states() == {"sent": 1, "failed": 1}


def test_the_wecom_robot_in_the_roster_is_a_work_room_of_last_choice(post: Post) -> None:
    plain = town()
    rooms = {
        **plain.rooms,
        "wecom:robot": Room(handle="wecom:robot", name="企微群", community="c1", kind="work"),
    }
    post.store.replace_directory(replace(plain, rooms=rooms))
    post.down("wechat", "qq")
    post.say("请认领", member="赵哥")
    post.flush()
    assert post.sent("wecom") == ["@赵哥 请认领"]


def with_picture(post: Post, text: str, images: tuple[str, ...] = ("p1",)) -> int:
    """A ticket whose report came with a picture; its id."""
    stage = House(
        post.store, rules_of(load_config(ROOT / "config.yaml", {})), default_reader().read
    )
    said = Message(
        channel="wechat", account="a", id="m1", at=post.clock.now(), sender="王姐",
        sender_name="王姐", text=text, room="进修小区群", images=images,
    )  # fmt: skip
    assert stage.take(said)
    return post.store.tickets()[0].id


def test_whoever_is_sent_to_look_gets_the_picture_that_came_with_the_report(post: Post) -> None:
    post.channels["wechat"].capabilities = replace(ALL, image_in=True)
    post.channels["wechat"].pictures = {"p1": b"\x89PNG"}
    post.down("qq")
    ticket = with_picture(post, "2号楼2单元楼道灯不亮了[图片]")
    post.say("能去吗？", member="赵哥", key="offer", ticket=ticket)
    post.say("请认领。", room=WORK, key="work_new", ticket=ticket)
    post.flush()
    offer, work = post.channels["wechat"].sent
    assert (offer.text, offer.images) == ("能去吗？", (b"\x89PNG",))
    assert (work.text, work.images) == ("请认领。[有图片]", ()), "a group is only told of it"


def test_a_picture_that_cannot_be_had_or_carried_is_at_least_named(post: Post) -> None:
    post.down("qq")
    ticket = with_picture(post, "2号楼2单元楼道灯不亮了[图片]")
    post.say("能去吗？", member="赵哥", key="offer", ticket=ticket)
    post.flush()
    post.channels["wechat"].capabilities = replace(ALL, image_in=True)
    post.say("还能去吗？", member="赵哥", key="offer", ticket=ticket)
    post.flush()
    post.channels["wechat"].capabilities = replace(ALL, image_in=True, image_out=False)
    post.say("能不能去？", member="赵哥", key="offer", ticket=ticket)
    post.flush()
    assert [(s.text, s.images) for s in post.channels["wechat"].sent] == [
        ("能去吗？[有图片]", ()),
        ("还能去吗？[有 1 张图片没取到]", ()),
        ("能不能去？[有图片]", ()),
    ]


def test_what_could_not_be_fetched_is_counted_beside_what_could(post: Post) -> None:
    post.channels["wechat"].capabilities = replace(ALL, image_in=True)
    post.channels["wechat"].pictures = {"p1": b"\x89PNG", "p2": b"<html>not found</html>"}
    post.down("qq")
    ticket = with_picture(post, "2号楼2单元楼道灯不亮了[图片][图片][图片]", ("p1", "p2", "p3"))
    post.say("能去吗？", member="赵哥", key="offer", ticket=ticket)
    post.flush()
    (offer,) = post.channels["wechat"].sent
    assert (offer.text, offer.images) == ("能去吗？[有 2 张图片没取到]", (b"\x89PNG",))
