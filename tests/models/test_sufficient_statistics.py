"""Sums by therapist against adding one record after the other."""

from __future__ import annotations

import numpy as np

from attune_fit.models.sufficient_statistics import SufficientStatistics


def test_sums_by_therapist_are_those_of_adding_record_by_record() -> None:
    """To the last bit, so that a bundle's bytes do not depend on how they are added up."""
    rng = np.random.default_rng(0)
    x, y, noise = rng.normal(size=(500, 6)), rng.normal(70, 15, 500), rng.uniform(1, 2, 500)
    therapist = rng.integers(0, 8, 500)  # the last of nine has met nobody
    slow = np.zeros((9, 6))
    for row, whom in enumerate(therapist):
        slow[whom] += x[row] * (1 / noise[row])
    found = SufficientStatistics.from_records(x, y, therapist, 9, noise)
    np.testing.assert_array_equal(found.x, slow)
    np.testing.assert_array_equal(found.has_records(), [True] * 8 + [False])
