"""Permutation tests with the therapist as the unit."""

from __future__ import annotations

from attune_fit.data.arrays import Floats, Indices

N_PERMUTATIONS = 1_000


def permute_therapists(
    y: Floats,
    therapist: Indices,
    trait: Floats,
    covariates: Floats | None = None,
    *,
    client_variable: Floats | None = None,
    draws: int = N_PERMUTATIONS,
    seed: int = 0,
) -> float:
    """Return the two-sided p value when the therapists' traits are permuted.

    Parameters
    ----------
    y, therapist, trait, covariates
        As in :func:`estimate_trait_effect` and :func:`estimate_slope_interaction`.
    client_variable : array of shape (n,), optional
        With it, the interaction is tested; without it, the trait's effect on therapist means.
    draws : int
    seed : int

    Returns
    -------
    float
        In (0, 1]: (hits + 1) / (draws + 1). NaN where there is nothing to permute.
    """
    raise NotImplementedError


def permute_signs(
    y: Floats,
    therapist: Indices,
    value: Floats,
    covariates: Floats | None = None,
    *,
    draws: int = N_PERMUTATIONS,
    seed: int = 0,
) -> float:
    """Return the two-sided p value of a pair feature when the signs of therapists' slopes are changed at random.

    The arguments are those of :func:`estimate_within_effect`; the result is as in :func:`permute_therapists`.
    """
    raise NotImplementedError
