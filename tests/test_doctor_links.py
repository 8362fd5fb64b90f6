"""The doctor on links: how each channel stands by the last word of the running product."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from bot.bulletins import Bulletin
from bot.channels.base import Link
from bot.commands.opening import house_of
from bot.doctor import Finding, Level, examine
from bot.doubts import Doubts
from tests.patients import AROUND, CALENDAR, NOW, config, town

ON = "channels: {onebot: {enabled: true, accept_risk: true}}\n"


def found(
    link: Link | None, ago: timedelta = timedelta(minutes=1), more: str = ""
) -> list[Finding]:
    words = {} if link is None else {"onebot": word(link, NOW - ago)}
    around = replace(AROUND, bulletins=words)
    return examine(config(ON + more), town(), CALENDAR, around)


def word(link: Link, at: datetime) -> Bulletin:
    return Bulletin(at=at, link=link, since=at, last_event_at=at, detail="scan_qr", gaps=2)


@pytest.mark.parametrize(
    ("link", "code", "level"),
    [
        (Link.UP, "link.up", Level.FINE),
        (Link.DEGRADED, "link.degraded", Level.WARNING),
        (Link.LOGGED_OUT, "link.logged_out", Level.ERROR),
        (Link.DOWN, "link.down", Level.ERROR),
        (None, "link.never", Level.NOTE),
    ],
)
def test_each_state_has_its_words(link: Link | None, code: str, level: Level) -> None:
    (finding,) = [f for f in found(link) if f.code.startswith("link.")]
    assert (finding.code, finding.level) == (code, level)
    assert link is None or finding.values["gaps"] == "2"


def test_words_of_long_ago_mean_that_nobody_is_running() -> None:
    codes = [f.code for f in found(Link.DOWN, timedelta(hours=1))]
    assert "link.not_running" in codes
    assert "link.down" not in codes


def test_a_channel_that_may_fail_without_a_second_way_to_the_operator_is_named() -> None:
    assert "operator.none" in [f.code for f in found(Link.UP)]
    robot = ON.replace("}}", "}, wecom: {enabled: true}}")
    codes = [f.code for f in examine(config(robot), town(), CALENDAR, AROUND)]
    assert "operator.none" not in codes


def test_a_room_in_doubt_is_named_and_confirmed_by_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(__file__).parent.parent
    for name in ("config.yaml", "calendar.yaml"):
        (tmp_path / name).write_bytes((root / name).read_bytes())
    file = tmp_path / "config.yaml"
    with house_of(file) as (_config, store, _rules):
        room = next(iter(store.directory().rooms))
        Doubts(store).doubt(room, NOW)
    monkeypatch.chdir(tmp_path)
    asked = CliRunner().invoke(app, ["rooms", "--json", "--config", str(file)])
    assert '"why": "doubted"' in asked.output
    assert (
        CliRunner().invoke(app, ["rooms", "--confirm", room, "--config", str(file)]).exit_code == 0
    )
    with house_of(file) as (_config, store, _rules):
        assert Doubts(store).confirmed(room)
    assert CliRunner().invoke(app, ["rooms", "--confirm", "x:y", "--config", str(file)]).exit_code
