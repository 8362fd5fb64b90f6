"""`xiaoge check`: the doctor."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.options import AsJson, ConfigFile

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config import Config
    from bot.doctor import Finding, Surroundings
    from domain.grid import Directory

_SICK = 1


class Language(StrEnum):
    """What the doctor speaks."""

    ZH = "zh"
    EN = "en"


def check(
    config: ConfigFile = None,
    *,
    lang: Annotated[Language, typer.Option(help="The language of the findings.")] = Language.ZH,
    every: Annotated[
        bool, typer.Option("--all", help="Also what is well, and every single room.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Look for everything that could keep Xiaoge from working: exit code 1 when there is any.

    Configuration, database, calendar, holes in the roster, channels, rooms, learned weights, clock
    and fonts. A language model that is switched on is asked one harmless question.

    Examples:

    * `xiaoge check`

    * `xiaoge check --all --lang en`
    """
    from bot.commands.opening import config_of
    from bot.doctor import Level, examine, worst

    loaded = config_of(config)
    directory, around = _looked_around(loaded)
    from bot.calendar_file import load_calendar

    findings = examine(loaded, directory, load_calendar(loaded.calendar_file), around)
    hidden: set[Level] = set() if every else {Level.FINE}
    shown = [
        f
        for f in findings
        if f.level not in hidden and (every or not (f.code.startswith("room.") and _calm(f)))
    ]
    _print(shown, lang, json=json)
    if worst(findings) is Level.ERROR:
        raise typer.Exit(_SICK)


def _calm(finding: Finding) -> bool:
    from bot.doctor import Level

    return finding.level is Level.NOTE


def _looked_around(config: Config) -> tuple[Directory | None, Surroundings]:
    """The town (None when there is none yet) and everything outside the files."""
    from dataclasses import replace
    from datetime import datetime, timedelta

    from bot.clock import SystemClock
    from bot.doctor.surroundings import chinese_fonts
    from handlers.understanding.scores import CATEGORIES

    now = SystemClock().now()
    offset: timedelta | None = datetime.fromtimestamp(now.timestamp()).astimezone().utcoffset()
    directory, kept = _store(config, now)
    return directory, replace(
        kept,
        local_offset=offset or timedelta(),
        fonts=chinese_fonts(),
        channels=tuple(_channels(config)),
        readable=frozenset(CATEGORIES),
        unlearned=_unlearned(config),
        model_fails=_model_fails(config),
    )


def _model_fails(config: Config) -> str | None:
    """Ask the language model a harmless question; why it failed, "" when not, None when off."""
    import asyncio

    from bot.app import opinions_of
    from bot.clock import SystemClock
    from bot.second_opinion import NoOpinion
    from handlers.zh.opinion import SAMPLE

    async def tried() -> str | None:
        opinions = opinions_of(config, SystemClock())
        if opinions is None:
            return None
        try:
            await opinions.answer(SAMPLE)
        except NoOpinion as error:
            return str(error)
        finally:
            await opinions.close()
        return ""

    return asyncio.run(tried()) if config.llm.enabled else None


def _unlearned(config: Config) -> str:
    """Why the learned weights are not used; empty when they are, or there are none."""
    from bot.learned import Shelf
    from domain.errors import LearnedError

    try:
        Shelf(config.learned_folder).weights()
    except LearnedError as error:
        return str(error)
    return ""


def _store(config: Config, now: datetime) -> tuple[Directory | None, Surroundings]:
    """The town, and what the store knows: its own state, the channels', rooms in doubt.

    A town that lives in a story has its own present.
    """
    from bot.app import open_store, rules_of
    from bot.bulletins import Bulletins
    from bot.commands.moments import moment_after
    from bot.doctor import StoreStatus, Surroundings
    from bot.doubts import Doubts
    from bot.town import first_town
    from bot.unserved import Unserved
    from domain.errors import XiaogeError
    from storage.migrate import HEAD, look

    url = config.database_url
    shown = url.partition("://")[0] + "://" + url.rpartition("@")[2].removeprefix("sqlite://")
    try:
        revision = None if _no_file_yet(url) else look(url).current
    except XiaogeError as error:
        return None, Surroundings(now=now, store=StoreStatus(url=shown, problem=str(error)))
    if revision != HEAD:
        status = StoreStatus(url=shown, revision=revision or "", newest=HEAD)
        town = first_town(config) if revision is None else None
        return town, Surroundings(now=now, store=status)
    store = open_store(config, rules_of(config))
    try:
        directory: Directory = store.directory()
        newest = store.tickets(limit=1)
        last = newest[0].touched_at if newest else None
        bulletins = Bulletins(store)
        read = {name: bulletins.read(name) for name in config.running_channels}
        return directory if directory.communities else first_town(config), Surroundings(
            now=moment_after(store) if store.meta_get("sandbox.day") else now,
            store=StoreStatus(url=shown, revision=HEAD, newest=HEAD, last_at=last),
            doubted_rooms=Doubts(store).among(directory.rooms),
            bulletins={name: word for name, word in read.items() if word is not None},
            seen_rooms=Unserved(store).all(directory, now),
        )
    finally:
        store.close()


def _no_file_yet(url: str) -> bool:
    name = url.removeprefix("sqlite:///")
    return name != url and not Path(name).exists()


def _channels(config: Config) -> list[Finding]:
    """Each channel that is on, built but not started."""
    from bot.channels.start import build_channels
    from bot.clock import SystemClock
    from bot.doctor.findings import refused_channel
    from domain.errors import ConfigError, XiaogeError

    found: list[Finding] = []

    def refused(name: str, error: XiaogeError) -> None:
        found.append(refused_channel(name, str(error)))

    try:
        build_channels(config, SystemClock(), refused=refused)
    except ConfigError:
        pass  # `channels.none` says so already
    return found


def _print(findings: list[Finding], lang: Language, *, json: bool) -> None:
    from bot.commands.printing import as_json, table
    from handlers.zh import terminal
    from handlers.zh.doctor import LANGUAGES

    words = LANGUAGES[lang.value]
    said = [(f, words[f.code].format(where=f.where, **f.values)) for f in findings]
    if json:
        as_json(
            [
                {"level": f.level.value, "code": f.code, "where": f.where, "text": text}
                for f, text in said
            ]
        )
        return
    names = terminal.LEVELS if lang is Language.ZH else {level: level for level in terminal.LEVELS}
    table("", terminal.CHECK, [(names[f.level.value], f.where, text) for f, text in said])
