"""The configuration: the shipped file is complete, and every mistake is named with its line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path
from time import perf_counter
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from bot.config import Config, config_from, load_config
from bot.secrets import known_variables
from bot.spans import parse_clock, parse_hours, parse_limit, parse_span
from bot.yaml_file import parse_yaml
from domain.calendar import WorkCalendar
from domain.errors import ConfigError
from domain.reading import Urgency
from domain.rules import Limit

SHIPPED = Path(__file__).parent.parent / "config.yaml"
KEYS = [
    "water_supply",
    "drainage_sewage",
    "heating",
    "electricity",
    "gas",
    "elevator",
    "building_repair",
    "street_light",
    "road_parking",
    "sanitation_garbage",
    "greening",
    "noise",
    "neighbour_dispute",
    "public_security",
    "fire_safety",
    "pets_animals",
    "illegal_construction",
    "public_facilities",
    "property_service",
    "social_assistance",
    "elderly_disability",
    "family_planning_health",
    "legal_mediation",
    "certificates_policy_query",
    "other",
]
SMALL = """\
mode: dry-run
categories:
  other:
    name: 其他
    roles: [info]
    claim: {emergency: 5min, urgent: 30min, normal: 4wh}
    solve: {emergency: 2h, urgent: 24h, normal: 3wd}
"""


def small(text: str = "", environ: dict[str, str] | None = None) -> Config:
    return config_from(parse_yaml(text + SMALL, "config.yaml"), environ or {}, Path("/town"))


def complaint(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        config_from(parse_yaml(text, "config.yaml"), {}, Path())
    return str(caught.value)


def test_the_shipped_file_holds_the_25_categories_in_order() -> None:
    config = load_config(SHIPPED, {})
    assert list(config.categories) == KEYS
    assert config.running_channels == ("sandbox",)
    assert not config.delivers


def test_the_shipped_file_says_what_the_models_default_to() -> None:
    shipped = load_config(SHIPPED, {}).model_dump(exclude={"categories", "names"})
    assert shipped == small().model_dump(exclude={"categories", "names"})


def _keys(model: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        if field.exclude or name == "categories":
            continue
        yield (*above, name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _keys(field.annotation, (*above, name))


def test_every_key_stands_in_the_shipped_file_with_a_comment() -> None:
    lines = SHIPPED.read_text("utf-8").splitlines()
    where = parse_yaml("\n".join(lines), "config.yaml").lines
    for key in _keys(Config):
        assert key in where, f"{'.'.join(key)} is not in config.yaml"
        at = where[key] - 1
        commented = "#" in lines[at] or lines[at - 1].lstrip().startswith("#")
        explained = key[-1] == "security" or commented
        assert explained, f"{'.'.join(key)} has no comment"


def test_every_secret_of_a_channel_is_named_in_the_shipped_file() -> None:
    text = SHIPPED.read_text("utf-8")
    for variable in known_variables():
        if variable not in {"XIAOGE_CONFIG", "XIAOGE_WEB_PASSWORD"}:
            assert variable in text, variable


def test_loading_is_quick() -> None:
    """A start must not wait for its configuration; 150 ms is ten times what was measured."""
    load_config(SHIPPED, {})
    begin = perf_counter()
    load_config(SHIPPED, {})
    assert perf_counter() - begin < 0.15


def test_rules_carry_limits_patience_and_the_working_hours() -> None:
    config = small('hours: ["09:00-12:00", "13:00-17:00"]\nnames: [小格]\n')
    rules = config.rules(WorkCalendar())
    other = rules.category("no such thing")
    assert other.claim[Urgency.NORMAL] == Limit(minutes=240, working=True)
    assert other.solve[Urgency.NORMAL] == Limit(minutes=3 * 420, working=True)
    assert other.solve[Urgency.URGENT] == Limit(minutes=1440)
    assert rules.calendar.hours[0] == (time(9), time(12))
    assert rules.patience.silence == timedelta(days=7)
    assert rules.bot_names == ("小格",)


@pytest.mark.parametrize(
    ("text", "line", "key", "remedy"),
    [
        ("modes: dry-run\n", 1, "`modes`", "did you mean `mode`?"),
        ("mode: live\n", 1, "`mode`", "production"),
        ("\npatience:\n  pause: soon\n", 3, "`patience.pause`", "60s"),
        ("patience: {merge: 24}\n", 1, "`patience.merge`", "24h"),
        ("digest:\n  at: 25:00\n", 2, "`digest.at`", "07:40"),
        ("hours: [08:00]\n", 1, "`hours[0]`", "08:00-12:00"),
        ("rooms: {default: allow}\n", 1, "`rooms.default`", "deny"),
        ("names: 小格\n", 1, "`names`", "write a list"),
        ("channels:\n  onebot:\n    enabled: yes\n", 3, "`channels.onebot.enabled`", "true or"),
        ("channels: {onebott: {}}\n", 1, "`channels.onebott`", "did you mean `onebot`?"),
        ("understanding: {sure: 0.2}\n", 1, "`understanding`", "must not be above"),
        ("patience: {steps: [100, 50]}\n", 1, "`patience.steps`", "rise"),
        ("town: {key: 启智}\n", 1, "`town.key`", "short word"),
        ("pacing: {account: {per_minute: 0, burst: 1}}\n", 1, "per_minute`", "greater than"),
    ],
)
def test_a_mistake_is_refused_with_line_key_and_remedy(
    text: str, line: int, key: str, remedy: str
) -> None:
    said = complaint(text + SMALL.replace("mode: dry-run\n", ""))
    assert said.startswith(f"config.yaml:{line}: ")
    assert key in said
    assert remedy in said


@pytest.mark.parametrize(
    ("old", "new", "line", "remedy"),
    [
        ("roles: [info]", "roles: [infos]", 5, "did you mean `info`?"),
        ("roles: [info]", "roles: []", 5, "at least 1"),
        ("roles: [info]", "roles: [info]\n    handler: utility.heating", 6, "`utility.heat`"),
        ("roles: [info]", "roles: [info]\n    skill: plumbing", 6, "`plumber`"),
        ("emergency: 5min", "emergency: 1wh", 6, "natural time"),
        ("normal: 3wd", "normal: 3wx", 7, "8wh"),
        ("    name: 其他\n", "", 3, "is missing"),
        ("  other:", "  others:", 1, "needs `other`"),
    ],
)
def test_a_mistake_in_the_catalogue_is_refused(old: str, new: str, line: int, remedy: str) -> None:
    said = complaint(SMALL.replace(old, new))
    assert remedy in said
    assert said.startswith(f"config.yaml:{line}:")


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        ("channels: {onebot: {token: abc}}\n", "XIAOGE_ONEBOT_TOKEN"),
        ("channels: {wecom: {key: abc}}\n", "XIAOGE_WECOM_KEY"),
        ("channels: {smtp: {password: abc}}\n", "XIAOGE_SMTP_PASSWORD"),
        ("channels: {wecom_callback: {aes_key: abc}}\n", "XIAOGE_WECOM_CALLBACK_AES_KEY"),
        ("llm: {api_key: abc}\n", "XIAOGE_LLM_KEY"),
        ("database: {url: 'postgresql://me:abc@db/x'}\n", "XIAOGE_DATABASE_URL"),
        ("channels: {onebot: {url: 'ws://h/?access_token=abc'}}\n", "environment"),
        ("channels: {onebot: {http_url: 'http://me:abc@h/'}}\n", "environment"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(text: str, variable: str) -> None:
    said = complaint(text + SMALL)
    assert variable in said
    assert "abc" not in said


def test_secrets_come_from_the_environment_and_are_not_shown() -> None:
    config = small(
        environ={"XIAOGE_ONEBOT_TOKEN": " abc ", "XIAOGE_ONEBOT_TOKKEN": "x", "PATH": ""}
    )
    assert config.secrets.onebot_token == "abc"
    assert "abc" not in repr(config)
    assert config.unknown_environment == ("XIAOGE_ONEBOT_TOKKEN",)


def test_the_database_is_the_environments_else_the_files_else_under_data() -> None:
    assert small().database_url == "sqlite:////town/data/xiaoge.sqlite3"
    assert small("database: {url: 'sqlite:///x.db'}\n").database_url == "sqlite:///x.db"
    url = "postgresql://me:abc@db/x"
    assert small(environ={"XIAOGE_DATABASE_URL": url}).database_url == url


def test_mode_sandbox_starts_no_other_channel() -> None:
    text = "channels: {onebot: {enabled: true, accept_risk: true}}\n"
    assert small(text).running_channels == ("sandbox", "onebot")
    sandboxed = SMALL.replace("dry-run", "sandbox")
    config = config_from(parse_yaml(text + sandboxed, "c"), {}, Path())
    assert config.running_channels == ("sandbox",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2\n", "config.yaml:2: `a` is given twice"),
        ("a: [1\n", "not YAML"),
        ("a: &x 1\nb: *x\n", "aliases"),
        ("\ta: 1\n", "config.yaml:1: not YAML"),
        ("- a\n", "must hold keys"),
        ("base: /etc\n" + SMALL, "unknown key"),
        ("? [a, b]\n: 1\n", "plain word"),
        ("a: " + "[" * 100_000 + "\n", "nested too deeply"),
    ],
)
def test_a_file_that_is_not_usable_yaml_is_refused_with_its_line(text: str, said: str) -> None:
    assert said in complaint(text)


def test_a_missing_or_badly_encoded_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "none.yaml", {})
    bad = tmp_path / "config.yaml"
    bad.write_bytes("mode: dry-run\n# 中文\n".encode("gb18030"))
    with pytest.raises(ConfigError, match=r"config\.yaml:2: not UTF-8"):
        load_config(bad, {})


def test_several_mistakes_are_all_listed_in_the_order_of_the_file() -> None:
    said = complaint("mod: 1\ntown: {nam: x}\n" + SMALL).splitlines()
    assert [line.split(":")[1] for line in said] == ["1", "2"]


@given(st.text(max_size=400))
def test_no_text_breaks_the_reader_of_yaml(text: str) -> None:
    try:
        config_from(parse_yaml(text, "config.yaml"), {}, Path())
    except ConfigError as error:
        assert str(error).startswith("config.yaml:")  # noqa: PT017  # the error is one of several allowed outcomes


@given(st.one_of(st.text(max_size=12), st.integers(), st.none(), st.from_regex(r"\d+(h|wd|min)")))
def test_no_value_breaks_the_readers_of_time(value: object) -> None:
    for parse in (parse_span, parse_limit, parse_clock, parse_hours):
        try:
            parse(value)
        except ValueError as error:
            assert "write" in str(error) or "must differ" in str(error)  # noqa: PT017  # the error is one of several allowed outcomes


def test_urgencies_and_limits_match() -> None:
    limits = load_config(SHIPPED, {}).categories["other"].claim
    assert set(limits.limits(480)) == set(Urgency)
    assert get_args(Config.model_fields["mode"].annotation) == ("dry-run", "production", "sandbox")
