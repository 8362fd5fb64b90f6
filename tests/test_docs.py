"""The reference pages are what the code says: every key, every command, the lifecycle."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from typer.main import get_command

from bot.commands import app
from domain.ticket import MOVES, State

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"


@pytest.fixture(scope="module")
def pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["configuration.md", "commands.md", "lifecycle.md"])
def test_a_page_is_what_the_code_says(pages: ModuleType, name: str) -> None:
    """`python dev.py docs` writes them."""
    assert (REFERENCE / name).read_text("utf-8") == pages.PAGES[name]()


def test_every_key_of_the_configuration_is_explained(pages: ModuleType) -> None:
    said = pages.comments_of((ROOT / "config.yaml").read_text("utf-8"))
    from bot.config import Config  # noqa: PLC0415

    silent = [key for key, _ in pages.keys_of(Config) if not said.get(key)]
    assert silent == []


def test_every_command_has_a_help_with_an_example(pages: ModuleType) -> None:
    verbs = dict(pages._verbs(get_command(app), "xiaoge"))
    assert len(verbs) > 15
    for name, command in verbs.items():
        assert command.help, name
        assert re.search(rf"\* `[^`]*{name}", command.help), f"{name} shows no example"
        assert all(option.help for option in command.params if option.name != "help"), name


def test_every_state_and_every_move_is_in_the_chart() -> None:
    text = (REFERENCE / "lifecycle.md").read_text("utf-8")
    for state in State:
        assert f"| `{state}` |" in text
        for move, to in MOVES[state].items():
            if to is not state:
                assert re.search(rf"{state} --> {to}: .*\b{move}\b", text), (state, move)


FAULTS = re.compile(r"^\| (\d+) [^|]*\|[^|]*\|(.*)\|$", re.MULTILINE)


def test_the_faults_that_the_page_names_are_proven_by_tests_that_exist() -> None:
    page = (ROOT / "docs" / "explanation" / "channels.md").read_text("utf-8")
    rows = {int(row[1]): row[2] for row in FAULTS.finditer(page)}
    assert list(rows) == [*range(1, 9), *range(15, 19), 25]
    files = [path for path in (ROOT / "tests").rglob("*.py") if path.name != "test_docs.py"]
    code = "\n".join(path.read_text("utf-8") for path in files)
    for number, proofs in rows.items():
        for proof in re.findall(r"`([^`]+)`", proofs):
            if "/" in proof:
                assert (ROOT / proof).is_file(), (number, proof)
            else:
                ending = "_" if re.fullmatch(r"test_\d+", proof) else r"\("
                assert re.search(rf"def {proof}{ending}", code), (number, proof)


def test_the_check_of_the_pages_finds_them_well() -> None:
    command = [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
