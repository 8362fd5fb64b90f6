"""Every command, run as people run it: on a folder of its own, with good input and bad."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.roster import template

ROOT = Path(__file__).resolve().parent.parent
REFUSED = 2
LINES = (
    {"t": 0, "room": "幸福小区居民群", "sender": "甲", "role": "resident", "text": "早上好"},
    {
        "t": 60,
        "room": "幸福小区居民群",
        "sender": "乙",
        "role": "resident",
        "text": "着火了！！3号楼2单元 快来人",
    },
    {
        "t": 200,
        "room": "幸福小区网格工作群",
        "sender": "网格长老王",
        "role": "grid_head",
        "text": "1我去",
    },
)


@dataclass(frozen=True)
class Done:
    """What a command left: exit code, and what it wrote."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Shell:
    """A folder with a configuration, and the command in it."""

    folder: Path

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("XIAOGE_")}
        return kept | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PYTHONWARNINGS": "error"}

    def command(self, words: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "bot", *words]

    def __call__(self, *words: str) -> Done:
        """The command in this process: starting one for each would take minutes."""
        out, err = io.StringIO(), io.StringIO()
        before = sys.argv
        sys.argv = ["xiaoge", *words]
        try:
            with chdir(self.folder), redirect_stdout(out), redirect_stderr(err):
                main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        finally:
            sys.argv = before
        return Done(code, out.getvalue(), err.getvalue())

    def process(self, *words: str, given: bytes = b"") -> Done:
        """The command as a process of its own."""
        done = subprocess.run(
            self.command(words),
            cwd=self.folder,
            env=self.environment(),
            input=given,
            capture_output=True,
            check=False,
            timeout=120,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def json(self, *words: str) -> object:
        done = self(*words, "--json")
        assert (done.code, done.err) == (0, "")
        return json.loads(done.out)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    folder = tmp_path_factory.mktemp("town")
    for name in ("config.yaml", "calendar.yaml"):
        shutil.copy(ROOT / name, folder / name)
    return Shell(folder)


@pytest.fixture
def transcript(shell: Shell) -> Path:
    file = shell.folder / "talk.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in LINES), "utf-8")
    return file


def refused(done: Done, *words: str) -> None:
    """One line on stderr that names what is wrong; no traceback; exit code 2."""
    assert done.code == REFUSED, done
    assert "Traceback" not in done.err
    assert done.err.startswith("xiaoge: ")
    assert done.out == ""
    for word in words:
        assert word in done.err


VERBS = (
    "run", "demo", "replay", "understand", "train", "evaluate", "code", "digest", "tickets",
    "ticket", "outbox", "check", "migrate", "rooms", "calendar", "roster",
)  # fmt: skip


def test_the_help_names_every_verb(shell: Shell) -> None:
    done = shell.process("--help")
    assert (done.code, done.err) == (0, "")
    for verb in VERBS:
        assert re.search(rf"\b{verb}\b", done.out), verb


@pytest.mark.parametrize("verb", ["run", "replay", "roster"])
def test_a_verb_has_a_help(shell: Shell, verb: str) -> None:
    done = shell(verb, "--help")
    assert done.code == 0
    assert "Usage" in done.out


def test_an_unknown_verb_is_refused(shell: Shell) -> None:
    done = shell.process("replya")
    assert done.code == REFUSED
    assert "Traceback" not in done.err


def test_a_refusal_is_one_line_and_no_traceback(shell: Shell) -> None:
    done = shell.process("tickets", "--config", "gone.yaml")
    refused(done, "gone.yaml")
    assert len(done.err.splitlines()) == 1


def test_understand_answers_line_by_line_and_goes_on_behind_a_bad_one(shell: Shell) -> None:
    given = (
        '{"id": 1, "text": "3号楼2单元停水了"}\nnot json\n\n{"id": "b"}\n{"id": 3, "text": ""}\n'
    )
    done = shell.process("understand", given=given.encode())
    assert done.code == 1
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert [a["id"] for a in answers] == [1, 3]
    assert list(answers[0]) == [
        "id", "intent", "is_request", "category", "urgency", "place", "confidence",
    ]  # fmt: skip
    assert answers[0]["place"] == {
        "building": "3", "unit": "2", "floor": None, "room": None, "landmark": None,
    }  # fmt: skip
    assert "line 2: is not JSON" in done.err
    assert 'line 4: must be an object with a "text"' in done.err


def test_understand_takes_any_bytes(shell: Shell) -> None:
    given = b'\xff\xfe\n{"text": "\xe6\xbc\x8f\xe6\xb0\xb4"}\n[[[\n{"text": 5}'
    done = shell.process("understand", given=given)
    assert done.code == 1
    assert len(done.out.splitlines()) == 1
    assert done.err.count("xiaoge: line") == 3


def test_understand_answers_before_more_is_said(shell: Shell) -> None:
    """A program that asks one question at a time must not wait for the end of its own input."""
    with subprocess.Popen(
        shell.command(["understand"]),
        cwd=shell.folder,
        env=shell.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for n in range(3):
            process.stdin.write(f'{{"id": {n}, "text": "停电了"}}\n'.encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == n
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def test_replay_reports_a_file_as_json_and_for_people(shell: Shell, transcript: Path) -> None:
    report = shell.json("replay", str(transcript))
    assert isinstance(report, dict)
    assert report["scene"] == "talk"
    assert set(report) >= {"scene", "tickets", "said", "messages"}
    (ticket,) = report["tickets"]
    assert ticket["urgency"] == "emergency"
    assert ticket["claimed_by"] is not None
    done = shell("replay", str(transcript))
    assert done.code == 0
    assert "#1" in done.out


def test_replay_keeps_a_store_and_resumes_only_when_told(shell: Shell, transcript: Path) -> None:
    url = f"sqlite:///{(shell.folder / 'replay.sqlite3').as_posix()}"
    first = shell("replay", str(transcript), "--store", url, "--json")
    assert first.code == 0
    refused(shell("replay", str(transcript), "--store", url), "--resume")
    again = shell("replay", str(transcript), "--store", url, "--resume", "--json")
    assert again.code == 0
    assert json.loads(again.out)["tickets"] == json.loads(first.out)["tickets"]


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("{", "is not JSON"),
        ('{"t": 1, "sender": "a"}', "`text`"),
        ('{"sender": "a", "text": "b"}', "`at`"),
        ('{"at": "yesterday", "sender": "a", "text": "b"}', "2026-11-23"),
        ("", "holds no message"),
    ],
)
def test_replay_refuses_a_bad_transcript_by_line(shell: Shell, row: str, word: str) -> None:
    file = shell.folder / "bad.jsonl"
    file.write_text(row + "\n", "utf-8")
    refused(shell("replay", str(file)), "bad.jsonl", word)


def test_replay_refuses_a_missing_file_and_a_wrong_address(shell: Shell, transcript: Path) -> None:
    refused(shell("replay", "nowhere.jsonl"), "nowhere.jsonl")
    refused(shell("replay", str(transcript), "--store", "mysql://here/x"), "mysql")
    refused(shell("replay", str(transcript), "--store", "not an address"), "sqlite:///FILE")
    refused(shell("replay", str(transcript), "--resume"), "--store")


def test_the_demo_ends_with_the_digest(shell: Shell) -> None:
    report = shell.json("demo")
    assert isinstance(report, dict)
    said = report["said"]
    assert said[-1]["key"] == "digest"
    keys = {s["key"] for s in said}
    assert {"noted", "emergency", "claimed", "remind_claim", "confirm"} <= keys
    assert keys & {"confirmed", "confirmed_rate"}
    assert len(report["tickets"]) >= 5


def test_the_demo_shows_plain_lines_where_there_is_no_terminal(shell: Shell) -> None:
    done = shell("demo", "--speed", "100000")
    assert done.code == 0
    assert "小格: ⚠️ #" in done.out
    assert "\x1b[" not in done.out


def test_the_lists_are_empty_before_anything_happened(shell: Shell) -> None:
    assert shell.json("tickets", "--state", "active") == []
    assert shell.json("outbox") == []
    assert shell("tickets").code == 0
    assert shell("outbox").code == 0


def test_wrong_words_for_the_lists_are_refused(shell: Shell) -> None:
    refused(shell("tickets", "--state", "opne"), "opne", "active")
    refused(shell("tickets", "--community", "不存在社区"), "不存在社区")
    refused(shell("ticket", "999"), "999", "xiaoge tickets")
    refused(shell("outbox", "--retry", "12345"), "12345")


def test_the_digest_can_be_asked_for(shell: Shell) -> None:
    done = shell("digest", "尚义第一社区", "--weekly")
    assert done.code == 0
    assert done.out.startswith("【尚义第一社区")
    figures = shell.json("digest", "C01", "--day", "2026-11-23")
    assert isinstance(figures, dict)
    assert figures["day"] == "2026-11-23"
    refused(shell("digest", "--day", "2026-02-30"), "2026-02-30", "2026-11-23")


def test_a_member_gets_a_code_and_a_stranger_none(shell: Shell) -> None:
    made = shell.json("code", "M0003")
    assert isinstance(made, dict)
    assert re.fullmatch(r"\d{6}", made["code"])
    assert "网格长刘春梅" in shell("code", "网格长刘春梅").out
    refused(shell("code", "无名氏"), "无名氏", "roster show")


def test_rooms_say_why_they_are_not_served(shell: Shell) -> None:
    rooms = shell.json("rooms")
    assert isinstance(rooms, list)
    assert all(set(r) == {"room", "name", "community", "served", "why"} for r in rooms)
    assert any(r["served"] for r in rooms)
    assert shell("rooms").code == 0


def test_the_calendar_knows_make_up_days(shell: Shell) -> None:
    days = shell.json("calendar", "2026-10-01", "--days", "10")
    assert isinstance(days, list)
    assert [d["working"] for d in days] == [False] * 7 + [True] * 3
    assert "2026-10-10" in shell("calendar", "2026-10-01", "--days", "10").out
    refused(shell("calendar", "tomorrow"), "tomorrow")


def test_the_doctor_speaks_two_languages_and_data(shell: Shell) -> None:
    findings = shell.json("check")
    assert isinstance(findings, list)
    assert {"level", "code", "where", "text"} == set(findings[0])
    assert all(f["level"] != "error" for f in findings)
    assert "Dry run" in shell("check", "--lang", "en").out
    assert "试运行" in shell("check", "--all").out


def test_the_doctor_fails_when_something_is_wrong(tmp_path: Path) -> None:
    text = (ROOT / "config.yaml").read_text("utf-8")
    shutil.copy(ROOT / "calendar.yaml", tmp_path / "calendar.yaml")
    at = text.index("  wechaty:")
    text = text[:at] + text[at:].replace("enabled: false", "enabled: true", 1)
    (tmp_path / "config.yaml").write_text(text, "utf-8")
    done = Shell(tmp_path)("check", "--json")
    assert done.code == 1
    codes = {f["code"] for f in json.loads(done.out)}
    assert "channel.risk_not_accepted" in codes


def test_migrate_says_how_far_the_database_is(tmp_path: Path) -> None:
    for name in ("config.yaml", "calendar.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shell = Shell(tmp_path)
    before = shell("migrate", "--status", "--json")
    assert before.code == 1
    assert json.loads(before.out)["current"] is None
    assert shell("migrate").code == 0
    assert shell("migrate", "--status").code == 0


def test_a_roster_goes_out_and_comes_in_again(shell: Shell) -> None:
    for name in ("out.xlsx", "out"):
        assert shell("roster", "export", name).code == 0
        changes = shell.json("roster", "import", name, "--dry-run")
        assert isinstance(changes, dict)
        assert changes["imported"] is False
        assert all(not any(sheet.values()) for sheet in changes["sheets"].values())
    assert shell("roster", "import", "out").code == 0
    communities = shell.json("roster", "show")
    assert isinstance(communities, list)
    assert len(communities) == 21
    members = shell.json("roster", "show", "--community", "C01")
    assert isinstance(members, list)
    assert len(members) > 10


def test_a_roster_with_problems_names_them_all_and_imports_nothing(shell: Shell) -> None:
    assert shell("roster", "template", "empty").code == 0
    done = shell("roster", "import", "empty")
    assert done.code == REFUSED
    assert "Traceback" not in done.err
    refused(shell("roster", "import", "nowhere.xlsx"), "nowhere.xlsx")
    refused(shell("roster", "export", "config.yaml/x.xlsx"), "cannot be written")
    template(shell.folder / "t.xlsx")
    assert (shell.folder / "t.xlsx").is_file()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("mode: dry-run", "mode: wet-run"), ("config.yaml:", "mode")),
        (("names: [小格]", "nmaes: [小格]"), ("config.yaml:", "nmaes")),
        (('url: ""', "url: mysql://x/y"), ("config.yaml:", "database.url")),
        (("calendar: calendar.yaml", "calendar: gone.yaml"), ("gone.yaml",)),
    ],
)
def test_a_wrong_configuration_is_refused_by_file_line_and_key(
    tmp_path: Path, change: tuple[str, str], words: tuple[str, ...]
) -> None:
    text = (ROOT / "config.yaml").read_text("utf-8")
    assert change[0] in text
    (tmp_path / "config.yaml").write_text(text.replace(change[0], change[1], 1), "utf-8")
    if change[0] != "calendar: calendar.yaml":
        shutil.copy(ROOT / "calendar.yaml", tmp_path / "calendar.yaml")
    refused(Shell(tmp_path)("tickets"), *words)


def test_a_missing_configuration_is_refused(shell: Shell) -> None:
    refused(shell("tickets", "--config", "gone.yaml"), "gone.yaml")


def test_evaluate_measures_a_labelled_file_and_refuses_another(shell: Shell) -> None:
    good = shell.folder / "labelled.tsv"
    good.write_text(
        "R\twater_supply\tU\t-\t3号楼没水了\nC\t-\t-\t-\t早上好\n",
        "utf-8",
    )
    report = shell.json("evaluate", str(good))
    assert isinstance(report, dict)
    assert report["messages"] == 2
    refused(shell("evaluate", "gone.tsv"), "gone.tsv")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_run_lives_stops_at_a_signal_refuses_a_second_and_goes_on(tmp_path: Path) -> None:
    """The whole product: sample residents talk, tickets appear, and a restart goes on behind."""
    for name in ("config.yaml", "calendar.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shell = Shell(tmp_path)
    first = _lived(shell, until="记下了", stop=signal.SIGTERM, meanwhile=True)
    second = _lived(shell, until=": ", stop=signal.SIGINT, meanwhile=False)
    assert "周日 18:30" in first
    assert "周日 18:30" not in second
    assert shell.json("tickets") != []


def _lived(shell: Shell, *, until: str, stop: signal.Signals, meanwhile: bool) -> str:
    with subprocess.Popen(
        shell.command(["run", "--speed", "100000"]),
        cwd=shell.folder,
        env=shell.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        shown = ""
        deadline = time.monotonic() + 60
        while until not in shown and time.monotonic() < deadline:
            shown += process.stdout.readline()
        if meanwhile:
            refused(shell.process("run"), "already runs", str(process.pid))
        process.send_signal(stop)
        rest, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (0, "")
        return shown + rest
