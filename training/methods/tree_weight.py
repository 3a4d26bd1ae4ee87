"""Stacking weight of the trees: set by out-of-fold predictions, and zero if the trees do not help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import predict_out_of_fold
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models, fit_ahead
from attune_fit.training.crossfit.record_scores import predict_shared_trees
from attune_fit.training.crossfit.splits import Fold

PRIOR_TREE_WEIGHT = 0.5  # prior mean of the stacking weight, for trees that have not been tested
PRIOR_TREE_WEIGHT_SD = 0.25  # prior standard deviation of the stacking weight
MIN_GAIN_IN_ERRORS = 2.0  # standard errors that local trees must gain: at one, they were a false yes in one of six
MIN_TREE_WEIGHT = 0.05  # trees with a smaller stacking weight are dropped


def compute_stacking_weight(residual: Floats, output: Floats, prior_mean: float = PRIOR_TREE_WEIGHT) -> float:
    """Return the share of ``output`` that best explains ``residual``, shrunk towards its prior mean.

    Parameters
    ----------
    residual : array of shape (n,)
        Outcome minus the out-of-fold prediction of the linear layer.
    output : array of shape (n,)
        Out-of-fold output of the trees, at full weight.
    prior_mean : float
        Prior mean of the weight; its standard deviation is :data:`PRIOR_TREE_WEIGHT_SD`.

    Returns
    -------
    float in [0, 1]
        The posterior mean of the slope; ``prior_mean`` without records.
    """
    variance = float(np.mean(residual**2)) if len(residual) else 1.0
    weighted_mean, precision = prior_mean / PRIOR_TREE_WEIGHT_SD**2, 1 / PRIOR_TREE_WEIGHT_SD**2
    if variance > 0:
        weighted_mean = weighted_mean + float(output @ residual) / variance
        precision = precision + float(output @ output) / variance
    return float(np.clip(weighted_mean / precision, 0, 1))


def choose_recipe(
    records: TrainingDataset, folds: Sequence[Fold], recipe: Recipe, growth: TreeHyperparameters
) -> tuple[Recipe, Recipe]:
    """Return the recipe to use: with the starting trees, with local trees on top, or without trees.

    The starting trees keep the stacking weight that the records support. Local trees are grown on top if that lowers
    the out-of-fold squared error by more than two of its standard errors.

    Parameters
    ----------
    records : TrainingDataset
    folds : sequence of Fold
        By client.
    recipe : Recipe
        The prior and the trees that a clinic starts from.
    growth : TreeHyperparameters
        Of the local trees.

    Returns
    -------
    Recipe, Recipe
        The recipe to use, and the fallback, which grows no local trees.
    """
    if not folds:
        return recipe, recipe
    start = recipe.start
    prior_weight = PRIOR_TREE_WEIGHT if start is None else start.stacking_weight
    rows = np.sort(np.concatenate([fold.test for fold in folds]))
    fit_ahead(records, [(replace(recipe, growth=growth), fold) for fold in folds])
    linear = predict_out_of_fold(records, crossfit_models(replace(recipe, start=None), records, folds))
    residual = linear.y - linear.score

    start_output = np.zeros(len(rows)) if start is None else predict_shared_trees(start, records)[rows]
    start_weight = 0.0 if start is None else compute_stacking_weight(residual, start_output, prior_weight)
    weighted = None if start is None else replace(start, stacking_weight=start_weight)
    fallback = replace(recipe, start=weighted if start_weight >= MIN_TREE_WEIGHT else None)

    local = replace(recipe, growth=growth)
    local_output = predict_trees_out_of_fold(local, records, folds)
    local = replace(local, share=compute_stacking_weight(residual, local_output, prior_weight))
    gain = (residual - start_weight * start_output) ** 2 - (residual - local.share * local_output) ** 2
    helps = gain.mean() > MIN_GAIN_IN_ERRORS * gain.std() / np.sqrt(len(gain)) and local.share >= MIN_TREE_WEIGHT
    return (local if helps else fallback), fallback


def predict_trees_out_of_fold(recipe: Recipe, records: TrainingDataset, folds: Sequence[Fold]) -> Floats:
    """Return the out-of-fold output of the recipe's trees at full weight, POMP, in the order of the records' rows."""
    rows = np.concatenate([fold.test for fold in folds])
    output = [
        _predict_at_full_weight(fold.model.learned, records, fold.test)
        if fold.model.learned
        else np.zeros(len(fold.test))
        for fold in crossfit_models(replace(recipe, share=1.0), records, folds)
    ]
    ordered: Floats = np.concatenate(output)[np.argsort(rows)]
    return ordered


def _predict_at_full_weight(trees: BoostedTrees, records: TrainingDataset, rows: npt.NDArray[np.intp]) -> Floats:
    """Return the trees' output with a stacking weight of 1."""
    names = [feature.name for feature in records.features]
    return replace(trees, stacking_weight=1.0).predict(names, records.standardised_features[rows])
