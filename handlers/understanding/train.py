"""Trains the reader's weights from the corpus: deterministic, scikit-learn and numpy, minutes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from domain.reading import Intent, Urgency
from handlers.understanding import features
from handlers.understanding.corpus import Example, frozen, load_corpus
from handlers.understanding.matrices import Floats, Indices, Rows, logistic, rows_of
from handlers.understanding.model import HEADS, Weights, quantised
from handlers.understanding.network import Network, Training
from handlers.understanding.normalise import normalise
from handlers.understanding.safety import guard
from handlers.understanding.scenes import SCENES, Scene, lines_alone, load_scenes
from handlers.understanding.scores import CATEGORIES, INTENTS, URGENCIES
from handlers.understanding.sidebyside import side_by_side
from handlers.understanding.signals import signals

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """What is trained: networks with these seeds, beside a linear model."""

    seeds: tuple[int, ...] = (0, 1, 2)
    network: Training = field(default_factory=Training)
    linear_share: float = 0.2
    strictness: float = 2.5
    """Inverse regularisation of the linear model."""
    rounds: int = 40
    least: int = 3
    """Features seen in fewer examples are left out."""
    calibrate: bool = True
    processes: int = 1
    """How many fits run at once; the weights do not depend on it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """Examples as numbers: feature rows, and one target and importance per head."""

    rows: Rows
    grams: tuple[str, ...]
    targets: list[Floats]
    importance: list[Floats]
    writers: NDArray[np.str_]

    def only(self, chosen: Indices) -> Prepared:
        """The part of the examples with these positions."""
        return Prepared(
            rows=self.rows[chosen],
            grams=self.grams,
            targets=[t[chosen] for t in self.targets],
            importance=[i[chosen] for i in self.importance],
            writers=self.writers[chosen],
        )


def train(
    extra: Sequence[Example] = (), *, recipe: Recipe | None = None, tell: Tell = lambda _: None
) -> Weights:
    """Weights from the corpus without its frozen part, plus `extra` local examples.

    The same corpus, extras and recipe give the same weights. `tell` hears of the progress.
    """
    examples = [*examples_of(load_scenes()), *extra]
    tell(f"{len(examples)} examples")
    return train_on(examples, recipe=recipe, tell=tell)


def examples_of(scenes: Sequence[Scene]) -> list[Example]:
    """What may be trained on: the corpus without its frozen part, and the lines of these scenes."""
    corpus = load_corpus()
    held_out = frozen(corpus).tolist()
    examples = [e for e, out in zip(corpus, held_out, strict=True) if not out]
    return examples + lines_alone(scenes, apart_from=corpus)


def train_on(
    examples: Sequence[Example], *, recipe: Recipe | None = None, tell: Tell = lambda _: None
) -> Weights:
    """Weights from exactly these examples."""
    recipe = recipe or Recipe()
    prepared = prepare(examples)
    calibration = (1.0, 0.0)
    if recipe.calibrate:
        calibration = _calibration(prepared, recipe, tell)
        tell(f"calibration: slope {calibration[0]:.3f}, shift {calibration[1]:.3f}")
    return _fit(prepared, recipe, calibration, tell)


def prepare(examples: Sequence[Example]) -> Prepared:
    """Feature rows and targets; examples that only their context explains count less."""
    columns: dict[str, int] = {}
    first = len(features.NAMES)
    rows: list[int] = []
    values: list[float] = []
    starts = [0]
    for example in examples:
        normal = normalise(example.text)
        grams = features.grams(normal.text)
        named = features.named(normal, guard(normal), signals(normal))
        rows += [first + columns.setdefault(gram, len(columns)) for gram in grams]
        rows += named
        values += [features.gram_weight(len(grams))] * len(grams)
        values += [features.NAMED_WEIGHT] * len(named)
        starts.append(len(rows))
    matrix = rows_of(
        np.array(values, dtype=np.float32),
        np.array(rows, dtype=np.int64),
        np.array(starts, dtype=np.int64),
        (len(examples), first + len(columns)),
    )
    targets, importance = _targets(examples)
    return Prepared(
        rows=matrix,
        grams=tuple(columns),
        targets=targets,
        importance=importance,
        writers=np.array([e.writer for e in examples]),
    )


_CONTEXTUAL = 0.3
_ABOUT_OTHERS = 0.7


def _targets(examples: Sequence[Example]) -> tuple[list[Floats], list[Floats]]:
    targets = [np.zeros((len(examples), size), dtype=np.float32) for size in HEADS]
    importance = [np.zeros(len(examples), dtype=np.float32) for _ in HEADS]
    for i, example in enumerate(examples):
        request = example.intent is Intent.REQUEST
        weight = example.weight * (_CONTEXTUAL if example.context else 1.0)
        grave = example.urgency is Urgency.EMERGENCY
        targets[0][i, (0 if grave else 1) if request else INTENTS.index(example.intent) + 1] = 1
        importance[0][i] = weight
        known = [CATEGORIES.index(key) for key in example.categories if key in CATEGORIES]
        for rank, index in enumerate(known):
            share = 1.0 if len(known) == 1 else 0.7 if rank == 0 else 0.3 / (len(known) - 1)
            targets[1][i, index] += share
        importance[1][i] = (weight if request else _ABOUT_OTHERS * weight) if known else 0
        targets[2][i, 1 if known else 0] = 1
        importance[2][i] = weight
        targets[4][i, INTENTS.index(example.intent)] = 1
        importance[4][i] = example.talk
        targets[5][i, 1 if example.me_too else 0] = 1
        importance[5][i] = 0 if example.me_too is None else 1
        if request and example.urgency is not None:
            targets[3][i, URGENCIES.index(example.urgency)] = 1
            importance[3][i] = weight
    return targets, importance


def _vocabulary(rows: Rows, least: int) -> Indices:
    """Features seen often enough, and every feature with a name."""
    counts = np.bincount(rows.indices, minlength=rows.shape[1])
    counts[: len(features.NAMES)] = least
    return np.flatnonzero(counts >= least)


def _fit(
    prepared: Prepared, recipe: Recipe, calibration: tuple[float, float], tell: Tell
) -> Weights:
    vocabulary = _vocabulary(prepared.rows, recipe.least)
    rows = prepared.rows[:, vocabulary]
    linear, bias = _linear(rows, prepared, recipe, tuple(range(len(HEADS))))
    tell(f"linear model over {len(vocabulary)} features")
    networks = _networks(rows, prepared, recipe)
    tell(f"{len(networks)} networks")
    first = len(features.NAMES)
    return quantised(
        grams=[prepared.grams[int(i) - first] for i in vocabulary[first:]],
        linear=linear,
        linear_bias=bias,
        networks=networks,
        linear_share=recipe.linear_share,
        calibration=calibration,
    )


def _networks(rows: Rows, prepared: Prepared, recipe: Recipe) -> list[Network]:
    return list(
        side_by_side(partial(_network, rows, prepared, recipe), recipe.seeds, recipe.processes)
    )


def _network(rows: Rows, prepared: Prepared, recipe: Recipe, seed: int) -> Network:
    network = Network(size=rows.shape[1], heads=HEADS, seed=seed, how=recipe.network)
    return network.fit(rows, prepared.targets, prepared.importance)


def _linear(
    rows: Rows, prepared: Prepared, recipe: Recipe, heads: tuple[int, ...]
) -> tuple[Floats, Floats]:
    """Columns of a multinomial logistic regression for each head, side by side."""
    weights = np.zeros((rows.shape[1], sum(HEADS)), dtype=np.float32)
    bias = np.zeros(sum(HEADS), dtype=np.float32)
    for head in heads:
        begin = sum(HEADS[:head])
        used = np.flatnonzero(prepared.importance[head] > 0)
        if not len(used):
            bias[begin + 1 : begin + HEADS[head]] = -20.0
            continue
        labels = prepared.targets[head][used].argmax(axis=1)
        classes, found, shift = logistic(
            rows[used],
            labels,
            weights=prepared.importance[head][used],
            strictness=recipe.strictness,
            rounds=recipe.rounds,
        )
        columns = begin + classes[-found.shape[1] :]
        weights[:, columns] = found
        bias[columns] = shift
        known = {begin + c for c in classes.tolist()}
        missing = sorted(set(range(begin, begin + HEADS[head])) - known)
        bias[missing] = -20.0
    return weights, bias


def _calibration(prepared: Prepared, recipe: Recipe, tell: Tell) -> tuple[float, float]:
    """(slope, shift) of the log-odds of a request, from writers that the model had not seen."""
    writers = sorted(set(prepared.writers.tolist()) - {"local", SCENES})
    if len(writers) < _LEAST_WRITERS:
        return 1.0, 0.0
    parts: list[tuple[Prepared, Prepared]] = []
    for group in (writers[n::_GROUPS] for n in range(_GROUPS)):
        among = np.isin(prepared.writers, group)
        parts.append((prepared.only(np.flatnonzero(~among)), prepared.only(np.flatnonzero(among))))
    guesses: list[Floats] = []
    for guess in side_by_side(partial(_unseen_requests, recipe), parts, recipe.processes):
        guesses.append(guess)
        tell(f"calibrating: {len(guesses)} of {_GROUPS} groups of writers left out")
    truths = [unseen.targets[0][:, :2].sum(axis=1) > _HALF for _, unseen in parts]
    odds = np.concatenate(guesses).reshape(-1, 1)
    _, slope, shift = logistic(odds, np.concatenate(truths), strictness=100.0, rounds=100)
    return float(slope[0, 0]), float(shift[0])


_LEAST_WRITERS = 3
_GROUPS = 4
_HALF = 0.5


def _unseen_requests(recipe: Recipe, parts: tuple[Prepared, Prepared]) -> Floats:
    """Log-odds of a request for examples of writers that were left out."""
    seen, unseen = parts
    vocabulary = _vocabulary(seen.rows, recipe.least)
    rows = seen.rows[:, vocabulary]
    linear, bias = _linear(rows, seen, recipe, (0,))
    network = Network(size=rows.shape[1], heads=HEADS, seed=recipe.seeds[0], how=recipe.network)
    network.fit(rows, seen.targets, seen.importance)
    test = unseen.rows[:, vocabulary]
    first = slice(0, HEADS[0])
    outputs = (test @ linear + bias)[:, first]
    risen = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    simple = (risen / risen.sum(axis=1, keepdims=True))[:, :2].sum(axis=1)
    deep = network.predict(test)[0][:, :2].sum(axis=1)
    mixed = recipe.linear_share * simple + (1 - recipe.linear_share) * deep
    mixed = np.clip(mixed, 1e-4, 1 - 1e-4)
    return np.log(mixed / (1 - mixed)).astype(np.float32)
