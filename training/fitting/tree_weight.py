"""What share trees earn: by predictions of records they have not seen, and none where they do not help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import predict_out_of_fold
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models
from attune_fit.training.crossfit.splits import Fold

PRIOR_TREE_WEIGHT = 0.5  # share expected of trees nobody has tested yet
PRIOR_TREE_WEIGHT_SD = 0.25  # SD of what is believed of a share
MIN_TREE_WEIGHT = 0.05  # a smaller share is not worth its trees


def compute_stacking_weight(left: Floats, output: Floats, believed: float = PRIOR_TREE_WEIGHT) -> float:
    """Share of ``output`` that best explains ``left``, drawn towards what is believed of it; in 0-1.

    Parameters
    ----------
    left : array of shape (n,)
        Outcome less the linear layer, out of fold.
    output : array of shape (n,)
        Output of trees that have not seen these records.
    believed : float
        Share expected beforehand, with standard deviation :data:`PRIOR_TREE_WEIGHT_SD`.

    Returns
    -------
    float in [0, 1]
        The posterior mean of the slope; ``believed`` without records.
    """
    noise = float(np.mean(left**2)) if len(left) else 1.0
    pull, weight = believed / PRIOR_TREE_WEIGHT_SD**2, 1 / PRIOR_TREE_WEIGHT_SD**2
    if noise > 0:
        pull, weight = pull + float(output @ left) / noise, weight + float(output @ output) / noise
    return float(np.clip(pull / weight, 0, 1))


def choose_recipe(
    records: TrainingDataset, folds: Sequence[Fold], begun: Recipe, growth: TreeHyperparameters
) -> tuple[Recipe, Recipe]:
    """Decide whether trees have a place in the sum, and which.

    The trees a clinic starts from keep as much of their share as the records leave them. Local ones are grown on top
    when that lowers the squared error out of fold by more than its standard error.

    Parameters
    ----------
    records : Records
    folds : sequence of Fold
        By client.
    begun : Recipe
        The weights and trees a clinic starts from.
    growth : Growth
        Of the trees grown here.

    Returns
    -------
    Recipe, Recipe
        The one to use, and the one to fall back to, which grows nothing here.
    """
    if not folds:
        return begun, begun
    rows = np.sort(np.concatenate([fold.test for fold in folds]))
    start, linear = (
        begun.start,
        predict_out_of_fold(records, crossfit_models(replace(begun, start=None), records, folds)),
    )
    left = linear.y - linear.score

    there = np.zeros(len(rows)) if start is None else _predict_full_weight(start, records, rows)
    share = 0.0 if start is None else compute_stacking_weight(left, there, start.stacking_weight)
    kept = replace(start, stacking_weight=share) if start is not None and share >= MIN_TREE_WEIGHT else None
    fallback = replace(begun, start=kept)

    local = replace(begun, growth=growth)
    output = predict_trees_out_of_fold(local, records, folds)
    local = replace(
        local,
        share=compute_stacking_weight(left, output, PRIOR_TREE_WEIGHT if start is None else start.stacking_weight),
    )
    gain = (left - share * there) ** 2 - (left - local.share * output) ** 2
    helps = gain.mean() > gain.std() / np.sqrt(len(gain)) and local.share >= MIN_TREE_WEIGHT
    return (local if helps else fallback), fallback


def predict_trees_out_of_fold(recipe: Recipe, records: TrainingDataset, folds: Sequence[Fold]) -> Floats:
    """What the recipe's trees say of records they have not seen, whole; in the order of the records' rows."""
    rows = np.concatenate([fold.test for fold in folds])
    output = [
        _predict_full_weight(one.model.learned, records, one.test) if one.model.learned else np.zeros(len(one.test))
        for one in crossfit_models(replace(recipe, share=1.0), records, folds)
    ]
    said: Floats = np.concatenate(output)[np.argsort(rows)]
    return said


def _predict_full_weight(trees: BoostedTrees, records: TrainingDataset, rows: npt.NDArray[np.intp]) -> Floats:
    """The trees' output, whole."""
    names = [feature.name for feature in records.features]
    return replace(trees, stacking_weight=1.0).predict(names, records.standardised_features[rows])
