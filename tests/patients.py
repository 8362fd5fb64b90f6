"""A doctor's patients: a small whole town, a small configuration, quiet surroundings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from bot.calendar_file import load_calendar
from bot.config import Config, config_from
from bot.doctor import Finding, Level, StoreStatus, Surroundings
from bot.yaml_file import parse_yaml
from domain.grid import Community, Directory, Estate, Grid, Member, Post, Room
from handlers.zh import doctor as words

ROOT = Path(__file__).parent.parent
CALENDAR = load_calendar(ROOT / "calendar.yaml")
NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
STORE = StoreStatus(url="sqlite:///x", revision="0003", newest="0003", last_at=NOW)
AROUND = Surroundings(now=NOW, fonts=("NotoSansCJK-Regular.ttc",), store=STORE)
CATALOGUE = """
categories:
  heating:
    name: 供暖
    roles: [grid_head]
    handler: utility.heat
    claim: {emergency: 5min, urgent: 30min, normal: 4wh}
    solve: {emergency: 2h, urgent: 24h, normal: 3wd}
  other:
    name: 其他
    roles: [info]
    claim: {emergency: 5min, urgent: 30min, normal: 4wh}
    solve: {emergency: 2h, urgent: 24h, normal: 3wd}
"""
FINE = "names: [小格]\n"


def config(text: str = FINE, environ: Mapping[str, str] | None = None) -> Config:
    return config_from(parse_yaml(text + CATALOGUE, "config.yaml"), environ or {}, Path())


def town() -> Directory:
    """A community of two grids that nothing is wrong with."""
    posts = tuple(Post(role=role, grid="G2") for role in ("info", "supervisor"))
    return Directory(
        town="sample",
        town_name="青禾镇",
        communities={"C1": Community(key="C1", name="东社区", grid="G2", duty="值班室")},
        grids={
            "G1": Grid(key="G1", name="东片", level=1),
            "G2": Grid(key="G2", name="东二", level=2, parent="G1", community="C1"),
            "G3": Grid(key="G3", name="东三", level=3, parent="G2", community="C1"),
            "G4": Grid(key="G4", name="东四", level=3, parent="G2", community="C1"),
        },
        estates={"E1": Estate(key="E1", name="东苑", community="C1", grid="G3")},
        rooms={
            "sandbox:1": Room(handle="sandbox:1", name="东苑群", community="C1"),
            "sandbox:2": Room(handle="sandbox:2", name="工作群", community="C1", kind="work"),
        },
        members={
            "M1": Member(key="M1", name="周", posts=posts),
            "M2": Member(
                key="M2",
                name="吴",
                posts=(Post(role="grid_head", grid="G3"), Post(role="grid_head", grid="G4")),
            ),
        },
        bindings={"sandbox:a": "M1", "sandbox:b": "M2"},
    )


def codes(findings: list[Finding], *, at_least: Level = Level.WARNING) -> list[str]:
    order = [Level.ERROR, Level.WARNING, Level.NOTE, Level.FINE]
    return [f.code for f in findings if order.index(f.level) <= order.index(at_least)]


def said(finding: Finding, language: str = "zh") -> str:
    """The finding in words, as the command prints it."""
    return words.LANGUAGES[language][finding.code].format(where=finding.where, **finding.values)
