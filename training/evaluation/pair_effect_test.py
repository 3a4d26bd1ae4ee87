"""The verdict: test on held-out records whether the pair part explains anything about the choice of therapist."""

from __future__ import annotations

from collections.abc import Sequence

from attune_fit.models.pair_effect_verdict import MIN_TEST_RECORDS, MethodComparison, Verdict
from attune_fit.training.evaluation.cluster_robust import SPREAD_TOLERANCE
from attune_fit.training.evaluation.permutation_test import run_permutation_test
from attune_fit.training.evaluation.power import simulate_power
from attune_fit.training.evaluation.re_pairing import RePairingSample

N_RE_PAIRINGS = 500


def assess_pair_effect(
    sample: RePairingSample, n: int, seed: int = 0, comparisons: Sequence[MethodComparison] = ()
) -> Verdict:
    """Return the verdict on the pair part, from out-of-fold predictions.

    Parameters
    ----------
    sample : RePairingSample
    n : int
        Number of all records.
    seed : int
    comparisons : sequence of MethodComparison
        Results of simpler methods, see :func:`compare_with_baselines`. They are reported and do not change the verdict.

    Returns
    -------
    Verdict
        ``adds`` only if fewer than 5% of re-pairings agree as well as the pairs that met, and the interval of r is
        above zero. Fewer than :data:`MIN_TEST_RECORDS` records, or no spread, gives ``nothing`` without a test.

    Notes
    -----
    Each re-pairing keeps every client and every therapist, so all information about either alone is the same before and
    after. The test assumes that within a stratum the pairing did not depend on anything outside the tables.
    """
    if not has_testable_records(sample, n):
        return Verdict("nothing", n=n)
    re_pairings = list(sample.draw_re_pairings(seed, N_RE_PAIRINGS))
    result = run_permutation_test(sample, sample.centered_pair_part, sample.residual[:, None], re_pairings)
    return Verdict(
        kind="adds" if result.has_pair_effect[0] else "nothing",
        r=float(result.r.value[0]),
        low=float(result.r.low[0]),
        high=float(result.r.high[0]),
        p=float(result.p[0]),
        n=n,
        power=simulate_power(sample, re_pairings, seed),
        compared=tuple(comparisons),
    )


def has_testable_records(sample: RePairingSample, n: int) -> bool:
    """Return whether ``n`` records can test a pair part: enough of them, and neither it nor the residual constant."""
    return (
        n >= MIN_TEST_RECORDS
        and sample.n_swappable >= MIN_TEST_RECORDS
        and bool(sample.center(sample.observed_pair_part).std() >= SPREAD_TOLERANCE)
        and bool(sample.residual.std() >= SPREAD_TOLERANCE)
    )
