"""Permutation test of the pair effect: the two conditions of the verdict, for one set of outcomes or many at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.training.evaluation.cluster_robust import ClusterRobustEstimate, compute_clustered_correlation
from attune_fit.training.evaluation.re_pairing import RePairingSample

SIGNIFICANCE_LEVEL = 0.05
TIE_TOLERANCE = 1e-9  # statistics that differ by less are ties


@dataclass(frozen=True)
class PermutationTestResult:
    """Result of the test of the pair effect.

    Attributes
    ----------
    r : ClusterRobustEstimate
        Correlation of the pair part with the residual outcome, over the pairs that met.
    p : array of shape (draws,)
        Share of re-pairings that agree with the residual at least as well.
    """

    r: ClusterRobustEstimate
    p: Floats

    @property
    def has_pair_effect(self) -> Bools:
        """Whether both conditions hold: p below 5% and the interval of r above zero; shape (draws,)."""
        return np.asarray((self.p < SIGNIFICANCE_LEVEL) & (self.r.low > 0))


def run_permutation_test(
    sample: RePairingSample, pair_part: Floats, residual: Floats, re_pairings: Iterable[Indices]
) -> PermutationTestResult:
    """Test whether the pair part explains the residual outcome better than re-paired therapists do.

    Parameters
    ----------
    sample : RePairingSample
        Which client met which therapist, and which therapists can be swapped.
    pair_part : array of shape (n, therapists)
        Pair part of each client with each therapist, as :attr:`RePairingSample.centered_pair_part`.
    residual : array of shape (n, draws)
        Outcome minus baseline and therapist, centred; each column is a separate test.
    re_pairings : iterable of int arrays
        From :meth:`RePairingSample.draw_re_pairings`.
    """
    centered = pair_part - pair_part.mean(axis=0)
    rows = np.arange(len(centered))
    observed = centered[rows, sample.therapist]
    return PermutationTestResult(
        compute_clustered_correlation(sample.center(observed), residual, sample.clusters),
        compute_re_pairing_p_values(observed, [centered[rows, therapist] for therapist in re_pairings], residual),
    )


def compute_re_pairing_p_values(observed: Floats, re_paired: Iterable[Floats], residual: Floats) -> Floats:
    r"""Return the share of re-pairings that agree at least as well as the pairs that met.

    It is :math:`(hits + 1) / (n + 1)`, never 0.

    Parameters
    ----------
    observed : array of shape (n,)
        Pair part of the pairs that met.
    re_paired : iterable of arrays of shape (n,)
        Pair part of each re-pairing.
    residual : array of shape (n, draws)

    Returns
    -------
    array of shape (draws,)
    """
    permuted = np.stack([_scale_to_unit_length(values) for values in re_paired])
    agreement = _scale_to_unit_length(observed) @ residual
    hits = (permuted @ residual >= agreement - TIE_TOLERANCE * np.abs(agreement)).sum(axis=0)
    return np.asarray((hits + 1) / (len(permuted) + 1))


def _scale_to_unit_length(values: Floats) -> Floats:
    length = float(np.sqrt(values @ values))
    return values / length if length > 0 else values
