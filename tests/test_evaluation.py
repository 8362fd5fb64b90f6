"""The report of the reader: what it counts, and the picture of it."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner, Result

from bot.commands import app
from bot.evaluation_picture import drawn
from bot.svg import Sheet
from domain.errors import XiaogeError
from domain.reading import Intent, Urgency
from handlers.understanding import default_reader
from handlers.understanding.corpus import Example
from handlers.understanding.evaluate import evaluate
from handlers.understanding.scores import CATEGORIES
from handlers.zh import picture as words

LABELLED = """\
R\tstreet_light\tN\tb=2\t2号楼楼道灯不亮了 麻烦来修一下
R\tgas\tE\t-\t楼道里一股煤气味 特别呛
C\t-\t-\t-\t今天天气真好啊 <哈哈> & 出去走走
N\twater_supply\t-\t-\t【通知】明天检修停水
"""


def xiaoge(*given: str) -> Result:
    return CliRunner().invoke(app, ["evaluate", *given])


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    file = tmp_path / "mine & yours.tsv"
    file.write_text(LABELLED, "utf-8")
    return file


def test_a_labelled_file_is_measured_as_text_and_as_json(labelled: Path) -> None:
    text = xiaoge(str(labelled)).output
    for part in ("precision", "recall", "F1", "per 1,000 chatter", "macro F1", "urgency", "exact"):
        assert part in text
    report = json.loads(xiaoge(str(labelled), "--json").output)
    assert (report["messages"], report["requests"], report["emergencies"]) == (4, 2, 1)
    assert [c["key"] for c in report["categories"]] == ["gas", "street_light"]
    assert report["category_macro_f1"] == sum(c["f1"] for c in report["categories"]) / 2


def test_every_emergency_that_is_not_read_as_one_is_listed() -> None:
    quiet = Example(
        text="嗯", intent=Intent.REQUEST, categories=("gas",), urgency=Urgency.EMERGENCY
    )
    report = evaluate([quiet], default_reader())
    assert report.emergency_misses == ("嗯",)
    assert "emergencies not read as such: 1 of 1\n  嗯" in report.text()


def test_a_request_without_a_category_breaks_nothing() -> None:
    report = evaluate([Example(text="漏水了", intent=Intent.REQUEST)], default_reader())
    assert (report.category_accuracy, report.categories) == (0, ())


def test_the_picture_shows_the_figures_and_no_message(labelled: Path, tmp_path: Path) -> None:
    file = tmp_path / "reading.svg"
    assert xiaoge(str(labelled), "--picture", str(file)).exit_code == 0
    drawing = file.read_text("utf-8")
    root = ET.fromstring(drawing)
    said = " ".join("".join(node.itertext()) for node in root.iter())
    assert "mine & yours.tsv" in said
    for part in ("路灯楼道灯", "gas", "Calibration", "4 messages"):
        assert part in said
    for private in ("楼道灯不亮了", "煤气味", "天气"):
        assert private not in drawing
    assert "prefers-color-scheme: dark" in drawing
    assert root.get("role") == "img"


def test_a_report_of_nothing_can_be_drawn() -> None:
    ET.fromstring(drawn(evaluate([], default_reader()), "nothing"))


def test_every_category_has_a_name_in_the_picture() -> None:
    assert set(words.CATEGORY_NAMES) == set(CATEGORIES)


def test_words_on_a_sheet_are_never_markup() -> None:
    sheet = Sheet(10, 10, title="<t>", description="&")
    sheet.text(1, 1, "<script>alert(1)</script>")
    root = ET.fromstring(sheet.svg())
    assert [node for node in root.iter() if node.tag.endswith("script")] == []


@pytest.mark.parametrize(
    ("name", "complaint"), [("x.png", "ends in .svg"), ("none/x.svg", "no such folder")]
)
def test_a_picture_that_cannot_be_drawn_is_refused_before_the_work(
    name: str, complaint: str, tmp_path: Path
) -> None:
    done = xiaoge("--picture", str(tmp_path / name))
    assert isinstance(done.exception, XiaogeError)
    assert complaint in str(done.exception)


def test_the_picture_of_the_docs_is_linked() -> None:
    folder = Path(__file__).parent.parent / "docs" / "explanation"
    assert "(reading.svg)" in (folder / "understanding.md").read_text("utf-8")
    ET.parse(folder / "reading.svg")
