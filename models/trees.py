"""The only door to LightGBM: trees on what the linear layer leaves, kept as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from attune_fit.data.arrays import Floats

DIRECTION_SIGNS = {"+": 1, "-": -1, "free": 0}


@dataclass(frozen=True)
class TreeHyperparameters:
    """How trees are grown; the defaults are small on purpose: there is little to find."""

    trees: int = 60
    leaves: int = 7
    rate: float = 0.05
    least: int = 40
    ridge: float = 20.0
    columns: float = 0.7


@dataclass(frozen=True)
class BoostedTrees:
    """Trees and the share they have in the sum.

    Attributes
    ----------
    names : tuple of str
        The features the trees read, in their order: those that differ between therapists, never a client's alone, so
        that what is known of the client cannot pass for knowledge of the pair.
    text : str
        LightGBM's model text.
    stacking_weight : float in (0, 1]
        What their output is multiplied with.
    """

    names: tuple[str, ...]
    text: str
    stacking_weight: float

    def predict(self, names: Sequence[str], standard: Floats) -> Floats:
        """POMP points to add, measured from the trees' own average.

        Parameters
        ----------
        names : sequence of str
            What the columns of ``standard`` are; those the trees do not read are passed over.
        standard : array of shape (..., names)
            NaN where unknown.
        """
        shape = standard.shape[:-1]
        if not np.prod(shape):
            return np.zeros(shape)
        raw = np.asarray(
            _load_booster(self.text).predict(self._select_columns(names, standard), num_threads=1), dtype=float
        )
        return self.stacking_weight * (raw.reshape(shape) - _compute_base_value(self.text))

    def compute_contributions(self, names: Sequence[str], standard: Floats) -> Floats:
        """Each column's part of :meth:`predict`, of the shape of ``standard``: exact Shapley values of the trees."""
        parts = np.zeros(standard.shape)
        if parts.size:
            flat = np.asarray(
                _load_booster(self.text).predict(
                    self._select_columns(names, standard), pred_contrib=True, num_threads=1
                )
            )
            for column, name in enumerate(self.names):
                if name in names:
                    parts[..., list(names).index(name)] = self.stacking_weight * flat[:, column].reshape(
                        standard.shape[:-1]
                    )
        return parts

    def _select_columns(self, names: Sequence[str], standard: Floats) -> Floats:
        """The columns of the trees, (rows, names of the trees); one that is missing is read by no tree."""
        place = {name: column for column, name in enumerate(names)}
        rows = np.full((*standard.shape[:-1], len(self.names)), np.nan)
        for column, name in enumerate(self.names):
            if name in place:
                rows[..., column] = standard[..., place[name]]
        return rows.reshape(-1, len(self.names))

    def find_split_features(self) -> frozenset[str]:
        """The features that some tree splits on."""
        splits = _load_booster(self.text).feature_importance()
        return frozenset(name for name, count in zip(self.names, splits, strict=True) if count)


def fit_trees(
    standard: Floats,
    left: Floats,
    directions: Sequence[str],
    growth: TreeHyperparameters,
    seed: int,
    start: str | None = None,
) -> str:
    """Grow trees on what is left of the outcomes, monotone where a direction is stated.

    Parameters
    ----------
    standard : array of shape (n, p)
        NaN where unknown.
    left : array of shape (n,)
        Outcome minus everything already explained, in the unit of the trees.
    directions : sequence of {"+", "-", "free"}, length p
    growth : Growth
    seed : int
        Decides the columns each tree may use; one thread, so the same seed gives the same text.
    start : str, optional
        Text of trees to go on from; they may read fewer features, whose order is that of the first columns.

    Returns
    -------
    str
        LightGBM's text, without the ranges of the features: those would be cell values.
    """
    lightgbm = _import_lightgbm()
    names = [f"x{column}" for column in range(standard.shape[1])]
    settings = {
        "objective": "regression",
        "num_leaves": growth.leaves,
        "learning_rate": growth.rate,
        "min_data_in_leaf": growth.least,
        "lambda_l2": growth.ridge,
        "feature_fraction": growth.columns,
        "monotone_constraints": [DIRECTION_SIGNS[direction] for direction in directions],
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "seed": seed,
        "verbosity": -1,
    }
    begun = None if start is None else lightgbm.Booster(model_str=_add_columns(start, len(names)))
    target = left - left.mean() if begun is None else left - left.mean() + _compute_mean_prediction(begun, standard)
    rows = lightgbm.Dataset(standard, target, feature_name=names, params={"verbosity": -1})
    booster = lightgbm.train(settings, rows, growth.trees, init_model=begun)
    return _remove_feature_ranges(str(booster.model_to_string()))


def _import_lightgbm() -> Any:
    """Imported where trees are used, because it takes half a second."""
    import lightgbm

    return lightgbm


@lru_cache(maxsize=16)
def _load_booster(text: str) -> Any:
    return _import_lightgbm().Booster(model_str=text)


@lru_cache(maxsize=16)
def _compute_base_value(text: str) -> float:
    """The trees' mean output over the records they were grown on."""
    booster = _load_booster(text)
    nothing = np.full((1, booster.num_feature()), np.nan)
    return float(np.asarray(booster.predict(nothing, pred_contrib=True))[0, -1])


def _compute_mean_prediction(booster: Any, standard: Floats) -> float:
    return float(np.mean(booster.predict(standard, num_threads=1)))


def _add_columns(text: str, columns: int) -> str:
    """The same trees over more columns, which no tree reads yet: four lines of the head say how many there are."""
    lines = text.split("\n")
    has = next(int(line.split("=")[1]) + 1 for line in lines if line.startswith("max_feature_idx="))
    new = range(has, columns)
    added = {
        "feature_names=": "".join(f" x{column}" for column in new),
        "feature_infos=": " none" * len(new),
        "monotone_constraints=": " 0" * len(new),
    }
    for number, line in enumerate(lines):
        if line.startswith("max_feature_idx="):
            lines[number] = f"max_feature_idx={columns - 1}"
        for head, more in added.items():
            if line.startswith(head):
                lines[number] = line + more
    return "\n".join(lines)


def _remove_feature_ranges(text: str) -> str:
    """LightGBM notes the smallest and largest value of each feature it saw; a bundle holds no cell values."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.startswith("feature_infos="):
            lines[number] = "feature_infos=" + " ".join(["[-inf:inf]"] * len(line.split("=")[1].split(" ")))
    return "\n".join(lines)
