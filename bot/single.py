"""One Xiaoge per SQLite file: a lock that the system lets go when the process ends, however."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from domain.errors import StoreError

_SQLITE = "sqlite:///"


@contextmanager
def alone_on(database_url: str) -> Generator[None]:
    """Hold the lock beside a SQLite file; raises StoreError when another process has it.

    Databases without a file (memory, a server) are not locked: a server takes care of itself.
    """
    name = database_url.removeprefix(_SQLITE)
    if name in (database_url, "", ":memory:"):
        yield
        return
    remedy = "stop it first, or give this one another database.url"
    with alone_with(Path(name + ".lock"), f"another Xiaoge{{}} already runs on {name}: {remedy}"):
        yield


@contextmanager
def alone_with(file: Path, refusal: str) -> Generator[None]:
    """Hold a lock file; raises StoreError with the refusal, its `{}` filled with the owner."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+b") as lock:
        if not _locked(lock):
            raise StoreError(refusal.format(_owner(file)))
        lock.seek(0)
        lock.truncate()
        lock.write(f"\n{os.getpid()}\n".encode())
        lock.flush()
        yield


def _owner(file: Path) -> str:
    try:
        words = file.read_bytes().split()
    except OSError:
        return ""
    return f" (process {words[0].decode()})" if words and words[0].isdigit() else ""


if sys.platform == "win32":
    import msvcrt

    def _locked(lock: BinaryIO) -> bool:
        """Windows locks bytes, and nobody else may read those: so only the first one."""
        lock.seek(0)
        try:
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _locked(lock: BinaryIO) -> bool:
        try:
            fcntl.flock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
