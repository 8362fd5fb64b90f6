"""Scenes through the whole house: the right number of tickets, with the right messages joined.

python -m benchmarks.scenes                       # the project's own scenes
python -m benchmarks.scenes TRANSCRIPT TRUTH      # any transcript with its truth
python -m benchmarks.scenes tests/exam/sx.tsv     # labelled scenes that nothing was trained on
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import labelled
from bot.app import rules_of
from bot.config import load_config
from bot.replay.run import replay
from bot.replay.transcript import Transcript, read_file
from handlers.understanding import default_reader
from storage.store import Store

ROOT = Path(__file__).parent.parent
SCENES = ROOT / "tests" / "scenes"
_FIELDS = ("claimed_by", "done_by", "confirmed_by", "reopened_by")


@dataclass
class Tally:
    """What was right, over all scenes."""

    scenes: int = 0
    right_number: int = 0
    wanted: int = 0
    found: int = 0
    extra: int = 0
    messages: int = 0
    joined: int = 0
    category: int = 0
    urgency: int = 0
    final: int = 0
    steps: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    mistakes: list[str] = field(default_factory=list[str])


def compare(report: Mapping[str, Any], wanted: Sequence[Mapping[str, Any]], tally: Tally) -> None:
    """Add one scene: tickets are paired by the messages they share."""
    made = [t for t in report["tickets"] if not t["part"]]
    tally.scenes += 1
    tally.right_number += len(made) == len(wanted)
    scene = report["scene"]
    if len(made) != len(wanted):
        tally.mistakes.append(
            f"{scene}: {len(made)} tickets, {len(wanted)} wanted: "
            + "; ".join(f"{t['category']} by {t['opened_by']}" for t in made)
        )
    left = list(made)
    for truth in wanted:
        own = {*truth["messages"], *truth["me_too"], truth["opened_by"]}
        tally.wanted += 1
        tally.messages += len(own)
        best = max(left, key=lambda t: len(_of(t) & own), default=None)
        if best is None or not _of(best) & own:
            tally.mistakes.append(f"{scene}: missed {truth['category']} ({truth['opened_by']})")
            continue
        left.remove(best)
        _pair(scene, truth, best, own, tally)
    tally.extra += len(left)


def _of(ticket: Mapping[str, Any]) -> set[str]:
    return {*ticket["messages"], *ticket["me_too"]}


def _pair(
    scene: str, truth: Mapping[str, Any], made: Mapping[str, Any], own: set[str], tally: Tally
) -> None:
    have = _of(made)
    tally.found += 1
    tally.joined += len(have & own)
    categories = (truth["category"], *truth.get("category_alt", ()))
    urgencies = (truth["urgency"], *truth.get("urgency_alt", ()))
    tally.category += made["category"] in categories
    tally.urgency += made["urgency"] in urgencies
    tally.final += made["state"] == truth.get("final")
    notes: list[str] = []
    if missing := own - have:
        notes.append(f"missing {sorted(missing)}")
    if extra := have - own:
        notes.append(f"extra {sorted(extra)}")
    if made["category"] not in categories:
        notes.append(f"category {made['category']} for {truth['category']}")
    if made["urgency"] not in urgencies:
        notes.append(f"urgency {made['urgency']} for {truth['urgency']}")
    if made["state"] != truth.get("final"):
        notes.append(f"state {made['state']} for {truth.get('final')}")
    for step in _FIELDS:
        row = tally.steps.setdefault(step, [0, 0])
        row[1] += 1
        row[0] += made[step] == truth.get(step)
        if made[step] != truth.get(step):
            notes.append(f"{step} {made[step]} for {truth.get(step)}")
    if notes:
        tally.mistakes.append(f"{scene} #{made['number']} {truth['category']}: " + "; ".join(notes))


def run(transcripts: Sequence[Transcript], truths: Mapping[str, Any]) -> Tally:
    """Replay every scene from an empty store and compare it with its truth."""
    config = load_config(ROOT / "config.yaml", {})
    rules, read = rules_of(config), default_reader().read
    tally = Tally()
    for transcript in transcripts:
        store = Store.open("sqlite://", "replay")
        report = replay(transcript, store, rules, read)
        store.close()
        truth = truths.get(transcript.scene, truths)
        compare(report, truth["tickets"], tally)
    return tally


def show(tally: Tally) -> None:
    """Print the tally, mistakes first."""
    for line in tally.mistakes:
        print(line)
    print(f"scenes with the right number of tickets: {tally.right_number}/{tally.scenes}")
    print(f"tickets found: {tally.found}/{tally.wanted}, too many: {tally.extra}")
    print(f"messages joined: {tally.joined}/{tally.messages}")
    print(f"category: {tally.category}/{tally.found}, urgency: {tally.urgency}/{tally.found}")
    print(f"final state: {tally.final}/{tally.found}")
    for step, (right, of) in tally.steps.items():
        print(f"{step}: {right}/{of}")


def main(arguments: Sequence[str]) -> None:
    if arguments and arguments[0].endswith(".tsv"):
        show(run(*labelled.read(Path(arguments[0]))))
        return
    transcript = Path(arguments[0]) if arguments else SCENES / "scenes.jsonl"
    truth = Path(arguments[1]) if len(arguments) > 1 else SCENES / "truth.json"
    show(run(read_file(transcript), json.loads(truth.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main(sys.argv[1:])
