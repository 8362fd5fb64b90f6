"""Dialogues through the whole house: what grid staff can read is what is tested."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.dialogue import HERE, play

_FILES = sorted(p for p in HERE.glob("*.yaml") if p.name != "town.yaml")


def _dialogues() -> list[Any]:
    rows: list[Any] = []
    for path in _FILES:
        documents = yaml.safe_load_all(path.read_text(encoding="utf-8"))
        rows += [
            pytest.param(data, id=f"{path.stem}-{data['title']}") for data in documents if data
        ]
    return rows


@pytest.mark.parametrize("data", _dialogues())
def test_dialogue_comes_true(data: dict[str, Any]) -> None:
    play(data)


def test_there_are_dialogues() -> None:
    assert len(_dialogues()) >= 36, f"only {len(_dialogues())} dialogues in {Path(HERE).name}"
