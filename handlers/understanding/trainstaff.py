"""Trains the reading of members' talk from `corpus_staff/*.tsv` and the scenes: deterministic, seconds."""

# scipy and scikit-learn ship no types; training is no part of the message path.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from handlers.understanding import features
from handlers.understanding.normalise import normalise
from handlers.understanding.scenes import load_scenes
from handlers.understanding.staffmodel import ACTS, StaffWeights

_LEAST = 2
_STRICTNESS = 4.0
_FROM_SCENES = 0.35
"""A claim by the words around it is a weaker lesson than a claim by its own words."""


def load_staff_corpus() -> list[tuple[str, str]]:
    """(act, text in judged form) of every line, in file order."""
    rows: list[tuple[str, str]] = []
    folder = resources.files("handlers.understanding").joinpath("corpus_staff")
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        for line in file.read_text(encoding="utf-8").splitlines():
            act, text, *_context = line.split("\t")
            rows.append((act, normalise(text).text))
    return rows


def staff_of_scenes() -> list[tuple[str, str]]:
    """The same of members' lines in the scenes: there the first answer takes a matter up."""
    rows: list[tuple[str, str]] = []
    for line in (line for scene in load_scenes() for line in scene):
        act = next((a for a in line.acts if a in ACTS), "" if line.acts else "none")
        if line.staff and line.intent is None and act:
            rows.append((act, normalise(line.text).text))
    return rows


def train_staff() -> StaffWeights:
    """Weights from members' talk and the scenes; the same lines give the same weights."""
    own, told = load_staff_corpus(), staff_of_scenes()
    weights = np.repeat([1.0, _FROM_SCENES], [len(own), len(told)])
    return fit_staff([*own, *told], weights)


def fit_staff(rows: Sequence[tuple[str, str]], weights: NDArray[np.float64]) -> StaffWeights:
    """Weights from labelled lines, each of which counts so much."""
    counted = [features.grams(text) for _act, text in rows]
    seen: dict[str, int] = {}
    for found in counted:
        for gram in set(found):
            seen[gram] = seen.get(gram, 0) + 1
    grams = tuple(sorted(gram for gram, times in seen.items() if times >= _LEAST))
    column = {gram: i for i, gram in enumerate(grams)}
    places: list[int] = []
    values: list[float] = []
    starts = [0]
    for found in counted:
        known = [column[g] for g in found if g in column]
        places += known
        values += [features.gram_weight(len(found))] * len(known)
        starts.append(len(places))
    matrix = sparse.csr_matrix(
        (np.array(values), np.array(places), np.array(starts)), shape=(len(rows), len(grams))
    )
    matrix.sum_duplicates()
    model = LogisticRegression(C=_STRICTNESS, max_iter=200)
    model.fit(matrix, [ACTS.index(act) for act, _text in rows], sample_weight=weights)
    return StaffWeights(
        grams=grams,
        table=np.asarray(model.coef_.T, dtype=np.float32),
        bias=np.asarray(model.intercept_, dtype=np.float32),
    )
