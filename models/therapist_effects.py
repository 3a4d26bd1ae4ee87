"""Therapists' own effects (random effects): shrunk, adjusted for their clients, and never shown as a league table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.models.sufficient_statistics import MixedModelPosterior


class RosterEffects(NamedTuple):
    """The effects of a roster of m therapists: their means (m,), slopes (m, q) and variances (m,)."""

    effect: Floats
    slopes: Floats
    variance: Floats

    def take(self, rows: Indices) -> RosterEffects:
        """Return the effects of a roster whose rows are these rows."""
        return RosterEffects(self.effect[rows], self.slopes[rows], self.variance[rows])


@dataclass(frozen=True)
class TherapistEffects:
    """Posterior of each therapist's effect on early alliance, beyond the features.

    Attributes
    ----------
    ids : tuple of str
        Ids of the therapists with at least one outcome.
    effect : array of shape (therapists,)
        Posterior mean, POMP.
    lean : array of shape (therapists, q)
        How much the effect falls when a weight rises by one: the covariance of effects and weights.
    own : array of shape (therapists,)
        Variance of the effect given the weights, POMP².
    tau2 : float
        Variance of the effect of a therapist without outcomes, POMP².
    """

    ids: tuple[str, ...]
    effect: Floats
    lean: Floats
    own: Floats
    tau2: float

    @classmethod
    def from_prior(cls, columns: int, tau2: float) -> TherapistEffects:
        """Build the prior: no therapist has outcomes; ``columns`` is the number of weights with the intercept."""
        return cls((), np.empty(0), np.empty((0, columns)), np.empty(0), tau2)

    @classmethod
    def from_posterior(
        cls, ids: Sequence[str], has_records: Bools, posterior: MixedModelPosterior, mean: Floats, tau2: float
    ) -> TherapistEffects:
        """Build the effects of the therapists with records, at the weights ``mean`` (after sign bounds)."""
        rows = np.flatnonzero(has_records)
        effect = posterior.effect - posterior.effect_slopes @ (mean - posterior.mean)
        return cls(
            tuple(ids[int(row)] for row in rows),
            effect[rows],
            posterior.effect_slopes[rows],
            posterior.effect_variance[rows],
            tau2,
        )

    def integrate_out(self, cov: Floats, q: int) -> TherapistEffects:
        """Return the same effects given only the first ``q`` weights: the others are integrated out.

        Parameters
        ----------
        cov : array of shape (q + k, q + k)
            Posterior covariance of all weights: k level terms and changes are the last.
        """
        if cov.shape[0] == q:
            return self
        slopes, terms = self.lean[:, :q], self.lean[:, q:]
        regression = np.linalg.solve(cov[:q, :q], cov[:q, q:])
        remaining = cov[q:, q:] - cov[q:, :q] @ regression
        own = self.own + np.einsum("ti,ij,tj->t", terms, remaining, terms)
        return replace(self, lean=slopes + terms @ regression.T, own=own)

    def select_for_roster(self, ids: Sequence[str]) -> RosterEffects:
        """Return the effects of a roster of m therapists, by their ids.

        A therapist without outcomes gets effect 0 and variance ``tau2``: uncertain, neither favoured nor penalised.
        """
        effect, variance = np.zeros(len(ids)), np.full(len(ids), self.tau2)
        slopes = np.zeros((len(ids), self.lean.shape[1]))
        row_of = {name: row for row, name in enumerate(self.ids)}
        known = [(position, row_of[name]) for position, name in enumerate(ids) if name in row_of]
        if known:
            position, row = np.array(known).T
            effect[position], slopes[position], variance[position] = self.effect[row], self.lean[row], self.own[row]
        return RosterEffects(effect, slopes, variance)
