"""The roster: what comes out goes in again, and an import says what it would change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.roster import difference, read, write
from bot.roster.listing import listed
from bot.roster.units import parse_units, write_units
from domain.grid import (
    KNOWN_ROLES,
    SKILLS,
    Directory,
    Member,
)
from handlers.zh import roster as words
from tests.rosters import Lines, complaints, save, town, towns

QUIET = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@QUIET
@given(towns())
def test_what_is_written_as_csv_is_read_back_equal(town: Directory) -> None:
    with TemporaryDirectory() as folder:
        write(town, Path(folder))
        assert read(Path(folder), ["heating", "gas"]) == town


@QUIET
@given(towns())
def test_what_is_written_as_a_workbook_is_read_back_equal(town: Directory) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "roster.xlsx"
        write(town, path)
        assert read(path) == town
        assert not any(difference(town, read(path)))


def test_the_difference_names_what_an_import_would_change() -> None:
    old = town()
    members = {**old.members, "M3": Member(key="M3", name="郑")}
    del members["M2"]
    new = replace(old, town_name="青禾", members=members, bindings={"qq:1": "M1"})
    by_sheet = {one.sheet: one for one in difference(old, new)}
    assert by_sheet["members"].added == ("M3",)
    assert by_sheet["members"].removed == ("M2",)
    assert by_sheet["town"].changed == ("qinghe",)
    assert not by_sheet["rooms"]
    assert all(not one.removed for one in difference(None, new))


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader_of_units(text: str) -> None:
    units = parse_units(text)
    assert units is None or parse_units(write_units(units)) == units


def test_units_are_ranges_both_ways() -> None:
    assert parse_units("1-3,5") == ("1", "2", "3", "5")
    assert parse_units("1至3、东") == ("1", "2", "3", "东")
    assert parse_units("") == ()
    assert parse_units("0-3") is None
    assert write_units(("1", "2", "3", "5", "东")) == "1-3,5,东"


def test_a_hundred_thousand_rows_are_read(tmp_path: Path) -> None:
    lines = listed(town())
    lines["members"] += [
        [f"N{n}", f"志愿者{n}", "志愿者@G3", "水暖", "", "", "", "2"] for n in range(100_000)
    ]
    save(lines, tmp_path)
    assert len(read(tmp_path).members) == 100_002


def test_a_hundred_thousand_wrong_rows_are_all_named(tmp_path: Path) -> None:
    def change(lines: Lines) -> None:
        lines["rooms"] += [[f"qq:{n + 2}", "群", "C9", "", "", "", ""] for n in range(100_000)]

    assert len(complaints(change, tmp_path)) == 100_000


def test_every_complaint_names_where_it_is_and_ends_like_a_sentence() -> None:
    for code, text in words.PROBLEMS.items():
        assert text.endswith("。"), code
        assert any(name in text for name in ("{where}", "{file}", "{name}")), code


def test_every_column_has_a_header_and_an_explanation() -> None:
    for sheet in words.SHEETS:
        assert list(words.HEADERS[sheet]) == list(words.EXPLAINED[sheet])
    assert set(words.SKILL_NAMES) == set(SKILLS)
    assert set(words.ROLE_NAMES) == set(KNOWN_ROLES)
