"""How a model is made from records: the same steps for the whole and for every fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.sufficient_statistics import SufficientStatistics
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters, fit_trees
from attune_fit.models.weight_posterior import WeightDistribution, fit_posterior
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.splits import Fold, assign_folds

N_INNER_FOLDS = 5


@dataclass(frozen=True)
class Recipe:
    """What is decided before a model is made.

    Attributes
    ----------
    start : Learned or None
        Trees that are there already, with their share.
    growth : Growth or None
        How to grow local trees on top of them; None grows none.
    share : float
        Share of the trees when local ones are grown.
    held : frozenset of str
        Features whose weight stays at its prior.
    prior : Evidence or None
        What is believed of the weights beforehand; what is published when None. It belongs to the features, not to how
        a model is made of them, and so does not make two recipes differ.
    seed : int
        Decides inner folds and the columns each tree may read.
    """

    start: BoostedTrees | None = None
    growth: TreeHyperparameters | None = None
    share: float = 1.0
    held: frozenset[str] = frozenset()
    prior: WeightDistribution | None = field(default=None, compare=False)
    seed: int = 0

    def fit(self, records: TrainingDataset, rows: Indices) -> AllianceModel:
        """Make a model from some of the records; nothing of the others is looked at."""
        sums = records.compute_sufficient_statistics(rows, self.held)
        evidence, therapists = fit_posterior(sums, records.features, records.therapist_ids, start=self.prior)
        trees = self.start
        if self.growth is not None:
            trees = self.prepare_tree_data(records, rows, evidence).grow_trees(self.growth, self.seed, self.share)
        return AllianceModel(records.features, evidence, therapists, trees)

    def prepare_tree_data(
        self, records: TrainingDataset, rows: Indices, evidence: WeightDistribution
    ) -> TreeTrainingData:
        """What the linear layer leaves of some records, for trees that go on from those that are there already.

        Only features that differ between therapists are read, those of the earlier trees first.
        """
        has = {feature.name: column for column, feature in enumerate(records.features)}
        begun = () if self.start is None else self.start.names
        own = (row.name for row in records.features if row.side != "client" and row.name not in begun)
        names = (*begun, *own)
        standard = np.full((len(rows), len(names)), np.nan)
        directions = ["free"] * len(names)
        for column, name in enumerate(names):
            if name in has:
                standard[:, column] = records.standardised_features[rows, has[name]]
                directions[column] = records.features[has[name]].direction
        text = None if self.start is None else self.start.text
        return TreeTrainingData(
            names, standard, directions, compute_out_of_fold_residuals(records, rows, evidence, self), text
        )


@dataclass(frozen=True)
class TreeTrainingData:
    """What local trees are grown on: the same however they are grown, so that a search prepares it once.

    Attributes
    ----------
    names : tuple of str, length p
        The features they may read.
    standardised_features : array of shape (n, p)
        NaN where unknown.
    directions : list of {"+", "-", "free"}, length p
    residual : array of shape (n,)
        What the linear layer leaves, POMP.
    init_model : str or None
        Text of trees to go on from.
    """

    names: tuple[str, ...]
    standardised_features: Floats
    directions: list[str]
    residual: Floats
    init_model: str | None

    def grow_trees(self, growth: TreeHyperparameters, seed: int, share: float = 1.0) -> BoostedTrees:
        """Trees grown in that way."""
        return BoostedTrees(
            self.names,
            fit_trees(self.standardised_features, self.residual, self.directions, growth, seed, self.init_model),
            share,
        )


@dataclass(frozen=True)
class FoldModel:
    """A model, and the rows of the records that it was not made from."""

    model: AllianceModel
    test: Indices


def crossfit_models(recipe: Recipe, records: TrainingDataset, folds: Sequence[Fold]) -> list[FoldModel]:
    """One model for each fold, from the other folds."""
    return [FoldModel(recipe.fit(records, fold.train), fold.test) for fold in folds]


def compute_out_of_fold_residuals(
    records: TrainingDataset, rows: Indices, like: WeightDistribution, recipe: Recipe
) -> Floats:
    """What the linear layer leaves of records it was not fitted to, shape (rows,): inner folds by client.

    The folds share the variances of ``like``, so each costs one solution: sums of folds add up to the whole.
    """
    fold_of = assign_folds(records.client[rows], N_INNER_FOLDS, recipe.seed)
    parts = [records.compute_sufficient_statistics(rows[fold_of == fold], recipe.held) for fold in range(N_INNER_FOLDS)]
    whole = reduce(SufficientStatistics.add, parts)
    left = np.empty(len(rows))
    for fold, part in enumerate(parts):
        here = rows[fold_of == fold]
        rest = whole.subtract(part)
        model = AllianceModel(
            records.features, *fit_posterior(rest, records.features, records.therapist_ids, like, recipe.prior)
        )
        score = model.compute_parts_from_features(
            records.standardised_features[here], records.therapist_ids, records.therapist[here]
        ).score
        left[fold_of == fold] = records.y[here] - score
    return left
