"""Correction of a family: scipy's Benjamini-Hochberg, a worked example of Holm, and order."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from attune_fit.training.hypotheses.family_correction import compute_adjusted_p_values


def test_benjamini_hochberg_is_that_of_scipy() -> None:
    p = np.random.default_rng(1).uniform(size=12) ** 3
    assert compute_adjusted_p_values(list(p), "bh") == pytest.approx(false_discovery_control(p))


def test_holm_multiplies_by_what_is_left_and_never_falls() -> None:
    assert compute_adjusted_p_values([0.04, 0.01, 0.03, 0.005]) == pytest.approx([0.06, 0.03, 0.06, 0.02])
    assert compute_adjusted_p_values([0.9, 0.8]) == [1.0, 1.0]


@pytest.mark.parametrize("correction", ["holm", "bh"])
def test_a_test_without_result_stays_in_the_family(correction: str) -> None:
    assert compute_adjusted_p_values([0.02, float("nan")], correction) == pytest.approx([0.04, 1.0])  # type: ignore[arg-type]


def test_an_unknown_correction_raises() -> None:
    with pytest.raises(ValueError, match="must be one of holm, bh"):
        compute_adjusted_p_values([0.1], "none")  # type: ignore[arg-type]
