"""The objective of the tuning: out-of-fold error of trees by hyperparameters; shared steps are computed once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import (
    FoldModel,
    Recipe,
    TreeTrainingData,
    compute_record_parts,
    crossfit_models,
)
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.methods.tree_weight import PRIOR_TREE_WEIGHT, compute_stacking_weight


@dataclass(frozen=True)
class TuningObjective:
    """Folds on which hyperparameters are tried; lists have one entry for each fold.

    Attributes
    ----------
    records : TrainingDataset
    fold_models : list of FoldModel
        Linear models, each fitted to the training rows of its fold.
    tree_data : list of TreeTrainingData
        Training data of the trees in each fold.
    residuals : list of arrays
        Outcome minus linear prediction of the test rows, POMP.
    prior_weight : float
        Prior mean of the trees' stacking weight.
    seed : int
        Decides the columns that each tree can read.
    """

    records: TrainingDataset
    fold_models: list[FoldModel]
    tree_data: list[TreeTrainingData]
    residuals: list[Floats]
    prior_weight: float
    seed: int

    @classmethod
    def from_folds(cls, records: TrainingDataset, folds: Sequence[Fold], recipe: Recipe) -> TuningObjective:
        """Fit the linear layer of each fold, and compute the residuals of its test rows."""
        fold_models = crossfit_models(replace(recipe, start=None), records, folds)
        tree_data = [
            recipe.prepare_tree_data(records, fold.train, fold_model.model.evidence)
            for fold, fold_model in zip(folds, fold_models, strict=True)
        ]
        residuals = []
        for fold_model in fold_models:
            test = fold_model.test
            parts = compute_record_parts(fold_model.model, records, test)
            residuals.append(records.y[test] - parts.score)
        prior_weight = PRIOR_TREE_WEIGHT if recipe.start is None else recipe.start.stacking_weight
        return cls(records, fold_models, tree_data, residuals, prior_weight, recipe.seed)

    def compute_errors(self, growth: TreeHyperparameters) -> Iterator[float]:
        """Yield the mean squared error at the trees' stacking weight, POMP²: over 1 fold, 2 folds, ..., all folds.

        The trees of a fold are grown only when its error is requested, so that a search can stop early.
        """
        names = [feature.name for feature in self.records.features]
        residual, output = np.empty(0), np.empty(0)
        for fold, data, fold_residual in zip(self.fold_models, self.tree_data, self.residuals, strict=True):
            trees = data.grow_trees(growth, self.seed)
            residual = np.concatenate([residual, fold_residual])
            output = np.concatenate([output, trees.predict(names, self.records.standardised_features[fold.test])])
            weight = compute_stacking_weight(residual, output, self.prior_weight)
            yield float(np.mean((residual - weight * output) ** 2))
