"""Does the pair part know anything about this choice? Held-back records are asked, and simpler ways beside it."""

from __future__ import annotations

from collections.abc import Sequence

from attune_fit.models.pair_effect_verdict import MIN_TEST_RECORDS, MethodComparison, Verdict
from attune_fit.training.evaluation.permutation_test import run_permutation_test
from attune_fit.training.evaluation.power import simulate_power
from attune_fit.training.evaluation.re_pairing import RePairingSample

N_RE_PAIRINGS = 500
SPREAD_TOLERANCE = 1e-9  # a spread that is none


def assess_pair_effect(
    met: RePairingSample, n: int, seed: int = 0, compared: Sequence[MethodComparison] = ()
) -> Verdict:
    """Judge the pair part by records that the models were not made from.

    Parameters
    ----------
    met : Exchange
    n : int
        Records in all.
    seed : int
    compared : sequence of Comparison
        What simpler ways know, see :func:`compare_with_baselines`; noted, not judged.

    Returns
    -------
    Verdict
        ``adds`` only when fewer than 5% of re-pairings do as well as the pairs that met, and the interval of r lies
        above zero.

    Notes
    -----
    A swap keeps each client and each therapist, so whatever is known of either alone is the same before and after.
    Assumes that within a stratum who met whom had nothing to do with what is not in the tables.
    """
    if (
        n < MIN_TEST_RECORDS
        or met.n_swappable < MIN_TEST_RECORDS
        or met.center(met.observed_pair_part).std() < SPREAD_TOLERANCE
        or met.residual.std() < SPREAD_TOLERANCE
    ):
        return Verdict("nothing", n=n)
    swaps = list(met.draw_re_pairings(seed, N_RE_PAIRINGS))
    found = run_permutation_test(met, met.centered_pair_part, met.residual[:, None], swaps)
    return Verdict(
        kind="adds" if found.has_pair_effect[0] else "nothing",
        r=float(found.r.value[0]),
        low=float(found.r.low[0]),
        high=float(found.r.high[0]),
        p=float(found.p[0]),
        n=n,
        power=simulate_power(met, swaps, seed),
        compared=tuple(compared),
    )
