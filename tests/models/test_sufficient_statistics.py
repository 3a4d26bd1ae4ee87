"""Sums by therapist compared with a loop over the records."""

from __future__ import annotations

import numpy as np

from attune_fit.models.sufficient_statistics import RecordPrecision, SufficientStatistics


def test_sums_by_therapist_equal_a_loop_over_the_records() -> None:
    """To the last bit, so that a bundle's bytes do not depend on how they are added up."""
    rng = np.random.default_rng(0)
    x, y, noise = rng.normal(size=(500, 6)), rng.normal(70, 15, 500), rng.uniform(1, 2, 500)
    therapist = rng.integers(0, 8, 500)  # the last of nine has no records
    slow = np.zeros((9, 6))
    for row, number in enumerate(therapist):
        slow[number] += x[row] * (1 / noise[row])
    sums = SufficientStatistics.from_records(x, y, therapist, 9, RecordPrecision.from_noise(noise))
    np.testing.assert_array_equal(sums.x, slow)
    np.testing.assert_array_equal(sums.has_records(), [True] * 8 + [False])
