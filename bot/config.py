"""`config.yaml` -> Config: every key typed, nothing unknown, secrets only from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from bot.catalogue import CategoryRow
from bot.channel_settings import Channels
from bot.complaints import explain
from bot.secrets import Secrets, read_secrets, unknown_variables
from bot.section import Section
from bot.settings import (
    Awake,
    Database,
    Digest,
    Inbound,
    Key,
    LanguageModel,
    Learning,
    Log,
    Operator,
    Pacing,
    Retention,
    Rooms,
    Town,
    Understanding,
    Waiting,
)
from bot.spans import Hours
from bot.yaml_file import YamlFile, read_yaml
from domain.calendar import WorkCalendar
from domain.errors import ConfigError
from domain.rules import HERE, Patience, Rules

DEFAULT_FILE = "config.yaml"
_DAY = datetime(2000, 1, 3).date()  # noqa: DTZ001  # only the time of day is used
_OFFICE: tuple[str, ...] = ("08:00-12:00", "13:00-17:00")

Name = Annotated[str, Field(min_length=1, max_length=20)]


class Config(Section):
    """Everything an operator decides. Paths are relative to `base`, the folder of the file."""

    town: Town = Town()
    mode: Literal["dry-run", "production", "sandbox"] = "dry-run"
    names: tuple[Name, ...] = ()
    database: Database = Database()
    roster: str = ""
    calendar: str = "calendar.yaml"
    channels: Channels = Channels()
    inbound: Inbound = Inbound()
    operator: Operator = Operator()
    rooms: Rooms = Rooms()
    pacing: Pacing = Pacing()
    hours: tuple[Hours, ...] = Field(default=_OFFICE, validate_default=True, min_length=1)
    awake: Awake = Awake()
    patience: Waiting = Waiting()
    digest: Digest = Digest()
    retention: Retention = Retention()
    understanding: Understanding = Understanding()
    learning: Learning = Learning()
    llm: LanguageModel = LanguageModel()
    log: Log = Log()
    categories: dict[Key, CategoryRow]

    base: Path = Field(default=Path(), exclude=True)
    secrets: Secrets = Field(default=Secrets(), exclude=True)
    unknown_environment: tuple[str, ...] = Field(default=(), exclude=True)
    file: Path | None = Field(default=None, exclude=True)
    """Where it was read from, for a process that is started beside this one."""

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if "other" not in self.categories:
            raise ValueError("categories needs `other`: it answers what fits nowhere else")
        previous = None
        for start, end in self.hours:
            if start > end or (previous is not None and start < previous):
                raise ValueError("hours must follow each other within one day, as in 08:00-12:00")
            previous = end
        return self

    @property
    def delivers(self) -> bool:
        """Whether channels beside the sandbox really send; otherwise it is said what would be."""
        return self.mode == "production"

    @property
    def running_channels(self) -> tuple[str, ...]:
        """The names of the channels to start: in mode `sandbox` no other one."""
        on = self.channels.on()
        return tuple(n for n in on if n == "sandbox") if self.mode == "sandbox" else on

    @property
    def database_url(self) -> str:
        """The environment's, else the file's, else a SQLite file under `data/`."""
        given = self.secrets.database_url or self.database.url
        return given or f"sqlite:///{(self.base / 'data' / 'xiaoge.sqlite3').as_posix()}"

    @property
    def ways_to_operator(self) -> tuple[str, ...]:
        """Handles by which the operator is told of trouble, the best first."""
        robot = f"wecom:{self.channels.wecom.account or 'robot'}"
        ways = {
            "smtp": tuple(f"smtp:{address}" for address in self.channels.smtp.operators),
            "wecom": (robot,),
        }
        return tuple(way for name in self.operator.tell for way in ways[name])

    @property
    def calendar_file(self) -> Path:
        return self.base / self.calendar

    @property
    def roster_path(self) -> Path | None:
        """A workbook or folder of CSV files; None: the roster in the store, or the sample town."""
        return self.base / self.roster if self.roster else None

    @property
    def data_folder(self) -> Path:
        """Where the product keeps what it writes beside the database."""
        return self.base / "data"

    @property
    def learned_folder(self) -> Path:
        """Where weights lie that were fitted with corrections."""
        return self.data_folder / "learned"

    @property
    def day_minutes(self) -> float:
        """The length of one working day."""
        total = sum(
            (
                datetime.combine(_DAY, end) - datetime.combine(_DAY, start)
                for start, end in self.hours
            ),
            timedelta(),
        )
        return total.total_seconds() / 60

    def rules(self, calendar: WorkCalendar) -> Rules:
        """The tables that decisions depend on, with these working hours in the calendar."""
        own = WorkCalendar(
            off=calendar.off,
            on=calendar.on,
            years=calendar.years,
            hours=self.hours,
            zone=calendar.zone,
        )
        return Rules(
            categories={
                key: row.category(key, self.day_minutes) for key, row in self.categories.items()
            },
            calendar=own,
            patience=self._patience(),
            bot_names=self.names,
            learns=self.learning.enabled,
            asks_elsewhere=self._asks_elsewhere(),
        )

    def _asks_elsewhere(self) -> str:
        if not self.llm.enabled:
            return ""
        return HERE if self.llm.local else self.llm.host

    def _patience(self) -> Patience:
        waiting = self.patience
        return Patience(
            pause=waiting.pause,
            pause_longest=waiting.pause_longest,
            stitch=waiting.stitch,
            merge=waiting.merge,
            reopen=waiting.reopen,
            silence=waiting.silence,
            question=waiting.question,
            offer=waiting.offer,
            steps=waiting.steps,
            urgent_hours=self.awake.urgent,
            normal_hours=self.awake.normal,
            digest_at=self.digest.at,
            voices_alarm=waiting.voices_alarm,
            text_kept=self.retention.text,
            photo_kept=self.retention.photos,
            examples_kept=self.retention.examples,
        )


_ADDED = ("base", "secrets", "unknown_environment", "file")


def load_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """The configuration of a file; raises ConfigError listing file, line, key and remedy.

    Without a path: `XIAOGE_CONFIG`, else `config.yaml` in the current folder, else the one
    beside the program.
    """
    file = path or _find(environ)
    config = config_from(read_yaml(file), environ, base=file.parent)
    return config.model_copy(update={"file": file})


def config_from(source: YamlFile, environ: Mapping[str, str], base: Path) -> Config:
    """The same for a file already read; `base` is the folder that its paths are relative to."""
    mapping = source.mapping
    if mapping is None:
        raise ConfigError(f"{source.name}:1: must hold keys and values, as in `mode: dry-run`")
    for key in _ADDED:
        if key in mapping:
            raise ConfigError(f"{source.where((key,))}: `{key}`: unknown key: remove it")
    given = {
        **mapping,
        "base": base,
        "secrets": read_secrets(environ),
        "unknown_environment": unknown_variables(environ),
    }
    try:
        return Config.model_validate(given)
    except ValidationError as error:
        raise ConfigError(explain(error, source, Config, _ADDED)) from error


def _find(environ: Mapping[str, str]) -> Path:
    if named := environ.get("XIAOGE_CONFIG"):
        return Path(named)
    for folder in (Path(), Path(__file__).resolve().parent.parent):
        if (folder / DEFAULT_FILE).is_file():
            return folder / DEFAULT_FILE
    raise ConfigError(
        f"no {DEFAULT_FILE} here: change to its folder, pass --config, or set XIAOGE_CONFIG"
    )
