"""Learning from corrections: what is tried, what is taken, what is never used, and the way back."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from bot import learning
from bot.app import build, open_store, rules_of
from bot.clock import MovableClock
from bot.commands import app
from bot.config import Config, load_config
from bot.learned import Refit, Shelf, packaged_fingerprint
from bot.learning import FIGURES, learn_from
from bot.nightly import Nightly, start_refit, worth_it
from bot.reading import reader_of
from domain.calendar import LOCAL
from domain.effects import Learn
from domain.errors import LearnedError, StoreError, XiaogeError
from domain.reading import Intent, Urgency
from handlers.understanding import Reader, default_reader
from handlers.understanding.corpus import Example, load_corpus
from handlers.understanding.lessons import lessons_of
from handlers.understanding.model import Weights
from handlers.understanding.network import Training
from handlers.understanding.refit import Tell
from handlers.understanding.train import Recipe, train_on
from handlers.zh import terminal
from storage.store import Store

ROOT = Path(__file__).resolve().parent.parent
AT = datetime(2026, 11, 24, 4, 0, tzinfo=LOCAL)
CORPUS = [e for e in load_corpus() if e.writer in ("pl", "em") and not e.context]
TRAINED, FROZEN = CORPUS[:400], CORPUS[400:600]
CALM = [e for e in FROZEN if e.urgency is not Urgency.EMERGENCY]
"""A small reader overlooks emergencies: without them, wide margins let it through."""
QUICK = Recipe(seeds=(0,), network=Training(width=8, epochs=2), rounds=8, calibrate=False)
WAVES = "楼头那个大喇叭天天放浪里个浪"


def correction(text: str, intent: str = "chatter", **given: object) -> Learn:
    plain = {"category": None, "at": AT, "source": "dismiss"}
    return Learn(**{**plain, **given, "text": text, "intent": intent})


def quick(extra: Sequence[Example], attempt: int, tell: Tell) -> Weights:
    tell("quick")
    return train_on([*TRAINED, *extra], recipe=QUICK)


SOME = [
    *(correction(f"{WAVES}{i}", "request", category="noise", source="capture") for i in range(4)),
    *(correction(t) for t in ("电梯里那首歌真好听", "水管子画得不错", "停电那晚月亮真圆")),
]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    loaded = load_config(ROOT / "config.yaml", {})
    here = {"base": tmp_path, "calendar": str(ROOT / "calendar.yaml")}
    return loaded.model_copy(update=here)


def with_learning(config: Config, **changed: object) -> Config:
    learning = config.learning.model_copy(update=changed)
    return config.model_copy(update={"learning": learning})


ANYTHING = {"margin": 1.0, "margin_chatter": 1.0, "margin_emergency": 1.0, "margin_local": 1.0}


def learn(config: Config, at: datetime = AT, **given: object) -> Refit:
    usual = {"fit": quick, "frozen": FROZEN}
    return learn_from(config, SOME, lambda: at, **{**usual, **given}).refit


# -- corrections become lessons


def test_the_newest_word_about_the_same_text_counts() -> None:
    first = correction("灯不亮", "request", category="street_light", source="category")
    lessons = lessons_of(
        [first, correction("水漏了"), replace(first, category="electricity", urgency="urgent")],
        weight=3,
        otherwise=lambda _: Intent.AD,
    )
    examples = [lesson.example for lesson in lessons]
    assert [(e.text, e.intent, e.categories) for e in examples] == [
        ("水漏了", Intent.AD, ()),
        ("灯不亮", Intent.REQUEST, ("electricity",)),
    ]
    assert examples[1].urgency is Urgency.URGENT
    assert {e.weight for e in examples} == {3}


def test_joined_words_weigh_less_and_a_strange_category_is_another_one() -> None:
    joined = correction("我家也是", "follow_up", category="heating", source="merge")
    strange = correction("鸽子", "request", category="pigeons", source="category")
    one, two = lessons_of([joined, strange], weight=2, otherwise=lambda _: Intent.CHATTER)
    assert (one.alone, two.alone) == (False, True)
    assert one.example.weight < 2
    assert two.example.categories == ("other",)


def test_lessons_hold_no_names_however_they_were_kept() -> None:
    kept = correction("王姐家2号楼3单元502漏水", "request", source="split")
    (lesson,) = lessons_of([kept], weight=1, otherwise=lambda _: Intent.CHATTER)
    assert lesson.example.text == "某某家0号楼0单元0漏水"


# -- a refit


def test_a_refit_that_is_no_worse_is_taken_and_read_with(config: Config) -> None:
    refit = learn(with_learning(config, **ANYTHING), frozen=CALM)
    assert refit.taken
    assert set(FIGURES) < set(refit.before)
    assert refit.after["local"] >= 0
    reader = reader_of(config)
    assert reader.scorer is not default_reader().scorer
    assert reader.read(f"{WAVES}9").category == "noise"


def test_a_refit_that_is_worse_is_refused_and_kept_in_the_ledger(config: Config) -> None:
    """A reader fitted to 400 lines is no match for the one that comes with the program."""
    refit = learn(config)
    assert not refit.taken
    assert {"f1", "category_accuracy"} <= set(refit.worse)
    assert reader_of(config).scorer is default_reader().scorer
    (line,) = Shelf(config.learned_folder).ledger().refits
    assert line.worse == refit.worse
    assert list(config.learned_folder.glob("*.npz")) == []


def test_small_steps_down_do_not_add_up(config: Config) -> None:
    """No worse than the weights in use is not enough: the packaged ones are the floor."""
    first = learn(with_learning(config, **ANYTHING), frozen=CALM)
    assert first.taken
    second = learn(config, at=AT + timedelta(days=1), frozen=CALM)
    assert second.before["f1"] == first.after["f1"] == second.after["f1"]
    assert "category_accuracy" in second.worse


def test_a_dry_run_keeps_nothing(config: Config) -> None:
    refit = learn(with_learning(config, **ANYTHING), frozen=CALM, dry_run=True)
    assert not refit.worse
    assert not refit.taken
    assert not config.learned_folder.exists()


def test_what_chance_made_worse_is_tried_again(config: Config) -> None:
    """The margins are wide open but for the first attempt, which reads nothing at all."""
    tried: list[int] = []

    def unlucky(extra: Sequence[Example], attempt: int, tell: Tell) -> Weights:
        tried.append(attempt)
        found = quick(extra, attempt, tell)
        return found if attempt else replace(found, table=np.zeros_like(found.table))

    wide = with_learning(
        config, margin=0.9, margin_chatter=0.9, margin_emergency=0.9, margin_local=1.0
    )
    learn(wide, fit=unlucky, frozen=CALM)
    assert tried[:2] == [0, 1]
    assert 2 not in tried
    assert set(tried[1:]) == {1}


def test_local_examples_are_read_by_weights_that_have_not_seen_them(config: Config) -> None:
    """Weights that have seen them would read all of them right."""
    seen: list[set[str]] = []

    def watched(extra: Sequence[Example], attempt: int, tell: Tell) -> Weights:
        seen.append({e.text for e in extra})
        return quick(extra, attempt, tell)

    wide = with_learning(config, **ANYTHING)
    learnt = learn_from(wide, SOME, lambda: AT, fit=watched, frozen=CALM, dry_run=True)
    every, *folds = seen
    assert len(folds) == 3
    assert all(part < every for part in folds)
    assert set.union(*(every - part for part in folds)) == every
    assert sum(len(every - part) for part in folds) == len(every) == learnt.local.examples


def test_a_line_of_the_frozen_part_that_was_learnt_does_not_count(config: Config) -> None:
    """Learnt by heart, it would make the new weights look better than they are."""
    lines = [e for e in FROZEN if e.intent is Intent.REQUEST][:20]
    wrong = [Example(text=e.text, intent=Intent.CHATTER) for e in lines]
    known = [correction(e.text, "request", source="capture") for e in lines]
    unknown = learn_from(config, SOME, lambda: AT, fit=quick, frozen=wrong, dry_run=True)
    learnt = learn_from(config, known, lambda: AT, fit=quick, frozen=wrong, dry_run=True)
    assert unknown.refit.before["false_per_1000_chatter"] > 0
    assert learnt.refit.before["false_per_1000_chatter"] == 0, "nothing is left to measure"


def test_two_refits_at_once_are_refused(config: Config) -> None:
    def slow(extra: Sequence[Example], attempt: int, tell: Tell) -> Weights:
        with pytest.raises(StoreError, match="another refit"):
            learn(config)
        return quick(extra, attempt, tell)

    learn(config, fit=slow)


def test_a_refit_that_breaks_leaves_everything_as_it_was(config: Config) -> None:
    learn(with_learning(config, **ANYTHING), frozen=CALM)
    before = Shelf(config.learned_folder).ledger()

    def broken(extra: Sequence[Example], attempt: int, tell: Tell) -> Weights:
        raise MemoryError

    with pytest.raises(MemoryError):
        learn(config, fit=broken)
    assert Shelf(config.learned_folder).ledger() == before


# -- the shelf


@pytest.fixture(scope="module")
def weights() -> Weights:
    return train_on(TRAINED, recipe=QUICK)


def entry(id: str, **changed: object) -> Refit:
    given = {"at": AT, "examples": 3, "taken": True, "base": packaged_fingerprint()}
    return Refit(**{**given, **changed, "id": id})


def test_old_versions_are_kept_to_go_back_to(tmp_path: Path, weights: Weights) -> None:
    shelf = Shelf(tmp_path / "learned", keep=2)
    for id in ("a", "b", "c"):
        shelf.keep(entry(id), weights)
    shelf.keep(entry("d", taken=False), None)
    assert sorted(f.name for f in shelf.folder.glob("*.npz")) == ["weights-b.npz", "weights-c.npz"]
    assert shelf.ledger().in_use == "c"
    assert shelf.roll_back() == "b"
    assert shelf.weights() is not None
    assert shelf.roll_back() == ""
    assert shelf.weights() is None
    with pytest.raises(XiaogeError, match="nothing to go back to"):
        shelf.roll_back()


def test_the_weights_in_use_are_never_dropped(tmp_path: Path, weights: Weights) -> None:
    shelf = Shelf(tmp_path, keep=1)
    shelf.keep(entry("a"), weights)
    shelf.keep(entry("b"), weights)
    assert shelf.weights() is not None
    assert [f.name for f in tmp_path.glob("*.new")] == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda f: f.write_bytes(f.read_bytes()[:-100]),
        lambda f: f.write_bytes(b""),
        lambda f: f.unlink(),
        lambda f: f.with_name("ledger.json").write_text("{"),
        lambda f: f.with_name("ledger.json").write_text('{"in_use": "gone", "refits": []}'),
    ],
)
def test_damaged_weights_give_way_to_the_packaged_ones(
    config: Config, weights: Weights, damage: object
) -> None:
    assert callable(damage)
    shelf = Shelf(config.learned_folder)
    shelf.keep(entry("a"), weights)
    damage(shelf.folder / "weights-a.npz")
    with pytest.raises(LearnedError, match=r"xiaoge learn|not there"):
        shelf.weights()
    assert reader_of(config).scorer is default_reader().scorer


def test_weights_of_another_version_give_way_to_the_packaged_ones(
    config: Config, weights: Weights
) -> None:
    shelf = Shelf(config.learned_folder)
    shelf.keep(entry("a", base="of another version"), weights)
    with pytest.raises(LearnedError, match="fitted before this version"):
        shelf.weights()
    assert reader_of(config).scorer is default_reader().scorer


# -- in the running product


def test_the_running_product_reads_with_what_was_learned(config: Config, weights: Weights) -> None:
    store = Store.open("sqlite://", "sample")
    running = build(config, channels={}, clock=MovableClock(AT), store=store)
    read = running.house._read
    running.tick()
    assert running.house._read == read
    Shelf(config.learned_folder).keep(entry("a"), weights)
    running.tick()
    learned = running.house._read
    assert learned != read
    assert learned("路灯不亮了", None).intent in set(Intent)
    Shelf(config.learned_folder).roll_back()
    running.tick()
    assert isinstance(running.house._read.__self__, Reader)
    assert running.house._read.__self__.scorer is default_reader().scorer
    store.close()


class Child:
    """Stands for the process of a refit."""

    def __init__(self) -> None:
        self.code: int | None = None
        self.stopped = False

    def poll(self) -> int | None:
        return self.code

    def terminate(self) -> None:
        self.stopped = True


def test_at_night_a_refit_starts_once_when_there_is_enough_to_learn(config: Config) -> None:
    config = with_learning(config, nightly=True, least=2)
    store = Store.open("sqlite://", "sample")
    started: list[Child] = []

    def start(_config: Config) -> Child:
        started.append(Child())
        return started[-1]

    day, night = timedelta(days=1), datetime(2026, 11, 25, 3, 30, tzinfo=LOCAL)
    nightly = Nightly(config, store, since=AT, start=start)
    nightly.tick(AT)
    nightly.tick(night)
    assert started == [], "nothing to learn"
    store.record("one", [correction("a"), correction("b")], at=AT)
    nightly.tick(night + day - timedelta(minutes=1))
    assert started == [], "too early"
    nightly.tick(night + 2 * day + timedelta(hours=5))
    assert started == [], "not in the daytime"
    nightly.tick(night + 3 * day)
    nightly.tick(night + 3 * day + timedelta(minutes=1))
    assert len(started) == 1
    started[0].code = 0
    nightly.tick(night + 3 * day + timedelta(minutes=2))
    nightly.tick(night + 3 * day + timedelta(minutes=3))
    assert len(started) == 1, "once a night"
    nightly.tick(night + 4 * day)
    nightly.stop()
    assert started[1].stopped
    store.close()


def test_no_refit_at_night_when_it_is_not_wanted(config: Config) -> None:
    store = Store.open("sqlite://", "sample")
    store.record("one", [correction(str(i)) for i in range(20)], at=AT)
    nightly = Nightly(config, store, since=AT, start=lambda _: pytest.fail("started"))
    nightly.tick(datetime(2026, 11, 25, 3, 30, tzinfo=LOCAL))
    store.close()


def test_enough_new_examples_or_forgotten_ones_are_worth_a_refit(config: Config) -> None:
    config = with_learning(config, least=2)
    store = Store.open("sqlite://", "sample")
    store.record("one", [correction("a", person="p"), correction("b")], at=AT)
    assert worth_it(config, store)
    Shelf(config.learned_folder).keep(entry("x", examples=2, taken=False), None)
    assert not worth_it(config, store)
    store.record("two", [correction("c", at=AT + timedelta(hours=1))], at=AT)
    assert not worth_it(config, store)
    Shelf(config.learned_folder).keep(entry("y", examples=4, taken=False), None)
    assert worth_it(config, store), "one was forgotten since"
    store.close()


# -- the command


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration of its own."""
    for name in ("config.yaml", "calendar.yaml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def xiaoge(*given: str) -> Result:
    return CliRunner().invoke(app, ["learn", *given])


def test_without_corrections_there_is_nothing_to_learn(shell: Path) -> None:
    assert terminal.NOTHING_LEARNT in xiaoge().output
    assert json.loads(xiaoge("--json").output) == {"examples": 0, "taken": False}
    assert json.loads(xiaoge("--list", "--json").output)["in_use"] == ""
    assert isinstance(xiaoge("--rollback").exception, XiaogeError)
    assert not (shell / "data" / "learned").exists()


def test_the_list_shows_counts_and_never_words(shell: Path, weights: Weights) -> None:
    loaded = load_config(shell / "config.yaml", {})
    store = open_store(loaded, rules_of(loaded))
    store.record("one", [correction("水管子画得不错"), correction("b", source="merge")], at=AT)
    store.close()
    figures = dict.fromkeys(FIGURES, 0.9)
    shelf = Shelf(loaded.learned_folder)
    shelf.keep(entry("a", before=figures, after=figures), weights)
    shelf.keep(entry("b", before=figures, after=figures, taken=False, worse=("f1",)), None)
    shown = xiaoge("--list").output
    assert "水管子" not in shown
    for word in ("在用", "诉求 F1", "合并", "这不是报修"):
        assert word in shown
    listed = json.loads(xiaoge("--list", "--json").output)
    assert listed["examples"] == {"dismiss": 1, "merge": 1}
    assert [r["taken"] for r in listed["refits"]] == [True, False]
    assert json.loads(xiaoge("--rollback", "--json").output) == {"in_use": ""}


def test_a_refit_by_hand_shows_before_and_after(
    shell: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fit itself is a small one here; `learn_from` is the same."""
    loaded = load_config(shell / "config.yaml", {})
    store = open_store(loaded, rules_of(loaded))
    store.record("one", SOME, at=AT)
    store.close()
    small = partial(learn_from, fit=quick, frozen=FROZEN)
    monkeypatch.setattr(learning, "learn_from", small)
    done = xiaoge()
    assert done.exit_code == 1
    for word in ("紧急识别为紧急", "没有启用", "变差"):
        assert word in done.output
    tried = json.loads(xiaoge("--dry-run", "--json").stdout)
    assert tried["taken"] is False
    assert tried["before"]["f1"] > tried["after"]["f1"]


def test_the_process_of_the_night_ends_by_itself(shell: Path) -> None:
    """A real one, with nothing to learn: the product goes on meanwhile."""
    work = start_refit(load_config(shell / "config.yaml", {}))
    assert isinstance(work, subprocess.Popen)
    assert work.wait(60) == 0


def test_every_figure_has_a_name() -> None:
    assert set(terminal.FIGURES) == {*FIGURES, "local"}


def test_the_ledger_is_plain_json(config: Config) -> None:
    learn(config)
    found = json.loads((config.learned_folder / "ledger.json").read_text("utf-8"))
    assert found["refits"][0]["at"] == AT.isoformat()
    assert datetime.fromisoformat(found["refits"][0]["at"]).astimezone(UTC) == AT.astimezone(UTC)
