"""The small networks over what surrounds a message: their weights, and what they say."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_FILE = "context_weights.npz"
_SAFE = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ContextWeights:
    """Small networks from what is seen around a message to its intent; their mean counts.

    `first`: networks x seen x width, `second`: networks x width x intents.
    """

    first: Floats
    first_bias: Floats
    second: Floats
    second_bias: Floats
    _wide: Floats = field(init=False, repr=False, compare=False)
    _blocks: Floats = field(init=False, repr=False, compare=False)
    """The layers of all networks side by side: one product each instead of one for each network."""

    def __post_init__(self) -> None:
        count, width, outputs = self.second.shape
        blocks = np.zeros((count * width, count * outputs), dtype=np.float32)
        for n, part in enumerate(self.second):
            blocks[n * width : (n + 1) * width, n * outputs : (n + 1) * outputs] = part
        object.__setattr__(self, "_wide", np.concatenate(list(self.first), axis=1))
        object.__setattr__(self, "_blocks", blocks)

    def to_bytes(self) -> bytes:
        """A numpy archive; the same weights give the same bytes."""
        out = io.BytesIO()
        np.savez(
            out,
            first=self.first,
            first_bias=self.first_bias,
            second=self.second,
            second_bias=self.second_bias,
        )
        return out.getvalue()

    def intents(self, seen: Floats) -> list[float]:
        """Probabilities in the order of INTENTS; they sum to 1."""
        hidden = np.maximum(seen.dot(self._wide) + self.first_bias.reshape(-1), 0.0)
        outputs = hidden.dot(self._blocks).reshape(self.second_bias.shape) + self.second_bias
        risen = np.exp(np.clip(outputs, -_SAFE, _SAFE))
        weights = 1.0 / (risen.sum(axis=1) * len(risen))
        found: list[float] = weights.dot(risen).tolist()
        return found


@cache
def load_context_weights() -> ContextWeights | None:
    """The weights that came with the product, or None when they were never trained."""
    file = resources.files("handlers.understanding").joinpath(_FILE)
    if not file.is_file():
        return None
    with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as found:
        return ContextWeights(**{name: found[name] for name in found.files})
