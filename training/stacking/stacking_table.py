"""One row of the stacker's training table: numbers of a clinic, and how far its trees lead towards the truth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.double_centering import double_center
from attune_fit.training.crossfit.local_trees import TREE_KINDS
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.record_scores import compute_linear_score
from attune_fit.training.crossfit.splits import split_by_group
from attune_fit.training.stacking.held_back_summary import compute_held_back_summary

N_FOLDS = 5  # as in the training of a clinic


class StackingRow(NamedTuple):
    """One clinic at one number of records, see :class:`StackingTable`."""

    inputs: Floats
    squares: Floats
    products: Floats


def build_stacking_row(
    records: TrainingDataset, new_features: Floats, truth: Floats, recipe: Recipe, seed: int = 0
) -> StackingRow:
    """Train on a clinic's records, and compare its trees with the truth of new pairs.

    Parameters
    ----------
    records : TrainingDataset
    new_features : array of shape (clients, therapists, p)
        Features of pairs of new clients in units of their scale; NaN where unknown.
    truth : array of shape (clients, therapists)
        Their expected alliance, POMP.
    recipe : Recipe
        It grows every kind of trees, at any weight above 0.
    """
    folds = split_by_group(records.client, N_FOLDS, seed)
    summary = compute_held_back_summary(records, folds, recipe)
    rows = np.arange(len(records))
    model = recipe.without_trees().fit(records, rows)
    names = [row.name for row in records.features]
    outputs = np.stack(
        [
            np.zeros(truth.shape) if trees is None else double_center(trees.predict(names, new_features))
            for trees in recipe.grow_trees(records, rows)
        ],
        axis=-1,
    ).reshape(-1, len(TREE_KINDS))
    effect, _, _ = model.therapists.select_for_roster(records.therapist_ids)
    missing = truth - compute_linear_score(model, new_features) - effect
    target = double_center(missing).ravel()
    scale = len(target) * model.evidence.sigma**2
    return StackingRow(summary.numbers, outputs.T @ outputs / scale, outputs.T @ target / scale)
