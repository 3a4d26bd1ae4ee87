"""Out-of-fold pair parts of clients with a whole roster, for several splits in one pass over the features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.parallel.executor import SerialExecutor
from attune_fit.features.pair_frame import PairFrame, fill_unknown
from attune_fit.features.pairs import Pairs
from attune_fit.models.trees import BoostedTrees
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import FoldModel

PAIR_BLOCK_SIZE = 100_000  # pairs whose features are built at once


def compute_pair_parts(
    records: TrainingDataset, splits: Sequence[Sequence[FoldModel]], rows: Indices, roster: Indices
) -> list[Floats]:
    """Compute the pair part of some records' clients with every therapist of a roster, out of fold.

    The features of a pair are built once for all splits.

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
    weights = [FoldWeights.from_models(records, fold_models, rows) for fold_models in splits]
    parts = [np.empty((len(rows), len(roster))) for _ in splits]
    blocks = [
        PairBlock(block, rows[block], roster, [one.take(block) for one in weights])
        for block in list_blocks(len(rows), len(roster))
    ]
    executor = records.executor if len(blocks) > 1 else SerialExecutor()
    for block, of_block in zip(blocks, executor.map_ordered(_compute_block, blocks, records), strict=True):
        for part, values in zip(parts, of_block, strict=True):
            part[block.place] = values
    return parts


def _compute_block(records: TrainingDataset, block: PairBlock) -> list[Floats]:
    """Return the pair part of each split for the pairs of a block."""
    is_pair = np.array([feature.side == "pair" for feature in records.features], dtype=bool)
    names, pair_features = (
        [row.name for row in records.features],
        [row for row in records.features if row.side == "pair"],
    )
    standard = build_standard_features(records, block.rows, block.roster)
    filled, parts = fill_unknown(standard[..., is_pair], pair_features), []
    for one in block.weights:
        part = np.matmul(filled, one.of_rows[:, :, None])[..., 0]
        for number, trees in one.trees.items():
            here = one.fold == number
            if here.any():
                part[here] += trees.predict(names, standard[here])
        parts.append(part)
    return parts


@dataclass(frozen=True)
class FoldWeights:
    """What each record's fold multiplies its pairs with.

    Attributes
    ----------
    fold : array of int, shape (n,)
        The fold of each record.
    of_rows : array of shape (n, pair features)
        Weights of the linear layer on the day of each record.
    trees : dict of int to BoostedTrees
        By fold, where it has some.
    """

    fold: Indices
    of_rows: Floats
    trees: dict[int, BoostedTrees]

    @classmethod
    def from_models(cls, records: TrainingDataset, fold_models: Sequence[FoldModel], rows: Indices) -> FoldWeights:
        """Return the weights of each of ``rows``, by the model of its fold."""
        is_pair = np.array([feature.side == "pair" for feature in records.features], dtype=bool)
        names = [feature.name for feature in records.features if feature.side == "pair"]
        fold, of_rows = np.zeros(len(rows), dtype=np.intp), np.zeros((len(rows), len(names)))
        trees = {}
        for number, one in enumerate(fold_models):
            here, drift = np.flatnonzero(np.isin(rows, one.test)), one.model.evidence.drift
            fold[here], of_rows[here] = number, one.model.evidence.mean[1:][is_pair]
            if drift.names:
                change = np.zeros(len(names))
                change[[names.index(name) for name in drift.names]] = drift.change
                of_rows[here] += drift.compute_age(records.measured_on[rows[here]])[:, None] * change
            if one.model.learned is not None:
                trees[number] = one.model.learned
        return cls(fold, of_rows, trees)

    def take(self, block: slice) -> FoldWeights:
        """Return the weights of some of the records."""
        fold = self.fold[block]
        trees = {number: trees for number, trees in self.trees.items() if (fold == number).any()}
        return FoldWeights(fold, self.of_rows[block], trees)


@dataclass(frozen=True)
class PairBlock:
    """Some records' clients with a roster.

    Attributes
    ----------
    place : slice
        Position in a list of records.
    rows : array of int, shape (k,)
    roster : array of int, shape (m,)
    weights : list of FoldWeights
        One for each split.
    """

    place: slice
    rows: Indices
    roster: Indices
    weights: list[FoldWeights]


def iterate_feature_blocks(records: TrainingDataset, rows: Indices, roster: Indices) -> Iterator[tuple[slice, Floats]]:
    """Build the features of some records' clients with a whole roster, block by block to save memory.

    Yields
    ------
    slice, array of shape (block, therapists, p)
        Positions in ``rows``, and their features in units of their scale; NaN where unknown.
    """
    for block in list_blocks(len(rows), len(roster)):
        yield block, build_standard_features(records, rows[block], roster)


def build_standard_features(records: TrainingDataset, rows: Indices, roster: Indices) -> Floats:
    """Build the features of some records' clients with a roster, (rows, roster, p), in units of their scale."""
    pairs = Pairs(records.sides, records.client[rows][:, None], roster[None, :])
    return PairFrame.from_pairs(pairs, records.features).standardize()


def list_blocks(n_rows: int, n_therapists: int) -> list[slice]:
    """List blocks of rows whose pairs with a roster are at most :data:`PAIR_BLOCK_SIZE`, but at least one row each."""
    size = max(1, PAIR_BLOCK_SIZE // max(n_therapists, 1))
    return [slice(start, start + size) for start in range(0, n_rows, size)]
