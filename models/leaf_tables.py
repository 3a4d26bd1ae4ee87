"""Predictions of boosted trees for many rows: each tree is a look-up in a table by the bits of its splits.

LightGBM follows each row down each tree. Here each distinct test, such as ``x3 <= 0.5``, is answered for all rows at
once. The answers to the splits of a tree, as bits, are the row of a table with the tree's output. The trees are added
in LightGBM's order, so that the sums are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats
from attune_fit.models.booster_text import CATEGORICAL, DEFAULT_LEFT, MISSING_NAN, MISSING_ZERO, list_tree_fields

LEAST_ROWS = 500  # LightGBM is quicker for fewer
ROWS_PER_BLOCK = 16_384  # at once: the answers stay in the cache of a core
MAX_SPLITS = 14  # of a tree: its table has two to this power rows


class SplitTest(NamedTuple):
    """A test of a split: ``value <= threshold``; ``unknown_goes_left`` is its answer for an unknown value."""

    feature: int
    threshold: float
    unknown_goes_left: bool


@dataclass(frozen=True)
class LeafTables:
    """The tables of all trees.

    Attributes
    ----------
    tests : tuple of SplitTest
        The distinct tests.
    trees : tuple of (tuple of int, array)
        For each tree, which test each of its splits is, and its output for each code: bit ``i`` of the code is the
        answer of split ``i``.
    """

    tests: tuple[SplitTest, ...]
    trees: tuple[tuple[tuple[int, ...], Floats], ...]

    def predict(self, rows: Floats) -> Floats:
        """Return the sum of the trees for rows of shape (n, features), NaN where unknown."""
        total = np.empty(len(rows))
        for start in range(0, len(rows), ROWS_PER_BLOCK):
            total[start : start + ROWS_PER_BLOCK] = self._predict_block(rows[start : start + ROWS_PER_BLOCK])
        return total

    def _predict_block(self, rows: Floats) -> Floats:
        columns = np.ascontiguousarray(rows.T)
        answers = [_answer(columns[test.feature], test) for test in self.tests]
        total = np.zeros(len(rows))
        for tests, outputs in self.trees:
            code: npt.NDArray[Any] = np.zeros(len(rows), dtype=np.uint8 if len(tests) <= 8 else np.uint16)
            for test in reversed(tests):
                code += code
                code |= answers[test]
            total += outputs.take(code)
        return total


def _answer(values: Floats, test: SplitTest) -> npt.NDArray[np.uint8]:
    """Return 1 where a row goes left. A comparison with NaN is false."""
    goes_left = ~(values > test.threshold) if test.unknown_goes_left else values <= test.threshold
    return goes_left.view(np.uint8)


@lru_cache(maxsize=16)
def build_leaf_tables(text: str) -> LeafTables | None:
    """Build the tables of a LightGBM model, from its text.

    Returns
    -------
    LeafTables or None
        None where the trees have a split that tables do not cover: of a category, of a value that counts as missing
        where it is zero, or of a tree with more than :data:`MAX_SPLITS` splits.
    """
    number_of: dict[SplitTest, int] = {}
    trees = []
    for fields in list_tree_fields(text):
        n_splits = int(fields["num_leaves"]) - 1
        kinds = [int(kind) for kind in fields["decision_type"].split()]
        if n_splits > MAX_SPLITS or any(kind & (CATEGORICAL | MISSING_ZERO) for kind in kinds):
            return None
        features = [int(feature) for feature in fields["split_feature"].split()]
        thresholds = [float(threshold) for threshold in fields["threshold"].split()]
        tests = tuple(
            # without a way of its own, an unknown value counts as 0, as in LightGBM
            SplitTest(feature, threshold, bool(kind & DEFAULT_LEFT) if kind & MISSING_NAN else threshold >= 0)
            for feature, threshold, kind in zip(features, thresholds, kinds, strict=True)
        )
        numbers = tuple(number_of.setdefault(test, len(number_of)) for test in tests)
        trees.append((numbers, _build_outputs(fields, n_splits)))
    return LeafTables(tuple(number_of), tuple(trees))


def _build_outputs(fields: Mapping[str, str], n_splits: int) -> Floats:
    """Return the output of a tree for each code. A child below 0 is the leaf with the number ``-child - 1``."""
    values = np.array([float(value) for value in fields["leaf_value"].split()])
    left, right = (np.array(fields[name].split(), dtype=np.intp) for name in ("left_child", "right_child"))
    codes = np.arange(1 << n_splits)
    node = np.full(len(codes), 0 if n_splits else -1)
    while len(inner := np.flatnonzero(node >= 0)):
        goes_left = (codes[inner] >> node[inner] & 1) == 1
        node[inner] = np.where(goes_left, left[node[inner]], right[node[inner]])
    outputs: Floats = values[-node - 1]
    return outputs
