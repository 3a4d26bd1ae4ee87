"""Out-of-fold pair parts of clients with a whole roster, for several splits in one pass over the features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.pair_frame import PairFrame, fill_unknown
from attune_fit.features.pairs import Pairs
from attune_fit.models.trees import BoostedTrees
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import find_shared_trees
from attune_fit.training.crossfit.pipeline import FoldModel, digest_rows

PAIR_BLOCK_SIZE = 100_000  # pairs whose features are built at once


def compute_pair_parts(
    records: TrainingDataset, splits: Sequence[Sequence[FoldModel]], rows: Indices, roster: Indices
) -> list[Floats]:
    """Compute the pair part of some records' clients with every therapist of a roster, out of fold.

    The features of a pair are built once for all splits. Trees that no fold grew are the same in all of them: their
    output is computed once for these records and this roster.

    Parameters
    ----------
    records : TrainingDataset
    splits : sequence of sequences of FoldModel
        Each of ``rows`` is in the test set of one fold of each split.
    rows : array of int, shape (n,)
    roster : array of int, shape (m,)
        Row labels of therapists.

    Returns
    -------
    list of arrays of shape (n, m)
        One for each split, as :func:`compute_pair_part` by the model of the record's fold; POMP.
    """
    weights = [_FoldWeights.from_models(records, fold_models, rows) for fold_models in splits]
    shared = [find_shared_trees(fold_models) for fold_models in splits]
    outputs = {trees: _find_output(records, trees, rows, roster) for trees in shared if trees is not None}
    is_missing = {trees: bool(np.isnan(output).any()) for trees, output in outputs.items()}
    is_pair = np.array([feature.side == "pair" for feature in records.features], dtype=bool)
    names, pair_features = (
        [row.name for row in records.features],
        [row for row in records.features if row.side == "pair"],
    )
    parts = [np.empty((len(rows), len(roster))) for _ in splits]
    for block, standard in iterate_feature_blocks(records, rows, roster):
        filled = fill_unknown(standard[..., is_pair], pair_features)
        for trees, output in outputs.items():
            if is_missing[trees]:
                output[block] = trees.predict(names, standard)
        for part, one, fold_models, trees in zip(parts, weights, splits, shared, strict=True):
            part[block] = np.matmul(filled, one.of_rows[block][:, :, None])[..., 0]
            if trees is not None:
                part[block] += one.tree_weight[block][:, None] * outputs[trees][block]
                continue
            for number, fold in enumerate(fold_models):
                here = one.fold[block] == number
                if fold.model.learned is not None and here.any():
                    part[block][here] += fold.model.learned.predict(names, standard[here])
    return parts


class _FoldWeights:
    """What each record's fold multiplies its pairs with.

    Attributes
    ----------
    fold : array of int, shape (n,)
        The fold of each record.
    of_rows : array of shape (n, pair features)
        Weights of the linear layer on the day of each record.
    tree_weight : array of shape (n,)
        Stacking weight of the trees.
    """

    def __init__(self, fold: Indices, of_rows: Floats, tree_weight: Floats) -> None:
        self.fold, self.of_rows, self.tree_weight = fold, of_rows, tree_weight

    @classmethod
    def from_models(cls, records: TrainingDataset, fold_models: Sequence[FoldModel], rows: Indices) -> _FoldWeights:
        is_pair = np.array([feature.side == "pair" for feature in records.features], dtype=bool)
        names = [feature.name for feature in records.features if feature.side == "pair"]
        fold, of_rows = np.zeros(len(rows), dtype=np.intp), np.zeros((len(rows), len(names)))
        tree_weight = np.zeros(len(rows))
        for number, one in enumerate(fold_models):
            here, drift = np.flatnonzero(np.isin(rows, one.test)), one.model.evidence.drift
            fold[here], of_rows[here] = number, one.model.evidence.mean[1:][is_pair]
            if drift.names:
                change = np.zeros(len(names))
                change[[names.index(name) for name in drift.names]] = drift.change
                of_rows[here] += drift.compute_age(records.measured_on[rows[here]])[:, None] * change
            tree_weight[here] = 0.0 if one.model.learned is None else one.model.learned.stacking_weight
        return cls(fold, of_rows, tree_weight)


def _find_output(records: TrainingDataset, trees: BoostedTrees, rows: Indices, roster: Indices) -> Floats:
    """Return the output of trees at full weight, (rows, roster), that an earlier pass computed; NaN in the first."""
    key = "output of trees", trees, digest_rows(rows), digest_rows(roster)
    return records.compute_once(key, lambda: np.full((len(rows), len(roster)), np.nan))


def iterate_feature_blocks(records: TrainingDataset, rows: Indices, roster: Indices) -> Iterator[tuple[slice, Floats]]:
    """Build the features of some records' clients with a whole roster, block by block to save memory.

    Yields
    ------
    slice, array of shape (block, therapists, p)
        Positions in ``rows``, and their features in units of their scale; NaN where unknown.
    """
    size = max(1, PAIR_BLOCK_SIZE // max(len(roster), 1))
    for start in range(0, len(rows), size):
        block = slice(start, start + size)
        pairs = Pairs(records.sides, records.client[rows[block]][:, None], roster[None, :])
        yield block, PairFrame.from_pairs(pairs, records.features).standardize()
