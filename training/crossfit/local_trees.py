"""Local trees: the kinds of trees that a clinic's own records grow, and the data that they grow from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.feature import Feature
from attune_fit.models.tree_columns import SEPARATOR, build_product_name, select_columns
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters, fit_trees
from attune_fit.training.crossfit.dataset import TrainingDataset

EXTRA_RATE_RATIO = 2  # of the learning rate: randomised trees each learn less
EXTRA_COLUMNS, EXTRA_BAGGING = 0.5, 0.5  # shares of the features and of the records that a randomised tree sees


@dataclass(frozen=True)
class TreeKind:
    """One kind of local trees.

    Attributes
    ----------
    name : str
    reads : {"differences", "products"}
        ``differences``: the features that differ between therapists. ``products``: each client feature times each
        therapist feature, which finds clients for whom a property of the therapist counts more, or the other way.
    is_randomised : bool
        Whether split points are drawn at random (extremely randomised trees; Geurts, Ernst & Wehenkel 2006, Machine
        Learning 63:3, 10.1007/s10994-006-6226-1) on random halves of the records. Their mean is smoother.
    """

    name: str
    reads: Literal["differences", "products"] = "differences"
    is_randomised: bool = False

    def adapt(self, growth: TreeHyperparameters) -> TreeHyperparameters:
        """Return the hyperparameters of this kind, from those that the search sets."""
        if not self.is_randomised:
            return growth
        rate, columns = EXTRA_RATE_RATIO * growth.rate, min(growth.columns, EXTRA_COLUMNS)
        return replace(growth, rate=rate, columns=columns, extra=True, bagging=EXTRA_BAGGING)

    def list_columns(self, features: Sequence[Feature]) -> tuple[str, ...]:
        """Return the names of the columns that these trees read; a client feature alone is never one.

        Without it, a main effect of the client cannot look like a pair effect.
        """
        if self.reads == "differences":
            return tuple(row.name for row in features if row.side != "client" and SEPARATOR not in row.name)
        clients, therapists = (
            # a product has no direction to keep, and its name holds two names
            [row.name for row in features if row.side == side and row.wall == "free" and SEPARATOR not in row.name]
            for side in ("client", "therapist")
        )
        return tuple(build_product_name(client, therapist) for client in clients for therapist in therapists)


TREE_KINDS = (TreeKind("boosted"), TreeKind("randomised", is_randomised=True), TreeKind("products", "products"))
FIRST_KIND_ONLY = (1.0, *(0.0 for _ in TREE_KINDS[1:]))


@dataclass(frozen=True)
class TreeTrainingData:
    """Training data of local trees. It does not depend on the hyperparameters, so a search prepares it once.

    Attributes
    ----------
    names : tuple of str, length p
        The columns that the trees can read.
    standardised_features : array of shape (n, p)
        Columns in units of their scale; NaN where unknown.
    directions : list of {"+", "-", "free"}, length p
        Sign constraint of each column.
    residual : array of shape (n,)
        Outcome minus the out-of-fold prediction of the linear layer, POMP.
    """

    names: tuple[str, ...]
    standardised_features: Floats
    directions: list[str]
    residual: Floats

    @classmethod
    def from_records(
        cls, records: TrainingDataset, rows: Indices, kind: TreeKind, residual: Floats
    ) -> TreeTrainingData:
        """Return the data of one kind of trees from the residuals of the records in ``rows``."""
        walls = {row.name: row.wall for row in records.features}
        columns, names = kind.list_columns(records.features), [row.name for row in records.features]
        standard = select_columns(columns, tuple(names), records.standardised_features[rows])
        return cls(columns, standard, [walls.get(name, "free") for name in columns], residual)

    def grow_trees(self, growth: TreeHyperparameters, seed: int) -> BoostedTrees | None:
        """Grow trees with these hyperparameters, at full weight; None where there is no column to read."""
        if not self.names:
            return None
        text = fit_trees(self.standardised_features, self.residual, self.directions, growth, seed)
        return BoostedTrees(self.names, text, 1.0)


def predict_trees_of_kinds(trees: Sequence[BoostedTrees | None], records: TrainingDataset, rows: Indices) -> Floats:
    """Return the output of trees of each kind for some records, shape (rows, kinds), POMP; 0 for None."""
    names, standard = [row.name for row in records.features], records.standardised_features[rows]
    outputs = [np.zeros(len(rows)) if one is None else one.predict(names, standard) for one in trees]
    return np.stack(outputs, axis=-1)
