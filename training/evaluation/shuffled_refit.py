"""The linear layer refitted to many shuffles of the outcomes at once, by matrix products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.sufficient_statistics import (
    PosteriorSolver,
    RecordPrecision,
    SufficientStatistics,
    build_therapist_indicator,
)
from attune_fit.models.weight_posterior import build_design_matrix, rescale_to_unit
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.evaluation.cluster_robust import SPREAD_TOLERANCE

# Variance of the therapist effects over that of the residuals, so large that the weights are learned within therapists
# (fixed effects). Differences between therapists are real even where every outcome is in the row of a wrong client.
FIXED_EFFECT_VARIANCE_RATIO = 100.0


@dataclass(frozen=True)
class RefitFold:
    """What one fold needs to predict its test records from any outcomes of the others.

    Attributes
    ----------
    test : array of int
        Positions of the test records.
    solver : PosteriorSolver
        Of the other records.
    sums : array of shape (therapists, q)
        Sums of x over the other records of each therapist.
    shrinkage : array of shape (therapists,)
        The effect for each POMP of the sum of a therapist's residuals.
    """

    test: Indices
    solver: PosteriorSolver
    sums: Floats
    shrinkage: Floats


@dataclass(frozen=True)
class OutOfFoldRefit:
    """A linear mixed model at fixed variances, fitted without each fold: its predictions are linear in the outcomes.

    Attributes
    ----------
    x : array of shape (n, q)
        Design matrix of the records.
    indicator : sparse array of shape (therapists, n)
        1 where a record is of a therapist.
    prior_mean : array of shape (q,)
        Of the weights, POMP; 0 for the intercept, because outcomes are centred.
    is_used : array of bool, shape (q,)
        Columns that enter a prediction: those of the client alone and of the pair. All, where these do not vary.
    variances : (float, float)
        Of the residuals and of the therapist effects, POMP². Where a prediction needs no therapist effect, these are
        fixed effects, see :data:`FIXED_EFFECT_VARIANCE_RATIO`.
    folds : tuple of RefitFold
    """

    x: Floats
    indicator: sparse.csr_array
    prior_mean: Floats
    is_used: Bools
    variances: tuple[float, float]
    folds: tuple[RefitFold, ...]

    @classmethod
    def from_records(
        cls, records: TrainingDataset, rows: Indices, folds: Sequence[Fold], starting_model: AllianceModel, unit: float
    ) -> OutOfFoldRefit:
        """Prepare the fits of some records.

        Parameters
        ----------
        records : TrainingDataset
        rows : array of int, shape (n,)
            The records of the fits; each is in the test set of one fold.
        folds : sequence of Fold
        starting_model : AllianceModel
            Its weights are the prior.
        unit : float
            SD of early alliance, POMP: the published variances are scaled to it.
        """
        standard, prior = records.standardised_features[rows], rescale_to_unit(starting_model.evidence, unit)
        x, mean = build_design_matrix(standard, records.features), prior.mean.copy()
        mean[0] = 0
        sigma2, tau2, prepared = prior.sigma**2, prior.tau**2, []
        therapist, n_therapists = records.therapist[rows], len(records.therapist_ids)
        for fold in folds:
            is_test = np.isin(rows, fold.test)
            if not is_test.any():
                continue
            known = np.flatnonzero(~is_test)
            equal = RecordPrecision.from_noise(np.ones(len(known)))
            no_outcomes = np.zeros(len(known))
            sums = SufficientStatistics.from_records(x[known], no_outcomes, therapist[known], n_therapists, equal)
            solver = sums.combine_with_prior(mean, prior.cov)
            shrinkage = 1 / (sigma2 / tau2 + sums.zz.diagonal())
            prepared.append(RefitFold(np.flatnonzero(is_test), solver, sums.x, shrinkage))
        is_intake = np.array([False, *(feature.side != "therapist" for feature in records.features)])
        varies = x[:, is_intake].std(axis=0).max(initial=0) > SPREAD_TOLERANCE
        is_used = is_intake if varies else np.ones_like(is_intake)
        indicator = build_therapist_indicator(therapist, n_therapists)
        variances = (sigma2, FIXED_EFFECT_VARIANCE_RATIO * sigma2 if varies else tau2)
        return cls(x, indicator, mean, is_used, variances, tuple(prepared))

    @property
    def is_whole_score(self) -> bool:
        """Whether predictions are whole scores, with therapist effects: no answer of any client is known."""
        return bool(self.is_used.all())

    def predict_start(self) -> Floats:
        """Return the prediction of the starting model, shape (n,), POMP; without the level."""
        return np.asarray(self.x[:, self.is_used] @ self.prior_mean[self.is_used])

    def predict_refitted(self, outcomes: Floats) -> Floats:
        """Return the out-of-fold predictions of fits to each column of ``outcomes`` (n, k), minus each fold's mean."""
        residual = outcomes - (self.x @ self.prior_mean)[:, None]
        of_all, by_therapist = self.x.T @ residual, np.asarray(self.indicator @ residual)
        predicted = np.empty(outcomes.shape)
        for fold in self.folds:
            x_test, z_test = self.x[fold.test], self.indicator[:, fold.test]
            sums = by_therapist - z_test @ residual[fold.test]
            mean = fold.solver.solve_means(of_all - x_test.T @ residual[fold.test], sums, *self.variances)
            values = x_test[:, self.is_used] @ mean[self.is_used]
            if self.is_whole_score:
                effect = fold.shrinkage[:, None] * (sums - fold.sums @ (mean - self.prior_mean[:, None]))
                values += z_test.T @ effect
            predicted[fold.test] = values - values.mean(axis=0)
        return predicted
