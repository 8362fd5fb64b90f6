"""The house keeps its own rules: sizes, names, language, and imports that do nothing."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("bot", "handlers", "storage", "domain")
CHINESE = re.compile(r"[\u3400-\u9fff]")
MOST_LINES, LONGEST_FUNCTION = 300, 40
FORBIDDEN = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}
ALLOWED = {"bot/channels/base.py"}
SDKS = ("wechaty", "wechaty_puppet", "wechaty_puppet_service", "wechaty_grpc", "itchat", "grpclib")
SLOW = ("sklearn", "alembic", "openpyxl", "uvicorn", *SDKS)
FILES = sorted(
    file
    for room in ROOMS
    for file in (ROOT / room).rglob("*.py")
    if "migrations/versions" not in file.as_posix()
)


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    return {name_of(file): ast.parse(file.read_text("utf-8")) for file in FILES}


def docstrings(tree: ast.Module) -> set[int]:
    """Which string nodes only explain: they stand as statements."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def chinese_in(tree: ast.Module) -> Iterator[int]:
    explained = docstrings(tree)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in explained
            and CHINESE.search(node.value)
        ):
            yield node.lineno


def test_chinese_stands_only_in_the_room_for_it(trees: dict[str, ast.Module]) -> None:
    found = [
        f"{name}:{line}"
        for name, tree in trees.items()
        if not name.startswith("handlers/zh/")
        for line in chinese_in(tree)
    ]
    assert found == []


def test_the_search_for_chinese_finds_it() -> None:
    tree = ast.parse('"""解释"""\nx = "例子"\ny = f"{x}号"\n')
    assert sorted(chinese_in(tree)) == [2, 3]


def test_no_file_is_too_long() -> None:
    lengths = {name_of(f): len(f.read_text("utf-8").splitlines()) for f in FILES}
    assert {name: n for name, n in lengths.items() if n > MOST_LINES} == {}


def test_no_function_is_too_long(trees: dict[str, ast.Module]) -> None:
    """Without its docstring: a command's help may be long."""
    found: dict[str, int] = {}
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[1] if ast.get_docstring(node) and node.body[1:] else node.body[0]
                length = (node.end_lineno or 0) - first.lineno + 2
                if length > LONGEST_FUNCTION:
                    found[f"{name}:{node.name}"] = length
    assert found == {}


def test_every_file_says_what_it_is_for(trees: dict[str, ast.Module]) -> None:
    assert [name for name, tree in trees.items() if not ast.get_docstring(tree)] == []


def test_every_file_has_a_name_of_its_own() -> None:
    found = [name_of(f) for f in FILES if f.stem in FORBIDDEN]
    assert [name for name in found if name not in ALLOWED] == []


def test_each_sdk_is_imported_only_by_its_own_channel(trees: dict[str, ast.Module]) -> None:
    found: list[str] = []
    for name, tree in trees.items():
        for node in ast.walk(tree):
            modules = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for sdk in (m.partition(".")[0] for m in modules):
                home = "itchat" if sdk == "itchat" else "wechaty"
                if sdk in SDKS and not name.startswith(f"bot/channels/{home}"):
                    found.append(f"{name}: {sdk}")
    assert found == []


_IMPORT_ALL = """
import importlib, json, sys, threading
touched = []
def watch(event, args):
    if event in ("socket.connect", "socket.bind", "subprocess.Popen"):
        touched.append(event)
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        touched.append(f"open {args[0]}")
sys.addaudithook(watch)
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
print(json.dumps({"touched": touched, "threads": threading.active_count(),
                  "loaded": sorted(m for m in sys.modules if "." not in m)}))
"""


def modules(*, training: bool) -> list[str]:
    names = (name_of(f).removesuffix(".py").removesuffix("/__init__") for f in FILES)
    dotted = [name.replace("/", ".") for name in names if name != "storage/migrations/env"]
    slow = {"handlers.understanding.train", "handlers.understanding.network"}
    return [name for name in dotted if (name in slow) == training or training]


def imported(names: list[str], folder: Path) -> dict[str, list[str] | int]:
    done = subprocess.run(
        [sys.executable, "-B", "-c", _IMPORT_ALL, json.dumps(names)],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_importing_every_module_touches_nothing(tmp_path: Path) -> None:
    result = imported(modules(training=True), tmp_path)
    assert result["touched"] == []
    assert result["threads"] == 1
    assert list(tmp_path.iterdir()) == []


def test_importing_the_product_loads_no_sdk_and_nothing_slow(tmp_path: Path) -> None:
    names = ["bot.__main__", "bot.running", "bot.app", "bot.demo", "bot.replay.run"]
    loaded = imported(names, tmp_path)["loaded"]
    assert isinstance(loaded, list)
    assert sorted(set(loaded) & set(SLOW)) == []


def test_the_help_waits_for_no_database_and_no_numbers(tmp_path: Path) -> None:
    loaded = imported(["bot.__main__"], tmp_path)["loaded"]
    assert isinstance(loaded, list)
    assert sorted(set(loaded) & {"sqlalchemy", "sqlmodel", "numpy", "pydantic", "yaml"}) == []


def test_the_locks_hold_hashes_and_no_addresses() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text("utf-8")
        assert re.findall(r"(?i)https?:|file:|@ |--index|--find-links|--extra-index", text) == []
        pinned = re.findall(r"(?m)^[A-Za-z0-9][^ =]*==", text)
        with_hash = re.findall(r"(?m)^[A-Za-z0-9][^\n]*\\\n +--hash=sha256:", text)
        assert len(pinned) == len(with_hash) > 50
