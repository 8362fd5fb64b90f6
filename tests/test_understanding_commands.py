"""Fixed phrases and numbers become commands; negation and future never count as done."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import LOCAL
from domain.command import Act, Command
from handlers.understanding import read_command, read_staff, stafftalk
from handlers.understanding.times import find_days_long, find_time

AT = datetime(2026, 11, 23, 14, 5, tzinfo=LOCAL)
NAMES = ("小格",)


def read(text: str, *, private: bool = False) -> Command | None:
    return read_command(text, AT, bot_names=NAMES, mentions_me=private)


def must(text: str, *, private: bool = False) -> Command:
    command = read(text, private=private)
    assert command is not None
    return command


@pytest.mark.parametrize(
    ("text", "act", "number"),
    [
        ("17", Act.DETAIL, 17),
        ("17号", Act.DETAIL, 17),
        ("#17", Act.DETAIL, 17),
        ("十七号那个", Act.DETAIL, 17),
        ("17我去", Act.CLAIM, 17),
        ("#17 我去看看", Act.CLAIM, 17),
        ("十七号我去", Act.CLAIM, 17),
        ("我去看看", Act.CLAIM, None),
        ("去", Act.CLAIM, None),
        ("去不了", Act.DECLINE, None),
        ("17到了", Act.ARRIVE, 17),
        ("17好了", Act.DONE, 17),
        ("12修好了", Act.DONE, 12),
        ("17 换了个阀 好了", Act.DONE, 17),
        ("17没好", Act.NOT_DONE, 17),
        ("没好", Act.NOT_DONE, None),
        ("17等件", Act.PAUSE, 17),
        ("17上报", Act.ESCALATE, 17),
        ("8上报", Act.ESCALATE, 8),
        ("31 上会", Act.COUNCIL, 31),
        ("接", Act.ACCEPT, None),
        ("接了", Act.ACCEPT, None),
        ("17退回", Act.RETURN, 17),
        ("17拆开", Act.SPLIT, 17),
        ("17详情", Act.DETAIL, 17),
        ("17到哪了", Act.WHERE, 17),
        ("催17", Act.URGE, 17),
        ("撤回17", Act.WITHDRAW, 17),
        ("不用了", Act.WITHDRAW, None),
        ("满意", Act.SATISFIED, None),
        ("不满意", Act.UNSATISFIED, None),
        ("建", Act.BUILD, None),
        ("不是", Act.NOT_BUILD, None),
        ("这不是报修", Act.DISMISS, None),
        ("撤销", Act.UNDO, None),
        ("我的活", Act.MY_WORK, None),
        ("今天", Act.TODAY, None),
        ("日报", Act.DIGEST, None),
        ("周报", Act.WEEKLY, None),
        ("逾期", Act.OVERDUE, None),
        ("待认领", Act.UNCLAIMED, None),
        ("帮助", Act.HELP, None),
        ("加群", Act.ROOM_ON, None),
        ("停群", Act.ROOM_OFF, None),
        ("删除我的信息", Act.ERASE, None),
    ],
)
def test_a_fixed_phrase_is_a_command(text: str, act: Act, number: int | None) -> None:
    command = read(text)
    assert command is not None
    assert (command.act, command.number) == (act, number)


def test_a_bare_number_is_uncertain_and_a_marked_one_is_not() -> None:
    bare = must("17")
    assert not bare.certain
    marked = must("#17")
    assert marked.certain
    part = must("40-1")
    assert (part.number, part.part) == (40, 1)


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("小格 我的事", Act.MY_CASES),
        ("小格别记我", Act.OPT_OUT),
        ("小格，你是谁", Act.WHO_ARE_YOU),
        ("@小格 你记啥", Act.WHAT_KEPT),
        ("小格 17到哪了", Act.WHERE),
    ],
)
def test_calling_the_product_by_name_is_seen(text: str, act: Act) -> None:
    command = read(text)
    assert command is not None
    assert (command.act, command.addressed) == (act, True)


def test_who_are_you_counts_only_when_the_product_is_meant() -> None:
    assert read("你是谁") is None
    private = must("你是谁", private=True)
    assert private.act is Act.WHO_ARE_YOU


def test_what_is_said_beside_a_command_is_kept() -> None:
    c = must("17转李师傅")
    assert c.who == "李师傅"
    c = must("转给老张")
    assert (c.act, c.who) == (Act.TRANSFER, "老张")
    c = must("23找供热 我打电话")
    assert (c.act, c.who) == (Act.CALL_IN, "供热")
    c = must("退回 不归我们管")
    assert (c.act, c.reason) == (Act.RETURN, "不归我们管")
    c = must("并到12")
    assert (c.number, c.into) == (None, 12)
    c = must("17并到12")
    assert (c.number, c.into) == (17, 12)
    c = must("17改成路灯")
    assert c.category == "street_light"
    c = must("17改成紧急")
    assert c.urgency == "emergency"
    c = must("17改到5号楼")
    assert c.place.building == "5"
    c = must("绑定 123456")
    assert (c.act, c.code) == (Act.BIND, "123456")
    c = must("654321")
    assert (c.act, c.code) == (Act.BIND, "654321")
    c = must("代报 尚义广场健身器材坏了")
    assert c.text == "尚义广场健身器材坏了"
    c = must("走访 王大爷家缺煤")
    assert (c.act, c.text) == (Act.VISIT, "王大爷家缺煤")
    c = must("17挂账 到5月1日")
    assert c.until == datetime(2027, 5, 1, 8, tzinfo=LOCAL)
    c = must("静音 到明早")
    assert c.until == datetime(2026, 11, 24, 8, tzinfo=LOCAL)
    c = must("服务统计 今年")
    assert (c.act, c.text) == (Act.STATISTICS, "今年")


def test_leave_has_a_first_and_a_last_day_and_a_stand_in() -> None:
    leave = read("请假 3天 老张替我")
    assert leave is not None
    assert (leave.act, leave.who) == (Act.LEAVE, "老张")
    assert leave.when == datetime(2026, 11, 23, tzinfo=LOCAL)
    assert leave.until == datetime(2026, 11, 25, 23, 59, tzinfo=LOCAL)


@pytest.mark.parametrize(
    "text", ["1快修好了", "17要修好了", "17快弄完了", "17就快好了", "17快好了"]
)
def test_almost_done_is_progress(text: str) -> None:
    assert must(text).act is not Act.DONE


@pytest.mark.parametrize("text", ["17好了", "17快递柜修好了", "17主要修好了", "17修好了"])
def test_a_word_like_soon_in_another_word_is_no_promise(text: str) -> None:
    assert must(text).act is Act.DONE


@pytest.mark.parametrize("text", ["还没修好", "明天修", "修不好", "修好了吗", "快好了", "弄了一半"])
def test_negation_future_and_questions_are_never_done(text: str) -> None:
    for command in (read(text), read(f"17{text}"), read_staff(text, AT)):
        assert command is None or command.act is not Act.DONE


@pytest.mark.parametrize(
    "text",
    [
        "17栋灯坏了",
        "3号楼没水",
        "17号停水",
        "2号楼3单元502",
        "我转发了",
        "今天真冷",
        "我去 那井可老深了",
        "来 谁来我都不怕 我还想找人评理呢",
        "12块一斤",
        "安静了 谢谢",
        "402十点来钟拎兜子出去的 我看着了",
        "",
    ],
)
def test_ordinary_talk_is_no_command(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20分钟", AT + timedelta(minutes=20)),
        ("半小时", AT + timedelta(minutes=30)),
        ("一个半小时", AT + timedelta(minutes=90)),
        ("一刻钟", AT + timedelta(minutes=15)),
        ("两点半", AT.replace(hour=14, minute=30)),
        ("14:35", AT.replace(hour=14, minute=35)),
        ("下午三点到", AT.replace(hour=15, minute=0)),
        ("今晚十点前", AT.replace(hour=22, minute=0)),
        ("明早七点", AT.replace(day=24, hour=7, minute=0)),
        ("周三", AT.replace(day=25, hour=8, minute=0)),
        ("两点", AT.replace(day=24, hour=14, minute=0)),
    ],
)
def test_a_time_in_chat_is_a_moment(text: str, moment: datetime) -> None:
    assert find_time(text, AT) == moment
    eta = must(text)
    assert (eta.act, eta.when) == (Act.ETA, moment)


def test_a_claim_may_carry_its_time() -> None:
    c = must("去 20分钟")
    assert (c.act, c.when) == (Act.CLAIM, AT + timedelta(minutes=20))
    assert find_days_long("两周") == 14
    assert find_days_long("今天") is None


@given(
    st.text(max_size=200)
    | st.text(alphabet="0123456789十点半明天后周月号去好了没修转到报:- ", max_size=24)
)
def test_no_text_breaks_the_reading_of_commands_and_times_are_aware(text: str) -> None:
    for command in (read(text), read_staff(text, AT)):
        if command is not None:
            assert command.number is None or 0 < command.number < 1000
            assert command.when is None or command.when.tzinfo is not None


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("我马上到", Act.CLAIM),
        ("收到 我这就给供热站打电话", Act.CLAIM),
        ("都看到了 我问自来水公司 别急", Act.CLAIM),
        ("我让老丁先上你家看看", Act.CLAIM),
        ("我下午带电工过去", Act.CLAIM),
        ("挖着了 正换管子", Act.PROGRESS),
        ("泵起来了 压力够了", Act.DONE),
        ("来水了 都先放两分钟", Act.DONE),
        ("换了个阀 好了", Act.DONE),
        ("门开了 娘俩都出来了 没事", Act.DONE),
        ("线拔了 人也找着了", Act.DONE),
        ("带身份证户口本到社区一楼大厅就行 不用本人来", Act.DONE),
        ("灯泡换了还是不亮 我整不了", Act.TRANSFER),
        ("这个事网格解决不了 得报上面", Act.ESCALATE),
        ("得等配件 厂家下周发货", Act.PAUSE),
    ],
)
def test_free_talk_of_staff_is_an_act_but_never_certain(text: str, act: Act) -> None:
    command = read_staff(text, AT)
    assert command is not None
    assert (command.act, command.certain) == (act, False)


def test_somebody_called_by_name_is_called_in_or_handed_the_matter() -> None:
    assert (c := read_staff("@供热小曲 6号楼好几户十四五度 啥情况", AT)) is not None
    assert (c.act, c.who) == (Act.CALL_IN, "供热小曲")
    assert (c := read_staff("@电工小乔 我整不了 你下午能来瞅一眼不", AT)) is not None
    assert (c.act, c.who) == (Act.TRANSFER, "电工小乔")


@pytest.mark.parametrize(
    "text",
    [
        "收到",
        "好的收到",
        "【通知】明天9点停水",
        "各位早 今天三件事",
        "辛苦了",
        "转了",
    ],
)
def test_small_talk_orders_and_notices_of_staff_are_no_act(text: str) -> None:
    assert read_staff(text, AT) is None


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("看到了 老梁带三角钥匙往9号楼跑了", Act.CLAIM),
        ("备用泵投上了", Act.PROGRESS),
        ("到老韩家了", Act.ARRIVE),
        ("还没修好", Act.NOT_DONE),
        ("我今天去不了", Act.DECLINE),
        ("谁看见我那个登记本了", None),
        ("早上吃的啥", None),
    ],
)
def test_patterns_alone_know_the_acts_of_staff(text: str, act: Act | None) -> None:
    assert stafftalk._by_pattern(text) is act
