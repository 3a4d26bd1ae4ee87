"""The distribution of the weights: a prior from published effects, updated by the clinic's own outcomes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.features.feature import Direction, Feature
from attune_fit.features.pair_frame import fill_unknown
from attune_fit.models.family_relevance import apply_relevance, estimate_relevance
from attune_fit.models.level_terms import LevelTerms, add_level_terms
from attune_fit.models.sufficient_statistics import PosteriorSolver, SufficientStatistics
from attune_fit.models.therapist_effects import TherapistEffects
from attune_fit.models.variance_components import estimate_variance_components
from attune_fit.models.weight_drift import WeightDrift, add_drift

WAI_ITEM_RANGE = 4.0  # points: a WAI-SR item runs from 1 to 5, and four points are 100 POMP
INTERCEPT_PRIOR_SD = 10.0  # POMP; assumed: instruments and clinics differ in level by about this much
UNIT_PRIOR_RECORDS = 20.0  # the published SD of early alliance counts as this many records
# Factor on a pooled effect for a new clinic; assumed: calibration slopes in docs/coverage.md are then near 1.
POOLED_EFFECT_SHRINKAGE = 0.8
HELD_PRIOR_SD = 1e-3  # POMP; of a weight that is held at its prior mean: no records can move it visibly
MIN_PRIOR_SD = 1e-3  # in SD of early alliance; a weight stated as certain still needs a finite precision


@dataclass(frozen=True)
class WeightDistribution:
    """A joint normal distribution of intercept and weights (prior or posterior).

    Attributes
    ----------
    names : tuple of str, length p
        The features, in the order of the weights.
    mean : array of shape (p + 1,)
        POMP (0-100); the intercept first, then the effect of one ``scale`` of each feature.
    cov : array of shape (p + 1, p + 1)
        Covariance, POMP².
    sigma, tau : float
        Residual SD, and SD of the therapists' own effects; POMP.
    unit : float
        SD of early alliance, POMP: the size of one published standard deviation at this clinic.
    relevance : mapping of str to float
        By family: the factor on its published weights, see :mod:`family_relevance`. Empty without outcomes.
    levels : LevelTerms
        How instruments, sites and periods differ in level: posterior means of what they add to the intercept.
    drift : WeightDrift
        How weights changed with time: posterior means.
    """

    names: tuple[str, ...]
    mean: Floats
    cov: Floats
    sigma: float
    tau: float
    unit: float
    relevance: Mapping[str, float] = field(default_factory=dict)
    levels: LevelTerms = field(default_factory=LevelTerms)
    drift: WeightDrift = field(default_factory=WeightDrift)

    @property
    def missing_value_variance(self) -> Floats:
        """Variance that an unknown feature adds: the second moment of its weight, shape (p,), POMP²."""
        moment: Floats = self.mean[1:] ** 2 + np.diag(self.cov)[1:]
        return moment


def build_design_matrix(standard: Floats, features: Sequence[Feature]) -> Floats:
    """Return the design matrix: a 1 for the intercept, then the features with their typical value where unknown."""
    x = np.empty((*standard.shape[:-1], standard.shape[-1] + 1))
    x[..., 0], x[..., 1:] = 1.0, fill_unknown(standard, features)
    return x


def build_prior(features: Sequence[Feature], unit: float | None = None) -> WeightDistribution:
    """Build the prior of the weights from published statistics, in POMP.

    Parameters
    ----------
    features : sequence of Feature
        Their ``weight`` and ``spread`` are in standard deviations of early alliance.
    unit : float, optional
        SD of early alliance in POMP; the published one when None.
    """
    published = read_published_statistics()
    unit = published["early_alliance_sd"].value / WAI_ITEM_RANGE * 100 if unit is None else unit
    level = (published["early_alliance_mean"].value - 1) / WAI_ITEM_RANGE * 100
    spread = np.maximum([feature.spread for feature in features], MIN_PRIOR_SD) if features else np.empty(0)
    variances = np.concatenate([[INTERCEPT_PRIOR_SD**2], (spread * unit) ** 2])
    return WeightDistribution(
        names=tuple(feature.name for feature in features),
        mean=np.array([level, *(feature.weight * unit for feature in features)]),
        cov=np.diag(variances),
        sigma=float(np.sqrt(_compute_residual_share()) * unit),
        tau=float(np.sqrt(published["therapist_share"].value) * unit),
        unit=unit,
    )


def rescale_to_unit(weights: WeightDistribution, unit: float) -> WeightDistribution:
    """Return the same distribution for another SD of early alliance (POMP); the mean intercept does not change."""
    factor = unit / weights.unit
    scale = np.concatenate([[1.0], np.full(len(weights.names), factor)])
    mean, cov = weights.mean * scale, weights.cov * np.outer(scale, scale)
    return replace(weights, mean=mean, cov=cov, sigma=weights.sigma * factor, tau=weights.tau * factor, unit=unit)


def pool_linear_opinions(
    published: WeightDistribution, features: Sequence[Feature], rows: Indices, estimates: Floats
) -> WeightDistribution:
    """Pool two sources about some weights with equal trust, then shrink the pooled effects.

    Parameters
    ----------
    published : WeightDistribution
        Over ``features``, as :func:`build_prior`.
    features : sequence of Feature, length p
    rows : array of int, shape (k,)
        Positions of the features about which there is a second source.
    estimates : array of shape (clinics, k)
        Their weights in each of some synthetic clinics, in the unit of ``published``.

    Returns
    -------
    WeightDistribution
        Covariance of the equal mixture of both (the linear opinion pool; Stone 1961, Annals of Mathematical Statistics
        32:1339, 10.1214/aoms/1177704873), and :data:`POOLED_EFFECT_SHRINKAGE` times its mean: effects in a new clinic
        come out smaller than where they were estimated. Each mean has the sign of its feature's direction, because
        that is what a direction states before a clinic has records.
    """
    at = np.ix_(rows + 1, rows + 1)
    difference = estimates.mean(axis=0) - published.mean[rows + 1]
    mean, cov = published.mean.copy(), published.cov.copy()
    mean[rows + 1] = POOLED_EFFECT_SHRINKAGE * (mean[rows + 1] + difference / 2)
    cov[at] = (published.cov[at] + np.cov(estimates, rowvar=False)) / 2 + np.outer(difference, difference) / 4
    precision = np.asarray(np.linalg.inv(cov), dtype=float)
    return replace(
        published, mean=apply_sign_bounds(mean, precision, [feature.direction for feature in features]), cov=cov
    )


def compute_relative_noise(standard: Floats, features: Sequence[Feature]) -> Floats:
    """Compute the noise of some records, shape (n,), relative to a record without unknown features.

    An unknown feature adds noise: the second moment of its published effect. ``standard`` (n, p) is from
    :meth:`PairFrame.standardize`; NaN where unknown.
    """
    moment = np.array([feature.weight**2 + feature.spread**2 for feature in features])
    return np.asarray(1 + np.isnan(standard) @ moment / _compute_residual_share())


def fit_posterior(
    sums: SufficientStatistics,
    features: Sequence[Feature],
    ids: Sequence[str],
    hyperparameters_from: WeightDistribution | None = None,
    prior: WeightDistribution | None = None,
    held: Collection[str] = (),
    levels: LevelTerms | None = None,
    drift: WeightDrift | None = None,
) -> tuple[WeightDistribution, TherapistEffects]:
    r"""Fit the posterior of weights and therapist effects to the outcomes.

    A linear mixed model: :math:`y = x'w + u_t + e`, with :math:`w` at its prior, :math:`u_t \sim N(0, \tau^2)` and
    :math:`e \sim N(0, \sigma^2)`. Both variances and the relevance of each feature family are posterior modes
    (empirical Bayes). A weight whose feature keeps its direction (:attr:`Feature.keeps_direction`) stays on that side
    of zero.

    Parameters
    ----------
    sums : SufficientStatistics
        Of the records; the columns of x are those of :func:`build_design_matrix`, then of level terms and drift.
    features : sequence of Feature, length p
    ids : sequence of str
        Therapist ids, in the order of the rows in ``sums``.
    hyperparameters_from : WeightDistribution, optional
        Take unit, variances and relevance from here and do not estimate them: for parts of the same records.
    prior : WeightDistribution, optional
        Prior of the weights; the published one, :func:`build_prior`, when None.
    held : collection of str
        Names of features whose weight stays as in the prior: what they add to a score is subtracted from the outcomes.
    levels : LevelTerms, optional
        Names of the level terms, columns of ``sums`` after the features; none when None.
    drift : WeightDrift, optional
        Names of the features whose weights change, the last columns of ``sums``; none when None.

    Returns
    -------
    WeightDistribution, TherapistEffects
        Without records: the prior, and no therapist effects.

    Notes
    -----
    The sums take time in proportion to records; this step costs therapists x features².
    """
    levels, drift = levels or LevelTerms(), drift or WeightDrift()
    given = hyperparameters_from or _estimate_hyperparameters(sums, features, prior, held, levels)
    posterior = build_solver(sums, features, given, prior, held, levels, drift).solve(given.sigma**2, given.tau**2)
    prior = _rescale_prior(features, prior, given.unit)
    is_held = np.array([False, *(feature.name in held for feature in features)])
    no_walls: list[Direction] = ["free"] * (len(levels.names) + len(drift.names))
    walls = [*(feature.wall for feature in features), *no_walls]
    mean = apply_sign_bounds(posterior.mean, posterior.precision, walls)
    effects = TherapistEffects.from_posterior(ids, sums.has_records(), posterior, mean, given.tau**2)
    q, end = len(features) + 1, len(features) + 1 + len(levels.names)
    weights = replace(
        prior,
        mean=np.where(is_held, prior.mean, mean[:q]),  # exactly, without the rounding of the solution
        cov=_restore_prior(posterior.cov[:q, :q], prior.cov, is_held),
        sigma=given.sigma,
        tau=given.tau,
        relevance=dict(given.relevance),
        levels=replace(levels, effect=mean[q:end]),
        drift=replace(drift, change=mean[end:]),
    )
    return weights, effects.integrate_out(posterior.cov, q)


def build_solver(
    sums: SufficientStatistics,
    features: Sequence[Feature],
    hyperparameters_from: WeightDistribution,
    prior: WeightDistribution | None = None,
    held: Collection[str] = (),
    levels: LevelTerms | None = None,
    drift: WeightDrift | None = None,
) -> PosteriorSolver:
    """Build the solver of :func:`fit_posterior`, with unit and relevance of ``hyperparameters_from``."""
    given, names = hyperparameters_from, () if drift is None else drift.names
    mean, cov, families = _describe_prior(features, given.unit, prior, held, levels or LevelTerms())
    is_drifting = np.flatnonzero([False, *(feature.name in names for feature in features)])
    weight, variance = mean[is_drifting], np.diag(cov)[is_drifting]
    scaled_prior = apply_relevance(mean, cov, families, dict(given.relevance))
    return sums.combine_with_prior(*add_drift(*scaled_prior, weight, variance))


def _estimate_hyperparameters(
    sums: SufficientStatistics,
    features: Sequence[Feature],
    prior: WeightDistribution | None,
    held: Collection[str],
    levels: LevelTerms,
) -> WeightDistribution:
    """Return the published prior with unit, variances and relevance as these outcomes support them.

    The relevance is estimated at the variances that fit the prior without it. Drift does not count here.
    """
    published = _rescale_prior(features, prior, _estimate_unit(sums))
    mean, cov, families = _describe_prior(features, published.unit, published, held, levels)
    sums = sums.select_columns(len(mean))
    variances = estimate_variance_components(sums, mean, cov, published.sigma**2, published.tau**2)
    relevance = estimate_relevance(sums, mean, cov, families, *variances)
    scaled_prior = apply_relevance(mean, cov, families, relevance)
    modes = published.sigma**2, published.tau**2
    sigma2, tau2 = estimate_variance_components(sums, *scaled_prior, *modes, start=variances)
    return replace(published, sigma=float(np.sqrt(sigma2)), tau=float(np.sqrt(tau2)), relevance=relevance)


def _rescale_prior(features: Sequence[Feature], prior: WeightDistribution | None, unit: float) -> WeightDistribution:
    """Return a prior, the published one when None, for an SD of early alliance (POMP)."""
    return build_prior(features, unit) if prior is None else rescale_to_unit(prior, unit)


def _describe_prior(
    features: Sequence[Feature],
    unit: float,
    prior: WeightDistribution | None,
    held: Collection[str],
    levels: LevelTerms,
) -> tuple[Floats, Floats, list[str]]:
    """Return mean and covariance of intercept, weights and level terms, and the family of all but the intercept."""
    prior = _rescale_prior(features, prior, unit)
    is_held = np.array([False, *(feature.name in held for feature in features)])
    families = [*(_find_family(feature, held) for feature in features), *("" for _ in levels.names)]
    return *add_level_terms(prior.mean, _fix_weights(prior.cov, is_held), levels.names), families


def _find_family(feature: Feature, held: Collection[str]) -> str:
    """Return the family whose relevance scales a weight; empty for a declared or held feature, which has none."""
    return "" if feature.family == "declared" or feature.name in held else feature.family


def _fix_weights(cov: Floats, is_held: Bools) -> Floats:
    """Return a prior covariance that leaves held weights no room: uncorrelated, with a tiny variance."""
    fixed = np.where(is_held[:, None] | is_held, 0.0, cov)
    fixed[is_held, is_held] = HELD_PRIOR_SD**2
    return fixed


def _restore_prior(cov: Floats, prior_cov: Floats, is_held: Bools) -> Floats:
    """Return the posterior covariance with that of the prior for held weights: no record made them more certain."""
    both, either = is_held[:, None] & is_held, is_held[:, None] | is_held
    return np.where(both, prior_cov, np.where(either, 0.0, cov))


def _compute_residual_share() -> float:
    """Return the share of variance that neither therapist nor intake explains, from published statistics."""
    published = read_published_statistics()
    return 1 - published["therapist_share"].value - published["intake_client_r2"].value


def _estimate_unit(sums: SufficientStatistics) -> float:
    """Estimate the SD of early alliance at this clinic, POMP: published effects scale with it (shrinkage)."""
    published_unit = build_prior(()).unit
    own_records = max(sums.n_records - 1, 0)
    sum_of_squares = UNIT_PRIOR_RECORDS * published_unit**2 + sums.compute_sum_of_squares()
    return float(np.sqrt(sum_of_squares / (UNIT_PRIOR_RECORDS + own_records)))


def apply_sign_bounds(mean: Floats, precision: Floats, directions: Sequence[Direction]) -> Floats:
    """Return the posterior mode of the weights under every sign constraint: bounded least squares."""
    low = np.array([-np.inf, *(0.0 if direction == "+" else -np.inf for direction in directions)])
    high = np.array([np.inf, *(0.0 if direction == "-" else np.inf for direction in directions)])
    if np.all((mean >= low) & (mean <= high)):
        return mean
    root = np.linalg.cholesky(precision).T
    from scipy.optimize import lsq_linear  # heavy, and no ranking needs it

    bounded: Floats = lsq_linear(root, root @ mean, bounds=(low, high), method="bvls", tol=1e-12).x
    return np.clip(bounded, low, high)
