"""Shares of the gain: 1 for the oracle, 0 for noise; and assignments respect eligibility."""

from itertools import permutations

import numpy as np
import pytest

from benchmarks.learning.benchmark_clinic import BenchmarkClinic
from benchmarks.learning.gain import (
    assign_clients,
    center_over_eligible,
    compute_capacity_gain,
    compute_free_choice_gain,
    compute_random_assignment_gain,
)


def test_the_oracles_scores_have_a_share_of_1_and_reversed_scores_a_negative_share(clinic: BenchmarkClinic) -> None:
    assert clinic.measure_share(clinic.truth) == pytest.approx((1, 1))
    assert clinic.measure_share(3 * clinic.truth + np.arange(len(clinic.truth))[:, None]) == pytest.approx((1, 1))
    assert max(clinic.measure_share(-clinic.truth)) < -0.5


def test_noise_has_a_share_of_about_0(clinic: BenchmarkClinic) -> None:
    rng = np.random.default_rng(1)
    shares = np.array([clinic.measure_share(rng.standard_normal(clinic.truth.shape)) for _ in range(40)])
    assert shares.mean(axis=0) == pytest.approx([0, 0], abs=0.08)


def test_equal_scores_have_a_share_of_about_0(clinic: BenchmarkClinic) -> None:
    free, capacity = clinic.measure_share(np.zeros(clinic.truth.shape))
    assert free == pytest.approx(0, abs=1e-9)
    assert abs(capacity) < 0.2


def test_the_gain_of_the_first_place_equals_that_of_a_plain_loop(clinic: BenchmarkClinic) -> None:
    score = np.random.default_rng(2).standard_normal(clinic.truth.shape)
    gains = []
    for truth, eligible, scores in zip(clinic.truth, clinic.eligible, score, strict=True):
        chosen = max((float(scores[therapist]), therapist) for therapist in np.flatnonzero(eligible))[1]
        gains.append(truth[chosen] - truth[eligible].mean())
    assert compute_free_choice_gain(clinic.truth, clinic.eligible, score) == pytest.approx(np.mean(gains))


def test_tied_first_places_are_averaged() -> None:
    truth, eligible = np.array([[1.0, 2.0, 6.0]]), np.ones((1, 3), dtype=bool)
    assert compute_free_choice_gain(truth, eligible, np.array([[5.0, 5.0, 1.0]])) == pytest.approx(1.5 - 3)


def test_the_assignment_has_the_highest_total_of_all_permutations() -> None:
    score = np.random.default_rng(3).standard_normal((4, 4))
    best = max(permutations(range(4)), key=lambda order: score[range(4), order].sum())
    assert tuple(assign_clients(score, np.ones((4, 4), dtype=bool))) == best


def test_caseloads_are_equal_and_only_eligible_pairs_are_assigned_if_possible() -> None:
    rng = np.random.default_rng(4)
    score, eligible = rng.standard_normal((30, 5)), rng.random((30, 5)) < 0.7
    eligible[:, 0] = True
    chosen = assign_clients(score, eligible)
    assert np.bincount(chosen, minlength=5).max() == 6
    assert eligible[np.arange(30), chosen].all()


def test_a_client_who_cannot_be_placed_gains_0() -> None:
    truth = np.array([[1.0, 3.0], [1.0, 3.0]])
    eligible = np.array([[False, True], [False, True]])
    assert compute_capacity_gain(truth, eligible, truth) == 0
    assert center_over_eligible(truth, eligible).tolist() == [[0, 0], [0, 0]]


def test_random_assignments_gain_0_if_every_pair_is_eligible() -> None:
    truth = np.array([[0.0, 4.0, 4.0]] * 6)
    eligible = np.ones((6, 3), dtype=bool)
    # Each therapist takes two clients, so every assignment has the mean of all pairs.
    assert compute_random_assignment_gain(truth, eligible) == pytest.approx(0)


def test_scores_of_a_wrong_shape_or_with_missing_values_are_refused(clinic: BenchmarkClinic) -> None:
    with pytest.raises(ValueError, match=r"scores must be finite and of shape \(60, 40\); these are \(3, 40\)"):
        clinic.measure_share(np.zeros((3, 40)))
    with pytest.raises(ValueError, match="must be finite"):
        clinic.measure_share(np.full(clinic.truth.shape, np.nan))
