"""The roster: every mistake is named by sheet, row and column, with what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rosters import Lines, complaints, put


@pytest.mark.parametrize(
    ("sheet", "row", "column", "text", "said"),
    [
        ("grids", 4, "parent", "G9", "网格 第 4 行“上级网格”：没有编号为“G9”的网格（是不是“G3”？"),
        ("grids", 2, "parent", "G3", "上级网格绕成了圈：G1 → G3 → G2 → G1"),
        ("grids", 4, "parent", "G4", "没有编号为“G4”"),
        ("grids", 4, "key", "G2", "网格 第 4 行“编号”：“G2”与第 3 行重复"),
        ("grids", 4, "level", "4", "级别 4 与上级 G2（2 级）接不上，应当是 3"),
        ("grids", 4, "level", "三", "“三”不是 1 到 9 的整数"),
        ("grids", 4, "level", "", "网格 第 4 行“级别”：不能空着"),
        ("grids", 2, "level", "2", "没有上级的网格应当是 1 级"),
        ("grids", 4, "kind", "别墅", "可写：居住、驻区单位"),
        ("grids", 3, "community", "C2", "没有编号为“C2”的社区（是不是“C1”？"),
        ("grids", 3, "key", "G 2", "“G 2”不能当编号"),
        ("communities", 2, "grid", "", "社区 第 2 行“所在网格”：不能空着"),
        ("estates", 2, "name", "", "小区 第 2 行“名称”：不能空着"),
        ("estates", 2, "name", "东" * 300, "太长了"),
        ("estates", 2, "name", "东\u202e苑", "看不见的控制字符"),
        ("buildings", 3, "units", "2-3", "楼栋 第 3 行“单元”：2 单元 已在第 2 行归了 G3"),
        ("buildings", 3, "units", "", "整栋 已在第 2 行"),
        ("buildings", 3, "units", "3-1", "“3-1”不是单元。请写成 1-3,5"),
        ("buildings", 3, "estate", "E2", "没有编号为“E2”的小区（是不是“E1”？"),
        ("landmarks", 2, "grid", "G9", "地标 第 2 行“所在网格”"),
        ("rooms", 2, "handle", "12345", "“12345”不是群标识"),
        ("rooms", 2, "kind", "闲聊群", "可写：居民群、工作群"),
        ("rooms", 2, "allowed", "也许", "可写：是、否"),
        ("members", 2, "posts", "网格头@G3", "不认识的岗位“网格头”（是不是“网格长”？"),
        ("members", 2, "posts", "网格长G3", "请写成 岗位@网格编号"),
        ("members", 2, "posts", "网格长@G7", "没有编号为“G7”的网格"),
        ("members", 3, "skills", "修水管", "不认识的特长“修水管”（可写：水暖、电工"),
        ("members", 3, "fields", "heatin", "没有“heatin”这个类别（是不是“heating”？"),
        ("members", 3, "deputy", "M2", "AB 岗不能是本人"),
        ("members", 3, "deputy", "M9", "没有编号为“M9”的成员"),
        ("members", 3, "daily_cap", "100", "“100”不是 0 到 99 的整数"),
        ("members", 2, "email", "周@example.cn", "“周@example.cn”不是邮箱地址"),
        ("members", 2, "email", "a@b.cn, c@b.cn", "请写成 zhou@example.cn 这样，或空着"),
        ("members", 1, "posts", "岗", "不认识的表头“岗”（是不是“岗位”？"),
        ("members", 1, "posts", "编号", "表头“编号”出现了两次"),
        ("town", 2, "key", "", "镇 第 2 行“编号”：不能空着"),
    ],
)
def test_a_mistake_is_named_by_sheet_row_and_column_with_what_to_do(
    sheet: str, row: int, column: str, text: str, said: str, tmp_path: Path
) -> None:
    found = complaints(put(sheet, row, column, text), tmp_path)
    assert any(said in problem for problem in found), found


def test_every_mistake_is_listed_at_once(tmp_path: Path) -> None:
    def change(lines: Lines) -> None:
        put("grids", 4, "level", "5")(lines)
        put("rooms", 2, "handle", "x")(lines)
        put("members", 3, "deputy", "M7")(lines)
        put("members", 2, "posts", "网格长@G9；电工@G3")(lines)

    assert len(complaints(change, tmp_path)) == 5


def without_members(lines: Lines) -> None:
    del lines["members"]


def without_header(lines: Lines) -> None:
    lines["grids"].clear()


def without_rows(lines: Lines) -> None:
    del lines["grids"][1:]


def with_a_cell_outside(lines: Lines) -> None:
    lines["rooms"].append(["qq:2", *[""] * 8, "多"])


def with_two_towns(lines: Lines) -> None:
    lines["town"].append(["x", "y"])


def with_a_strange_sheet(lines: Lines) -> None:
    lines["member"] = [["编号"]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without_members, "缺少表“成员”"),
        (without_header, "网格：第 1 行应当是表头：编号、名称"),
        (without_rows, "网格：是空的。至少要有一行"),
        (with_a_cell_outside, "在表头之外"),
        (with_two_towns, "镇 第 3 行：只能有一行"),
        (with_a_strange_sheet, "不认识的表（是不是“members.csv”？"),
    ],
)
def test_a_sheet_that_is_not_right_is_named(
    change: Callable[[Lines], None], said: str, tmp_path: Path
) -> None:
    found = complaints(change, tmp_path)
    assert any(said in problem for problem in found), found
