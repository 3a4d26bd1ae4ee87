"""Predictions of boosted trees for many rows: each tree is a look-up in a table by the bits of its splits.

LightGBM follows each row down each tree. Here each distinct test, such as ``x3 <= 0.5``, is answered for all rows at
once. The answers to the splits of a tree, as bits, are the row of a table with the tree's output. The trees are added
in LightGBM's order, so that the sums are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats
from attune_fit.models.booster_text import SplitTest, list_split_tests, list_tree_fields

LEAST_ROWS = 500  # LightGBM is quicker for fewer
ROWS_PER_BLOCK = 16_384  # at once: the answers stay in the cache of a core
MAX_SPLITS = 14  # of a tree: its table has two to this power rows


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
        tests = list_split_tests(fields)
        if tests is None or n_splits > MAX_SPLITS:
            return None
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
