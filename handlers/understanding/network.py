"""A small network over bags of features, trained in numpy: embed, sum, rectify, one head for each question."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from handlers.understanding.matrices import Floats, Rows, batch_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Training:
    """How long and how hard to train. `balance` weighs the losses of the heads."""

    width: int = 64
    epochs: int = 16
    batch: int = 64
    rate: float = 0.3
    head_rate: float = 0.002
    start: float = 0.1
    forget: float = 0.55
    """Share of the features left out of each reading, so that no single one is trusted."""
    forget_hidden: float = 0.2
    balance: tuple[float, ...] = (1.0, 1.0, 0.3, 0.7, 0.7, 0.7)


@dataclass(slots=True)
class Network:
    """The weights while they are learned; `heads` are the sizes of the output groups."""

    size: int
    heads: tuple[int, ...]
    seed: int
    how: Training
    embedding: Floats = field(init=False)
    shift: Floats = field(init=False)
    weights: Floats = field(init=False)
    bias: Floats = field(init=False)
    _random: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        width = self.how.width
        self._random = np.random.default_rng(self.seed)
        normal = self._random.standard_normal
        self.embedding = (normal((self.size, width)) * self.how.start).astype(np.float32)
        self.shift = np.zeros(width, dtype=np.float32)
        self.weights = (normal((width, sum(self.heads))) / width**0.5).astype(np.float32)
        self.bias = np.zeros(sum(self.heads), dtype=np.float32)

    def fit(self, rows: Rows, targets: list[Floats], importance: list[Floats]) -> Network:
        """Learn from rows (examples x features), one target distribution and weight per head."""
        steps = _Steps(self)
        count = rows.shape[0]
        total = self.how.epochs * -(-count // self.how.batch)
        done = 0
        for _ in range(self.how.epochs):
            order = self._random.permutation(count)
            shuffled = rows[order]
            kept = self._random.random(shuffled.nnz) >= self.how.forget
            shuffled.data = shuffled.data * kept / (1 - self.how.forget)
            for begin in range(0, count, self.how.batch):
                done += 1
                chosen = order[begin : begin + self.how.batch]
                steps.take(
                    shuffled[begin : begin + self.how.batch],
                    [target[chosen] for target in targets],
                    [weight[chosen] for weight in importance],
                    max(1 - done / total, 0.02),
                )
        return self

    def slices(self) -> list[slice]:
        """Where each head stands among the outputs."""
        ends = np.cumsum(self.heads).tolist()
        return [slice(end - size, end) for end, size in zip(ends, self.heads, strict=True)]

    def predict(self, rows: Rows) -> list[Floats]:
        """Probabilities per head."""
        hidden = np.maximum(rows @ self.embedding + self.shift, 0)
        outputs = hidden @ self.weights + self.bias
        return [softmax(outputs[:, part]) for part in self.slices()]

    def hide(self, hidden: Floats) -> Floats:
        """A mask that leaves out part of the hidden units."""
        kept = self._random.random(hidden.shape) >= self.how.forget_hidden
        return (kept / (1 - self.how.forget_hidden)).astype(np.float32)


class _Steps:
    """Gradient steps: Adagrad by row for the embedding, Adam for the rest."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.seen = np.full(network.size, 1e-8, dtype=np.float32)
        self.moments = [
            (np.zeros_like(part), np.zeros_like(part))
            for part in (network.weights, network.bias, network.shift)
        ]
        self.count = 0

    def take(self, rows: Rows, targets: list[Floats], weights: list[Floats], pace: float) -> None:
        net = self.network
        self.count += 1
        columns, places = np.unique(rows.indices, return_inverse=True)
        batch = batch_of(rows, places.astype(np.int64), len(columns))
        chosen = net.embedding[columns]
        before = batch @ chosen + net.shift
        mask = net.hide(before)
        hidden = np.maximum(before, 0) * mask
        outputs = hidden @ net.weights + net.bias
        wrong = np.zeros(outputs.shape, dtype=np.float32)
        for part, target, weight, share in zip(
            net.slices(), targets, weights, net.how.balance, strict=True
        ):
            wrong[:, part] = (softmax(outputs[:, part]) - target) * (
                weight[:, None] * share / rows.shape[0]
            )
        back = ((wrong @ net.weights.T) * mask * (before > 0)).astype(np.float32)
        gradient = batch.T @ back
        self.seen[columns] += (gradient * gradient).mean(axis=1)
        net.embedding[columns] = chosen - net.how.rate * pace * gradient / np.sqrt(
            self.seen[columns]
        ).reshape(-1, 1)
        gradients: tuple[Floats, ...] = (hidden.T @ wrong, wrong.sum(axis=0), back.sum(axis=0))
        for part, slope, moment in zip(
            (net.weights, net.bias, net.shift), gradients, self.moments, strict=True
        ):
            self._adam(part, slope, moment, pace)

    def _adam(
        self, part: Floats, slope: Floats, moment: tuple[Floats, Floats], pace: float
    ) -> None:
        mean, square = moment
        mean *= 0.9
        mean += 0.1 * slope
        square *= 0.999
        square += 0.001 * slope * slope
        level = np.sqrt(square / (1 - 0.999**self.count)) + 1e-8
        part -= self.network.how.head_rate * pace * (mean / (1 - 0.9**self.count)) / level


def softmax(outputs: Floats) -> Floats:
    """Rows of probabilities."""
    risen = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return risen / risen.sum(axis=1, keepdims=True)
