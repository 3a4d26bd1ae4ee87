"""Shapley values of boosted trees for many rows, from tables that hold the values of every way through a tree.

LightGBM computes the Shapley values of each row by itself. But the values of a tree depend only on which of its tests a
row passes. So a table has, for each set of tests that are passed, what each feature gets. A row is then a code, and a
mean over rows is a count of codes.

A small tree is one cell, with its splits as tests. A larger one is a cell for each leaf: a leaf's share of the values
depends only on the tests on its path, of which each feature is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import factorial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Bools, Counts, Floats, Indices
from attune_fit.models.booster_text import list_split_tests, list_tree_fields

ROWS_PER_BLOCK = 100  # at once: the codes stay in the cache of a core
MAX_SPLITS_OF_CELL = 8  # of a tree that is one cell: its table has two to this power rows
MAX_FEATURES_OF_LEAF = 10  # the same for the table of a leaf


class Interval(NamedTuple):
    """A test of one feature: ``low < value <= high``; ``accepts_unknown`` is whether an unknown value passes."""

    feature: int
    low: float
    high: float
    accepts_unknown: bool


class Step(NamedTuple):
    """The tests of one feature on the path to a leaf.

    Attributes
    ----------
    interval : Interval
        All of them together.
    share : float
        Share of the training rows that pass: the product of the cover fractions at the splits.
    ways : tuple of (int, bool)
        Each split on the path, with whether the path goes left.
    """

    interval: Interval
    share: float
    ways: tuple[tuple[int, bool], ...]


class Leaf(NamedTuple):
    """A leaf: its output, and one step for each feature on its path."""

    value: float
    steps: tuple[Step, ...]


class Cell(NamedTuple):
    """A table of Shapley values: bit ``i`` of a row's number is whether test ``i`` is passed.

    ``values`` has shape (2 ** tests, features).
    """

    tests: tuple[Interval, ...]
    values: Floats


@dataclass(frozen=True)
class ShapleyTables:
    """The tables of all cells, those with the fewest tests first.

    Attributes
    ----------
    features, lows, highs, accepts_unknown : arrays of shape (t, 1), the first one (t,)
        The distinct tests, as the fields of :class:`Interval`.
    tests : array of int, shape (e,)
        Which of the distinct tests each test of each cell is; cell by cell.
    bits : array of uint16, shape (e, 1)
        The bit of each test in the code of a row.
    sizes : dict of int to int
        How many cells have how many tests.
    offsets : array of int, shape (cells, 1)
        The first row of each cell in ``values``.
    values : array of shape (codes, features)
        What each feature gets, for each code of each cell.
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

    @classmethod
    def from_cells(cls, cells: Sequence[Cell]) -> ShapleyTables:
        """Join the tables of the cells."""
        cells = sorted(cells, key=lambda cell: len(cell.tests))
        number_of: dict[Interval, int] = {}
        tests = [number_of.setdefault(test, len(number_of)) for cell in cells for test in cell.tests]
        sizes = np.array([len(cell.tests) for cell in cells])
        features, lows, highs, accepts_unknown = map(np.array, zip(*number_of, strict=True))
        return cls(
            features,
            lows[:, None],
            highs[:, None],
            accepts_unknown[:, None],
            np.array(tests),
            np.concatenate([1 << np.arange(size) for size in sizes]).astype(np.uint16)[:, None],
            dict(zip(*(part.tolist() for part in np.unique(sizes, return_counts=True)), strict=True)),
            (np.cumsum(1 << sizes) - (1 << sizes))[:, None],
            np.concatenate([cell.values for cell in cells]),
        )

    def compute_values(self, rows: Floats) -> Floats:
        """Return the Shapley values of rows of shape (n, features), NaN where unknown; shape of the rows."""
        blocks = [self.values[codes].sum(axis=0) for codes in self._encode_blocks(rows)]
        return np.concatenate(blocks) if blocks else np.zeros(rows.shape)

    def compute_mean(self, rows: Floats) -> Floats:
        """Return the mean of :meth:`compute_values` over n >= 1 rows, shape (features,)."""
        counts: Counts = np.zeros(len(self.values), dtype=np.int64)
        for codes in self._encode_blocks(rows):
            counts += np.bincount(codes.ravel(), minlength=len(self.values))
        return np.asarray(counts @ self.values / len(rows))

    def _encode_blocks(self, rows: Floats) -> Iterator[Indices]:
        """Yield the row of ``values`` for each cell and each of the rows, block by block; shape (cells, block)."""
        columns = np.ascontiguousarray(rows.T)
        for first in range(0, len(rows), ROWS_PER_BLOCK):
            values = columns[:, first : first + ROWS_PER_BLOCK][self.features]
            passes = (values > self.lows) & (values <= self.highs)
            passes |= np.isnan(values) & self.accepts_unknown
            bits, codes, start = passes[self.tests] * self.bits, [], 0
            for size, n_cells in self.sizes.items():
                of_cells = bits[start : start + size * n_cells].reshape(n_cells, size, -1)
                codes.append(sum((of_cells[:, place] for place in range(1, size)), of_cells[:, 0]))
                start += size * n_cells
            yield np.concatenate(codes) + self.offsets


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
    trees = [fields for fields in list_tree_fields(text) if fields["num_leaves"] != "1"]
    tests_of = [tests for fields in trees if (tests := list_split_tests(fields)) is not None]
    if not trees or len(tests_of) < len(trees):
        return None
    splits_of = [
        tuple(Interval(test.feature, -np.inf, test.threshold, test.unknown_goes_left) for test in tests)
        for tests in tests_of
    ]
    leaves_of = [list(_list_leaves(fields, splits)) for fields, splits in zip(trees, splits_of, strict=True)]
    if max(len(leaf.steps) for leaves in leaves_of for leaf in leaves) > MAX_FEATURES_OF_LEAF:
        return None
    n_features = int(text.partition("\nmax_feature_idx=")[2].partition("\n")[0]) + 1
    values_of = _build_leaf_values([leaf for leaves in leaves_of for leaf in leaves], n_features)
    cells: list[Cell] = []
    for splits, leaves in zip(splits_of, leaves_of, strict=True):
        if len(splits) <= MAX_SPLITS_OF_CELL:
            cells.append(Cell(splits, _sum_over_leaves(leaves, values_of, len(splits))))
        else:
            cells += [Cell(tuple(step.interval for step in leaf.steps), values_of[id(leaf)]) for leaf in leaves]
    return ShapleyTables.from_cells(cells)


def _sum_over_leaves(leaves: Sequence[Leaf], values_of: dict[int, Floats], n_splits: int) -> Floats:
    """Return the values of a whole tree for each set of splits at which a row goes left."""
    goes_left = (np.arange(1 << n_splits)[:, None] >> np.arange(n_splits) & 1).astype(bool)
    total = np.zeros(())
    for leaf in leaves:
        code = np.zeros(1 << n_splits, dtype=np.intp)
        for place, step in enumerate(leaf.steps):
            passes = np.all([goes_left[:, split] == left for split, left in step.ways], axis=0)
            code |= passes.astype(np.intp) << place
        total = total + values_of[id(leaf)][code]
    return total


def _build_leaf_values(leaves: Sequence[Leaf], n_features: int) -> dict[int, Floats]:
    """Return the table of each leaf, by its identity; leaves with as many steps are computed together."""
    tables: dict[int, Floats] = {}
    for _, group in groupby(sorted(leaves, key=_count_steps), key=_count_steps):
        some = list(group)
        tables |= {id(leaf): table for leaf, table in zip(some, _build_values(some, n_features), strict=True)}
    return tables


def _count_steps(leaf: Leaf) -> int:
    return len(leaf.steps)


def _build_values(leaves: Sequence[Leaf], n_features: int) -> Floats:
    r"""Return the tables of leaves with d steps each, shape (leaves, 2^d, n_features).

    Feature j gets :math:`v (o_j - z_j) \sum_S w(|S|) \prod_{k \in S} o_k \prod_{k \notin S} z_k`, over the sets S of
    the other features: v is the output of the leaf, o whether the row passes, z the share that passes, and
    :math:`w(s) = s! (d - 1 - s)! / d!`. The sum follows from the coefficients of :math:`\prod_k (z_k + o_k t)`.
    """
    d = len(leaves[0].steps)
    passes = (np.arange(1 << d)[:, None] >> np.arange(d) & 1).astype(float)  # (codes, d)
    shares = np.array([[step.share for step in leaf.steps] for leaf in leaves])[:, None, :]  # (leaves, 1, d)
    value = np.array([leaf.value for leaf in leaves])[:, None]
    weights = [factorial(s) * factorial(d - 1 - s) / factorial(d) for s in range(d)]
    rows, table = np.arange(len(leaves))[:, None], np.zeros((len(leaves), 1 << d, n_features))
    for j in range(d):
        coefficients = [np.ones((len(leaves), 1 << d))]
        for k in (k for k in range(d) if k != j):
            none = np.zeros((1, 1))
            stays = [*(shares[..., k] * one for one in coefficients), none]
            moves = [none, *(passes[:, k] * one for one in coefficients)]
            coefficients = [stay + move for stay, move in zip(stays, moves, strict=True)]
        total = sum((weight * one for weight, one in zip(weights, coefficients, strict=True)), np.zeros(()))
        feature = np.array([leaf.steps[j].interval.feature for leaf in leaves])[:, None]
        table[rows, np.arange(1 << d), feature] = value * (passes[:, j] - shares[..., j]) * total
    return table


def _list_leaves(fields: dict[str, str], splits: Sequence[Interval]) -> Iterator[Leaf]:
    """List the leaves of one tree. A child below 0 is the leaf with the number ``-child - 1``."""
    left, right, cover, leaf_cover = (
        [int(one) for one in fields[name].split()]
        for name in ("left_child", "right_child", "internal_count", "leaf_count")
    )
    leaf_value = [float(one) for one in fields["leaf_value"].split()]
    waiting: list[tuple[int, dict[int, Step]]] = [(0, {})]
    while waiting:
        node, path = waiting.pop()
        if node < 0:
            yield Leaf(leaf_value[-node - 1], tuple(path.values()))
            continue
        split = splits[node]
        before = path.get(split.feature, Step(Interval(split.feature, -np.inf, np.inf, True), 1.0, ()))
        for child, goes_left in ((left[node], True), (right[node], False)):
            _, low, high, accepts_unknown = before.interval
            interval = Interval(
                split.feature,
                low if goes_left else max(low, split.high),
                min(high, split.high) if goes_left else high,
                accepts_unknown and split.accepts_unknown == goes_left,
            )
            passed = (leaf_cover[-child - 1] if child < 0 else cover[child]) / cover[node]
            step = Step(interval, before.share * passed, (*before.ways, (node, goes_left)))
            waiting.append((child, {**path, split.feature: step}))
