"""Mean Shapley values of boosted trees over many rows, from tables that hold the value of every way through a leaf.

LightGBM computes the Shapley values of each row by itself. A list of candidates needs only their mean, and the path to
a leaf tests few features. So a table has, for each leaf and each set of its tests that a row passes, what each feature
gets. Then rows are only counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import factorial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Bools, Counts, Floats, Indices
from attune_fit.models.booster_text import CATEGORICAL, DEFAULT_LEFT, MISSING_NAN, MISSING_ZERO, list_tree_fields

ROWS_PER_BLOCK = 100  # at once: the codes stay in the cache of a core
MAX_FEATURES_OF_LEAF = 10  # a table of a leaf has two to this power rows


class Interval(NamedTuple):
    """A test of one feature on the way to a leaf: ``low < value <= high``.

    ``accepts_unknown`` is whether an unknown value passes.
    """

    feature: int
    low: float
    high: float
    accepts_unknown: bool


@dataclass(frozen=True)
class Leaf:
    """A leaf: its output, and for each feature on its path the test and the share of training rows that pass.

    Attributes
    ----------
    value : float
    intervals : tuple of Interval, length d
    shares : tuple of float, length d
        Products of the cover fractions at the splits on the feature.
    """

    value: float
    intervals: tuple[Interval, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True)
class ShapleyTables:
    """The tables of all leaves.

    A row's code at a leaf has bit ``i`` where it passes the test of the leaf's ``i``-th feature.

    Attributes
    ----------
    features, lows, highs, accepts_unknown : arrays of shape (t, 1), the first one (t,)
        The distinct tests, as the fields of :class:`Interval`.
    tests : array of int, shape (e,)
        Which of the distinct tests each test of each leaf is; leaf by leaf.
    bits : array of uint16, shape (e, 1)
        The bit of each test in the leaf's code.
    sizes : dict of int to int
        How many leaves have how many tests: first those with the fewest.
    offsets : array of int, shape (leaves, 1)
        The first row of each leaf's table in ``values``.
    values : array of shape (codes, features)
        What each feature gets, for each code of each leaf.
    """

    features: Indices
    lows: Floats
    highs: Floats
    accepts_unknown: Bools
    tests: Indices
    bits: npt.NDArray[np.uint16]
    sizes: dict[int, int]
    offsets: Indices
    values: Floats

    def average(self, rows: Floats) -> Floats:
        """Return the mean Shapley value of each feature over rows of shape (n, features); NaN where unknown."""
        columns, counts = np.ascontiguousarray(rows.T), np.zeros(len(self.values), dtype=np.int64)
        for start in range(0, len(rows), ROWS_PER_BLOCK):
            counts += self._count_codes(columns[:, start : start + ROWS_PER_BLOCK])
        return np.asarray(counts @ self.values / len(rows))

    def _count_codes(self, columns: Floats) -> Counts:
        """Count the rows with each code at each leaf, for columns of shape (features, rows)."""
        values = columns[self.features]
        passes = (values > self.lows) & (values <= self.highs)
        passes |= np.isnan(values) & self.accepts_unknown
        bits, codes, start = passes[self.tests] * self.bits, [], 0
        for size, n_leaves in self.sizes.items():
            of_leaves = bits[start : start + size * n_leaves].reshape(n_leaves, size, -1)
            codes.append(sum((of_leaves[:, place] for place in range(1, size)), of_leaves[:, 0]))
            start += size * n_leaves
        return np.bincount((np.concatenate(codes) + self.offsets).ravel(), minlength=len(self.values))


@lru_cache(maxsize=8)
def build_shapley_tables(text: str) -> ShapleyTables | None:
    """Build the tables of a LightGBM model, from its text.

    Returns
    -------
    ShapleyTables or None
        None where the trees have no split, or one that tables do not cover: of a category, of a value that counts as
        missing where it is zero, or of more than :data:`MAX_FEATURES_OF_LEAF` features on one path.

    References
    ----------
    .. [1] Lundberg et al. (2020), Nature Machine Intelligence 2, 56-67, doi:10.1038/s42256-019-0138-9: the game of
       path-dependent TreeSHAP, in which a feature outside the coalition sends each row both ways, by cover.
    """
    blocks = [fields for fields in list_tree_fields(text) if fields["num_leaves"] != "1"]
    kinds = {int(kind) for fields in blocks for kind in fields["decision_type"].split()}
    if not blocks or any(kind & (CATEGORICAL | MISSING_ZERO) for kind in kinds):
        return None
    leaves = sorted((leaf for fields in blocks for leaf in _list_leaves(fields)), key=lambda leaf: len(leaf.shares))
    if len(leaves[-1].shares) > MAX_FEATURES_OF_LEAF:
        return None
    number_of: dict[Interval, int] = {}
    tests = [number_of.setdefault(one, len(number_of)) for leaf in leaves for one in leaf.intervals]
    sizes = np.array([len(leaf.shares) for leaf in leaves])
    features, lows, highs, accepts_unknown = zip(*number_of, strict=True)
    n_features = text.partition("\nmax_feature_idx=")[2].partition("\n")[0]
    return ShapleyTables(
        np.array(features),
        np.array(lows)[:, None],
        np.array(highs)[:, None],
        np.array(accepts_unknown)[:, None],
        np.array(tests),
        np.concatenate([1 << np.arange(size) for size in sizes]).astype(np.uint16)[:, None],
        dict(zip(*(part.tolist() for part in np.unique(sizes, return_counts=True)), strict=True)),
        (np.cumsum(1 << sizes) - (1 << sizes))[:, None],
        np.concatenate(
            [_build_values(list(some), int(n_features) + 1) for _, some in groupby(leaves, _count_features)]
        ),
    )


def _count_features(leaf: Leaf) -> int:
    return len(leaf.shares)


def _build_values(leaves: list[Leaf], n_features: int) -> Floats:
    r"""Return the tables of leaves with d features each, shape (leaves * 2^d, n_features).

    Feature j gets :math:`v (o_j - z_j) \sum_S w(|S|) \prod_{k \in S} o_k \prod_{k \notin S} z_k`, over the sets S of
    the other features: v is the output of the leaf, o whether the row passes, z the share that passes, and
    :math:`w(s) = s! (d - 1 - s)! / d!`. The sum follows from the coefficients of :math:`\prod_k (z_k + o_k t)`.
    """
    d = len(leaves[0].shares)
    passes = (np.arange(1 << d)[:, None] >> np.arange(d) & 1).astype(float)  # (codes, d)
    shares = np.array([leaf.shares for leaf in leaves])[:, None, :]  # (leaves, 1, d)
    value = np.array([leaf.value for leaf in leaves])[:, None]
    weights = [factorial(s) * factorial(d - 1 - s) / factorial(d) for s in range(d)]
    rows = np.arange(len(leaves))[:, None]
    table = np.zeros((len(leaves), 1 << d, n_features))
    for j in range(d):
        coefficients = [np.ones((len(leaves), 1 << d))]
        for k in (k for k in range(d) if k != j):
            stays, moves = (
                [shares[..., k] * one for one in coefficients],
                [passes[:, k] * one for one in coefficients],
            )
            coefficients = [
                (stays[s] if s < len(stays) else 0.0) + (moves[s - 1] if s else 0.0) for s in range(len(stays) + 1)
            ]
        total = sum((weight * one for weight, one in zip(weights, coefficients, strict=True)), np.zeros(()))
        feature = np.array([leaf.intervals[j].feature for leaf in leaves])[:, None]
        table[rows, np.arange(1 << d), feature] = value * (passes[:, j] - shares[..., j]) * total
    return table.reshape(-1, n_features)


def _list_leaves(fields: dict[str, str]) -> Iterator[Leaf]:
    """List the leaves of one tree. A child below 0 is the leaf with the number ``-child - 1``."""
    feature, kind, left, right, cover, leaf_cover = (
        [int(one) for one in fields[name].split()]
        for name in ("split_feature", "decision_type", "left_child", "right_child", "internal_count", "leaf_count")
    )
    threshold, leaf_value = ([float(one) for one in fields[name].split()] for name in ("threshold", "leaf_value"))
    waiting: list[tuple[int, dict[int, tuple[Interval, float]]]] = [(0, {})]
    while waiting:
        node, path = waiting.pop()
        if node < 0:
            tests = path.values()
            yield Leaf(leaf_value[-node - 1], tuple(one for one, _ in tests), tuple(share for _, share in tests))
            continue
        column, limit = feature[node], threshold[node]
        before, share = path.get(column, (Interval(column, -np.inf, np.inf, True), 1.0))
        # without a way of its own, an unknown value counts as 0, as in LightGBM
        unknown_goes_left = bool(kind[node] & DEFAULT_LEFT) if kind[node] & MISSING_NAN else limit >= 0
        for child, goes_left in ((left[node], True), (right[node], False)):
            interval = Interval(
                column,
                before.low if goes_left else max(before.low, limit),
                min(before.high, limit) if goes_left else before.high,
                before.accepts_unknown and unknown_goes_left == goes_left,
            )
            passed = (leaf_cover[-child - 1] if child < 0 else cover[child]) / cover[node]
            waiting.append((child, {**path, column: (interval, share * passed)}))
