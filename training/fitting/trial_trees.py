"""Trees of one fold for many hyperparameters: LightGBM sorts the values into bins once, and old trees predict once."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.models.lightgbm_loading import load_lightgbm
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters, build_settings
from attune_fit.training.crossfit.pipeline import TreeTrainingData

# Trials differ in how many records a leaf needs at least. LightGBM must not drop columns by the first trial's number.
DATASET_SETTINGS = {"verbosity": -1, "num_threads": 1, "feature_pre_filter": False}


class TrialTrees:
    """Grows trees on the training rows of a fold and predicts its test rows, trial after trial.

    Parameters
    ----------
    data : TreeTrainingData
    test_features : array of shape (m, p)
        The columns of ``data.names`` of the test rows; NaN where unknown.
    start : BoostedTrees or None
        The trees to continue from.
    seed : int
        Decides the columns that each tree can read.
    """

    def __init__(self, data: TreeTrainingData, test_features: Floats, start: BoostedTrees | None, seed: int) -> None:
        self.data, self.test_features, self.start, self.seed = data, test_features, start, seed

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs; it makes anew what LightGBM holds."""
        return {name: getattr(self, name) for name in ("data", "test_features", "start", "seed")}

    def predict(self, growth: TreeHyperparameters) -> Floats:
        """Grow trees, and return the output of all trees for the test rows, (m,), POMP, relative to their mean.

        It is that of :meth:`TreeTrainingData.grow_trees`, but for rounding: the output of the starting trees and that
        of the new ones are added up.
        """
        lightgbm = load_lightgbm()
        booster = lightgbm.Booster(build_settings(self.data.directions, growth, self.seed), self._rows)
        for _ in range(growth.trees):
            booster.update()
        grown = BoostedTrees(self.data.names, str(booster.model_to_string()), 1.0)
        return self._start_outputs[1] + grown.predict(self.data.names, self.test_features)

    @cached_property
    def _start_outputs(self) -> tuple[Floats, Floats]:
        """Output of the starting trees for the training rows and the test rows, relative to their mean output."""
        both = self.data.standardised_features, self.test_features
        if self.start is None:
            return np.zeros(len(both[0])), np.zeros(len(both[1]))
        start = replace(self.start, stacking_weight=1.0)
        return start.predict(self.data.names, both[0]), start.predict(self.data.names, both[1])

    @cached_property
    def _rows(self) -> Any:
        """LightGBM's data set of the training rows; the starting trees are its offset."""
        residual, offset = self.data.residual, self._start_outputs[0]
        if self.start is not None:
            offset = offset + self.start.base_value  # as fit_trees has it: LightGBM rounds the target to 32 bits
        rows = load_lightgbm().Dataset(
            self.data.standardised_features,
            residual - residual.mean() + offset.mean(),
            init_score=None if self.start is None else offset,
            params=DATASET_SETTINGS,
        )
        return rows.construct()
