"""Cluster-robust intervals of correlations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, pearsonr, t

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.evaluation.cluster_robust import (
    ClusterIndex,
    compute_clustered_correlation,
    compute_correlation_difference,
    count_effective_clusters,
)


def draw_clustered(
    therapists: int, n: int, seed: int, r: float = 0.3, uneven: float = 0.1
) -> tuple[Floats, Floats, Indices]:
    """Draw predictions and residuals, centred by therapist; the effect differs between therapists by ``uneven``."""
    rng = np.random.default_rng(seed)
    therapist = rng.permutation(np.arange(n) % therapists)
    predicted = rng.normal(size=n)
    slope = r / np.sqrt(1 - r**2) + uneven * rng.normal(size=therapists)
    residual = slope[therapist] * predicted + rng.normal(size=n)
    groups = ClusterIndex.from_labels(therapist)
    return groups.center(predicted), groups.center(residual), therapist


def test_the_value_is_the_correlation() -> None:
    predicted, residual, therapist = draw_clustered(10, 200, seed=0)
    estimate = compute_clustered_correlation(predicted, np.stack([residual, -residual], axis=1), (therapist,))
    np.testing.assert_allclose(estimate.value, [pearsonr(predicted, residual)[0], -pearsonr(predicted, residual)[0]])
    np.testing.assert_allclose(estimate.low, -estimate.high[::-1])


def test_the_interval_is_that_of_leaving_out_each_therapist_by_hand() -> None:
    predicted, residual, therapist = draw_clustered(6, 90, seed=1)
    r = pearsonr(predicted, residual)[0]
    without = [pearsonr(predicted[therapist != one], residual[therapist != one])[0] for one in range(6)]
    error = np.sqrt(5 / 6 * np.sum((np.array(without) - r) ** 2)) / (1 - r**2)
    weight = np.bincount(therapist, predicted**2)
    freedom = weight.sum() ** 2 / (weight**2).sum() - 1
    want = np.tanh(np.arctanh(r) + np.array([-1, 1]) * t.ppf(0.975, freedom) * error)
    estimate = compute_clustered_correlation(predicted, residual[:, None], (therapist,))
    np.testing.assert_allclose([estimate.low[0], estimate.high[0]], want)


def test_copies_of_records_do_not_narrow_the_interval() -> None:
    predicted, residual, therapist = draw_clustered(12, 60, seed=2)
    once = compute_clustered_correlation(predicted, residual[:, None], (therapist,))
    often = compute_clustered_correlation(
        np.tile(predicted, 20), np.tile(residual, 20)[:, None], (np.tile(therapist, 20),)
    )
    np.testing.assert_allclose([once.low, once.high], [often.low, often.high])


def test_clusters_of_clients_count_too() -> None:
    """The same client twenty times over: clustering by therapist alone takes copies for twenty clients."""
    predicted, residual, _ = draw_clustered(12, 60, seed=2)
    client = np.arange(60)
    rng = np.random.default_rng(0)
    copies, copied_residual, copied = np.tile(predicted, 20), np.tile(residual, 20)[:, None], np.tile(client, 20)
    elsewhere = rng.integers(0, 12, 1200)
    alone = compute_clustered_correlation(copies, copied_residual, (elsewhere,))
    both = compute_clustered_correlation(copies, copied_residual, (elsewhere, copied))
    by_client = compute_clustered_correlation(predicted, residual[:, None], (client,))
    assert (both.high - both.low)[0] > 2.5 * (alone.high - alone.low)[0]
    assert (both.high - both.low)[0] >= (by_client.high - by_client.low)[0]


def test_the_better_of_two_predictions_is_ahead() -> None:
    predicted, residual, therapist = draw_clustered(20, 2000, seed=3, r=0.4, uneven=0.0)
    noise = ClusterIndex.from_labels(therapist).center(np.random.default_rng(0).normal(size=2000))
    better = compute_correlation_difference(predicted, predicted + 2 * noise, residual, (therapist,))
    assert better.low[0] > 0
    same = compute_correlation_difference(predicted, 3 * predicted, residual, (therapist,))
    np.testing.assert_allclose([same.low[0], same.value[0], same.high[0]], 0, atol=1e-9)


def test_means_are_taken_out_of_those_that_belong_to_a_group() -> None:
    values = np.array([1.0, 3.0, 5.0, 9.0])
    some = ClusterIndex.from_labels(np.array([7, 7, 2, 2]), where=np.array([True, True, False, False]))
    np.testing.assert_allclose(some.center(values), [-1, 1, 5, 9])
    np.testing.assert_allclose(some.sum_values(np.stack([values, values], axis=1)), [[4, 4]])


def test_effective_clusters_are_between_one_and_all() -> None:
    assert count_effective_clusters(np.ones(8)) == 8
    assert count_effective_clusters(np.array([1.0, 0.0])) == 1


@pytest.mark.slow
@pytest.mark.parametrize("therapists", [3, 5, 10, 40])
def test_95_of_100_intervals_hold_the_truth(therapists: int) -> None:
    """Effects differ between therapists. From 93.5% to 98% is right; by chance 2,000 miss that once in 100 times."""
    truth = pearsonr(*draw_clustered(20_000, 400_000, seed=9)[:2])[0]
    held = 0
    for seed in range(2_000):
        predicted, residual, therapist = draw_clustered(therapists, 20 * therapists, seed)
        estimate = compute_clustered_correlation(predicted, residual[:, None], (therapist,))
        held += bool(estimate.low[0] <= truth <= estimate.high[0])
    assert binom.ppf(0.005, 2_000, 0.935) <= held <= binom.ppf(0.995, 2_000, 0.98), held
