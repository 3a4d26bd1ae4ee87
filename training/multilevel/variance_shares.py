"""Shares of the variance of ratings: how much differs between therapists, between clients and between sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.multilevel.deviance_search import DevianceWithGradient, find_smallest_deviance, limit_threads
from attune_fit.training.multilevel.profile_interval import (
    LEVEL,
    compute_profile_interval,
    compute_zero_probability,
    contains_share,
)
from attune_fit.training.multilevel.profiled_deviance import ProfiledDeviance, RandomTerm
from attune_fit.training.multilevel.restricted_likelihood import MixedFit, fit_reml, number_groups

LARGEST_THETA = 50.0  # relative standard deviation; a larger one leaves the residual less than .0004 of the rest
TINY = 1e-12  # for divisions
SMALLEST_START = 0.02  # the deviance is flat at 0, where a search would not move


@dataclass(frozen=True)
class VarianceShare:
    """One component of the variance.

    Attributes
    ----------
    name : str
        Of the way of grouping; that of the residual for what is left.
    variance : float
        In the unit of y, squared.
    share : float in [0, 1]
        Of the sum of all components.
    low, high : float in [0, 1]
        Profile interval.
    n_groups : int
        Groups that the component differs between; the records for the residual.
    zero_probability : float or None
        p value of a share of 0, from half of chi-squared with 1 degree of freedom; None for the residual.
    """

    name: str
    variance: float
    share: float
    low: float
    high: float
    n_groups: int
    zero_probability: float | None


@dataclass(frozen=True)
class VarianceShares:
    """The components of the variance of some records, the residual last.

    Attributes
    ----------
    components : tuple of VarianceShare
        Their shares sum to 1.
    n_records : int
    deviance : float
        Minus twice the restricted log likelihood.
    converged : bool
        False if the search did not end at a minimum; then no figure can be trusted.
    level : float
        Of the intervals.
    """

    components: tuple[VarianceShare, ...]
    n_records: int
    deviance: float
    converged: bool
    level: float = LEVEL

    def __getitem__(self, name: str) -> VarianceShare:
        return next(one for one in self.components if one.name == name)


def estimate_variance_shares(
    y: Floats, X: Floats, groupings: Mapping[str, Indices], *, residual: str = "residual", level: float = LEVEL
) -> VarianceShares:
    """Estimate the shares of variance by restricted maximum likelihood, with profile intervals.

    Parameters
    ----------
    y : array of shape (n,)
        Ratings, complete.
    X : array of shape (n, p)
        Fixed effects with their intercept: what differs by them is no part of any share.
    groupings : mapping of str to int array of shape (n,)
        Name and group of each component. A group inside another needs labels of its own, see ``number_groups``. No two
        may be the same grouping, and none may have one record in each group: that is the residual.
    residual : str
        Name of what is left.
    level : float
        Of the intervals.

    Returns
    -------
    VarianceShares
        As lme4 gives, with the intervals of its REML deviance; an interval begins at exactly 0 where a share of 0
        fits.

    Raises
    ------
    ValueError
        As :func:`fit_reml`; or two components that cannot be separated.
    """
    _check_groupings(groupings)
    names = (*groupings, residual)
    n_groups = (*(len(np.unique(label)) for label in groupings.values()), len(y))
    with limit_threads():
        profile = ShareProfile.from_records(y, X, list(groupings.values()))
        components = tuple(
            _describe_component(profile, position, name, count, level)
            for position, (name, count) in enumerate(zip(names, n_groups, strict=True))
        )
    return VarianceShares(components, len(y), profile.fit.deviance, profile.fit.converged, level)


def _describe_component(profile: ShareProfile, position: int, name: str, n_groups: int, level: float) -> VarianceShare:
    is_residual = position == len(profile.shares) - 1
    share = float(profile.shares[position])
    low, high = compute_profile_interval(
        lambda value: profile.compute_rise(position, value), share, level, can_be_zero=not is_residual
    )
    zero = None if is_residual else compute_zero_probability(profile.compute_rise(position, 0.0))
    return VarianceShare(name, float(profile.fit.variances[position]), share, low, high, n_groups, zero)


@dataclass(frozen=True)
class ShareProfile:
    """The restricted deviance as a function of one share.

    Attributes
    ----------
    fit : MixedFit
        With random intercepts only.
    shares : array of shape (terms + 1,)
        Estimates, the residual's last.
    """

    fit: MixedFit
    shares: Floats

    @classmethod
    def from_records(cls, y: Floats, X: Floats, labels: list[Indices]) -> ShareProfile:
        """Fit the model with one random intercept for each way of grouping."""
        fit = fit_reml(y, X, [RandomTerm.intercept(label) for label in labels])
        return cls(fit, fit.variances / fit.variances.sum())

    def compute_rise(self, position: int, share: float) -> float:
        """Return by how much the deviance rises when one component has this share; the residual's is above 0."""
        fixed = min(max(share, 0.0), 1 - 1e-9)
        criterion, theta = self.fit.criterion, self.fit.theta
        if position == len(theta):
            lowest = _minimise_with_residual(criterion, theta, fixed)
        else:
            lowest = _minimise_with_share(criterion, theta, position, fixed)
        return max(lowest - self.fit.deviance, 0.0)

    def contains(self, position: int, share: float, level: float = LEVEL) -> bool:
        """Return whether the interval of a component contains a share; cheaper than the interval."""
        zero = self.compute_rise(position, 0.0) if position < len(self.fit.theta) else np.inf
        rise = self.compute_rise(position, share)
        return contains_share(rise, zero, share, float(self.shares[position]), level)


def _minimise_with_share(criterion: ProfiledDeviance, theta: Floats, position: int, share: float) -> float:
    """Return the smallest deviance with one component at a share; the others and the residual have the rest."""
    odds = share / (1 - share)

    def compute(others: Floats) -> tuple[float, Floats]:
        fixed = np.sqrt(odds * (1 + others @ others))
        deviance, gradient = criterion.compute_with_gradient(np.insert(others, position, fixed))
        by_fixed = odds * others / max(fixed, TINY)
        return deviance, np.delete(gradient, position) + gradient[position] * by_fixed

    return _minimise(compute, np.delete(theta, position), LARGEST_THETA)


def _minimise_with_residual(criterion: ProfiledDeviance, theta: Floats, share: float) -> float:
    """Return the smallest deviance with the residual at a share; the others divide the rest by a direction."""
    length = np.sqrt((1 - share) / share)

    def compute(direction: Floats) -> tuple[float, Floats]:
        norm = max(float(np.linalg.norm(direction)), TINY)
        unit = direction / norm
        deviance, gradient = criterion.compute_with_gradient(length * unit)
        return deviance, length / norm * (gradient - unit * (unit @ gradient))

    return _minimise(compute, theta / max(float(np.linalg.norm(theta)), TINY), 1.0)


def _minimise(deviance: DevianceWithGradient, start: Floats, highest: float) -> float:
    """Return the smallest deviance over parameters in [0, highest]."""
    if not len(start):
        return deviance(start)[0]
    bounds = [(0.0, highest)] * len(start)
    return find_smallest_deviance(deviance, [np.clip(start, SMALLEST_START, highest)], bounds)[1]


def _check_groupings(groupings: Mapping[str, Indices]) -> None:
    """Refuse components that are the residual, or the same grouping as another."""
    codes = {name: np.unique(label, return_inverse=True)[1].reshape(-1) for name, label in groupings.items()}
    for position, (name, code) in enumerate(codes.items()):
        n_groups = int(code.max()) + 1
        if n_groups == len(code) or n_groups < 2:
            raise ValueError(f"{name} has {n_groups:,} groups for {len(code):,} records: it has no share of its own.")
        for other in list(codes)[:position]:
            if len(np.unique(number_groups(code, codes[other]))) == n_groups == int(codes[other].max()) + 1:
                raise ValueError(f"{other} and {name} are the same groups: their shares are one.")
