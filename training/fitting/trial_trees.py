"""Trees of one fold for many hyperparameters: LightGBM sorts the values into bins once."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from attune_fit.data.arrays import Floats
from attune_fit.models.lightgbm_loading import load_lightgbm
from attune_fit.models.trees import MAX_BIN, BoostedTrees, TreeHyperparameters, build_settings
from attune_fit.training.crossfit.local_trees import TreeTrainingData

# Trials differ in how many records a leaf needs at least. LightGBM must not drop columns by the first trial's number.
DATASET_SETTINGS = {"verbosity": -1, "max_bin": MAX_BIN, "num_threads": 1, "feature_pre_filter": False}


class TrialTrees:
    """Grows trees on the training rows of a fold and predicts its test rows, trial after trial.

    Parameters
    ----------
    data : TreeTrainingData
    test_features : array of shape (m, p)
        The columns of ``data.names`` of the test rows; NaN where unknown.
    seed : int
        Decides the columns that each tree can read.
    """

    def __init__(self, data: TreeTrainingData, test_features: Floats, seed: int) -> None:
        self.data, self.test_features, self.seed = data, test_features, seed

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs; it makes anew what LightGBM holds."""
        return {name: getattr(self, name) for name in ("data", "test_features", "seed")}

    def predict(self, growth: TreeHyperparameters) -> Floats:
        """Grow trees as :meth:`TreeTrainingData.grow_trees`, and return their output for the test rows, (m,), POMP."""
        lightgbm = load_lightgbm()
        booster = lightgbm.Booster(build_settings(self.data.directions, growth, self.seed), self._rows)
        for _ in range(growth.trees):
            booster.update()
        return BoostedTrees(self.data.names, str(booster.model_to_string()), 1.0).predict(
            self.data.names, self.test_features
        )

    @cached_property
    def _rows(self) -> Any:
        """LightGBM's data set of the training rows."""
        rows = load_lightgbm().Dataset(
            self.data.standardised_features, self.data.residual - self.data.residual.mean(), params=DATASET_SETTINGS
        )
        return rows.construct()
