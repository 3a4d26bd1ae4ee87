"""Weights of a clinic's own trees: set by the stacker from held-back records, and zero if these speak against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.local_trees import TREE_KINDS
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.stacking.held_back_summary import compute_held_back_summary, compute_slope
from attune_fit.training.stacking.stacker import load_stacker

MIN_HELD_BACK_T = 1.5  # of the slope of held-back residuals on the weighted trees; below, the gate is shut
MIN_TREE_WEIGHT = 0.05  # kinds of trees with a smaller weight are dropped
MIN_RECORDS = 100  # the stacker was trained on clinics with more


def choose_recipe(
    records: TrainingDataset, folds: Sequence[Fold], recipe: Recipe, growth: TreeHyperparameters
) -> tuple[Recipe, Recipe]:
    """Return the recipe to use, with the weights of the clinic's own trees, and the fallback without trees.

    The stacker sets the weights, see :mod:`stacker`. Trees are used only if the residuals of held-back records rise
    with the weighted trees, by :data:`MIN_HELD_BACK_T` standard errors or more.

    Parameters
    ----------
    records : TrainingDataset
    folds : sequence of Fold
        By client.
    recipe : Recipe
        The prior that a clinic starts from.
    growth : TreeHyperparameters
        Of the local trees.
    """
    fallback = recipe.without_trees()
    if not folds or sum(len(fold.test) for fold in folds) < MIN_RECORDS:
        return fallback, fallback
    grown = replace(recipe, growth=growth, tree_weights=(1.0,) * len(TREE_KINDS))
    summary = compute_held_back_summary(records, folds, grown)
    weights = load_stacker().predict(summary.numbers[None, :])[0]
    weights = np.where(weights < MIN_TREE_WEIGHT, 0.0, weights)
    _, t = compute_slope(summary.outputs @ weights, summary.residual)
    if not t >= MIN_HELD_BACK_T:  # NaN where no kind has a weight
        return fallback, fallback
    return replace(grown, tree_weights=tuple(float(weight) for weight in weights)), fallback
