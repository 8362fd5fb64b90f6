"""Secrets: read from environment variables `XIAOGE_*`, from nowhere else, and never shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

PREFIX = "XIAOGE_"
PLAIN = ("XIAOGE_CONFIG",)
"""Variables that are no secrets: where the configuration lies."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Secrets:
    """Each field is the variable `XIAOGE_<FIELD>`; empty when it is not set."""

    database_url: str = ""
    onebot_token: str = ""
    wechaty_token: str = ""
    wecom_key: str = ""
    """The `key` of the group robot's address."""
    wecom_callback_token: str = ""
    wecom_callback_aes_key: str = ""
    wecom_callback_secret: str = ""
    """The application's own secret: only needed to write to employees privately."""
    wecom_archive_token: str = ""
    qq_official_secret: str = ""
    smtp_user: str = ""
    smtp_password: str = ""
    llm_key: str = ""
    web_password: str = ""

    def __repr__(self) -> str:
        given = [f.name for f in fields(self) if getattr(self, f.name)]
        return f"Secrets({', '.join(f'{name}=***' for name in given)})"


def read_secrets(environ: Mapping[str, str]) -> Secrets:
    """What the environment holds; surrounding blanks are dropped."""
    return Secrets(
        **{
            f.name: environ[variable].strip()
            for f in fields(Secrets)
            if (variable := variable_of(f.name)) in environ
        }
    )


def variable_of(field: str) -> str:
    """`onebot_token` -> `XIAOGE_ONEBOT_TOKEN`."""
    return PREFIX + field.upper()


def known_variables() -> tuple[str, ...]:
    """Every variable that is read, sorted."""
    return tuple(sorted([*PLAIN, *(variable_of(f.name) for f in fields(Secrets))]))


def unknown_variables(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Names that begin like ours and are none of ours: most likely typing errors."""
    known = set(known_variables())
    return tuple(sorted(n for n in environ if n.startswith(PREFIX) and n not in known))


def secret_for(section: str, key: str) -> str | None:
    """The variable to use instead of a key that somebody wrote into the file, or None."""
    words = (
        "token",
        "secret",
        "password",
        "passwd",
        "aes_key",
        "api_key",
        "access_token",
    )
    if key not in words and key != "key" and not key.endswith(words):
        return None
    prefix = section.rpartition(".")[2]
    names = [f.name for f in fields(Secrets)]
    for name in (
        f"{prefix}_{key}",
        *(n for n in names if prefix and n.startswith(prefix + "_")),
    ):
        if name in names:
            return variable_of(name)
    return PREFIX + "*"
