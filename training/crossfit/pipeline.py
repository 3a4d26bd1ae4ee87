"""Cross-fitting: one recipe makes the model of all records and the model of each fold, by the same steps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.sufficient_statistics import SufficientStatistics
from attune_fit.models.therapist_effects import TherapistEffects
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters, fit_trees
from attune_fit.models.weight_drift import WeightDrift
from attune_fit.models.weight_posterior import WeightDistribution, build_prior, build_solver, fit_posterior
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.record_scores import compute_record_score
from attune_fit.training.crossfit.splits import Fold, assign_folds

N_INNER_FOLDS = 5
Key = tuple[bytes | str, ...]  # names the rows that a fit learned from


@dataclass(frozen=True)
class Recipe:
    """Every choice that is made before a model is fitted; a bundle stores it as ``recipe.json``.

    Attributes
    ----------
    start : BoostedTrees or None
        The trees to start from, with their stacking weight.
    growth : TreeHyperparameters or None
        How to grow local trees on top of ``start``; None grows no local trees.
    share : float
        Stacking weight of the trees when local trees are grown, 0-1.
    held : frozenset of str
        Names of features whose weight stays as in the prior.
    prior : WeightDistribution or None
        Prior of the weights; None means the published one. The prior belongs to the features, so it does not count
        when two recipes are compared.
    seed : int
        Decides the inner folds and the columns that each tree can read.
    has_linear_layer : bool
        Whether the linear layer helps to choose between therapists. If not, the weight of every feature that differs
        between therapists is exactly 0. The client's baseline and the therapists' effects stay.
    client_share : float in [0, 1)
        Share of the residual variance that is the client's own level, with any therapist. It matters only for clients
        who rated several therapists.
    has_drift : bool
        Whether the weights of pair features change with time, see :class:`WeightDrift`.
    """

    start: BoostedTrees | None = None
    growth: TreeHyperparameters | None = None
    share: float = 1.0
    held: frozenset[str] = frozenset()
    prior: WeightDistribution | None = field(default=None, compare=False)
    seed: int = 0
    has_linear_layer: bool = True
    client_share: float = 0.0
    has_drift: bool = False

    def fit(self, records: TrainingDataset, rows: Indices) -> AllianceModel:
        """Fit a model to the records in ``rows``; the other records have no influence on it."""
        return self._fit(records, rows, (hash_rows(rows),), lambda: self.sum_records(records, rows))

    def fit_without(self, records: TrainingDataset, fold: Fold) -> AllianceModel:
        """Fit a model to the training rows of a fold; its test rows have no influence but by rounding.

        The sums of the training rows are those of all records minus those of the test rows, see
        :func:`sum_training_rows`.
        """
        return self._fit(records, fold.train, _name_fold(fold), lambda: sum_training_rows(self, records, fold))

    def fit_evidence(self, records: TrainingDataset, rows: Indices) -> WeightDistribution:
        """Fit the linear layer to the records in ``rows``; return its weights."""
        return replace(self, growth=None).fit(records, rows).evidence

    def _fit(
        self, records: TrainingDataset, rows: Indices, key: Key, sum_rows: Callable[[], SufficientStatistics]
    ) -> AllianceModel:
        """Fit to ``rows``, which ``key`` names; recipes that differ in their trees alone share a linear layer."""
        evidence, therapists = records.compute_once(
            self._name_linear_layer(key), lambda: (*self.fit_linear_layer(records, sum_rows()), self.prior)
        )[:2]
        if self.growth is None:
            return AllianceModel(records.features, evidence, therapists, self.start)
        growth = self.growth
        trees = records.compute_once(
            self._name_trees(key),
            lambda: (self.prepare_tree_data(records, rows, evidence).grow_trees(growth, self.seed), self.prior),
        )[0]
        return AllianceModel(records.features, evidence, therapists, replace(trees, stacking_weight=self.share))

    def is_fitted(self, records: TrainingDataset, fold: Fold) -> bool:
        """Return whether :meth:`fit_without` has nothing left to compute."""
        key = _name_fold(fold)
        has_trees = self.growth is None or records.is_computed(self._name_trees(key))
        return has_trees and records.is_computed(self._name_linear_layer(key))

    def remember_fit(self, records: TrainingDataset, fold: Fold, model: AllianceModel) -> None:
        """Let :meth:`fit_without` return a model that another process fitted."""
        key, trees = _name_fold(fold), model.learned
        layer = model.evidence, model.therapists, self.prior
        records.compute_once(self._name_linear_layer(key), lambda: layer)
        if self.growth is not None and trees is not None:
            at_full_weight = replace(trees, stacking_weight=1.0), self.prior
            records.compute_once(self._name_trees(key), lambda: at_full_weight)

    def _name_linear_layer(self, key: Key) -> Hashable:
        """Name the linear layer fitted to the rows of ``key``. The prior is kept with it: so no other gets its id."""
        without_trees = replace(self, start=None, growth=None, share=1.0, seed=0)
        return "linear layer", without_trees, id(self.prior), key

    def _name_trees(self, key: Key) -> Hashable:
        return "trees", replace(self, share=1.0), id(self.prior), key

    def sum_records(self, records: TrainingDataset, rows: Indices) -> SufficientStatistics:
        """Return the sufficient statistics of some records for the linear layer."""
        return records.compute_sufficient_statistics(rows, self.client_share, self.describe_drift(records))

    def fit_linear_layer(
        self,
        records: TrainingDataset,
        sums: SufficientStatistics,
        hyperparameters_from: WeightDistribution | None = None,
    ) -> tuple[WeightDistribution, TherapistEffects]:
        """Fit the linear layer with the therapist effects to sums of the records, see :func:`fit_posterior`."""
        return fit_posterior(
            sums,
            records.features,
            records.therapist_ids,
            hyperparameters_from,
            self.choose_prior(records),
            self.list_held_features(records),
            records.level_terms,
            self.describe_drift(records),
        )

    def compute_log_marginal(
        self, records: TrainingDataset, sums: SufficientStatistics, evidence: WeightDistribution
    ) -> float:
        """Compute the log marginal likelihood of some records, at unit, variances and relevance of ``evidence``."""
        held, prior, drift = self.list_held_features(records), self.choose_prior(records), self.describe_drift(records)
        solver = build_solver(sums, records.features, evidence, prior, held, records.level_terms, drift)
        return solver.solve(evidence.sigma**2, evidence.tau**2).log_marginal

    def describe_drift(self, records: TrainingDataset) -> WeightDrift:
        """Describe which weights change with time, and since when; held weights do not change."""
        if not self.has_drift:
            return WeightDrift()
        held = self.list_held_features(records)
        names = tuple(row.name for row in records.features if row.side == "pair" and row.name not in held)
        return WeightDrift(names, np.zeros(len(names)), records.latest_day)

    def list_held_features(self, records: TrainingDataset) -> frozenset[str]:
        """List the features whose weight stays as in the prior: ``held``, and all of a linear layer left out."""
        if self.has_linear_layer:
            return self.held
        return self.held | {feature.name for feature in records.features if feature.side != "client"}

    def choose_prior(self, records: TrainingDataset) -> WeightDistribution | None:
        """Return the prior of the weights; with mean 0 for the weights of a linear layer that is left out.

        Their prior standard deviation stays: trees have no posterior, so the score's uncertainty is that of published
        effects.
        """
        if self.has_linear_layer:
            return self.prior
        prior = build_prior(records.features) if self.prior is None else self.prior
        return _drop_pair_weights(prior, records)

    def prepare_tree_data(
        self, records: TrainingDataset, rows: Indices, evidence: WeightDistribution
    ) -> TreeTrainingData:
        """Return the training data of local trees: out-of-fold residuals of the linear layer, in POMP.

        The trees read only features that differ between therapists. The features of the starting trees come first.
        """
        column_of = {feature.name: column for column, feature in enumerate(records.features)}
        start_names = () if self.start is None else self.start.names
        new_names = (row.name for row in records.features if row.side != "client" and row.name not in start_names)
        names = (*start_names, *new_names)
        standard = np.full((len(rows), len(names)), np.nan)
        directions = ["free"] * len(names)
        for column, name in enumerate(names):
            if name in column_of:
                standard[:, column] = records.standardised_features[rows, column_of[name]]
                directions[column] = records.features[column_of[name]].wall
        init_model = None if self.start is None else self.start.text
        residual = compute_out_of_fold_residuals(records, rows, evidence, self)
        return TreeTrainingData(names, standard, directions, residual, init_model)


@dataclass(frozen=True)
class TreeTrainingData:
    """Training data of local trees. It does not depend on the hyperparameters, so a search prepares it once.

    Attributes
    ----------
    names : tuple of str, length p
        The features that the trees can read.
    standardised_features : array of shape (n, p)
        Features in units of their scale; NaN where unknown.
    directions : list of {"+", "-", "free"}, length p
        Sign constraint of each feature.
    residual : array of shape (n,)
        Outcome minus the out-of-fold prediction of the linear layer, POMP.
    init_model : str or None
        LightGBM text of the trees to continue from.
    """

    names: tuple[str, ...]
    standardised_features: Floats
    directions: list[str]
    residual: Floats
    init_model: str | None

    def grow_trees(self, growth: TreeHyperparameters, seed: int, share: float = 1.0) -> BoostedTrees:
        """Grow trees with these hyperparameters; ``share`` becomes their stacking weight."""
        return BoostedTrees(
            self.names,
            fit_trees(self.standardised_features, self.residual, self.directions, growth, seed, self.init_model),
            share,
        )


@dataclass(frozen=True)
class FoldModel:
    """A model, and the test rows of its fold: it was fitted without these records."""

    model: AllianceModel
    test: Indices


def crossfit_models(recipe: Recipe, records: TrainingDataset, folds: Sequence[Fold]) -> list[FoldModel]:
    """Fit one model for each fold, to the training rows of that fold."""
    fit_ahead(records, [(recipe, fold) for fold in folds])
    return [FoldModel(recipe.fit_without(records, fold), fold.test) for fold in folds]


def fit_ahead(records: TrainingDataset, fits: Iterable[tuple[Recipe, Fold]]) -> None:
    """Let the executor of the records fit recipes without folds, so that :meth:`Recipe.fit_without` knows them.

    In this process alone nothing is done ahead.
    """
    if records.executor.n_workers < 2:
        return
    missing = [(recipe, fold) for recipe, fold in fits if not recipe.is_fitted(records, fold)]
    if len(missing) > 1:
        models = records.executor.map_ordered(_fit_one, missing, records)
        for (recipe, fold), model in zip(missing, models, strict=True):
            recipe.remember_fit(records, fold, model)


def _fit_one(records: TrainingDataset, fit: tuple[Recipe, Fold]) -> AllianceModel:
    recipe, fold = fit
    model = recipe.fit_without(records, fold)
    trees = None if recipe.growth is None else model.learned
    return replace(model, features=(), learned=trees)  # what the other process has is not sent


def sum_training_rows(recipe: Recipe, records: TrainingDataset, fold: Fold) -> SufficientStatistics:
    """Sum up the training rows of a fold: all records less its test rows, which are fewer.

    Where some records are in neither set, or a client with a level of its own is in both, the training rows are summed
    up themselves.
    """
    is_test = np.zeros(len(records), dtype=bool)
    is_test[fold.test] = True
    splits_clients = recipe.client_share > 0 and bool(
        np.isin(records.client[fold.test], records.client[fold.train]).any()
    )
    if splits_clients or is_test[fold.train].any() or len(fold.train) + len(fold.test) < len(records):
        return recipe.sum_records(records, fold.train)
    key = "sums", recipe.client_share, recipe.describe_drift(records).names
    whole = records.compute_once(key, lambda: recipe.sum_records(records, np.arange(len(records))))
    part = records.compute_once((*key, hash_rows(fold.test)), lambda: recipe.sum_records(records, fold.test))
    return whole.subtract(part)


def _name_fold(fold: Fold) -> Key:
    return hash_rows(fold.train), "without", hash_rows(fold.test)


def hash_rows(rows: Indices) -> bytes:
    """Return a digest of row numbers, to recognise them by."""
    return hashlib.blake2b(np.ascontiguousarray(rows, dtype=np.int64).tobytes(), digest_size=16).digest()


def _drop_pair_weights(weights: WeightDistribution, records: TrainingDataset) -> WeightDistribution:
    """Return the weights with mean 0 for every feature that differs between therapists."""
    is_baseline = [True, *(feature.side == "client" for feature in records.features)]
    return replace(weights, mean=np.where(is_baseline, weights.mean, 0.0))


def compute_out_of_fold_residuals(
    records: TrainingDataset, rows: Indices, evidence: WeightDistribution, recipe: Recipe
) -> Floats:
    """Return outcome minus out-of-fold prediction of the linear layer, shape (rows,), POMP.

    The inner folds are by client. All folds use the variances of ``evidence``, so each fold costs one solution: the
    sufficient statistics of a fold are subtracted from those of all rows.
    """
    fold_of = assign_folds(records.client[rows], N_INNER_FOLDS, recipe.seed)
    parts = [recipe.sum_records(records, rows[fold_of == fold]) for fold in range(N_INNER_FOLDS)]
    whole = reduce(SufficientStatistics.add, parts)
    residual = np.empty(len(rows))
    for fold, part in enumerate(parts):
        test = rows[fold_of == fold]
        model = AllianceModel(records.features, *recipe.fit_linear_layer(records, whole.subtract(part), evidence))
        residual[fold_of == fold] = records.y[test] - compute_record_score(model, records, test)
    return residual
