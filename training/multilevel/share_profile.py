"""The deviance of a mixed model as a function of one share of the variance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.multilevel.deviance_search import DevianceWithGradient, find_smallest_deviance
from attune_fit.training.multilevel.profile_interval import LEVEL, is_in_interval
from attune_fit.training.multilevel.profiled_deviance import ProfiledDeviance
from attune_fit.training.multilevel.random_term import RandomTerm
from attune_fit.training.multilevel.restricted_likelihood import MixedFit, fit_reml

MOST_INSIDE = 8  # groups inside another that are eliminated with it
LARGEST_THETA = 50.0  # relative standard deviation; a larger one leaves the residual less than .0004 of the rest
LARGEST_SHARE = 1 - 1e-9
SMALLEST_START = 0.02  # the deviance is flat at 0, where a search would not move
TINY = 1e-12  # for divisions


@dataclass(frozen=True)
class ShareProfile:
    """The restricted deviance as a function of one share.

    Attributes
    ----------
    fit : MixedFit
        With random intercepts only; its thetas can be in another order.
    places : array of int, shape (k,)
        The theta of each component.
    """

    fit: MixedFit
    places: Indices

    @classmethod
    def from_records(cls, y: Floats, X: Floats, labels: Sequence[Indices]) -> ShareProfile:
        """Fit the model with one random intercept for each way of grouping."""
        terms, places = _build_terms(labels)
        return cls(fit_reml(y, X, terms), places)

    @property
    def variances(self) -> Floats:
        """The variance of each component, the residual's last, shape (k + 1,)."""
        return np.append(self.fit.theta[self.places] ** 2, 1.0) * self.fit.residual_variance

    @property
    def shares(self) -> Floats:
        """The share of each component, the residual's last, shape (k + 1,)."""
        return np.asarray(self.variances / self.variances.sum())

    def compute_rise(self, position: int, share: float) -> float:
        """Return by how much the deviance rises when one component has this share; the residual's is above 0."""
        fixed = min(max(share, 0.0), LARGEST_SHARE)
        criterion, theta = self.fit.criterion, self.fit.theta
        if position == len(self.places):
            lowest = _minimise_with_residual(criterion, theta, fixed)
        else:
            lowest = _minimise_with_share(criterion, theta, int(self.places[position]), fixed)
        return max(lowest - self.fit.deviance, 0.0)

    def is_inside(self, position: int, share: float, level: float = LEVEL) -> bool:
        """Return whether the interval of a component contains a share; cheaper than the interval."""
        zero = self.compute_rise(position, 0.0) if position < len(self.places) else np.inf
        rise = self.compute_rise(position, share)
        return is_in_interval(rise, zero, share, float(self.shares[position]), level)


def _build_terms(labels: Sequence[Indices]) -> tuple[list[RandomTerm], Indices]:
    """Return the terms of some groupings, and the theta of each; small groups inside others share a term with them."""
    nesting = next(
        (
            (outer, inner)
            for outer, inner in permutations(range(len(labels)), 2)
            if _is_inside(labels[inner], labels[outer])
        ),
        (),
    )
    others = [position for position in range(len(labels)) if position not in nesting]
    terms = [RandomTerm.nested(*(labels[position] for position in nesting))] if nesting else []
    terms += [RandomTerm.intercept(labels[position]) for position in others]
    return terms, np.argsort([*nesting, *others])


def _is_inside(inner: Indices, outer: Indices) -> bool:
    """Return whether each inner group is in one outer group, with few in each."""
    inside = np.unique(np.stack([inner, outer]), axis=1)
    is_nested = inside.shape[1] == len(np.unique(inner))
    return is_nested and int(np.unique(inside[1], return_counts=True)[1].max()) <= MOST_INSIDE


def _minimise_with_share(criterion: ProfiledDeviance, theta: Floats, position: int, share: float) -> float:
    """Return the smallest deviance with one component at a share; the others and the residual have the rest."""
    odds = share / (1 - share)

    def compute(others: Floats) -> tuple[float, Floats]:
        fixed = np.sqrt(odds * (1 + others @ others))
        deviance, gradient = criterion.compute_with_gradient(np.insert(others, position, fixed))
        by_fixed = odds * others / np.maximum(fixed, TINY)
        return deviance, np.delete(gradient, position) + gradient[position] * by_fixed

    return _minimise(compute, np.delete(theta, position), LARGEST_THETA)


def _minimise_with_residual(criterion: ProfiledDeviance, theta: Floats, share: float) -> float:
    """Return the smallest deviance with the residual at a share; the others divide the rest by a direction."""
    length = np.sqrt((1 - share) / share)

    def compute(direction: Floats) -> tuple[float, Floats]:
        norm = float(np.maximum(np.linalg.norm(direction), TINY))
        unit = direction / norm
        deviance, gradient = criterion.compute_with_gradient(length * unit)
        return deviance, length / norm * (gradient - unit * (unit @ gradient))

    return _minimise(compute, theta / max(float(np.linalg.norm(theta)), TINY), 1.0)


def _minimise(deviance: DevianceWithGradient, start: Floats, highest: float) -> float:
    """Return the smallest deviance over parameters in [0, highest]."""
    if not len(start):
        return deviance(start)[0]
    starts, lows = [np.clip(start, SMALLEST_START, highest)], np.zeros(len(start))
    return find_smallest_deviance(deviance, starts, lows, np.full(len(start), highest))[1]
