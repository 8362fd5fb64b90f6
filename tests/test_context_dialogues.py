"""The dialogues about surroundings are about them: a house that ignores these tells another story."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from domain.reading import Reading
from handlers.understanding import Context, default_reader
from tests.dialogue import HERE, Stage, play

_DIALOGUES: list[dict[str, Any]] = [
    data for data in yaml.safe_load_all((HERE / "context.yaml").read_text(encoding="utf-8")) if data
]


def _by_text_only(text: str, _context: Context | None = None) -> Reading:
    return default_reader().read(text)


def _ignore_surroundings(stage: Stage) -> None:
    stage.house.read_with(_by_text_only)


@pytest.mark.parametrize("data", [pytest.param(d, id=d["title"]) for d in _DIALOGUES])
def test_without_its_surroundings_the_story_is_another(
    data: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read goes by the text alone, and no room is nearer to a member than another."""
    monkeypatch.setattr("handlers.matching._by_room", lambda *_: 0.0)
    with pytest.raises(AssertionError, match="line "):
        play(data, _ignore_surroundings)
