"""How well trees do that are grown in one way or another: what all ways share is prepared once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import FoldModel, Recipe, TreeTrainingData, crossfit_models
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.fitting.tree_weight import PRIOR_TREE_WEIGHT, compute_stacking_weight


@dataclass(frozen=True)
class TuningObjective:
    """Folds on which growths are tried; lists have one entry for each.

    Attributes
    ----------
    records : Records
    fold_models : list of Made
        Linear models of the other folds.
    tree_data : list of Ground
        What trees are grown on there.
    residuals : list of arrays
        What the linear model leaves of the records of the fold, POMP.
    prior_weight : float
        Share expected of the trees.
    seed : int
        Decides the columns each tree may read.
    """

    records: TrainingDataset
    fold_models: list[FoldModel]
    tree_data: list[TreeTrainingData]
    residuals: list[Floats]
    prior_weight: float
    seed: int

    @classmethod
    def from_folds(cls, records: TrainingDataset, folds: Sequence[Fold], begun: Recipe) -> TuningObjective:
        """Fit the linear layer of each fold, and see what it leaves."""
        made = crossfit_models(replace(begun, start=None), records, folds)
        grounds = [
            begun.prepare_tree_data(records, fold.train, one.model.evidence)
            for fold, one in zip(folds, made, strict=True)
        ]
        left = []
        for one in made:
            parts = one.model.compute_parts_from_features(
                records.standardised_features[one.test], records.therapist_ids, records.therapist[one.test]
            )
            left.append(records.y[one.test] - parts.score)
        return cls(
            records,
            made,
            grounds,
            left,
            PRIOR_TREE_WEIGHT if begun.start is None else begun.start.stacking_weight,
            begun.seed,
        )

    def compute_errors(self, growth: TreeHyperparameters) -> Iterator[float]:
        """Mean squared error at the share the trees earn, POMP²: over the first fold, the first two, ..., all of them.

        A fold's trees are grown when its error is asked for.
        """
        names = [feature.name for feature in self.records.features]
        left, output = np.empty(0), np.empty(0)
        for one, ground, part in zip(self.fold_models, self.tree_data, self.residuals, strict=True):
            trees = ground.grow_trees(growth, self.seed)
            left = np.concatenate([left, part])
            output = np.concatenate([output, trees.predict(names, self.records.standardised_features[one.test])])
            yield float(np.mean((left - compute_stacking_weight(left, output, self.prior_weight) * output) ** 2))
