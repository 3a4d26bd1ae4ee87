"""The two conditions of the verdict, for one set of outcomes or for many at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.training.evaluation.cluster_robust import ClusterRobustEstimate, compute_clustered_correlation
from attune_fit.training.evaluation.re_pairing import RePairingSample

SIGNIFICANCE_LEVEL = 0.05
TIE_TOLERANCE = 1e-9  # agreements nearer than this are ties


@dataclass(frozen=True)
class PermutationTestResult:
    """What a trial found.

    Attributes
    ----------
    r : Estimate
        Correlation of what was said of the pairs that met with what was left of their outcomes.
    p : array of shape (draws,)
        Share of re-pairings that agree as well with what was left.
    """

    r: ClusterRobustEstimate
    p: Floats

    @property
    def has_pair_effect(self) -> Bools:
        """Whether the pair part knows something: both conditions, shape (draws,)."""
        return np.asarray((self.p < SIGNIFICANCE_LEVEL) & (self.r.low > 0))


def run_permutation_test(
    met: RePairingSample, choice: Floats, left: Floats, swaps: Iterable[Indices]
) -> PermutationTestResult:
    """Try what is said of the choice against what is left of the outcomes.

    Parameters
    ----------
    met : Exchange
        Who met whom, and who may be swapped.
    choice : array of shape (n, therapists)
        What is said, as :attr:`RePairingSample.choice`.
    left : array of shape (n, draws)
        What is left of the outcomes, centred; each column is a trial of its own.
    swaps : iterable of int arrays
        From :meth:`RePairingSample.swapped`.
    """
    known = choice - choice.mean(axis=0)
    rows = np.arange(len(known))
    own = known[rows, met.therapist]
    return PermutationTestResult(
        compute_clustered_correlation(met.center(own), left, met.clusters),
        compute_re_pairing_p_values(own, [known[rows, to] for to in swaps], left),
    )


def compute_re_pairing_p_values(own: Floats, swapped: Iterable[Floats], left: Floats) -> Floats:
    r"""Share of re-pairings that do at least as well as the pairs that met: :math:`(hits + 1) / (n + 1)`, never 0.

    Parameters
    ----------
    own : array of shape (n,)
        What is said of the pairs that met.
    swapped : iterable of arrays of that shape
        What is said of each re-pairing.
    left : array of shape (n, draws)

    Returns
    -------
    array of shape (draws,)
    """
    others = np.stack([_unit(one) for one in swapped])
    true = _unit(own) @ left
    hits = (others @ left >= true - TIE_TOLERANCE * np.abs(true)).sum(axis=0)
    return np.asarray((hits + 1) / (len(others) + 1))


def _unit(said: Floats) -> Floats:
    size = float(np.sqrt(said @ said))
    return said / size if size > 0 else said
