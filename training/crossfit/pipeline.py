"""Cross-fitting: one recipe makes the model of all records and the model of each fold, by the same steps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from typing import NamedTuple

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.sufficient_statistics import SufficientStatistics
from attune_fit.models.therapist_effects import TherapistEffects
from attune_fit.models.tree_merging import merge_trees
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters
from attune_fit.models.weight_drift import WeightDrift
from attune_fit.models.weight_posterior import WeightDistribution, build_prior, build_solver, fit_posterior
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.local_trees import FIRST_KIND_ONLY, TREE_KINDS, TreeKind, TreeTrainingData
from attune_fit.training.crossfit.record_scores import compute_record_score
from attune_fit.training.crossfit.splits import Fold, assign_folds

N_INNER_FOLDS = 5
Key = tuple[bytes | str, ...]  # names the rows that a fit learned from


@dataclass(frozen=True)
class Recipe:
    """Every choice that is made before a model is fitted; a bundle stores it as ``recipe.json``.

    Attributes
    ----------
    growth : TreeHyperparameters or None
        How to grow local trees; None grows none.
    tree_weights : tuple of float, one for each of :data:`TREE_KINDS`
        Weight of each kind of local trees, 0 or more; a kind of weight 0 is not grown.
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

    growth: TreeHyperparameters | None = None
    tree_weights: tuple[float, ...] = FIRST_KIND_ONLY
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
        return self.without_trees().fit(records, rows).evidence

    def _fit(
        self, records: TrainingDataset, rows: Indices, key: Key, sum_rows: Callable[[], SufficientStatistics]
    ) -> AllianceModel:
        """Fit to ``rows``, which ``key`` names; recipes that differ in their trees alone share a linear layer."""
        evidence, therapists = records.compute_once(
            self._name_linear_layer(key), lambda: (*self.fit_linear_layer(records, sum_rows()), self.prior)
        )[:2]
        if self.growth is None:
            return AllianceModel(records.features, evidence, therapists)
        weighted = zip(self._grow_trees(records, rows, key, evidence), self.tree_weights, strict=True)
        learned = merge_trees([(trees, weight) for trees, weight in weighted if trees is not None])
        return AllianceModel(records.features, evidence, therapists, learned)

    def without_trees(self) -> Recipe:
        """Return the recipe that grows no local trees: the linear layer and the therapist effects."""
        return replace(self, growth=None, tree_weights=FIRST_KIND_ONLY)

    def grow_trees(self, records: TrainingDataset, rows: Indices) -> list[BoostedTrees | None]:
        """Return the trees of each kind that :meth:`fit` grows, at full weight; None for weight 0."""
        evidence = self.without_trees().fit(records, rows).evidence
        return self._grow_trees(records, rows, (hash_rows(rows),), evidence)

    def grow_trees_without(self, records: TrainingDataset, fold: Fold) -> list[BoostedTrees | None]:
        """Return the trees of each kind that :meth:`fit_without` grows, at full weight; None for weight 0."""
        evidence = self.without_trees().fit_without(records, fold).evidence
        return self._grow_trees(records, fold.train, _name_fold(fold), evidence)

    def _grow_trees(
        self, records: TrainingDataset, rows: Indices, key: Key, evidence: WeightDistribution
    ) -> list[BoostedTrees | None]:
        """Grow the trees of each kind with a weight on the residuals of ``rows``, each kind once for these records."""
        growth = self.growth
        if growth is None:
            return [None for _ in TREE_KINDS]

        def grow(kind: TreeKind) -> BoostedTrees | None:
            residual = records.compute_once(
                ("residuals", self.seed, *self._name_linear_layer(key)[1:]),
                lambda: (compute_out_of_fold_residuals(records, rows, evidence, self), self.prior),
            )[0]
            data = TreeTrainingData.from_records(records, rows, kind, residual)
            return data.grow_trees(kind.adapt(growth), self.seed)

        return [
            records.compute_once(self._name_trees(key, kind), partial(grow, kind)) if weight else None
            for kind, weight in zip(TREE_KINDS, self.tree_weights, strict=True)
        ]

    def _list_fits(self, key: Key) -> list[Hashable]:
        """List the names of all that :meth:`fit_without` computes once: the linear layer, and each kind of trees."""
        kinds = zip(TREE_KINDS, self.tree_weights, strict=True) if self.growth is not None else ()
        return [self._name_linear_layer(key), *(self._name_trees(key, kind) for kind, weight in kinds if weight)]

    def is_fitted(self, records: TrainingDataset, fold: Fold) -> bool:
        """Return whether :meth:`fit_without` has nothing left to compute."""
        return all(records.is_computed(name) for name in self._list_fits(_name_fold(fold)))

    def remember_fit(self, records: TrainingDataset, fold: Fold, fit: FoldFit) -> None:
        """Let :meth:`fit_without` return what another process fitted."""
        key = _name_fold(fold)
        layer = fit.evidence, fit.therapists, self.prior
        records.compute_once(self._name_linear_layer(key), lambda: layer)
        for kind, trees, weight in zip(TREE_KINDS, fit.trees, self.tree_weights, strict=True):
            if self.growth is not None and weight:
                records.compute_once(self._name_trees(key, kind), partial(_return_trees, trees))

    def _name_linear_layer(self, key: Key) -> tuple[Hashable, ...]:
        """Name the linear layer fitted to the rows of ``key``. The prior is kept with it: so no other gets its id."""
        return "linear layer", replace(self.without_trees(), seed=0), id(self.prior), key

    def _name_trees(self, key: Key, kind: TreeKind) -> Hashable:
        return "trees", kind, replace(self, tree_weights=FIRST_KIND_ONLY), id(self.prior), key

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
        """Return the training data of the first kind of local trees: residuals of inner folds, in POMP."""
        residual = compute_out_of_fold_residuals(records, rows, evidence, self)
        return TreeTrainingData.from_records(records, rows, TREE_KINDS[0], residual)


class FoldFit(NamedTuple):
    """What a process sends back for one fold: the linear layer, and the trees of each kind at full weight."""

    evidence: WeightDistribution
    therapists: TherapistEffects
    trees: list[BoostedTrees | None]


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
        results = records.executor.map_ordered(_fit_one, missing, records)
        for (recipe, fold), result in zip(missing, results, strict=True):
            recipe.remember_fit(records, fold, result)


def _return_trees(trees: BoostedTrees | None) -> BoostedTrees | None:
    return trees


def _fit_one(records: TrainingDataset, fit: tuple[Recipe, Fold]) -> FoldFit:
    recipe, fold = fit
    model = recipe.without_trees().fit_without(records, fold)
    return FoldFit(model.evidence, model.therapists, recipe.grow_trees_without(records, fold))


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
