"""Says what a member's free talk is: taken up, progress, done, a question back, or nothing."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from handlers.understanding import features
from handlers.understanding.grams import KnownGrams

ACTS = ("claim", "progress", "done", "ask", "none")
"""The outputs, in order; also the labels of `corpus_staff/*.tsv`."""
_FILE = "staff_weights.npz"
Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffWeights:
    """One row per character n-gram, one column per act."""

    grams: tuple[str, ...]
    table: Floats
    bias: Floats

    def to_bytes(self) -> bytes:
        """A numpy archive; the same weights give the same bytes."""
        out = io.BytesIO()
        np.savez(
            out,
            grams=np.frombuffer("\n".join(self.grams).encode(), dtype=np.uint8),
            table=self.table.astype(np.float16),
            bias=self.bias,
        )
        return out.getvalue()


class StaffModel:
    """Weights, ready to score."""

    def __init__(self, weights: StaffWeights) -> None:
        self._grams = KnownGrams(weights.grams)
        self._table = weights.table.astype(np.float32)
        self._bias = weights.bias

    def score(self, plain: str) -> dict[str, float]:
        """Probability of each act for a text in judged form."""
        rows, count = self._grams.find(plain)
        total = self._table[rows].sum(axis=0) * features.gram_weight(count) + self._bias
        risen = np.exp(total - total.max())
        shares: list[float] = (risen / risen.sum()).tolist()
        return dict(zip(ACTS, shares, strict=True))


@cache
def load_staff_model() -> StaffModel | None:
    """The model that came with the product, or None when it was never trained."""
    file = resources.files("handlers.understanding").joinpath(_FILE)
    if not file.is_file():
        return None
    with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as found:
        return StaffModel(
            StaffWeights(
                grams=tuple(found["grams"].tobytes().decode().split("\n")),
                table=found["table"].astype(np.float32),
                bias=found["bias"],
            )
        )
