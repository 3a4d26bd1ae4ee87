"""Weights of a clinic's own trees: set by the stacker from held-back records, and zero if these speak against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.local_trees import TREE_KINDS
from attune_fit.training.crossfit.pipeline import Recipe, hash_rows
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.stacking.held_back_summary import compute_held_back_summary, compute_slope
from attune_fit.training.stacking.stacker import load_stacker

MIN_HELD_BACK_T = 1.5  # of the slope of held-back residuals on the weighted trees; below, the gate is shut
MIN_TREE_WEIGHT = 0.05  # kinds of trees with a smaller weight are dropped
MIN_RECORDS = 100  # the stacker was trained on clinics with more


@dataclass(frozen=True)
class TreeWeights:
    """How far a clinic's own trees count, and the evidence for it.

    Attributes
    ----------
    weights : tuple of float, one for each of :data:`TREE_KINDS`
        By the stacker, 0 or more; all 0 with too few records.
    slope, t : float
        Slope of the held-back residuals on the weighted trees, and its t value; NaN where all weights are 0. A slope of
        1 means that the trees promise as much as the records keep.
    n_records : int
        Held-back records.
    is_used : bool
        Whether the model has the trees: not where the gate is shut, and not where the verdict is that nothing helps.
    """

    weights: tuple[float, ...]
    slope: float = float("nan")
    t: float = float("nan")
    n_records: int = 0
    is_used: bool = False

    @property
    def is_open(self) -> bool:
        """Whether held-back records speak for the trees, by :data:`MIN_HELD_BACK_T` or more."""
        return self.t >= MIN_HELD_BACK_T  # False for NaN

    @property
    def sentence(self) -> str:
        """One sentence about whether the trees count, and the reason."""
        if self.n_records < MIN_RECORDS:
            return f"Own trees need {MIN_RECORDS} held-out records or more; there are {self.n_records}."
        start = f"On {self.n_records:,} held-out records, own trees"
        if not any(self.weights):
            return f"{start} do not improve the score, so they do not count."
        figures = f"t = {self.t:.1f}; needed: {MIN_HELD_BACK_T:g}"
        if not self.is_open:
            return f"{start} do not clearly improve the score, so they do not count ({figures})."
        if not self.is_used:
            return (
                f"{start} improve the score ({figures}). They do not count, because the verdict finds no pair effect."
            )
        return f"{start} improve the score, so they count ({figures})."

    def to_dict(self) -> dict[str, Any]:
        """Return the weights as the model card holds them; a number that is unknown is None."""
        numbers = {name: None if np.isnan(value) else value for name, value in (("slope", self.slope), ("t", self.t))}
        weights = {kind.name: weight for kind, weight in zip(TREE_KINDS, self.weights, strict=True)}
        return {
            "is_used": self.is_used,
            "is_open": self.is_open,
            "weights": weights,
            "sentence": self.sentence,
            **numbers,
        }


NO_TREES = TreeWeights((0.0,) * len(TREE_KINDS))


def compute_tree_weights(
    records: TrainingDataset, folds: Sequence[Fold], recipe: Recipe, growth: TreeHyperparameters
) -> TreeWeights:
    """Let the stacker set the weight of each kind of local trees, see :mod:`stacker`; computed once for these records.

    Parameters
    ----------
    records : TrainingDataset
    folds : sequence of Fold
        By client.
    recipe : Recipe
        The linear layer below the trees.
    growth : TreeHyperparameters
        Of the local trees.
    """
    n_records = sum(len(fold.test) for fold in folds)
    if n_records < MIN_RECORDS:
        return replace(NO_TREES, n_records=n_records)
    grown = replace(recipe, growth=growth, tree_weights=(1.0,) * len(TREE_KINDS))

    def compute() -> TreeWeights:
        summary = compute_held_back_summary(records, folds, grown)
        weights = load_stacker().predict(summary.numbers[None, :])[0]
        weights = np.where(weights < MIN_TREE_WEIGHT, 0.0, weights)
        slope, t = compute_slope(summary.outputs @ weights, summary.residual)
        found = TreeWeights(tuple(float(weight) for weight in weights), slope, t, n_records)
        return replace(found, is_used=found.is_open)

    return records.compute_once(
        ("tree weights", grown, id(grown.prior), *(hash_rows(fold.test) for fold in folds)), compute
    )


def choose_recipe(
    records: TrainingDataset, folds: Sequence[Fold], recipe: Recipe, growth: TreeHyperparameters
) -> tuple[Recipe, Recipe]:
    """Return the recipe to use, with the clinic's own trees where they count, and the fallback without trees.

    The parameters are those of :func:`compute_tree_weights`.
    """
    fallback = recipe.without_trees()
    found = compute_tree_weights(records, folds, recipe, growth)
    return (replace(recipe, growth=growth, tree_weights=found.weights) if found.is_open else fallback), fallback
