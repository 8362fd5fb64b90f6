"""Scores a message with trained weights in plain numpy; loads and saves them."""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from domain.errors import XiaogeError
from handlers.understanding import features
from handlers.understanding.grams import MOST_GRAMS, KnownGrams
from handlers.understanding.normalise import Normal
from handlers.understanding.safety import Alarm
from handlers.understanding.scores import CATEGORIES, INTENTS, URGENCIES, Scores
from handlers.understanding.signals import Signals

if TYPE_CHECKING:
    from handlers.understanding.network import Network

HEADS = (len(INTENTS) + 1, len(CATEGORIES), 2, len(URGENCIES), len(INTENTS), 2)
"""Outputs: intents with emergencies apart, categories, about anything or not, urgencies, what such
words are in the middle of talk about a matter, and whether they tell of one's own same trouble."""
Floats = NDArray[np.float32]
_FORMAT = 3
_FILE = "weights.npz"
_ENDS = np.cumsum(HEADS)
_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH = (int(end) for end in _ENDS[:5])
_BEGINS = np.concatenate(([0], _ENDS[:-1]))


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """What training produces: one signed byte per feature and column, with a scale per column.

    Rows: the features with a name, then `grams`. Columns: the linear model's outputs, then the embedding of each network.
    """

    grams: tuple[str, ...]
    table: NDArray[np.int8]
    scales: Floats
    bias: Floats
    hidden: Floats
    """Networks x width x outputs."""
    hidden_bias: Floats
    linear_share: float
    calibration: tuple[float, float]

    def to_bytes(self) -> bytes:
        """The weights as a numpy archive, stored plainly to load fast; the same weights give the same bytes."""
        out = io.BytesIO()
        np.savez(
            out,
            format=np.array(_FORMAT),
            grams=np.frombuffer("\n".join(self.grams).encode(), dtype=np.uint8),
            names=np.array(_signature()),
            table=self.table,
            scales=self.scales,
            bias=self.bias,
            hidden=self.hidden.astype(np.float16),
            hidden_bias=self.hidden_bias,
            shares=np.array([self.linear_share, *self.calibration]),
        )
        return out.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> Weights:
        """Raises XiaogeError when the archive is of another version or broken."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as found:
                if int(found["format"]) != _FORMAT:
                    raise XiaogeError(
                        f"weights have format {int(found['format'])}, this version reads {_FORMAT}; "
                        "train them again with `xiaoge train`"
                    )
                if str(found["names"]) != _signature():
                    raise XiaogeError(
                        "weights were trained for other features than this version has; "
                        "train them again with `xiaoge train`"
                    )
                share, slope, shift = found["shares"].tolist()
                return Weights(
                    grams=tuple(found["grams"].tobytes().decode().split("\n")),
                    table=found["table"],
                    scales=found["scales"],
                    bias=found["bias"],
                    hidden=found["hidden"].astype(np.float32),
                    hidden_bias=found["hidden_bias"],
                    linear_share=share,
                    calibration=(slope, shift),
                )
        except (OSError, ValueError, KeyError, EOFError) as problem:
            raise XiaogeError(
                f"weights cannot be read ({problem}); train them again with `xiaoge train`"
            ) from problem


def quantised(
    *,
    grams: Sequence[str],
    linear: Floats,
    linear_bias: Floats,
    networks: Sequence[Network],
    linear_share: float,
    calibration: tuple[float, float],
) -> Weights:
    """Weights rounded to bytes."""
    whole = np.concatenate([linear, *(n.embedding for n in networks)], axis=1)
    scales = np.maximum(np.abs(whole).max(axis=0), 1e-6) / 127.0
    return Weights(
        grams=tuple(grams),
        table=np.rint(whole / scales).astype(np.int8),
        scales=scales.astype(np.float32),
        bias=np.concatenate([linear_bias, *(n.shift for n in networks)]),
        hidden=np.stack([n.weights for n in networks]),
        hidden_bias=np.stack([n.bias for n in networks]),
        linear_share=linear_share,
        calibration=calibration,
    )


class Model:
    """Trained weights, ready to score. Making one takes milliseconds; scoring, microseconds."""

    def __init__(self, weights: Weights) -> None:
        count, _, width = weights.hidden.shape
        parts = 1 + count
        scales = weights.scales.astype(np.float32)
        self._table = weights.table
        self._grams = KnownGrams(weights.grams, first=len(features.NAMES))
        self._shift = weights.bias.astype(np.float32) / scales
        self._floor = np.where(np.arange(len(scales)) < width, -np.inf, 0.0).astype(np.float32)
        self._second = scales[:, np.newaxis] * _joined(weights.hidden)
        self._second_shift = np.concatenate(
            (np.zeros(width, dtype=np.float32), weights.hidden_bias.reshape(-1))
        )
        self._begins = np.concatenate([_BEGINS + i * width for i in range(parts)])
        self._head_of = np.repeat(np.arange(len(self._begins)), np.tile(HEADS, parts))
        share = weights.linear_share
        self._shares = np.array([share, *[(1 - share) / count] * count], dtype=np.float32)
        self._safe = np.full(parts * width, _SAFE, dtype=np.float32)
        self._slope, self._odds_shift = weights.calibration

    def score(self, normal: Normal, alarm: Alarm, seen: Signals) -> Scores:
        """Probabilities for one message.

        The first layer is summed in the table's own unit and scaled by the second: the scales
        are above zero, so that what is cut off below zero is the same. `dot` costs less to call
        than `@`; a whole message is some thirty calls of a microsecond or less.
        """
        grams, count = self._grams.find(normal.text)
        rows = np.concatenate((grams, features.named(normal, alarm, seen)))
        amounts = _AMOUNTS[: len(rows)].copy()
        amounts[: len(grams)] = features.gram_weight(count)
        first = amounts.dot(self._table.take(rows, axis=0).astype(np.float32))
        first += self._shift
        outputs = np.maximum(first, self._floor).dot(self._second)
        outputs += self._second_shift
        return self._mixed(np.exp(np.minimum(outputs, self._safe)))

    def _mixed(self, risen: Floats) -> Scores:
        """Softmax within each head of each part, then the weighted mean of the parts."""
        sums = np.add.reduceat(risen, self._begins)
        risen /= sums.take(self._head_of)
        mixed: list[float] = self._shares.dot(risen.reshape(len(self._shares), -1)).tolist()
        request = mixed[0] + mixed[1]
        return Scores(
            intents=(request, *mixed[2:_FIRST]),
            categories=tuple(mixed[_FIRST:_SECOND]),
            urgencies=_urgencies(mixed[0] / max(request, 1e-6), mixed[_THIRD:_FOURTH]),
            request=self._calibrated(request),
            about=mixed[_THIRD - 1],
            talk=tuple(mixed[_FOURTH:_FIFTH]),
            me_too=mixed[-1],
        )

    def _calibrated(self, request: float) -> float:
        request = min(max(request, 1e-5), 1 - 1e-5)
        odds = self._slope * math.log(request / (1 - request)) + self._odds_shift
        return 1 / (1 + math.exp(-odds))


_SAFE = 60.0
_AMOUNTS = np.full(MOST_GRAMS + len(features.NAMES), features.NAMED_WEIGHT, dtype=np.float32)
"""As many weights of named features as a message may have rows; a slice costs less than `full`."""


def _signature() -> str:
    """Tells one set of named features from another."""
    return hashlib.sha256("\n".join(features.NAMES).encode()).hexdigest()[:16]


def _urgencies(grave: float, heads: list[float]) -> tuple[float, ...]:
    """The urgency head, with the emergency share that the intent head sees averaged in."""
    emergency = (grave + heads[0]) / 2
    rest = max(heads[1] + heads[2], 1e-6)
    return emergency, (1 - emergency) * heads[1] / rest, (1 - emergency) * heads[2] / rest


def _joined(hidden: Floats) -> Floats:
    """The second layers as one matrix: the linear outputs go straight on, each network by itself."""
    count, width, outputs = hidden.shape
    joined = np.zeros((outputs + count * width, outputs + count * outputs), dtype=np.float32)
    joined[:outputs, :outputs] = np.eye(outputs)
    for i in range(count):
        at, out = outputs + i * width, outputs + i * outputs
        joined[at : at + width, out : out + outputs] = hidden[i]
    return joined


def load_model() -> Model | None:
    """The model that came with the product, or None when it was never trained."""
    file = resources.files("handlers.understanding").joinpath(_FILE)
    return Model(Weights.from_bytes(file.read_bytes())) if file.is_file() else None
