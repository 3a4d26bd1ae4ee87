"""Therapists' own effects: shrunken, adjusted for whom they met, and never shown as a league table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Bools, Floats
from attune_fit.models.sufficient_statistics import MixedModelPosterior


@dataclass(frozen=True)
class TherapistEffects:
    """What is known of each therapist beyond the features.

    Attributes
    ----------
    ids : tuple of str
        Those with at least one outcome.
    effect : array of shape (therapists,)
        Posterior mean, POMP.
    lean : array of shape (therapists, q)
        How much the effect falls when a weight of the sum rises by one; carries their covariance.
    own : array of shape (therapists,)
        Variance of the effect when the weights are known, POMP².
    tau2 : float
        Variance of the effect of a therapist nobody has met yet, POMP².
    """

    ids: tuple[str, ...]
    effect: Floats
    lean: Floats
    own: Floats
    tau2: float

    @classmethod
    def from_prior(cls, columns: int, tau2: float) -> TherapistEffects:
        """Nobody is known yet; ``columns`` is the length of the weights with the intercept."""
        return cls((), np.empty(0), np.empty((0, columns)), np.empty(0), tau2)

    @classmethod
    def from_posterior(
        cls, ids: Sequence[str], seen: Bools, found: MixedModelPosterior, mean: Floats, tau2: float
    ) -> TherapistEffects:
        """Effects of those ``seen``, at the weights ``mean``, which may be held on one side of zero."""
        rows = np.flatnonzero(seen)
        effect = found.effect - found.effect_slopes @ (mean - found.mean)
        return cls(
            tuple(ids[int(row)] for row in rows),
            effect[rows],
            found.effect_slopes[rows],
            found.effect_variance[rows],
            tau2,
        )

    def select_for_roster(self, ids: Sequence[str]) -> tuple[Floats, Floats, Floats]:
        """Effect (m,), lean (m, q) and own variance (m,) of a roster.

        A therapist without outcomes gets 0 and the whole of ``tau2``: uncertain, neither favoured nor punished.
        """
        effect, own = np.zeros(len(ids)), np.full(len(ids), self.tau2)
        lean = np.zeros((len(ids), self.lean.shape[1]))
        row_of = {name: row for row, name in enumerate(self.ids)}
        known = [(here, row_of[name]) for here, name in enumerate(ids) if name in row_of]
        if known:
            here, row = np.array(known).T
            effect[here], lean[here], own[here] = self.effect[row], self.lean[row], self.own[row]
        return effect, lean, own
