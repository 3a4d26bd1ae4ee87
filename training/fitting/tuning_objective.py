"""The objective of the tuning: out-of-fold error of trees by hyperparameters; shared steps are computed once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import FoldModel, Recipe, crossfit_models
from attune_fit.training.crossfit.record_scores import compute_record_score
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.fitting.trial_trees import TrialTrees
from attune_fit.training.methods.tree_weight import PRIOR_TREE_WEIGHT, compute_stacking_weight


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
    prior_weight : float
        Prior mean of the trees' stacking weight.
    """

    records: TrainingDataset
    fold_models: list[FoldModel]
    trees: list[TrialTrees]
    residuals: list[Floats]
    prior_weight: float

    @classmethod
    def from_folds(cls, records: TrainingDataset, folds: Sequence[Fold], recipe: Recipe) -> TuningObjective:
        """Fit the linear layer of each fold, and compute the residuals of its test rows."""
        fold_models = crossfit_models(replace(recipe, start=None), records, folds)
        names = [feature.name for feature in records.features]
        trees = []
        for fold, fold_model in zip(folds, fold_models, strict=True):
            data = recipe.prepare_tree_data(records, fold.train, fold_model.model.evidence)
            column_of = [names.index(name) if name in names else -1 for name in data.names]
            test_features = records.standardised_features[fold.test][:, column_of]
            test_features[:, np.array(column_of) < 0] = np.nan
            trees.append(TrialTrees(data, test_features, recipe.start, recipe.seed))
        residuals = []
        for fold_model in fold_models:
            test = fold_model.test
            residuals.append(records.y[test] - compute_record_score(fold_model.model, records, test))
        prior_weight = PRIOR_TREE_WEIGHT if recipe.start is None else recipe.start.stacking_weight
        return cls(records, fold_models, trees, residuals, prior_weight)

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
                weight = compute_stacking_weight(residual, output, self.prior_weight)
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
