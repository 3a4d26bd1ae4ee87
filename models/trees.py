"""Boosted trees on the residuals of the linear layer, stored as text: the only module that calls LightGBM."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.models.leaf_tables import LEAST_ROWS, build_leaf_tables
from attune_fit.models.lightgbm_loading import load_lightgbm
from attune_fit.models.shapley_tables import build_shapley_tables
from attune_fit.models.tree_columns import list_features_read, select_columns, sum_by_feature

MIN_ROWS_FOR_TABLES = 60  # for fewer rows LightGBM itself is quicker than the making of the tables
MAX_BIN = 63  # split points of a feature: a quarter of LightGBM's default does as well, and is quicker
DIRECTION_SIGNS = {"+": 1, "-": -1, "free": 0}


@dataclass(frozen=True)
class TreeHyperparameters:
    """Hyperparameters of LightGBM; the defaults are small because the signal is small.

    Attributes
    ----------
    trees, leaves : int
        Number of trees, and leaves of each (``num_leaves``).
    rate : float
        Learning rate.
    least : int
        Records in a leaf, at least (``min_data_in_leaf``).
    ridge : float
        L2 penalty (``lambda_l2``).
    columns : float in (0, 1]
        Share of the features each tree can use (``feature_fraction``).
    extra : bool
        Whether a split tries one random threshold of each feature instead of all (``extra_trees``). [1]_
    bagging : float in (0, 1]
        Share of the records that each tree is grown on (``bagging_fraction``), drawn anew for each tree.

    References
    ----------
    .. [1] Geurts, Ernst & Wehenkel (2006), Machine Learning 63, 3-42, doi:10.1007/s10994-006-6226-1.
    """

    trees: int = 60
    leaves: int = 7
    rate: float = 0.05
    least: int = 40
    ridge: float = 20.0
    columns: float = 0.7
    extra: bool = False
    bagging: float = 1.0


@dataclass(frozen=True)
class BoostedTrees:
    """Trees and their stacking weight in the score.

    Attributes
    ----------
    names : tuple of str
        The columns the trees read, in their order: features that differ between therapists, or products, see
        :func:`~attune_fit.models.tree_columns.build_product_name`. No column is a client feature alone, so that a main
        effect of the client cannot look like a pair effect.
    text : str
        LightGBM's model text.
    stacking_weight : float in (0, 1]
        Factor on their output.
    """

    names: tuple[str, ...]
    text: str
    stacking_weight: float

    def predict(self, names: Sequence[str], standard: Floats) -> Floats:
        """Return what the trees add to the score, POMP, relative to their mean output.

        Parameters
        ----------
        names : sequence of str
            Features, the columns of ``standard``; those that the trees do not read are ignored. A product of the trees
            is computed from both of its features.
        standard : array of shape (..., names)
            NaN where unknown.
        """
        shape = standard.shape[:-1]
        if not np.prod(shape):
            return np.zeros(shape)
        rows = self._select_columns(names, standard)
        tables = build_leaf_tables(self.text) if len(rows) >= LEAST_ROWS else None
        if tables is not None:
            raw = tables.predict(rows)
        else:
            raw = np.asarray(_load_booster(self.text).predict(rows, num_threads=1), dtype=float)
        return self.stacking_weight * (raw.reshape(shape) - _compute_base_value(self.text))

    @property
    def base_value(self) -> float:
        """Mean output of the trees over their training records, POMP, at a stacking weight of 1."""
        return _compute_base_value(self.text)

    def compute_contributions(self, names: Sequence[str], standard: Floats) -> Floats:
        """Return each feature's part of :meth:`predict`, POMP, shape of ``standard``: exact Shapley values.

        The part of a product is in the column of the therapist's feature: among the therapists of one client, only this
        feature differs. What belongs to a feature outside ``names`` is left out.
        """
        if not standard.size:
            return np.zeros(standard.shape)
        rows = self._select_columns(names, standard)
        shapley = np.asarray(_load_booster(self.text).predict(rows, pred_contrib=True, num_threads=1))[:, :-1]
        return self.stacking_weight * sum_by_feature(self.names, names, shapley).reshape(standard.shape)

    def compute_contributions_and_mean(
        self, names: Sequence[str], standard: Floats, chosen: Indices
    ) -> tuple[Floats, Floats]:
        """Return :meth:`compute_contributions` of some rows, and the mean of those of all n rows, POMP.

        Parameters
        ----------
        names : sequence of str
        standard : array of shape (n, names), n >= 1
        chosen : array of int, shape (s,)
            Which of the rows.

        Returns
        -------
        arrays of shape (s, names) and (names,)
        """
        tables = build_shapley_tables(self.text) if len(standard) >= MIN_ROWS_FOR_TABLES else None
        if tables is None:
            every = self.compute_contributions(names, standard)
            return every[chosen], np.asarray(every.mean(axis=0))
        rows = self._select_columns(names, standard)
        values, mean = tables.compute_values(rows[chosen]), tables.compute_mean(rows)
        of_rows, of_mean = (sum_by_feature(self.names, names, part) for part in (values, mean))
        return self.stacking_weight * of_rows, self.stacking_weight * of_mean

    def _select_columns(self, names: Sequence[str], standard: Floats) -> Floats:
        """Return the columns that the trees read, shape (rows, len(self.names)); NaN for a missing column."""
        rows = select_columns(self.names, names, standard)
        return np.ascontiguousarray(rows.reshape(-1, len(self.names)))

    def find_split_features(self) -> frozenset[str]:
        """Return the names of the features that a tree splits on: of a product, both of its features."""
        splits = _load_booster(self.text).feature_importance()
        return frozenset(list_features_read([name for name, count in zip(self.names, splits, strict=True) if count]))


def fit_trees(
    standard: Floats,
    residual: Floats,
    directions: Sequence[str],
    hyperparameters: TreeHyperparameters,
    seed: int,
) -> str:
    """Fit boosted trees to the residuals, with monotone constraints where a feature has a direction.

    Parameters
    ----------
    standard : array of shape (n, p)
        NaN where unknown.
    residual : array of shape (n,)
        Outcome minus the predictions of the other parts, in the unit of the trees.
    directions : sequence of {"+", "-", "free"}, length p
    hyperparameters : TreeHyperparameters
    seed : int
        Random seed for the columns, records and thresholds of each tree. One thread: the same seed gives the same text.

    Returns
    -------
    str
        LightGBM's model text, without the ranges of the features, because they would reveal cell values.
    """
    lightgbm = load_lightgbm()
    names = [f"x{column}" for column in range(standard.shape[1])]
    rows = lightgbm.Dataset(standard, residual - residual.mean(), feature_name=names, params={"verbosity": -1})
    booster = lightgbm.train(build_settings(directions, hyperparameters, seed), rows, hyperparameters.trees)
    return _remove_feature_ranges(str(booster.model_to_string()))


def build_settings(directions: Sequence[str], hyperparameters: TreeHyperparameters, seed: int) -> dict[str, Any]:
    """Build LightGBM's settings; parameters as in :func:`fit_trees`."""
    settings = {
        "objective": "regression",
        "num_leaves": hyperparameters.leaves,
        "learning_rate": hyperparameters.rate,
        "min_data_in_leaf": hyperparameters.least,
        "lambda_l2": hyperparameters.ridge,
        "feature_fraction": hyperparameters.columns,
        "max_bin": MAX_BIN,
        "monotone_constraints": [DIRECTION_SIGNS[direction] for direction in directions],
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "seed": seed,
        "verbosity": -1,
    }
    # Only where they are used: LightGBM writes its settings into the text, and the text of old trees stays the same.
    if hyperparameters.extra:
        settings["extra_trees"] = True
    if hyperparameters.bagging < 1:
        settings |= {"bagging_fraction": hyperparameters.bagging, "bagging_freq": 1}
    return settings


@lru_cache(maxsize=16)
def _load_booster(text: str) -> Any:
    return load_lightgbm().Booster(model_str=_remove_parameters(text))


@lru_cache(maxsize=16)
def _compute_base_value(text: str) -> float:
    """Return the trees' mean output over their training records (SHAP base value)."""
    booster = _load_booster(text)
    unknown = np.full((1, booster.num_feature()), np.nan)
    return float(np.asarray(booster.predict(unknown, pred_contrib=True))[0, -1])


def _remove_parameters(text: str) -> str:
    """Remove the settings of training after the last tree: no prediction uses them, and a wrong one stops LightGBM."""
    trees, end, _ = text.partition("\nend of trees\n")
    return f"{trees}{end}\nfeature_importances:\n\npandas_categorical:null\n"


def _remove_feature_ranges(text: str) -> str:
    """Remove the smallest and largest value of each feature from LightGBM's text: a bundle holds no cell values."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.startswith("feature_infos="):
            lines[number] = "feature_infos=" + " ".join(["[-inf:inf]"] * len(line.split("=")[1].split(" ")))
    return "\n".join(lines)
