"""Decisions alone, without store or clock: who is asked, how long we wait, and that no text hurts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import rules_of
from bot.config import load_config
from domain.effects import ChangeTicket, Effect, OpenTicket, Say
from domain.events import Message
from domain.facts import Facts, Question
from domain.grid import Leave, Member, Post
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
_ROOM, _WORK = "wechat:进修小区群", "wechat:工作群"
_PEOPLE = ("王姐", "路人", "王师傅", "王网格长", "民政小杨", "主任")


def _ticket(id: int, state: State, **fields: object) -> Ticket:
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
        room=_ROOM,
        opened_by=f"wechat:a:{id}",
        assignee=holder,
        voices=(Voice(person="wechat:王姐", name="王姐", room=_ROOM, kind="reporter"),),
    )
    return replace(plain, **fields)


TICKETS = (
    *(_ticket(n, state) for n, state in enumerate(State, 1)),
    _ticket(20, State.OPEN, category="social_assistance", private=True, matter="想申请低保"),
    _ticket(21, State.CLAIMED, reopened=1),
)


def _facts(speaker: str, room: str | None, quoted: int | None) -> Facts:
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
    text: str, speaker: str, room: str | None = _ROOM, quoted: int | None = None
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
    facts = _facts(speaker, room, quoted)
    heard = hear(message, facts.room, facts.member, (), default_reader().read, RULES)
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
    st.sampled_from((None, _ROOM, _WORK)),
    st.sampled_from((None, 1, 2, 3, 6, 20, 21)),
)
def test_whatever_is_said_the_decision_can_be_recorded(
    text: str, speaker: str, room: str | None, quoted: int | None
) -> None:
    effects = _decided(text, speaker, room, quoted)
    changed: list[int] = []
    for effect in effects:
        match effect:
            case Say():
                _can_be_said(effect)
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


def _can_be_said(say: Say) -> None:
    assert sum(target is not None for target in (say.room, say.member, say.person)) == 1, say
    assert render(say)
    assert "{" not in render(say)
    if say.ticket == 20:
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


# who is asked


def _with(*members: Member) -> Facts:
    kept = {m.key: m for m in members}
    return replace(_facts("王姐", _ROOM, None), directory=replace(TOWN, members=kept))


def _member(key: str, *posts: str, **fields: object) -> Member:
    held = tuple(Post(role=p.split("@")[0], grid=p.split("@")[1]) for p in posts)
    return replace(Member(key=key, name=key, posts=held), **fields)


_LIGHT = _ticket(1, State.OPEN)
_DIRT = _ticket(1, State.OPEN, category="sanitation_garbage")
_LEAK = _ticket(1, State.OPEN, category="water_supply", urgency=Urgency.URGENT)
_HARD = _ticket(1, State.OPEN, category="social_assistance", private=True)
_AWAY = (Leave(first=date(2026, 11, 23), last=date(2026, 11, 25)),)


def test_the_owner_of_the_thing_comes_before_the_roles_of_the_grid() -> None:
    facts = _with(_member("p", "property@G2-1"), _member("h", "grid_head@G3-1"))
    assert assigning.route(_LIGHT, facts, AT).team[0] == "p"


def test_the_nearest_grid_answers_first() -> None:
    facts = _with(_member("far", "sanitation@G2-1"), _member("near", "sanitation@G3-1"))
    assert assigning.route(_DIRT, facts, AT).team[0] == "near"


def test_a_vacancy_falls_upward() -> None:
    facts = _with(_member("far", "sanitation@G2-1"), _member("other", "sanitation@G3-2"))
    assert assigning.route(_DIRT, facts, AT).team[0] == "far"


def test_without_the_role_anywhere_the_grid_head_answers_and_then_the_supervisors() -> None:
    facts = _with(_member("h", "grid_head@G2-1"), _member("s", "supervisor@G2-1"))
    assert assigning.route(_HARD, facts, AT).team == ("h",)
    assert assigning.route(_HARD, _with(_member("s", "supervisor@G2-1")), AT).team == ("s",)


def test_who_is_away_is_replaced_by_the_stand_in_else_by_the_deputy_else_from_above() -> None:
    far, stand, deputy = _member("far", "sanitation@G2-1"), _member("stand"), _member("deputy")
    named = (replace(_AWAY[0], stand_in="stand"),)
    gone = _member("gone", "sanitation@G3-1", deputy="deputy", leaves=named)
    assert assigning.route(_DIRT, _with(gone, far, stand, deputy), AT).team[0] == "stand"
    unnamed = replace(gone, leaves=_AWAY)
    assert assigning.route(_DIRT, _with(unnamed, far, stand, deputy), AT).team[0] == "deputy"
    alone = replace(unnamed, deputy=None)
    assert assigning.route(_DIRT, _with(alone, far, stand, deputy), AT).team[0] == "far"


def test_a_leave_that_is_over_changes_nothing() -> None:
    back = _member("back", "sanitation@G3-1", leaves=_AWAY)
    assert assigning.route(_DIRT, _with(back), AT + timedelta(days=2)).team[0] == "back"


def test_volunteers_with_the_skill_take_turns_and_stop_at_their_cap() -> None:
    one = _member("one", "volunteer@G3-1", skills=("plumber",))
    two = _member("two", "volunteer@G3-1", skills=("plumber",), daily_cap=1)
    none = _member("none", "volunteer@G3-1", skills=("driver",))
    facts = replace(_with(one, two, none), last_offers={"one": 1})
    assert assigning.route(_LEAK, facts, AT).volunteers == ("two", "one")
    capped = replace(facts, last_offers={"one": 1, "two": 1})
    assert assigning.route(_LEAK, capped, AT).volunteers == ("one",)


def test_danger_and_private_matters_are_nothing_for_volunteers() -> None:
    facts = _with(_member("v", "volunteer@G3-1", skills=("plumber",)))
    burst = replace(_LEAK, urgency=Urgency.EMERGENCY)
    assert assigning.route(burst, facts, AT).volunteers == ()
    assert assigning.route(replace(_LEAK, private=True), facts, AT).volunteers == ()


def test_one_level_up_is_whoever_has_the_field_in_charge() -> None:
    field = _member("field", "grid_head@G2-1", fields=("water_supply",))
    head = _member("head", "grid_head@G2-1")
    facts = _with(head, field)
    assert assigning.superiors(_LEAK, facts, AT) == (2, ("field",))
    assert assigning.superiors(_DIRT, facts, AT) == (2, ("head",))


@given(st.sets(st.sampled_from(sorted(TOWN.members))))
def test_somebody_present_is_asked_and_at_last_the_supervisor(away: set[str]) -> None:
    members = [replace(m, leaves=_AWAY if k in away else ()) for k, m in TOWN.members.items()]
    team = assigning.route(_LIGHT, _with(*members), AT).team
    assert team
    assert set(team).isdisjoint(away) or team == ("主任",), "the supervisor is the last resort"


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
    ticket, facts = _ticket(1, State.OPEN, urgency=urgency), _facts("王姐", _ROOM, None)
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
    facts = _facts("王姐", _ROOM, None)
    for urgency in Urgency:
        ticket = _ticket(1, State.OPEN, category=key, urgency=urgency)
        claim, solve = assigning.claim_limit(ticket, facts), assigning.solve_limit(ticket, facts)
        assert 0 < claim.minutes <= solve.minutes or solve.working
        assert claim.minutes > 0
