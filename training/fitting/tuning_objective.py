"""The objective of the tuning: out-of-fold error of trees by hyperparameters; shared steps are computed once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import FoldModel, Recipe, crossfit_models
from attune_fit.training.crossfit.record_scores import compute_record_score
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.fitting.trial_trees import TrialTrees

PRIOR_TREE_WEIGHT = 0.5  # prior mean of the weight of trees in a trial
PRIOR_TREE_WEIGHT_SD = 0.5  # its prior standard deviation: wide, for the stacker sets the weight of the trees chosen
MAX_TREE_WEIGHT = 3.0  # as the stacker's


def compute_stacking_weight(residual: Floats, output: Floats) -> float:
    """Return the share of ``output`` that best explains ``residual``, shrunk towards its prior mean.

    Parameters
    ----------
    residual : array of shape (n,)
        Outcome minus the out-of-fold prediction of the linear layer.
    output : array of shape (n,)
        Out-of-fold output of the trees, at full weight.

    Returns
    -------
    float in [0, MAX_TREE_WEIGHT]
        The posterior mean of the slope; :data:`PRIOR_TREE_WEIGHT` without records.
    """
    variance = float(np.mean(residual**2)) if len(residual) else 1.0
    weighted_mean, precision = PRIOR_TREE_WEIGHT / PRIOR_TREE_WEIGHT_SD**2, 1 / PRIOR_TREE_WEIGHT_SD**2
    if variance > 0:
        weighted_mean = weighted_mean + float(output @ residual) / variance
        precision = precision + float(output @ output) / variance
    return float(np.clip(weighted_mean / precision, 0, MAX_TREE_WEIGHT))


@dataclass(frozen=True)
class TuningObjective:
    """Folds on which hyperparameters are tried; lists have one entry for each fold.

    Attributes
    ----------
    records : TrainingDataset
    fold_models : list of FoldModel
        Linear models, each fitted to the training rows of its fold.
    trees : list of TrialTrees
        Grow trees in each fold.
    residuals : list of arrays
        Outcome minus linear prediction of the test rows, POMP.
    """

    records: TrainingDataset
    fold_models: list[FoldModel]
    trees: list[TrialTrees]
    residuals: list[Floats]

    @classmethod
    def from_folds(cls, records: TrainingDataset, folds: Sequence[Fold], recipe: Recipe) -> TuningObjective:
        """Fit the linear layer of each fold, and compute the residuals of its test rows."""
        fold_models = crossfit_models(recipe, records, folds)
        names = [feature.name for feature in records.features]
        trees = []
        for fold, fold_model in zip(folds, fold_models, strict=True):
            data = recipe.prepare_tree_data(records, fold.train, fold_model.model.evidence)
            test_features = records.standardised_features[fold.test][:, [names.index(name) for name in data.names]]
            trees.append(TrialTrees(data, test_features, recipe.seed))
        residuals = []
        for fold_model in fold_models:
            test = fold_model.test
            residuals.append(records.y[test] - compute_record_score(fold_model.model, records, test))
        return cls(records, fold_models, trees, residuals)

    def compute_errors(self, growth: TreeHyperparameters) -> Iterator[float]:
        """Yield the mean squared error at the trees' stacking weight, POMP²: over 1 fold, 2 folds, ..., all folds.

        The trees of a fold are grown only when its error is requested, so that a search can stop early. The executor of
        the records grows some folds ahead, see :func:`list_fold_batches`.
        """
        residual, output = np.empty(0), np.empty(0)
        executor = self.records.executor
        for batch in list_fold_batches(len(self.fold_models), executor.n_workers):
            outputs = list(executor.map_ordered(_predict_fold, [(fold, growth) for fold in batch], self.trees))
            for fold, of_fold in zip(batch, outputs, strict=True):
                residual = np.concatenate([residual, self.residuals[fold]])
                output = np.concatenate([output, of_fold])
                weight = compute_stacking_weight(residual, output)
                yield float(np.mean((residual - weight * output) ** 2))


def _predict_fold(trees: Sequence[TrialTrees], task: tuple[int, TreeHyperparameters]) -> Floats:
    """Grow the trees of a fold, and return their output for its test rows, POMP."""
    fold, growth = task
    return trees[fold].predict(growth)


def list_fold_batches(n_folds: int, n_workers: int) -> list[range]:
    """List the folds of a trial in batches that are worked on at once.

    A search can stop a trial after 2 and after 4 folds (successive halving). With few workers a batch ends there, so
    that no fold is grown in vain.

    >>> [list(batch) for batch in list_fold_batches(5, 2)], len(list_fold_batches(5, 1)), len(list_fold_batches(5, 8))
    ([[0, 1], [2, 3], [4]], 5, 1)
    """
    size = 1 if n_workers < 2 else n_folds if n_workers >= n_folds else 2
    return [range(start, min(start + size, n_folds)) for start in range(0, n_folds, size)]
