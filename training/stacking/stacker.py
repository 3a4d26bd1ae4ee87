r"""The stacker: LightGBM trees that set the weights of a clinic's own trees from its held-back records.

It is a varying-coefficient model grown by boosting (Hastie & Tibshirani 1993, JRSS B 55:757; Zhou & Hooker 2022,
Journal of Machine Learning Research 23:1). The correction of a pair's score is linear in the outputs :math:`z_k` of the
clinic's own trees, and the coefficients :math:`a_k(c)` are boosted trees over numbers :math:`c` of the clinic:

.. math:: s = \sum_k a_k(c) z_k, \qquad a_k(c) = \sum_j b_{kj}(c) m_{kj}(c)

The multipliers :math:`m_{kj}` are 1 and two shrunken slopes of held-back residuals, see :func:`compute_multipliers`. So
a tree of the stacker that splits nothing already follows the clinic's own evidence, and :math:`b` learns how far.

They were grown on synthetic clinics, where the truth is known: the loss of a clinic is the mean square of what the
correction leaves of truth minus linear score, over pairs of new clients, in units of the clinic's variance.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.data.storage.atomic_write import write_atomically
from attune_fit.models.lightgbm_loading import load_lightgbm
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.local_trees import TREE_KINDS
from attune_fit.training.stacking.held_back_summary import SUMMARY_NAMES

STACKER_FILE, STACKER_FACTS_FILE = "stacker.txt", "stacker.json"
N_MULTIPLIERS = 3
MAX_WEIGHT = 3.0  # of one kind of trees: beyond, a weight would repair trees that are far too small
MIN_HESSIAN = 1e-4  # a clinic whose trees have no output gives no gradient, and must not divide by 0
STACKER_HYPERPARAMETERS = TreeHyperparameters(trees=60, leaves=6, rate=0.07, least=40, ridge=0.5, columns=0.5)


@dataclass(frozen=True)
class StackingTable:
    """One row for each synthetic clinic at one number of records.

    Attributes
    ----------
    inputs : array of shape (r, len(SUMMARY_NAMES))
        Numbers of the clinic; NaN where unknown.
    squares : array of shape (r, kinds, kinds)
        Mean products of the outputs of the trees over pairs of new clients, means of both sides out; in sigma².
    products : array of shape (r, kinds)
        Mean products of the outputs and the truth minus the linear score, in sigma².
    group : array of int, shape (r,)
        The population of each row: rows of one population are held out together.
    """

    inputs: Floats
    squares: Floats
    products: Floats
    group: Any

    def take(self, rows: Any) -> StackingTable:
        """Return some rows."""
        return StackingTable(self.inputs[rows], self.squares[rows], self.products[rows], self.group[rows])

    def compute_gains(self, weights: Floats) -> Floats:
        """Return how much less squared error weights of shape (r, kinds) leave, shape (r,), in sigma²."""
        explained = 2 * (weights * self.products).sum(axis=1)
        return np.asarray(explained - np.einsum("rk,rkl,rl->r", weights, self.squares, weights))


def compute_multipliers(inputs: Floats) -> Floats:
    r"""Compute what the outputs of the stacker's trees are multiplied with, shape (r, kinds, N_MULTIPLIERS).

    The first is 1. The others are the held-back slope of the kind itself, and of the mean of all kinds, each shrunk by
    :math:`t^2 / (1 + t^2)`: the James-Stein factor for one slope with a mean of 0. They are from 0 to MAX_WEIGHT, and 0
    where the slope is unknown.
    """
    multipliers = [np.ones((len(inputs), len(TREE_KINDS)))]
    for names in ([kind.name for kind in TREE_KINDS], ["all"] * len(TREE_KINDS)):
        slope, t = (
            np.nan_to_num(inputs[:, [SUMMARY_NAMES.index(f"{number}_{name}") for name in names]])
            for number in ("slope", "t")
        )
        multipliers.append(np.clip(slope * t**2 / (1 + t**2), 0, MAX_WEIGHT))
    return np.stack(multipliers, axis=-1)


@dataclass(frozen=True)
class Stacker:
    """The trees of the stacker, as LightGBM's text: N_MULTIPLIERS outputs for each kind of :data:`TREE_KINDS`."""

    text: str

    def predict(self, inputs: Floats) -> Floats:
        """Return the weight of each kind of trees, 0 to MAX_WEIGHT, shape (r, kinds), for inputs of shape (r, c)."""
        raw = np.asarray(_load_booster(self.text).predict(inputs, num_threads=1), dtype=float)
        coefficients = raw.reshape(len(inputs), len(TREE_KINDS), N_MULTIPLIERS)
        return np.asarray(np.clip((coefficients * compute_multipliers(inputs)).sum(axis=-1), 0, MAX_WEIGHT))

    @classmethod
    def fit(cls, table: StackingTable, hyperparameters: TreeHyperparameters, seed: int = 0) -> Stacker:
        """Grow the trees on a table; the same table and seed give the same text."""
        lightgbm = load_lightgbm()
        multipliers = compute_multipliers(table.inputs)
        curvature = np.einsum("rkk->rk", table.squares)[:, :, None] * multipliers**2 + MIN_HESSIAN
        n_rows, n_outputs = len(multipliers), multipliers[0].size

        def compute_gradient(raw: Floats, _: Any) -> tuple[Floats, Floats]:
            """Return gradient and Hessian of half the loss in each output, shape (r, outputs)."""
            weights = (raw.reshape(multipliers.shape) * multipliers).sum(axis=-1)
            slope = np.einsum("rkl,rl->rk", table.squares, weights) - table.products
            return (slope[:, :, None] * multipliers).reshape(n_rows, -1), curvature.reshape(n_rows, -1)

        settings = {
            "objective": compute_gradient,
            "num_class": n_outputs,
            "num_leaves": hyperparameters.leaves,
            "learning_rate": hyperparameters.rate,
            "min_data_in_leaf": hyperparameters.least,
            "min_sum_hessian_in_leaf": 0.0,
            "lambda_l2": hyperparameters.ridge,
            "feature_fraction": hyperparameters.columns,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "seed": seed,
            "verbosity": -1,
        }
        rows = lightgbm.Dataset(
            table.inputs,
            np.zeros(len(table.inputs)),
            feature_name=list(SUMMARY_NAMES),
            params={"feature_pre_filter": False, "verbosity": -1},
        )  # few clinics split nothing
        return cls(str(lightgbm.train(settings, rows, hyperparameters.trees).model_to_string()))

    def write(self, folder: Path, facts: dict[str, Any]) -> None:
        """Write the stacker and facts about how it was made into a folder."""
        write_atomically(folder / STACKER_FILE, self.text)
        write_atomically(folder / STACKER_FACTS_FILE, json.dumps(facts, indent=1) + "\n")


@cache
def load_stacker() -> Stacker:
    """Load the stacker that is part of Attune."""
    return Stacker((files("attune_fit.training.stacking") / STACKER_FILE).read_text(encoding="ascii"))


@lru_cache(maxsize=4)
def _load_booster(text: str) -> Any:
    return load_lightgbm().Booster(model_str=text)
