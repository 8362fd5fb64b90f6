"""The roster: workbooks and CSV files as offices really save them."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from bot.roster import read, template, write
from bot.roster.listing import listed
from domain.errors import RosterError
from domain.grid import (
    Member,
)
from handlers.zh import roster as words
from tests.rosters import save, town


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_csv_is_read_in_every_encoding_that_offices_save(encoding: str, tmp_path: Path) -> None:
    for sheet, rows in listed(town()).items():
        with (tmp_path / f"{words.SHEETS[sheet]}.csv").open(
            "w", encoding=encoding, newline=""
        ) as file:
            csv.writer(file).writerows(rows)
    assert read(tmp_path) == town()


def test_english_names_of_columns_roles_and_skills_are_understood_too(tmp_path: Path) -> None:
    lines = listed(town())
    lines["members"][0] = list(words.HEADERS["members"])
    lines["members"][1][2] = "grid_head@G3"
    lines["members"][2][3] = "plumber"
    save(lines, tmp_path)
    assert read(tmp_path) == town()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "不是 xlsx"),
        (b"PK\x03\x04 broken", "不是 xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 anything", "加了密码，或者是旧的 xls"),
    ],
)
def test_a_broken_or_encrypted_workbook_is_refused(
    content: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "roster.xlsx"
    path.write_bytes(content)
    with pytest.raises(RosterError, match=said):
        read(path)


def test_a_damaged_workbook_never_raises_anything_else(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    write(town(), path)
    whole = path.read_bytes()
    refused = 0
    version = whole.index(b"PK\x01\x02") + 6
    for at in (version, *range(0, len(whole), max(len(whole) // 60, 1))):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        path.write_bytes(bytes(damaged))
        try:
            read(path)
        except RosterError:
            refused += 1
    assert refused > 10


def test_missing_files_and_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match="找不到"):
        read(tmp_path / "none.xlsx")
    (tmp_path / "x.pdf").write_bytes(b"%PDF")
    with pytest.raises(RosterError, match="只认 xlsx"):
        read(tmp_path / "x.pdf")
    (tmp_path / "empty").mkdir()
    with pytest.raises(RosterError, match="没有名册的表"):
        read(tmp_path / "empty")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    write(town(), tmp_path)
    (tmp_path / "rooms.csv").write_bytes(b"\xff\xff\xff\x00")
    with pytest.raises(RosterError, match=r"rooms\.csv：编码认不出来"):
        read(tmp_path)


def test_formulas_merged_cells_dates_and_error_values_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    write(town(), path)
    book = load_workbook(path)
    book["小区"]["B2"] = "=A2"
    book["群"].merge_cells("A3:B3")
    book["楼栋"]["C2"] = date(2026, 1, 3)  # what Excel makes of 1-3
    book["成员"]["B2"] = "#N/A"
    book.create_sheet("网络").append(["x"])
    book.save(path)
    with pytest.raises(RosterError) as caught:
        read(path)
    said = "\n".join(caught.value.problems)
    assert "小区 第 2 行“名称”：是公式（=A2）" in said
    assert "群：有合并单元格 A3:B3" in said
    assert "楼栋 第 2 行“单元”：变成了日期" in said
    assert "成员 第 2 行“姓名”：是错误值 #N/A" in said
    assert "网络：不认识的表（是不是“网格”？" in said


def test_numbers_typed_as_numbers_are_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    write(town(), path)
    book = load_workbook(path)
    book["楼栋"]["B2"] = 6.0
    book["楼栋"]["B3"] = 6
    book["网格"]["C2"] = 1
    book["群"]["G2"] = True
    book.save(path)
    assert read(path) == town()


def test_a_name_that_looks_like_a_formula_is_written_as_text(tmp_path: Path) -> None:
    odd = replace(town(), members={"M1": Member(key="M1", name="=1+1")})
    write(odd, tmp_path / "roster.xlsx")
    assert read(tmp_path / "roster.xlsx") == odd


def test_the_template_holds_every_column_and_reads_as_an_empty_town(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    template(path)
    book = load_workbook(path)
    for key, name in words.SHEETS.items():
        row = [cell.value for cell in book[name][1]]
        assert row == list(words.HEADERS[key].values())
    with pytest.raises(RosterError) as caught:
        read(path)
    assert all("是空的" in problem for problem in caught.value.problems)
    template(tmp_path / "csv")
    assert (tmp_path / "csv" / "members.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_filled_in_template_is_read(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    template(path)
    book = load_workbook(path)
    for key, rows in listed(town()).items():
        for row in rows[1:]:
            book[words.SHEETS[key]].append(row)
    book.save(path)
    assert read(path) == town()


def test_a_workbook_without_any_sheet_of_ours_is_refused(tmp_path: Path) -> None:
    book = Workbook()
    book.save(tmp_path / "roster.xlsx")
    with pytest.raises(RosterError, match="没有名册的表"):
        read(tmp_path / "roster.xlsx")
