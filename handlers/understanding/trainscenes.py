"""Trains how surroundings are weighed, from the labelled scenes: deterministic, minutes.

Each writer's scenes are read by a model that has not seen them: one that has would be surer of
their words than of anybody else's, and the surroundings would seem to matter less than they do.
Writers are taken in four groups: a model for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from handlers.understanding.contextmodel import ContextWeights
from handlers.understanding.matrices import Floats, Indices, multilayer
from handlers.understanding.model import Model
from handlers.understanding.reader import Reader
from handlers.understanding.scenes import Scene, load_scenes, told
from handlers.understanding.scores import INTENTS
from handlers.understanding.sidebyside import side_by_side
from handlers.understanding.train import Recipe, Tell, examples_of, train_on

_SEEDS = (0, 1, 2, 3)
_WIDTH = 24
_GROUPS = 4
_STRICTNESS = 0.5


def train_scenes(
    calibration: tuple[float, float], *, recipe: Recipe | None = None, tell: Tell = lambda _: None
) -> ContextWeights:
    """Weights of the networks over the surroundings; `calibration` is that of the reader's model."""
    quick = recipe or Recipe(seeds=(0,), calibrate=False)
    scenes = load_scenes()
    writers = sorted({_writer(scene) for scene in scenes})
    groups = [writers[n::_GROUPS] for n in range(_GROUPS)]
    seen = [examples_of([s for s in scenes if _writer(s) not in group]) for group in groups]
    fits = side_by_side(partial(train_on, recipe=quick), seen, quick.processes)
    folds: list[Fold] = []
    for group, weights in zip(groups, fits, strict=True):
        reader = Reader(scorer=Model(replace(weights, calibration=calibration)).score)
        folds.append(([s for s in scenes if _writer(s) in group], reader))
        tell(f"scenes of {', '.join(group)} read by a model that has not seen them")
    return weighed(folds)


Fold = tuple[list[Scene], Reader]
"""Scenes, and a reader that was trained without them."""
_Part = tuple[Floats, Indices]


def weighed(folds: Sequence[Fold]) -> ContextWeights:
    """Networks that know how a house fares that follows them: they hear each scene twice.

    First a faultless house follows it, then one with the mistakes of networks that were fitted to
    the other folds: a line that was joined wrongly makes a matter seem fresher than it is.
    """
    faultless = [surrounded(scenes, reader, None) for scenes, reader in folds]
    parts = list(faultless)
    for n, (scenes, reader) in enumerate(folds):
        others = _together([part for m, part in enumerate(faultless) if m != n])
        parts.append(surrounded(scenes, reader, fitted(*others)))
    return fitted(*_together(parts))


def _together(parts: Sequence[_Part]) -> _Part:
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def surrounded(scenes: Sequence[Scene], reader: Reader, by: ContextWeights | None) -> _Part:
    """(what is seen around, intent) of every line; the house follows as these networks read."""
    seen: list[Floats] = []
    intents: list[int] = []
    for line, following in told(scenes):
        around = reader.surroundings(line.text, following.context(line))
        seen.append(around)
        intents.append(INTENTS.index(line.meant))
        heard_as = None if by is None else INTENTS[int(np.argmax(by.intents(around)))]
        following.hear(line, reader.read(line.text), heard_as=heard_as)
    return np.array(seen, dtype=np.float32), np.array(intents, dtype=np.int64)


def fitted(seen: Floats, intents: Indices) -> ContextWeights:
    """The networks for these lines; the same lines give the same networks."""
    parts = [
        multilayer(seen, intents, width=_WIDTH, strictness=_STRICTNESS, seed=seed)
        for seed in _SEEDS
    ]
    return ContextWeights(
        first=np.stack([p[0] for p in parts]),
        first_bias=np.stack([p[1] for p in parts]),
        second=np.stack([p[2] for p in parts]),
        second_bias=np.stack([p[3] for p in parts]),
    )


def _writer(scene: Scene) -> str:
    return scene[0].scene.rstrip("0123456789")
