"""Shares of the variance of ratings: how much differs between therapists, between clients and between sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.multilevel.deviance_search import set_one_thread
from attune_fit.training.multilevel.profile_interval import LEVEL, compute_profile_interval, compute_zero_probability
from attune_fit.training.multilevel.random_term import join_labels
from attune_fit.training.multilevel.share_profile import ShareProfile


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
class VarianceComponents:
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
) -> VarianceComponents:
    """Estimate the shares of variance by restricted maximum likelihood, with profile intervals.

    Parameters
    ----------
    y : array of shape (n,)
        Ratings, complete.
    X : array of shape (n, p)
        Fixed effects with their intercept: what differs by them is no part of any share.
    groupings : mapping of str to int array of shape (n,)
        Name and group of each component. A group inside another needs labels of its own, see ``join_labels``. No two
        may be the same grouping, and none may have one record in each group: that is the residual.
    residual : str
        Name of what is left.
    level : float
        Of the intervals.

    Returns
    -------
    VarianceComponents
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
    with set_one_thread():
        profile = ShareProfile.from_records(y, X, list(groupings.values()))
        components = tuple(
            _describe_component(profile, position, name, count, level)
            for position, (name, count) in enumerate(zip(names, n_groups, strict=True))
        )
    return VarianceComponents(components, len(y), profile.fit.deviance, profile.fit.converged, level)


def _describe_component(profile: ShareProfile, position: int, name: str, n_groups: int, level: float) -> VarianceShare:
    is_residual = position == len(profile.shares) - 1
    share = float(profile.shares[position])
    low, high = compute_profile_interval(
        lambda value: profile.compute_rise(position, value), share, level, can_be_zero=not is_residual
    )
    zero = None if is_residual else compute_zero_probability(profile.compute_rise(position, 0.0))
    return VarianceShare(name, float(profile.variances[position]), share, low, high, n_groups, zero)


def _check_groupings(groupings: Mapping[str, Indices]) -> None:
    """Refuse components that are the residual, or the same grouping as another."""
    codes = {name: np.unique(label, return_inverse=True)[1].reshape(-1) for name, label in groupings.items()}
    for position, (name, code) in enumerate(codes.items()):
        n_groups = int(code.max()) + 1
        if n_groups == len(code) or n_groups < 2:
            raise ValueError(f"{name} has {n_groups:,} groups for {len(code):,} records: it has no share of its own.")
        for other in list(codes)[:position]:
            if len(np.unique(join_labels(code, codes[other]))) == n_groups == int(codes[other].max()) + 1:
                raise ValueError(f"{other} and {name} are the same groups: their shares are one.")
