"""What learning pair weights changed: the pair part with learned weights and with the starting weights, compared."""

from __future__ import annotations

import numpy as np

from attune_fit.models.pair_effect_verdict import CorrelationInterval
from attune_fit.training.evaluation.cluster_robust import SPREAD_TOLERANCE, compute_correlation_difference
from attune_fit.training.evaluation.pair_effect_test import has_testable_records
from attune_fit.training.evaluation.re_pairing import RePairingSample


def compute_learned_gain(
    learned: RePairingSample | None, starting: RePairingSample | None, n: int
) -> CorrelationInterval | None:
    """Return how much higher the r of the learned pair part is, with its 95% interval.

    Parameters
    ----------
    learned, starting : RePairingSample or None
        The same records on the same folds: with learned weights, and with the starting weights. None without folds.
    n : int
        Number of all records.

    Returns
    -------
    (gain, low, high), each in [-2, 2], or None
        Both correlations are with the residual of ``learned``, among the clients of one therapist: they differ in the
        pair part alone. None where the verdict would not test, or where either pair part is constant.
    """
    if learned is None or starting is None or not has_testable_records(learned, n):
        return None
    first, second = learned.center(learned.observed_pair_part), starting.center(starting.observed_pair_part)
    if second.std() < SPREAD_TOLERANCE:
        return None
    change = compute_correlation_difference(first, second, learned.residual, learned.clusters)
    gain, low, high = (float(np.clip(ends[0], -2, 2)) for ends in (change.value, change.low, change.high))
    return gain, low, high
