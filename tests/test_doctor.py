"""The doctor: finds each hole that was made on purpose, and says so in words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter
from time import perf_counter

import pytest

from bot.config import load_config
from bot.doctor import Finding, Level, StoreStatus, Surroundings, examine, worst
from bot.doctor.findings import refused_channel
from bot.doctor.surroundings import chinese_fonts
from bot.sample import sample_directory
from domain.grid import Community, Member, Post
from handlers.zh import doctor as words
from tests.patients import (
    AROUND,
    CALENDAR,
    FINE,
    NOW,
    ROOT,
    STORE,
    codes,
    config,
    said,
    town,
)


def test_a_town_without_holes_gets_neither_error_nor_warning() -> None:
    findings = examine(config(), town(), CALENDAR, AROUND)
    assert codes(findings) == []
    assert worst(findings) is Level.NOTE


def test_the_worst_comes_first() -> None:
    findings = examine(config(""), None, CALENDAR, replace(AROUND, fonts=()))
    levels = [finding.level for finding in findings]
    assert levels[0] is Level.ERROR
    assert levels == sorted(levels, key=["error", "warning", "note", "fine"].index)


@pytest.mark.parametrize(
    ("posts", "expected"),
    [
        ((), {"grid.no_head", "category.unanswered"}),
        ((Post(role="grid_head", grid="G3"),), {"grid.no_head", "category.unanswered_in_part"}),
        ((Post(role="grid_head", grid="G1"),), {"grid.head_far"}),
        ((Post(role="grid_head", grid="G2"),), set[str]()),
        ((Post(role="utility", grid="G2"),), {"grid.no_head"}),
    ],
)
def test_a_grid_without_a_head_and_a_category_nobody_answers_are_found(
    posts: tuple[Post, ...], expected: set[str]
) -> None:
    whole = town()
    members = {**whole.members, "M2": replace(whole.members["M2"], posts=posts)}
    findings = examine(config(), replace(whole, members=members), CALENDAR, AROUND)
    assert set(codes(findings)) == expected


def test_a_category_nobody_answers_is_named_with_community_and_roles() -> None:
    whole = town()
    members = {"M2": whole.members["M2"]}
    findings = examine(config(), replace(whole, members=members), CALENDAR, AROUND)
    text = [said(f) for f in findings if f.code == "category.unanswered"]
    assert text == ["东社区 没有人办“其他”（要 info）：在名册里补人，或改服务目录。"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"bindings": {"sandbox:a": "M1"}}, "member.unbound"),
        ({"bindings": {"sandbox:b": "M2"}}, "member.supervisor_unbound"),
        ({"town": "another"}, "town.differs"),
        ({"rooms": {}}, "community.no_room"),
        ({"communities": {"C1": Community(key="C1", name="东", grid="G3")}}, "community.no_duty"),
        (
            {"members": {"M1": Member(key="M1", name="周", fields=("heat",))}},
            "member.unknown_field",
        ),
        ({"members": {"M1": Member(key="M1", name="周")}}, "member.no_post"),
        ({"members": {"M1": Member(key="M1", name="周")}}, "community.no_supervisor"),
    ],
)
def test_holes_of_the_roster_are_found(change: dict[str, object], code: str) -> None:
    findings = examine(config(), replace(town(), **change), CALENDAR, AROUND)
    assert code in codes(findings, at_least=Level.NOTE)


@pytest.mark.parametrize(
    ("text", "code", "level"),
    [
        ("channels: {sandbox: {enabled: false}}\n", "channels.none", Level.ERROR),
        ("mode: production\n", "channels.only_sandbox", Level.WARNING),
        ("channels: {itchat: {enabled: true}}\n", "channel.risk_not_accepted", Level.ERROR),
        ("channels: {itchat: {enabled: true, accept_risk: true}}\n", "channel.risky", Level.NOTE),
        ("channels: {onebot: {enabled: true}}\n", "channel.secret_missing", Level.ERROR),
        ("channels: {qq_official: {enabled: true}}\n", "channel.incomplete", Level.ERROR),
        (
            "channels: {onebot: {enabled: true, url: 'ws://10.0.0.5:3001'}}\n",
            "channel.open",
            Level.WARNING,
        ),
        ("llm: {enabled: true, model: m}\n", "llm.local", Level.NOTE),
        (
            "llm: {enabled: true, model: m, url: 'https://models.example/v1'}\n",
            "llm.remote",
            Level.WARNING,
        ),
        ("retention: {text: 900d}\n", "retention.long", Level.WARNING),
        ("rooms: {default: roster}\n", "rooms.all", Level.NOTE),
        ("understanding: {sure: 0.3}\n", "reading.hasty", Level.WARNING),
        ("", "names.none", Level.WARNING),
    ],
)
def test_risky_settings_are_found(text: str, code: str, level: Level) -> None:
    findings = examine(config(text), town(), CALENDAR, AROUND)
    assert (code, level) in [(f.code, f.level) for f in findings]


def test_a_channel_whose_error_was_named_is_not_named_again_in_other_words() -> None:
    refused = tuple(refused_channel(name, "no") for name in ("wecom", "wechaty"))
    loaded = config(
        FINE + "channels: {wecom: {enabled: true}, wechaty: {enabled: true, accept_risk: true}}\n",
        {"XIAOGE_WECHATY_TOKEN": "a"},
    )
    findings = examine(loaded, town(), CALENDAR, replace(AROUND, channels=refused))
    errors = [(f.where, f.code) for f in findings if f.level is Level.ERROR]
    assert errors == [
        ("channels.wecom", "channel.secret_missing"),
        ("channels.wechaty", "channel.refused"),
    ]


SMTP = "channels: {smtp: {enabled: true, host: %s, sender: a@example.cn, security: %s}}\n"


@pytest.mark.parametrize(
    ("host", "security", "environ", "expected"),
    [
        ("127.0.0.1", "none", {}, []),
        ("127.0.0.1", "none", {"XIAOGE_SMTP_USER": "a"}, ["channel.secret_missing"]),
        ("127.0.0.1", "tls", {}, ["channel.secret_missing", "channel.secret_missing"]),
        ("mail.example.cn", "none", {}, ["channel.open"]),
        ("mail.example.cn", "starttls", {"XIAOGE_SMTP_USER": "a", "XIAOGE_SMTP_PASSWORD": "b"}, []),
    ],
)
def test_mail_needs_a_password_only_where_a_server_asks_for_one(
    host: str, security: str, environ: dict[str, str], expected: list[str]
) -> None:
    loaded = config(FINE + SMTP % (host, security), environ)
    assert codes(examine(loaded, town(), CALENDAR, AROUND)) == expected


@pytest.mark.parametrize(
    ("fails", "expected"), [(None, set[str]()), ("", {"llm.answers"}), ("slow", {"llm.fails"})]
)
def test_a_language_model_that_was_tried_is_told_of(fails: str | None, expected: set[str]) -> None:
    around = replace(AROUND, model_fails=fails)
    text = "llm: {enabled: true, model: m}\n"
    found = {f.code for f in examine(config(text), town(), CALENDAR, around)}
    assert found & {"llm.answers", "llm.fails"} == expected


def test_a_misspelt_variable_and_unreadable_categories_are_found() -> None:
    around = replace(AROUND, readable=frozenset({"gas", "other"}))
    findings = examine(config(FINE, {"XIAOGE_TOKEN": "x"}), town(), CALENDAR, around)
    found = {(f.code, f.where) for f in findings}
    assert ("environment.unknown", "XIAOGE_TOKEN") in found
    assert ("category.not_in_catalogue", "categories.gas") in found
    assert ("category.never_read", "categories.heating") in found


@pytest.mark.parametrize(
    ("store", "code"),
    [
        (replace(STORE, problem="connection refused"), "store.unreachable"),
        (replace(STORE, revision="0001"), "store.migrate"),
        (replace(STORE, revision=""), "store.empty"),
        (replace(STORE, last_at=NOW + timedelta(days=1)), "clock.behind_store"),
        (STORE, "store.fine"),
    ],
)
def test_the_state_of_the_database_is_told(store: StoreStatus, code: str) -> None:
    findings = examine(config(), town(), CALENDAR, replace(AROUND, store=store))
    assert code in {f.code for f in findings}


@pytest.mark.parametrize(
    ("around", "code"),
    [
        (replace(AROUND, now=datetime(1970, 1, 1, tzinfo=UTC)), "clock.past"),
        (replace(AROUND, now=datetime(2026, 11, 1, tzinfo=UTC)), "calendar.next_year_missing"),
        (replace(AROUND, now=datetime(2026, 12, 31, 17, tzinfo=UTC)), "calendar.this_year_missing"),
        (replace(AROUND, fonts=()), "fonts.missing"),
        (replace(AROUND, local_offset=timedelta()), "clock.zone"),
        (replace(AROUND, unlearned="damaged"), "learned.refused"),
        (replace(AROUND, channels=(Finding(level=Level.ERROR, code="room.muted"),)), "room.muted"),
    ],
)
def test_the_surroundings_are_told(around: Surroundings, code: str) -> None:
    assert code in {f.code for f in examine(config(), town(), CALENDAR, around)}


def test_the_sample_town_has_no_error_and_is_examined_quickly() -> None:
    shipped = load_config(ROOT / "config.yaml", {})
    sample = sample_directory()
    begin = perf_counter()
    findings = examine(shipped, sample, CALENDAR, AROUND)
    assert perf_counter() - begin < 2
    assert codes(findings, at_least=Level.ERROR) == []
    assert not [f for f in findings if f.code.startswith(("grid.", "category.", "community."))]
    assert sum(f.code == "room.served" for f in findings) * 2 == len(sample.rooms)


def test_fonts_with_chinese_characters_are_found_by_name(tmp_path: Path) -> None:
    (tmp_path / "truetype").mkdir()
    (tmp_path / "truetype" / "DejaVuSans.ttf").touch()
    assert chinese_fonts([tmp_path, tmp_path / "none"]) == ()
    font = tmp_path / "truetype" / "wqy-zenhei.ttc"
    font.touch()
    assert chinese_fonts([tmp_path]) == (str(font),)


def test_every_code_of_the_doctor_has_words_in_both_languages_with_the_same_values() -> None:
    assert list(words.CHINESE) == list(words.ENGLISH)
    for code, text in words.CHINESE.items():
        names = {name for _, name, _, _ in Formatter().parse(text) if name}
        english = {name for _, name, _, _ in Formatter().parse(words.ENGLISH[code]) if name}
        assert names == english, code


def test_every_code_in_the_source_has_words_and_every_word_is_used() -> None:
    used: set[str] = set()
    for file in [*(ROOT / "bot" / "doctor").glob("*.py"), ROOT / "bot" / "calendar_file.py"]:
        used |= set(re.findall(r'"([a-z]+\.[a-z_]+)"', file.read_text("utf-8")))
    modes = {f"mode.{mode}" for mode in ("dry-run", "production", "sandbox")}
    assert set(words.CHINESE) == (used | modes) - {"town.key"} - {
        where for where in used if where.startswith(("rooms.", "understanding."))
    } | {"rooms.all"}


def test_every_finding_of_a_town_full_of_holes_can_be_said() -> None:
    broken = replace(
        town(),
        town="x",
        members={"M9": Member(key="M9", name="郑", fields=("nothing",))},
        communities={"C1": Community(key="C1", name="东", grid="G1")},
    )
    text = (
        "mode: production\nchannels: {onebot: {enabled: true, http_url: 'http://10.1.1.1'},"
        " wechaty: {enabled: true}, smtp: {enabled: true}}\n"
    )
    around = replace(AROUND, fonts=(), store=replace(STORE, problem="locked"))
    findings = examine(config(text), broken, CALENDAR, around)
    assert len(findings) > 15
    for finding in findings:
        for language in ("zh", "en"):
            assert "{" not in said(finding, language)
