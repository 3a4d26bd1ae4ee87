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

MIN_ROWS_FOR_TABLES = 60  # for fewer rows LightGBM itself is quicker than the making of the tables
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
    """

    trees: int = 60
    leaves: int = 7
    rate: float = 0.05
    least: int = 40
    ridge: float = 20.0
    columns: float = 0.7


@dataclass(frozen=True)
class BoostedTrees:
    """Trees and their stacking weight in the score.

    Attributes
    ----------
    names : tuple of str
        The features the trees read, in their order: only features that differ between therapists. Client features are
        excluded, so that a main effect of the client cannot look like a pair effect.
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
            Names of the columns of ``standard``; columns that the trees do not read are ignored.
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
        """Return each column's part of :meth:`predict`, POMP, shape of ``standard``: exact Shapley values."""
        parts = np.zeros(standard.shape)
        if parts.size:
            rows = self._select_columns(names, standard)
            shapley = np.asarray(_load_booster(self.text).predict(rows, pred_contrib=True, num_threads=1))
            columns = _find_columns(self.names, tuple(names))
            read = shapley[:, :-1][:, columns >= 0].reshape(*standard.shape[:-1], -1)
            parts[..., columns[columns >= 0]] = self.stacking_weight * read
        return parts

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
        rows, columns = self._select_columns(names, standard), _find_columns(self.names, tuple(names))
        read, contributions, mean = columns >= 0, np.zeros((len(chosen), len(names))), np.zeros(len(names))
        contributions[:, columns[read]] = self.stacking_weight * tables.compute_values(rows[chosen])[:, read]
        mean[columns[read]] = self.stacking_weight * tables.compute_mean(rows)[read]
        return contributions, mean

    def _select_columns(self, names: Sequence[str], standard: Floats) -> Floats:
        """Return the columns that the trees read, shape (rows, len(self.names)); NaN for a missing column."""
        columns = _find_columns(self.names, tuple(names))
        rows = standard[..., columns]
        rows[..., columns < 0] = np.nan
        return np.ascontiguousarray(rows.reshape(-1, len(self.names)))

    def find_split_features(self) -> frozenset[str]:
        """Return the names of the features that a tree splits on."""
        splits = _load_booster(self.text).feature_importance()
        return frozenset(name for name, count in zip(self.names, splits, strict=True) if count)


def fit_trees(
    standard: Floats,
    residual: Floats,
    directions: Sequence[str],
    hyperparameters: TreeHyperparameters,
    seed: int,
    init_model: str | None = None,
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
        Random seed for the columns of each tree. One thread: the same seed gives the same text.
    init_model : str, optional
        Text of trees to continue from (warm start). They can have fewer features: the first columns.

    Returns
    -------
    str
        LightGBM's model text, without the ranges of the features, because they would reveal cell values.
    """
    lightgbm = load_lightgbm()
    names = [f"x{column}" for column in range(standard.shape[1])]
    init_booster, target = None, residual - residual.mean()
    if init_model is not None:
        init_booster = lightgbm.Booster(model_str=_remove_parameters(_add_columns(init_model, len(names))))
        target = target + _compute_mean_prediction(init_booster, init_model, standard)
    rows = lightgbm.Dataset(standard, target, feature_name=names, params={"verbosity": -1})
    settings = build_settings(directions, hyperparameters, seed)
    booster = lightgbm.train(settings, rows, hyperparameters.trees, init_model=init_booster)
    return _remove_feature_ranges(str(booster.model_to_string()))


def build_settings(directions: Sequence[str], hyperparameters: TreeHyperparameters, seed: int) -> dict[str, Any]:
    """Build LightGBM's settings; parameters as in :func:`fit_trees`."""
    return {
        "objective": "regression",
        "num_leaves": hyperparameters.leaves,
        "learning_rate": hyperparameters.rate,
        "min_data_in_leaf": hyperparameters.least,
        "lambda_l2": hyperparameters.ridge,
        "feature_fraction": hyperparameters.columns,
        "monotone_constraints": [DIRECTION_SIGNS[direction] for direction in directions],
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "seed": seed,
        "verbosity": -1,
    }


@lru_cache(maxsize=16)
def _find_columns(wanted: tuple[str, ...], names: tuple[str, ...]) -> Indices:
    """Return the place of each wanted name among the names; -1 where it is missing."""
    place_of = {name: place for place, name in enumerate(names)}
    return np.array([place_of.get(name, -1) for name in wanted], dtype=np.intp)


@lru_cache(maxsize=16)
def _load_booster(text: str) -> Any:
    return load_lightgbm().Booster(model_str=_remove_parameters(text))


@lru_cache(maxsize=16)
def _compute_base_value(text: str) -> float:
    """Return the trees' mean output over their training records (SHAP base value)."""
    booster = _load_booster(text)
    unknown = np.full((1, booster.num_feature()), np.nan)
    return float(np.asarray(booster.predict(unknown, pred_contrib=True))[0, -1])


def _compute_mean_prediction(booster: Any, text: str, standard: Floats) -> float:
    """Return the mean output of trees for some rows; ``text`` holds the trees of ``booster``."""
    tables = build_leaf_tables(text) if len(standard) >= LEAST_ROWS else None
    output = booster.predict(standard, num_threads=1) if tables is None else tables.predict(standard)
    return float(np.mean(output))


def _add_columns(text: str, columns: int) -> str:
    """Return the same trees over more columns, which no tree reads yet: four header lines hold their number."""
    lines = text.split("\n")
    old_columns = next(int(line.split("=")[1]) + 1 for line in lines if line.startswith("max_feature_idx="))
    new = range(old_columns, columns)
    additions = {
        "feature_names=": "".join(f" x{column}" for column in new),
        "feature_infos=": " none" * len(new),
        "monotone_constraints=": " 0" * len(new),
    }
    for number, line in enumerate(lines):
        if line.startswith("max_feature_idx="):
            lines[number] = f"max_feature_idx={columns - 1}"
        for key, addition in additions.items():
            if line.startswith(key):
                lines[number] = line + addition
    return "\n".join(lines)


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
