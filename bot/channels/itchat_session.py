"""The files of the itchat channel: JSON, readable by their owner only, replaced as a whole."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import structlog

from bot.channels.itchat_rooms import Rooms

log = structlog.get_logger("itchat")

Json = Mapping[str, object]
VERSION = 1


class OpenToOthers(Exception):
    """A file that others could read: what it holds is not trusted any more."""


def read(path: Path) -> Json:
    """The JSON object of a file, empty when there is none we can use; raises OpenToOthers."""
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise OpenToOthers(str(path))
        found: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    kept: Json = cast("Json", found) if isinstance(found, dict) else {}
    return kept if kept.get("version") == VERSION else {}


def write(path: Path, content: Json) -> None:
    """Replace the file at once, mode 0600 from its first byte; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(file, "w", encoding="utf-8") as out:
            json.dump({"version": VERSION, **content}, out, ensure_ascii=False)
        new.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            new.unlink()
        raise


def forget(path: Path) -> None:
    """Remove a file if it is there."""
    with contextlib.suppress(OSError):
        path.unlink()


def keep(session: Path, saved: Json, rooms: Rooms) -> None:
    """Keep a session and its rooms; a full disk must not end the conversation."""
    try:
        write(session, saved)
        write(rooms_path(session), {"rooms": rooms.known, "salt": rooms.salt})
    except OSError as error:
        log.error("itchat.session_not_kept", error=type(error).__name__)  # no path


def rooms_path(session: Path) -> Path:
    """Where the rooms of former log-ins are kept, beside the session."""
    return session.with_name(f"{session.stem}.rooms{session.suffix}")


def known_rooms(path: Path) -> tuple[dict[str, list[str]], str]:
    """(name of a room -> digests of its people, salt); a new salt when there is no file."""
    try:
        found: Json = read(path)
    except OpenToOthers:
        found = {}
    salt, rooms = found.get("salt"), found.get("rooms")
    if not isinstance(salt, str) or not salt or not isinstance(rooms, dict):
        return {}, secrets.token_hex(8)
    known = {
        str(name): [str(digest) for digest in cast("list[object]", digests)]
        for name, digests in cast("dict[object, object]", rooms).items()
        if isinstance(digests, list)
    }
    return known, salt
