"""The shelf of learned weights: files beside the database, and a ledger of what was taken when.

The ledger is replaced last and at once: whatever is interrupted before leaves the weights in use
as they were. Weights that are damaged, of other features, or older than those that came with the
program are never used.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from domain.errors import LearnedError, XiaogeError
from handlers.understanding.model import Weights

_LEDGER = "ledger.json"
_ENTRIES = 60
"""Refits that the ledger remembers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refit:
    """One line of the ledger: what was tried, its figures, and whether it was taken."""

    id: str
    at: datetime
    examples: int
    taken: bool
    worse: tuple[str, ...] = ()
    before: dict[str, float] = field(default_factory=dict[str, float])
    after: dict[str, float] = field(default_factory=dict[str, float])
    sha256: str = ""
    """Of the weights' file; empty when nothing was kept."""
    base: str = ""
    """Fingerprint of the packaged weights it was compared with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """Refits, the oldest first; `in_use` is the id of one of them, empty: the packaged weights."""

    in_use: str = ""
    refits: tuple[Refit, ...] = ()

    def find(self, id: str) -> Refit | None:
        """The refit with an id."""
        return next((entry for entry in self.refits if entry.id == id), None)


_READ: TypeAdapter[Ledger] = TypeAdapter(Ledger)


class Shelf:
    """The folder of learned weights. Nothing is made on disk before something is kept."""

    def __init__(self, folder: Path, *, keep: int = 5) -> None:
        self.folder = folder
        self._keep = keep

    def stamp(self) -> int:
        """Changes whenever other weights come into use; 0 without a ledger."""
        try:
            return (self.folder / _LEDGER).stat().st_mtime_ns
        except OSError:
            return 0

    def ledger(self) -> Ledger:
        """What was tried so far; raises LearnedError when the file cannot be read."""
        file = self.folder / _LEDGER
        try:
            return _READ.validate_json(file.read_bytes()) if file.is_file() else Ledger()
        except (OSError, ValidationError) as error:
            raise LearnedError(
                f"{file}: cannot be read ({type(error).__name__}); the packaged weights are used: "
                "remove the file and run `xiaoge learn`"
            ) from error

    def weights(self) -> Weights | None:
        """The weights in use; None for the packaged ones; raises LearnedError with the reason."""
        ledger = self.ledger()
        if not ledger.in_use:
            return None
        entry = ledger.find(ledger.in_use)
        if entry is None:
            raise LearnedError(
                f"{self.folder / _LEDGER}: names {ledger.in_use}, which is not there"
            )
        if entry.base != packaged_fingerprint():
            raise LearnedError(
                f"{self._file(entry.id)}: fitted before this version of the program, whose own "
                "weights are newer and are used: run `xiaoge learn`"
            )
        return self._load(entry)

    def keep(self, entry: Refit, weights: Weights | None) -> Refit:
        """Note a refit; with weights it is taken: they are written, and then come into use."""
        ledger = self.ledger()
        self.folder.mkdir(parents=True, exist_ok=True)
        if weights is not None:
            data = weights.to_bytes()
            entry = replace(entry, sha256=sha256(data).hexdigest())
            _write(self._file(entry.id), data)
        refits = (*ledger.refits, entry)[-_ENTRIES:]
        self._put(Ledger(in_use=entry.id if entry.taken else ledger.in_use, refits=refits))
        self._drop_old()
        return entry

    def roll_back(self) -> str:
        """Go back to the weights used before; returns their id, empty for the packaged ones."""
        ledger = self.ledger()
        if not ledger.in_use:
            raise XiaogeError("the packaged weights are in use already: nothing to go back to")
        earlier = [e.id for e in ledger.refits if e.taken and self._file(e.id).is_file()]
        place = earlier.index(ledger.in_use) if ledger.in_use in earlier else 0
        to = earlier[place - 1] if place > 0 else ""
        self._put(replace(ledger, in_use=to))
        return to

    def _load(self, entry: Refit) -> Weights:
        file = self._file(entry.id)
        try:
            data = file.read_bytes()
            whole = sha256(data).hexdigest() == entry.sha256
            found = Weights.from_bytes(data) if whole else None
        except (OSError, XiaogeError, zipfile.BadZipFile, zlib.error) as error:
            raise LearnedError(
                f"{file}: cannot be used by this version ({type(error).__name__}); the packaged "
                "weights are used: run `xiaoge learn`"
            ) from error
        if found is None:
            raise LearnedError(
                f"{file}: damaged; the packaged weights are used: run `xiaoge learn`"
            )
        return found

    def _file(self, id: str) -> Path:
        return self.folder / f"weights-{id}.npz"

    def _put(self, ledger: Ledger) -> None:
        plain: dict[str, Any] = asdict(ledger)
        for entry in plain["refits"]:
            entry["at"] = entry["at"].isoformat()
        _write(self.folder / _LEDGER, json.dumps(plain, indent=1).encode())

    def _drop_old(self) -> None:
        """Keep the newest versions and the one in use."""
        ledger = self.ledger()
        taken = [entry.id for entry in ledger.refits if entry.taken]
        wanted = {*taken[-self._keep :], ledger.in_use}
        for file in self.folder.glob("weights-*.npz"):
            if file.stem.removeprefix("weights-") not in wanted:
                file.unlink(missing_ok=True)


def packaged_fingerprint() -> str:
    """Tells the weights that came with this program from those of another version."""
    data = _packaged()
    return sha256(data).hexdigest()[:16] if data else ""


def packaged_calibration() -> tuple[float, float]:
    """How the packaged weights turn scores into probabilities."""
    data = _packaged()
    return Weights.from_bytes(data).calibration if data else (1.0, 0.0)


def _packaged() -> bytes:
    file = resources.files("handlers.understanding").joinpath("weights.npz")
    return file.read_bytes() if file.is_file() else b""


def _write(file: Path, data: bytes) -> None:
    """All of it or nothing, also when the power fails."""
    beside = file.with_name(file.name + ".new")
    with beside.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(file)
