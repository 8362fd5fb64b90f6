"""Labelled scenes: their tables are whole, and a replay knows what a faultless house would know."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from domain.errors import XiaogeError
from domain.reading import NOWHERE, Band, Intent, Place, Reading
from handlers.understanding.corpus import Example
from handlers.understanding.scenes import (
    Following,
    Scene,
    SceneLine,
    lines_alone,
    load_scenes,
    parse_scenes,
    told,
)
from handlers.understanding.scores import CATEGORIES, INTENTS
from handlers.understanding.trainscenes import fitted
from handlers.zh.rooms import WORK_ROOM

_AT_HOME, _ELSEWHERE, _WORK = "一号群", "二号群", f"某社区{WORK_ROOM}"
_GOOD = (
    "sx01\t95\twechat\t一号群\t老徐\tresident\tR\twater_supply/drainage_sewage\tU b=2 u=3\tt1\t"
    "open,more\t厨房漏水了\\n快来人"
)
_URGENCIES = {"-", "N", "U", "E"}
_ACTS = {
    "open", "more", "metoo", "claim", "progress", "done", "confirm", "reopen", "escalate",
    "handover", "withdraw",
}  # fmt: skip


@cache
def _scenes() -> tuple[Scene, ...]:
    return load_scenes()


def _line(text: str = "漏水了", *, seconds: int = 0, room: str = _AT_HOME) -> SceneLine:
    return SceneLine(
        scene="sx01",
        seconds=seconds,
        channel="wechat",
        room=room,
        sender="老徐",
        role="resident",
        intent=Intent.REQUEST,
        categories=("water_supply",),
        urgency="U",
        place=NOWHERE,
        ticket="t1",
        acts=("open",),
        text=text,
    )


def _reading(place: Place = NOWHERE) -> Reading:
    return Reading(intent=Intent.REQUEST, confidence=1.0, band=Band.SURE, place=place)


def _chat(text: str, *, seconds: int = 0, room: str = _AT_HOME) -> SceneLine:
    line = _line(text, seconds=seconds, room=room)
    return replace(line, intent=Intent.CHATTER, categories=(), urgency="-", ticket="", acts=())


# -- the tables


def test_a_good_line_is_read_with_everything_on_it() -> None:
    (line,) = parse_scenes(_GOOD, "sx")
    assert line == SceneLine(
        scene="sx01",
        seconds=95,
        channel="wechat",
        room="一号群",
        sender="老徐",
        role="resident",
        intent=Intent.REQUEST,
        categories=("water_supply", "drainage_sewage"),
        urgency="U",
        place=Place(building="2", unit="3"),
        ticket="t1",
        acts=("open", "more"),
        text="厨房漏水了\n快来人",
    )
    assert not line.staff


@pytest.mark.parametrize(
    ("ticket", "meant"), [("t1", Intent.FOLLOW_UP), ("-", Intent.CHATTER)], ids=["about", "none"]
)
def test_members_at_work_say_more_about_a_matter_or_nothing(ticket: str, meant: Intent) -> None:
    row = f"sx01\t5\tqq\t{_WORK}\t小白\tproperty\tS\t-\t-\t{ticket}\t-\t收到"
    (line,) = parse_scenes(row, "sx")
    assert line.intent is None
    assert line.staff
    assert line.meant is meant
    assert (line.categories, line.acts, line.place) == ((), (), NOWHERE)


@pytest.mark.parametrize(
    "bad",
    [
        _GOOD.replace("\tR\t", "\tX\t"),
        _GOOD.removesuffix("\t厨房漏水了\\n快来人"),
        _GOOD + "\tand more",
        "",
    ],
    ids=["letter", "too few", "too many", "empty"],
)
def test_a_bad_line_is_refused_with_its_file_its_number_and_what_to_do(bad: str) -> None:
    with pytest.raises(XiaogeError, match=r"sx\.tsv line 2: .*12 columns.*mend the line"):
        list(parse_scenes(f"{_GOOD}\n{bad}\n{_GOOD}", "sx"))


def test_the_scenes_that_came_along_are_whole() -> None:
    scenes = _scenes()
    assert len(scenes) >= 300
    names = [scene[0].scene for scene in scenes]
    assert len(set(names)) == len(names)
    for scene in scenes:
        name = scene[0].scene
        assert {line.scene for line in scene} == {name}
        seconds = [line.seconds for line in scene]
        assert all(a < b for a, b in pairwise(seconds)), name
        assert seconds[0] >= 0, name


def test_every_ticket_of_a_scene_is_opened_once_by_its_first_words() -> None:
    for scene in _scenes():
        name = scene[0].scene
        opened = Counter(line.ticket for line in scene if "open" in line.acts)
        assert opened == dict.fromkeys((line.ticket for line in scene if line.ticket), 1), name


def test_every_label_of_a_scene_is_a_known_one() -> None:
    for line in (line for scene in _scenes() for line in scene):
        where = f"{line.scene} at {line.seconds}"
        assert set(line.categories) <= set(CATEGORIES), where
        assert line.urgency in _URGENCIES, where
        assert set(line.acts) <= _ACTS, where
        assert line.channel in ("wechat", "qq"), where
        assert line.text.strip(), where
        assert line.categories or line.intent is not Intent.REQUEST, where


def test_scenes_come_in_the_same_order_every_time() -> None:
    assert [s[0].scene for s in load_scenes()] == [s[0].scene for s in _scenes()]


# -- what a faultless house would know


def _after(*lines: SceneLine) -> Following:
    following = Following()
    for line in lines:
        following.hear(line, _reading(line.place))
    return following


def test_a_matter_is_known_in_the_room_where_it_was_told_and_at_work_only() -> None:
    following = _after(_line())
    assert len(following.context(_chat("好", seconds=60)).matters) == 1
    assert following.context(_chat("好", seconds=60, room=_ELSEWHERE)).matters == ()
    assert len(following.context(_chat("好", seconds=60, room=_WORK)).matters) == 1


def test_a_matter_is_known_in_a_second_room_once_somebody_spoke_of_it_there() -> None:
    also = replace(_line("我家也是", seconds=30, room=_ELSEWHERE), sender="高姨", acts=("metoo",))
    (matter,) = _after(_line(), also).context(_chat("好", seconds=90, room=_ELSEWHERE)).matters
    assert matter.text == "漏水了"
    assert matter.minutes == 1.0


def test_in_every_scene_a_room_knows_only_what_was_told_there() -> None:
    for scene in _scenes():
        rooms: dict[str, set[str]] = {}
        following = Following()
        for line in scene:
            work = WORK_ROOM in line.room
            known = [t for t, where in rooms.items() if work or line.room in where]
            context = following.context(line)
            assert len(context.matters) == len(known), (line.scene, line.seconds)
            assert all(m.minutes >= 0 for m in context.matters)
            assert context.staff == line.staff
            following.hear(line, _reading(line.place))
            if line.ticket and (line.ticket in rooms or "open" in line.acts):
                rooms.setdefault(line.ticket, set()).add(line.room)


def test_the_matter_is_the_speakers_own_and_finished_until_it_comes_back() -> None:
    by_staff = replace(_line("修好了", seconds=60), sender="李师傅", role="property", intent=None)
    done = replace(by_staff, acts=("done",))
    again = replace(_line("又漏了", seconds=120), acts=("reopen",), intent=Intent.FOLLOW_UP)
    own, handler = _chat("好", seconds=200), replace(_chat("好", seconds=200), sender="李师傅")
    following = _after(_line(), done)
    (matter,) = following.context(own).matters
    assert (matter.own, matter.finished) == (True, True)
    assert not following.context(handler).matters[0].own
    following.hear(again, _reading())
    assert not following.context(own).matters[0].finished


def test_what_is_learnt_of_the_place_fills_the_matter() -> None:
    more = replace(_line("3单元", seconds=20), acts=("more",), place=Place(unit="3"))
    following = _after(replace(_line(), place=Place(building="2")), more)
    (matter,) = following.context(_chat("好", seconds=30)).matters
    assert matter.place == Place(building="2", unit="3")


def test_the_last_six_of_ten_minutes_of_the_same_room_are_heard() -> None:
    said = [_chat(f"{n}", seconds=60 * n) for n in range(9)]
    other = _chat("那边", seconds=485, room=_ELSEWHERE)
    following = _after(*said, other)
    texts = [s.text for s in following.context(_chat("好", seconds=490)).previous]
    assert texts == ["3", "4", "5", "6", "7", "8"]
    late = following.context(_chat("好", seconds=480 + 600)).previous
    assert [(s.text, s.minutes, s.same_person) for s in late] == [("8", 10.0, True)]


def test_telling_goes_through_every_line_and_starts_anew_with_each_scene() -> None:
    scenes = ((_line(), _chat("好", seconds=5)), (_chat("早", seconds=0),))
    known: list[int] = []
    for line, following in told(scenes):
        known.append(len(following.context(line).matters))
        following.hear(line, _reading())
    assert known == [0, 1, 0]


# -- the same lines as single messages


def test_what_stands_in_the_corpus_is_left_out() -> None:
    scene = (_line("厨房漏水了！"), _line("卫生间漏水了"))
    corpus = [Example(text="厨房漏水了！", intent=Intent.REQUEST)]
    assert [e.text for e in lines_alone([scene], apart_from=corpus)] == ["卫生间漏水了"]


def test_what_cannot_be_understood_alone_tells_of_running_talk_only() -> None:
    staff = replace(_line("马上到"), role="property", intent=None)
    lines = (
        _line("厨房漏水了"),
        replace(_line("还在漏"), intent=Intent.FOLLOW_UP),
        replace(_line("谢谢师傅"), intent=Intent.THANKS_RESOLVED),
        staff,
        _chat("早上好"),
        _chat("[图片]"),
    )
    found = {e.text: e for e in lines_alone([lines], apart_from=())}
    assert {text: e.weight for text, e in found.items()} == {
        "厨房漏水了": 1.0,
        "还在漏": 0.0,
        "谢谢师傅": 0.0,
        "马上到": 0.0,
        "早上好": 0.5,
    }
    assert all(e.talk == 1.0 for e in found.values())
    assert found["马上到"].intent is Intent.FOLLOW_UP
    assert found["厨房漏水了"].source == "scenes-sx01"
    assert found["厨房漏水了"].writer == "scenes"


def test_of_all_scenes_no_text_comes_twice() -> None:
    found = lines_alone(_scenes(), apart_from=())
    assert len({e.text for e in found}) == len(found)
    assert {e.weight for e in found} == {0.0, 0.5, 1.0}
    assert all(re.fullmatch(r"scenes-s[a-z]+\d+", e.source) for e in found)


# -- the networks over the surroundings


def test_the_same_lines_give_the_same_networks() -> None:
    random = np.random.default_rng(7)
    count = 6 * len(INTENTS)
    intents = np.arange(count, dtype=np.int64) % len(INTENTS)
    seen = random.normal(size=(count, 9)).astype(np.float32)
    seen[np.arange(count), intents] += 4.0
    first, second = fitted(seen, intents), fitted(seen.copy(), intents.copy())
    assert first.to_bytes() == second.to_bytes()
    networks = first.first.shape[0]
    assert networks > 1
    assert not np.array_equal(first.first[0], first.first[1])
    assert first.second.shape == (networks, first.first.shape[2], len(INTENTS))
    likely = [int(np.argmax(first.intents(row))) for row in seen]
    assert np.mean(np.array(likely) == intents) >= 0.9


# -- what a house would know that hears with a reader's mistakes


def test_a_line_that_was_joined_wrongly_makes_the_matter_fresher() -> None:
    following = _after(_line())
    following.hear(_chat("晚上吃啥", seconds=240), _reading(), heard_as=Intent.FOLLOW_UP)
    (matter,) = following.context(_chat("好", seconds=300)).matters
    assert matter.minutes == 1.0


def test_idle_words_that_are_taken_for_a_request_become_a_matter() -> None:
    following = _after(_line())
    idle = replace(_chat("我家前年也漏过", seconds=60), sender="高姨")
    following.hear(idle, _reading(), heard_as=Intent.REQUEST)
    newest, oldest = following.context(replace(idle, seconds=120)).matters
    assert (newest.text, newest.own) == ("我家前年也漏过", True)
    assert (oldest.text, oldest.own) == ("漏水了", False)


def test_what_is_not_heard_as_more_is_not_joined() -> None:
    missed = replace(_line("还在淌", seconds=240), acts=("more",))
    following = _after(_line())
    following.hear(missed, _reading(), heard_as=Intent.CHATTER)
    assert following.context(_chat("好", seconds=300)).matters[0].minutes == 5.0
    following.hear(missed, _reading(), heard_as=Intent.FOLLOW_UP)
    assert following.context(_chat("好", seconds=300)).matters[0].minutes == 1.0
