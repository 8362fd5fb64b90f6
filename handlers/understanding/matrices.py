"""Typed doors to scipy and scikit-learn, which come without types: sparse rows, a linear model."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # pyright: ignore[reportMissingTypeStubs]  # it ships no types
from scipy.sparse import csgraph  # pyright: ignore[reportMissingTypeStubs]  # nor here
from sklearn.linear_model import LogisticRegression  # pyright: ignore[reportMissingTypeStubs]  # nor it
from sklearn.neural_network import MLPClassifier  # pyright: ignore[reportMissingTypeStubs]  # nor it

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


class Rows(Protocol):
    """A sparse matrix by rows: examples x features."""

    data: Floats
    indices: Indices
    indptr: Indices
    shape: tuple[int, int]
    nnz: int

    @property
    def T(self) -> Rows: ...  # noqa: N802  # scipy names it so

    def __matmul__(self, other: Floats) -> Floats: ...

    def __getitem__(self, chosen: Indices | slice | tuple[slice, Indices]) -> Rows: ...

    def tocsr(self) -> Rows: ...

    def sum_duplicates(self) -> None: ...


class _Fitted(Protocol):
    coef_: NDArray[np.float64]
    intercept_: NDArray[np.float64]
    classes_: Indices


class _Layered(Protocol):
    coefs_: list[NDArray[np.float64]]
    intercepts_: list[NDArray[np.float64]]

    def fit(self, rows: Floats, labels: Indices) -> _Layered: ...


class _Unfitted(Protocol):
    def fit(
        self, rows: Rows | Floats, labels: NDArray[np.generic], sample_weight: Floats | None = None
    ) -> _Fitted: ...


_make_rows = cast("Callable[..., Rows]", sparse.csr_matrix)
_make_model = cast("Callable[..., _Unfitted]", LogisticRegression)
_make_network = cast("Callable[..., _Layered]", MLPClassifier)
_components = cast("Callable[..., tuple[int, Indices]]", csgraph.connected_components)


def rows_of(values: Floats, columns: Indices, starts: Indices, shape: tuple[int, int]) -> Rows:
    """Sparse rows from their parts (compressed by row); a column named twice counts twice."""
    made = _make_rows((values, columns, starts), shape=shape)
    made.sum_duplicates()
    return made


def batch_of(rows: Rows, places: Indices, width: int) -> Rows:
    """The same rows over renumbered columns."""
    return _make_rows((rows.data, places, rows.indptr), shape=(rows.shape[0], width))


def shared_counts(rows: Rows) -> tuple[Indices, Indices, Floats]:
    """(row, row, how much they share) for every pair of rows that share anything."""
    product = cast("_Pairs", cast("_Multiplied", rows) @ rows.T).tocoo()
    return product.row, product.col, product.data


class _Multiplied(Protocol):
    def __matmul__(self, other: Rows) -> Rows: ...


class _Pairs(Protocol):
    row: Indices
    col: Indices
    data: Floats

    def tocoo(self) -> _Pairs: ...


def connected(first: Indices, second: Indices, count: int) -> Indices:
    """One number per node: nodes that the links join have the same."""
    starts = np.concatenate(([0], np.cumsum(np.bincount(first, minlength=count))))
    order = np.argsort(first, kind="stable")
    ones = np.ones(len(first), dtype=np.float32)
    links = _make_rows((ones, second[order], starts), shape=(count, count))
    return _components(links, directed=False)[1].astype(np.int64)


def logistic(
    rows: Rows | Floats,
    labels: NDArray[np.generic],
    *,
    weights: Floats | None = None,
    strictness: float,
    rounds: int,
) -> tuple[Indices, Floats, Floats]:
    """(classes, features x classes, bias) of a logistic regression.

    With two classes only the second one has weights: its odds against the first.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = _make_model(C=strictness, max_iter=rounds, tol=1e-3).fit(
            rows, labels, sample_weight=weights
        )
    return (
        fitted.classes_.astype(np.int64),
        fitted.coef_.T.astype(np.float32),
        fitted.intercept_.astype(np.float32),
    )


def multilayer(
    rows: Floats, labels: Indices, *, width: int, strictness: float, seed: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """(first, bias, second, bias) of a network with one rectified layer; every label occurs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = _make_network(
            (width,), alpha=strictness, max_iter=250, random_state=seed, learning_rate_init=0.003
        ).fit(rows, labels)
    (first, second), (bias, last) = fitted.coefs_, fitted.intercepts_
    return (
        first.astype(np.float32),
        bias.astype(np.float32),
        second.astype(np.float32),
        last.astype(np.float32),
    )
