"""The sections of `config.yaml` that are neither channels nor the catalogue."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StrictBool, StrictInt, model_validator

from bot.channel_settings import HostPort, HttpUrl
from bot.section import Section
from bot.spans import Clock, Hours, Span

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
_ANSWER_WITHIN = timedelta(milliseconds=950)
Share = Annotated[float, Field(ge=0, le=1, strict=True)]


def _database(value: str) -> str:
    if value and not value.startswith(("sqlite:", "postgresql")):
        raise ValueError(f"{value!r} is not a database: it must start with sqlite: or postgresql")
    if "@" in value and ":" in value.partition("://")[2].partition("@")[0]:
        raise ValueError(
            "a database address with a password must not be in the file: "
            "set XIAOGE_DATABASE_URL in the environment"
        )
    return value


class Town(Section):
    """Which town this is; `key` stands in every table."""

    key: Key = "sample"
    name: str = Field(default="", max_length=40)


class Database(Section):
    """Where the product remembers; empty: a SQLite file under `data/`."""

    url: Annotated[str, AfterValidator(_database)] = ""


class Bucket(Section):
    """At most `per_minute` messages in the long run, `burst` at once."""

    per_minute: StrictInt = Field(ge=1, le=600)
    burst: StrictInt = Field(ge=1, le=100)


class Pacing(Section):
    """How fast the product may talk, so that no account is restricted and nobody is flooded."""

    account: Bucket = Bucket(per_minute=20, burst=5)
    room: Bucket = Bucket(per_minute=6, burst=3)
    jitter: Span = Field(default="1500ms", validate_default=True)
    merge_person: Span = Field(default="1h", validate_default=True)
    attempts: StrictInt = Field(default=5, ge=1, le=20)
    breaker_timeouts: StrictInt = Field(default=3, ge=1, le=100)
    breaker_rest: Span = Field(default="10min", validate_default=True)


class Operator(Section):
    """Who is told when a channel is away for too long, and by which other channel."""

    tell: tuple[Literal["smtp", "wecom"], ...] = ("smtp", "wecom")
    after: Span = Field(default="5min", validate_default=True)


class Rooms(Section):
    """Which group chats are answered. A room that is not in the roster never is."""

    default: Literal["deny", "roster"] = "deny"
    allow: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if both := sorted(set(self.allow) & set(self.stop)):
            raise ValueError(f"in both allow and stop: {', '.join(both)}: remove one")
        return self


class Understanding(Section):
    """How sure the reader must be: from `sure` a ticket, from `unsure` a question, else nothing."""

    sure: Share = 0.55
    unsure: Share = 0.28

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.unsure > self.sure:
            raise ValueError(f"unsure ({self.unsure}) must not be above sure ({self.sure})")
        return self


class Learning(Section):
    """Corrections become examples; at night the reader may be refitted with them."""

    enabled: StrictBool = True
    nightly: StrictBool = False
    at: Clock = Field(default="03:30", validate_default=True)
    least: StrictInt = Field(default=10, ge=1, le=10_000)
    weight: float = Field(default=3.0, ge=0.1, le=20)
    margin: Share = 0.01
    margin_chatter: Share = 0.02
    margin_emergency: Share = 0.015
    margin_local: Share = 0.02
    attempts: StrictInt = Field(default=3, ge=1, le=10)
    keep: StrictInt = Field(default=5, ge=1, le=50)


class LanguageModel(Section):
    """An OpenAI-compatible endpoint for the unsure band only. Off unless the town decides so."""

    enabled: StrictBool = False
    url: HttpUrl = "http://127.0.0.1:8000/v1"
    model: str = ""
    timeout: Span = Field(default="800ms", validate_default=True)
    confidence: Share = 0.8
    failures: StrictInt = Field(default=3, ge=1, le=100)
    rest: Span = Field(default="10min", validate_default=True)
    plain_http: StrictBool = False

    @property
    def host(self) -> str:
        """Where the text goes."""
        return urlsplit(self.url).hostname or ""

    @property
    def local(self) -> bool:
        """Whether the endpoint is on this machine, so that no text leaves it."""
        return self.host in {"127.0.0.1", "localhost", "::1"}

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.enabled and not (self.url and self.model):
            raise ValueError("enabled needs `url` and `model`: fill them in or set enabled: false")
        if not timedelta(milliseconds=50) <= self.timeout <= _ANSWER_WITHIN:
            raise ValueError("timeout must lie between 50ms and 950ms: nobody waits longer for it")
        if self.enabled and not (self.local or self.plain_http or self.url.startswith("https:")):
            raise ValueError(
                "url is neither https nor on this machine: use https, or set plain_http: true "
                "when a tunnel or a closed network keeps the text from others"
            )
        return self


class Awake(Section):
    """When each urgency may be said; emergencies always may."""

    urgent: Hours = Field(default="07:00-22:00", validate_default=True)
    normal: Hours = Field(default="08:00-20:00", validate_default=True)


def _rising(values: tuple[int, ...]) -> tuple[int, ...]:
    if list(values) != sorted(set(values)):
        raise ValueError(f"{list(values)} must rise from number to number")
    return values


Steps = Annotated[
    tuple[Annotated[int, Field(ge=1, le=1000, strict=True)], ...],
    Field(min_length=1, max_length=10),
    AfterValidator(_rising),
]


class Waiting(Section):
    """How long the product waits for people."""

    pause: Span = Field(default="60s", validate_default=True)
    pause_longest: Span = Field(default="150s", validate_default=True)
    stitch: Span = Field(default="10min", validate_default=True)
    merge: Span = Field(default="24h", validate_default=True)
    reopen: Span = Field(default="7d", validate_default=True)
    silence: Span = Field(default="7d", validate_default=True)
    question: Span = Field(default="24h", validate_default=True)
    offer: Span = Field(default="10min", validate_default=True)
    steps: Steps = (50, 100, 150)
    voices_alarm: Steps = (3, 5, 10)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.pause > self.pause_longest:
            raise ValueError("pause must not be longer than pause_longest")
        return self


class Retention(Section):
    """How long anything is kept; afterwards only category, grid and times remain."""

    text: Span = Field(default="180d", validate_default=True)
    photos: Span = Field(default="90d", validate_default=True)
    examples: Span = Field(default="365d", validate_default=True)
    logs: Span = Field(default="30d", validate_default=True)


class Digest(Section):
    """When the supervisors get their digest (working days), and the day that adds the week."""

    at: Clock = Field(default="07:40", validate_default=True)
    weekly_on: Literal["mon", "tue", "wed", "thu", "fri"] = "mon"


class Inbound(Section):
    """Where platforms that call us are listened to, only while such a channel is on."""

    listen: HostPort = "127.0.0.1:8790"


class Log(Section):
    """How much is logged and how; never names, phones or what people wrote."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"
    file: str = ""
