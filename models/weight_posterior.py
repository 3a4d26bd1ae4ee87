"""What is believed about the weights of the sum: published at first, then moved by a clinic's own outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import lsq_linear

from attune_fit.data.arrays import Floats
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.features.feature import Feature
from attune_fit.models.family_relevance import apply_relevance, estimate_relevance
from attune_fit.models.sufficient_statistics import SufficientStatistics
from attune_fit.models.therapist_effects import TherapistEffects
from attune_fit.models.variance_components import estimate_variance_components

WAI_ITEM_RANGE = 4.0  # a WAI-SR item runs from 1 to 5: four points are 100 percent of maximum possible
INTERCEPT_PRIOR_SD = 10.0  # POMP; assumed: instruments and clinics differ in level by about this much
UNIT_PRIOR_RECORDS = 20.0  # the published spread counts as this many records beside the clinic's own
POOLED_EFFECT_SHRINKAGE = (
    0.8  # of a pooled effect, what a new clinic keeps; assumed: slopes in docs/coverage.md are then near 1
)
MIN_PRIOR_SD = 1e-3  # SD; a weight declared as certain still needs a finite precision


@dataclass(frozen=True)
class WeightDistribution:
    """A joint normal belief about intercept and weights.

    Attributes
    ----------
    names : tuple of str, length p
        The features, in the order of the weights.
    mean : array of shape (p + 1,)
        POMP (0-100); the intercept first, then the effect of one ``scale`` of each feature.
    cov : array of shape (p + 1, p + 1)
        Its covariance, POMP².
    sigma, tau : float
        SD of what the sum leaves, and of the therapists' own effects; POMP.
    unit : float
        SD of early alliance, POMP: what one published standard deviation is worth here.
    relevance : mapping of str to float
        By family: what its published weights were multiplied with; see :mod:`family_relevance`. Empty without outcomes.
    """

    names: tuple[str, ...]
    mean: Floats
    cov: Floats
    sigma: float
    tau: float
    unit: float
    relevance: Mapping[str, float] = field(default_factory=dict)

    @property
    def missing_value_variance(self) -> Floats:
        """Variance an unknown feature adds: its weight's second moment, shape (p,), POMP²."""
        moment: Floats = self.mean[1:] ** 2 + np.diag(self.cov)[1:]
        return moment


def build_design_matrix(standard: Floats) -> Floats:
    """Put a 1 for the intercept before the features; unknown enters as the typical value, 0.

    >>> build_design_matrix(np.array([[2.0, np.nan]]))
    array([[1., 2., 0.]])
    """
    return np.concatenate([np.ones((*standard.shape[:-1], 1)), np.nan_to_num(standard, nan=0.0)], axis=-1)


def build_prior(features: Sequence[Feature], unit: float | None = None) -> WeightDistribution:
    """What the published figures say before a clinic has outcomes.

    Parameters
    ----------
    features : sequence of Feature
        Their ``weight`` and ``spread`` are in standard deviations of early alliance.
    unit : float, optional
        That standard deviation in POMP; the published one when None.
    """
    known = read_published_statistics()
    unit = known["early_alliance_sd"].value / WAI_ITEM_RANGE * 100 if unit is None else unit
    level = (known["early_alliance_mean"].value - 1) / WAI_ITEM_RANGE * 100
    spread = np.maximum([feature.spread for feature in features], MIN_PRIOR_SD) if features else np.empty(0)
    variances = np.concatenate([[INTERCEPT_PRIOR_SD**2], (spread * unit) ** 2])
    return WeightDistribution(
        names=tuple(feature.name for feature in features),
        mean=np.array([level, *(feature.weight * unit for feature in features)]),
        cov=np.diag(variances),
        sigma=float(np.sqrt(_compute_residual_share()) * unit),
        tau=float(np.sqrt(known["therapist_share"].value) * unit),
        unit=unit,
    )


def rescale_to_unit(belief: WeightDistribution, unit: float) -> WeightDistribution:
    """The same belief where early alliance has another standard deviation; the level stays as it was."""
    grow = unit / belief.unit
    scale = np.concatenate([[1.0], np.full(len(belief.names), grow)])
    mean, cov = belief.mean * scale, belief.cov * np.outer(scale, scale)
    return replace(belief, mean=mean, cov=cov, sigma=belief.sigma * grow, tau=belief.tau * grow, unit=unit)


def pool_linear_opinions(
    published: WeightDistribution, features: Sequence[Feature], rows: npt.NDArray[np.intp], seen: Floats
) -> WeightDistribution:
    """What two sources say of some weights, each believed as much as the other, and neither quite.

    Parameters
    ----------
    published : Evidence
    features : sequence of Feature, length p
    rows : array of int, shape (k,)
        The features that ``seen`` speaks of.
    seen : array of shape (clinics, k)
        Their weights in each of some clinics, in the unit of ``published``.

    Returns
    -------
    Evidence
        Covariance of the equal mixture of both (the linear opinion pool; Stone 1961, Annals of Mathematical Statistics
        32:1339, 10.1214/aoms/1177704873), and :data:`POOLED_EFFECT_SHRINKAGE` of its mean: effects come out smaller where they
        were not found. Each weight stays on the side its feature states.
    """
    at = np.ix_(rows + 1, rows + 1)
    apart = seen.mean(axis=0) - published.mean[rows + 1]
    mean, cov = published.mean.copy(), published.cov.copy()
    mean[rows + 1] = POOLED_EFFECT_SHRINKAGE * (mean[rows + 1] + apart / 2)
    cov[at] = (published.cov[at] + np.cov(seen, rowvar=False)) / 2 + np.outer(apart, apart) / 4
    precision = np.asarray(np.linalg.inv(cov), dtype=float)
    return replace(published, mean=_apply_sign_bounds(mean, precision, features), cov=cov)


def compute_sufficient_statistics(
    features: Sequence[Feature], standard: Floats, y: Floats, therapist: npt.NDArray[np.intp], of: int
) -> SufficientStatistics:
    """Everything the posterior needs to know of some outcomes; sums of parts add up to the sums of the whole.

    Parameters
    ----------
    standard : array of shape (n, p)
        :meth:`PairFrame.standard`; NaN where unknown. An unknown feature makes the record noisier by the
        published size of its effect.
    y : array of shape (n,)
        Early alliance, POMP.
    therapist : array of shape (n,)
        Row of each record's therapist in a roster of ``of`` therapists.
    """
    moment = np.array([feature.weight**2 + feature.spread**2 for feature in features])
    noise = 1 + np.isnan(standard) @ moment / _compute_residual_share()
    return SufficientStatistics.from_records(build_design_matrix(standard), y, therapist, of, noise)


def fit_posterior(
    sums: SufficientStatistics,
    features: Sequence[Feature],
    ids: Sequence[str],
    like: WeightDistribution | None = None,
    start: WeightDistribution | None = None,
) -> tuple[WeightDistribution, TherapistEffects]:
    r"""Move what was believed of the weights as far as the outcomes justify.

    :math:`y = x'w + u_t + e`, with :math:`w` at its prior, :math:`u_t \sim N(0, \tau^2)` and
    :math:`e \sim N(0, \sigma^2)`; both variances, and how much each family of features matters here, are the most
    probable ones, given the outcomes and what is published. A weight whose feature states a direction stays on that
    side of zero.

    Parameters
    ----------
    sums : Sums
        From :func:`compute_sufficient_statistics`.
    features : sequence of Feature, length p
    ids : sequence of str
        Ids of the therapists that the records' numbers mean.
    like : Evidence, optional
        Take unit, variances and relevance from here instead of estimating them: for parts of the same records.
    start : Evidence, optional
        What is believed of the features beforehand; what is published, :func:`build_prior`, when None.

    Returns
    -------
    Evidence, Therapists
        Without records: the prior, and no therapist known.

    Notes
    -----
    Time grows linearly with records (in :func:`compute_sufficient_statistics`); this step costs therapists x features².
    """
    unit = _estimate_unit(sums) if like is None else like.unit
    start = build_prior(features, unit) if start is None else rescale_to_unit(start, unit)
    families = ["" if feature.family == "declared" else feature.family for feature in features]  # each by itself
    factor = _estimate_family_relevance(sums, start, families) if like is None else dict(like.relevance)
    believed = apply_relevance(start.mean, start.cov, families, factor)
    published = start.sigma**2, start.tau**2
    sigma2, tau2 = (
        estimate_variance_components(sums, *believed, *published) if like is None else (like.sigma**2, like.tau**2)
    )
    found = sums.combine_with_prior(*believed).solve(sigma2, tau2)
    mean = _apply_sign_bounds(found.mean, found.precision, features)
    sigma, tau = float(np.sqrt(sigma2)), float(np.sqrt(tau2))
    evidence = replace(start, mean=mean, cov=found.cov, sigma=sigma, tau=tau, relevance=factor)
    return evidence, TherapistEffects.from_posterior(ids, sums.has_records(), found, mean, tau2)


def _estimate_family_relevance(
    sums: SufficientStatistics, start: WeightDistribution, families: Sequence[str]
) -> dict[str, float]:
    """By family, at the variances that the published weights leave."""
    variances = estimate_variance_components(sums, start.mean, start.cov, start.sigma**2, start.tau**2)
    return estimate_relevance(sums, start.mean, start.cov, families, *variances)


def _compute_residual_share() -> float:
    """Share of the variance that neither therapist nor intake explains, by the published figures."""
    known = read_published_statistics()
    return 1 - known["therapist_share"].value - known["intake_client_r2"].value


def _estimate_unit(sums: SufficientStatistics) -> float:
    """SD of early alliance here: an instrument with another spread takes its published effects along."""
    published = build_prior(()).unit
    seen = max(sums.n_records - 1, 0)
    return float(
        np.sqrt((UNIT_PRIOR_RECORDS * published**2 + sums.compute_sum_of_squares()) / (UNIT_PRIOR_RECORDS + seen))
    )


def _apply_sign_bounds(mean: Floats, precision: Floats, features: Sequence[Feature]) -> Floats:
    """The most probable weights among those that respect every direction: least squares within bounds."""
    low = np.array([-np.inf, *(0.0 if feature.direction == "+" else -np.inf for feature in features)])
    high = np.array([np.inf, *(0.0 if feature.direction == "-" else np.inf for feature in features)])
    if np.all((mean >= low) & (mean <= high)):
        return mean
    root = np.linalg.cholesky(precision).T
    bounded: Floats = lsq_linear(root, root @ mean, bounds=(low, high), method="bvls", tol=1e-12).x
    return np.clip(bounded, low, high)
