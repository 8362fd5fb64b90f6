"""`xiaoge replay`: transcripts through the whole house, and what came of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.options import AsJson, ConfigFile

if TYPE_CHECKING:
    from bot.replay.report import Report
    from bot.replay.transcript import Transcript
    from domain.grid import Directory
    from domain.rules import Rules
    from storage.store import Store

_TOWN = "replay"
_CURSOR = "replay.scene"


def replay(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="JSON-lines transcripts.")],
    config: ConfigFile = None,
    *,
    json: AsJson = False,
    store: Annotated[
        str, typer.Option(metavar="URL", help="Keep the result in this database (one scene).")
    ] = "",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a replay that was interrupted.")
    ] = False,
    roster: Annotated[
        str,
        typer.Option(metavar="FILE|DIR|sample", help="The town; without it made up from the file."),
    ] = "",
) -> None:
    """Play transcripts through the whole product, the clock following them, and report.

    Each line is one JSON object with `at` (a time) or `t` (seconds), `room`, `sender`, `role`,
    `text`; lines with a `scene` are played scene by scene, each from an empty store. With --json
    one object per scene is written as soon as it is done.

    Examples:

    * `xiaoge replay day.jsonl`

    * `xiaoge replay scenes.jsonl --json > result.jsonl`

    * `xiaoge replay day.jsonl --store sqlite:///replay.sqlite3 --resume`
    """
    from bot import log
    from bot.app import rules_of
    from bot.commands.opening import config_of
    from bot.reading import reader_of
    from bot.replay.run import replay as play
    from bot.replay.transcript import read_file
    from domain.errors import TranscriptError

    log.set_up("warning", "text")
    loaded = config_of(config)
    rules, read = rules_of(loaded), reader_of(loaded).read
    town = _town(roster)
    scenes = [scene for file in files for scene in read_file(file)]
    if (store or resume) and len(scenes) != 1:
        raise TranscriptError(f"--store keeps one scene, these are {len(scenes)}: leave it out")
    for scene in scenes:
        kept = _open(store, scene, rules, resume=resume)
        try:
            _print(play(scene, kept, rules, read, town=town), json=json)
        finally:
            kept.close()


def _town(roster: str) -> Directory | None:
    from bot.roster import read as read_roster
    from bot.sample import sample_directory

    if roster == "sample":
        return sample_directory()
    return read_roster(Path(roster)) if roster else None


def _open(url: str, scene: Transcript, rules: Rules, *, resume: bool) -> Store:
    from domain.errors import TranscriptError
    from storage.store import Store

    if resume and not url:
        raise TranscriptError("--resume needs --store: the database of the interrupted replay")
    kept = Store.open(url or "sqlite://", _TOWN, patience=rules.patience)
    if not url:
        return kept
    before = kept.meta_get(_CURSOR)
    if before is not None and (not resume or before != scene.scene):
        kept.close()
        why = "add --resume to go on" if before == scene.scene else "use another database"
        raise TranscriptError(f"--store holds a replay of {before} already: {why}")
    kept.meta_set(_CURSOR, scene.scene)
    return kept


def _print(report: Report, *, json: bool) -> None:
    from bot.commands.printing import as_json, say, table
    from handlers.zh import terminal
    from handlers.zh.names import BRIEF, STATES, URGENCIES

    if json:
        as_json(report)
        return
    rows: list[tuple[str, ...]] = [
        (
            f"#{t['number']}" + (f"-{t['part']}" if t["part"] else ""),
            str(BRIEF.get(t["category"], t["category"])),
            URGENCIES[t["urgency"]],
            STATES[t["state"]],
            "".join(str(v) for v in t["place"].values() if v),
            str(t["households"]),
            t["opened_by"],
            " ".join([*t["messages"][1:], *t["me_too"]]),
            t["claimed_by"] or "",
            t["done_by"] or "",
            t["confirmed_by"] or "",
        )
        for t in report["tickets"]
    ]
    table(report["scene"], terminal.REPLAYED, rows)
    said = [(s["at"][11:19], s["room"], s["text"]) for s in report["said"]]
    table("", terminal.SAID, said)
    public = sum(not s["private"] for s in report["said"])
    say(
        terminal.SUMMARY.format(
            messages=report["messages"], tickets=len(rows), said=len(said), public=public
        )
    )
