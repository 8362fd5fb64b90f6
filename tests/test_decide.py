"""Decisions alone, without store or clock: who is asked, how long we wait, and that no text hurts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import rules_of
from bot.config import load_config
from domain.effects import ChangeTicket, Effect, OpenTicket, Say
from domain.events import Message
from domain.facts import Facts, Question
from domain.reading import Place, Urgency
from domain.rules import Limit
from domain.ticket import ACTIVE, State, Ticket, Voice, after
from handlers import assigning, decide
from handlers.following import speakable
from handlers.hearing import hear, whereabouts
from handlers.masking import mask
from handlers.scene import Scene
from handlers.understanding import default_reader
from handlers.wording import render
from tests.dialogue import ROOT, town

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
RULES = rules_of(load_config(ROOT / "config.yaml", {}))
TOWN = town()
ROOM, _WORK = "wechat:进修小区群", "wechat:工作群"
_PEOPLE = ("王姐", "路人", "王师傅", "王网格长", "民政小杨", "主任")


def ticket_of(id: int, state: State, **fields: object) -> Ticket:
    holder = "王师傅" if state in ACTIVE - {State.OPEN, State.ESCALATED} else None
    plain = Ticket(
        id=id,
        town="test",
        community="c1",
        number=id,
        category="street_light",
        urgency=Urgency.NORMAL,
        state=state,
        opened_at=AT - timedelta(hours=1),
        touched_at=AT - timedelta(minutes=id),
        announced_at=AT - timedelta(minutes=50),
        matter="楼道灯不亮",
        place=Place(estate="进修小区", building="2", unit="1"),
        grid="G3-1",
        reporter="wechat:王姐",
        reporter_name="王姐",
        room=ROOM,
        opened_by=f"wechat:a:{id}",
        assignee=holder,
        voices=(Voice(person="wechat:王姐", name="王姐", room=ROOM, kind="reporter"),),
    )
    return replace(plain, **fields)


TICKETS = (
    *(ticket_of(n, state) for n, state in enumerate(State, 1)),
    ticket_of(20, State.OPEN, category="social_assistance", private=True, matter="想申请低保"),
    ticket_of(21, State.CLAIMED, reopened=1),
)


def facts_of(speaker: str, room: str | None, quoted: int | None) -> Facts:
    asked = [
        Question(
            id=n,
            kind=kind,
            ticket=6,
            person=f"wechat:{speaker}",
            room=room,
            asked_at=AT,
            expires_at=AT + timedelta(days=1),
        )
        for n, kind in enumerate(("confirm", "place", "same", "offer"), 1)
    ]
    return Facts(
        directory=TOWN,
        rules=RULES,
        room=TOWN.rooms.get(room or ""),
        member=TOWN.members.get(speaker),
        tickets=TICKETS,
        quoted=quoted,
        questions=tuple(asked),
        next_id=30,
        next_number=30,
    )


def _decided(
    text: str, speaker: str, room: str | None = ROOM, quoted: int | None = None
) -> list[Effect]:
    message = Message(
        channel="wechat",
        account="a",
        id="m1",
        at=AT,
        sender=speaker,
        sender_name=speaker,
        text=text,
        room=room and room.partition(":")[2],
        reply_to="q" if quoted else None,
    )
    facts = facts_of(speaker, room, quoted)
    heard = hear(message, facts.room, facts.directory, (), (), default_reader().read, RULES)
    place, grid = whereabouts(message, heard, TOWN)
    scene = Scene(
        message=message,
        reading=heard.reading,
        facts=facts,
        place=place,
        grid=grid,
        command=heard.command,
        text=heard.text,
    )
    return decide(message, scene, facts)


_LINE = (
    "我去 好了 没好 不是 建 漏水 煤气味 着火了 低保 3号楼2单元 明天 20分钟 到了 转王师傅 转 并到3 拆开 恢复 "
    "小格 我的活 日报 逾期 催5 静音 请假3天 代报 挂账 等件 上报 退回 接 上会 决定 改成路灯 改到5号楼 这不是报修 "
    "俺家也是 咋还没来人 又坏了 撤回 满意 不满意 删除我的信息 别记我 你是谁 [图片] 另一根 #"
)
_WORDS = st.sampled_from(_LINE.split())
_NUMBERS = st.integers(0, 1200).map(str)
_TEXTS = st.one_of(
    st.text(max_size=120),
    st.builds("{}{}{}".format, _NUMBERS, _WORDS, st.text(max_size=8)),
    st.lists(st.one_of(_WORDS, _NUMBERS), max_size=6).map("".join),
    st.lists(_WORDS, max_size=6).map(" ".join),
)


@settings(max_examples=400, deadline=None)
@given(
    _TEXTS,
    st.sampled_from(_PEOPLE),
    st.sampled_from((None, ROOM, _WORK)),
    st.sampled_from((None, 1, 2, 3, 6, 20, 21)),
)
def test_whatever_is_said_the_decision_can_be_recorded(
    text: str, speaker: str, room: str | None, quoted: int | None
) -> None:
    effects = _decided(text, speaker, room, quoted)
    changed: list[int] = []
    published = any(
        isinstance(e, ChangeTicket) and e.before.private and not e.after.private for e in effects
    )
    for effect in effects:
        match effect:
            case Say():
                _can_be_said(effect, published=published)
            case ChangeTicket():
                changed.append(effect.before.id)
                assert effect.state is effect.after.state
                if effect.move is not None:
                    assert after(effect.before, effect.move) is effect.state
            case OpenTicket():
                assert effect.ticket.id == 30
            case _:
                pass
    assert len(changed) == len(set(changed)), "one ticket changed twice at once"


def _can_be_said(say: Say, *, published: bool) -> None:
    assert sum(target is not None for target in (say.room, say.member, say.person)) == 1, say
    assert render(say)
    assert "{" not in render(say)
    if say.ticket == 20 and not published:
        assert say.room is None, f"{say.key}: a private matter in {say.room}"


_PLATES = st.builds(
    "{}{}{}".format,
    st.sampled_from("吉京沪辽"),
    st.sampled_from("ABCHK"),
    st.text(alphabet="0123456789ABCDEFGH", min_size=5, max_size=6),
)


@given(st.text(alphabet="车挡门口了，快挪 ", max_size=12), _PLATES)
def test_a_number_plate_never_survives_masking(words: str, plate: str) -> None:
    assert plate not in mask(words + plate)
    assert plate not in mask(f"{plate} {words}")


@given(st.text())
def test_masking_twice_is_masking_once_and_never_longer_than_400(text: str) -> None:
    assert mask(mask(text)) == mask(text)
    assert len(mask(text)) <= 400


# how long we wait


@given(
    st.datetimes(datetime(2026, 1, 5), datetime(2026, 12, 20), timezones=st.just(UTC)),
    st.integers(1, 60 * 40),
)
def test_a_working_limit_ends_in_working_time_and_is_never_shorter_than_the_clock(
    begin: datetime, minutes: int
) -> None:
    calendar = RULES.calendar
    end = Limit(minutes=minutes, working=True).from_(begin, calendar)
    assert end - begin >= timedelta(minutes=minutes)
    assert calendar.is_working(end - timedelta(seconds=1))
    assert abs(calendar.between(begin, end) - minutes) < 1e-6
    half = Limit(minutes=minutes, working=True).part(50).from_(begin, calendar)
    assert begin <= half <= end


@given(
    st.datetimes(datetime(2026, 1, 5), datetime(2026, 12, 20), timezones=st.just(UTC)),
    st.sampled_from(Urgency),
)
def test_nothing_but_danger_is_spoken_of_at_night(at: datetime, urgency: Urgency) -> None:
    ticket, facts = ticket_of(1, State.OPEN, urgency=urgency), facts_of("王姐", ROOM, None)
    moment = speakable(at, ticket, facts).astimezone(RULES.calendar.zone)
    assert moment >= at
    if urgency is Urgency.EMERGENCY:
        assert moment == at
    else:
        assert 7 <= moment.hour < 22
    if urgency is Urgency.NORMAL:
        assert RULES.calendar.is_working_day(moment.date())


@pytest.mark.parametrize("key", sorted(RULES.categories))
def test_every_category_has_limits_for_every_urgency(key: str) -> None:
    facts = facts_of("王姐", ROOM, None)
    for urgency in Urgency:
        ticket = ticket_of(1, State.OPEN, category=key, urgency=urgency)
        claim, solve = assigning.claim_limit(ticket, facts), assigning.solve_limit(ticket, facts)
        assert 0 < claim.minutes <= solve.minutes or solve.working
        assert claim.minutes > 0
