"""The kinds of column that our rows need beyond plain text and numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, String, Text
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


class Moment(TypeDecorator[datetime]):
    """An aware time, kept in UTC to the microsecond; a naive one is refused.

    SQLite gets ISO text of fixed width, so that comparing text compares times.
    """

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(32))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return utc_text(value) if dialect.name == "sqlite" else aware(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return of_text(value) if dialect.name == "sqlite" else value.astimezone(UTC)


def aware(value: datetime) -> datetime:
    """The time itself; ValueError when it has no zone."""
    if value.tzinfo is None:
        raise ValueError(
            f"time {value.isoformat()} has no zone: the store keeps aware times only; "
            "give it a zone (Asia/Shanghai for what people say, UTC inside)"
        )
    return value


@lru_cache(maxsize=512)
def utc_text(value: datetime) -> str:
    """An aware time as text; one event writes the same time into many rows."""
    return aware(value).astimezone(UTC).isoformat(timespec="microseconds")


@lru_cache(maxsize=4096)
def of_text(value: str) -> datetime:
    """The UTC time that `utc_text` wrote."""
    return datetime.fromisoformat(value)


class Words(TypeDecorator[tuple[str, ...]]):
    """A short list of words, kept as a JSON array in text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> Any:  # noqa: ARG002  # the signature is SQLAlchemy's
        return "[]" if not value else json.dumps(value, ensure_ascii=False)

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...]:  # noqa: ARG002  # the signature is SQLAlchemy's
        return () if value == "[]" else tuple(json.loads(value))


class Pairs(TypeDecorator[Mapping[str, str]]):
    """Names and their values, kept as a JSON object in text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, str] | None, dialect: Dialect) -> Any:  # noqa: ARG002  # the signature is SQLAlchemy's
        return json.dumps(dict(value or {}), ensure_ascii=False)

    def process_result_value(self, value: Any, dialect: Dialect) -> dict[str, str]:  # noqa: ARG002  # the signature is SQLAlchemy's
        return dict(json.loads(value))
