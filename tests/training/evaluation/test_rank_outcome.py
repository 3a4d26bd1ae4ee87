"""Outcome on the rank of the therapist seen: the slope, its clustered interval, and what cannot be measured."""

from __future__ import annotations

import numpy as np
import pytest

from attune_fit.models.active_model import load_starting_model
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.evaluation.rank_outcome import (
    MIN_RECORDS,
    estimate_rank_outcome,
    measure_held_out_rank,
    rank_among_columns,
)
from attune_fit.training.fitting.crossfit_recipe import CrossFit
from tests.training.builders import simulated

PLANTED = -0.4


def test_it_is_the_slope_of_least_squares_with_the_jackknife_over_therapists() -> None:
    rng = np.random.default_rng(0)
    therapist = rng.integers(12, size=150)
    rank = rng.integers(1, 9, 150).astype(float)
    y = 70 + PLANTED * rank + rng.normal(0, 3, 12)[therapist] + rng.normal(0, 2, 150)
    found = estimate_rank_outcome(y, rank, therapist)
    assert found is not None
    assert found.b == pytest.approx(np.polyfit(rank, y, 1)[0])
    left_out = [np.polyfit(rank[therapist != one], y[therapist != one], 1)[0] for one in range(12)]
    se = np.sqrt(11 / 12 * ((np.array(left_out) - found.b) ** 2).sum())
    assert 2.2 * se < (found.high - found.low) / 2 < 2.6 * se, "Student's t with about 11 degrees of freedom"
    assert (found.n, found.therapists) == (150, 12)
    assert found.mean_rank == pytest.approx(rank.mean())


@pytest.mark.slow
def test_the_interval_covers_the_true_slope() -> None:
    """300 clinics whose ratings and ranks both depend on the therapist: under .91 has a chance of under .01."""
    inside = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        therapist = rng.integers(15, size=200)
        rank = np.round(rng.normal(0, 1, 15)[therapist] + rng.normal(5, 2, 200))
        slope = PLANTED + 0.3 * rng.standard_normal(15)
        y = 70 + slope[therapist] * (rank - 5) + 4 * rng.standard_normal(200)
        found = estimate_rank_outcome(y, rank, therapist)
        assert found is not None
        inside += found.low <= PLANTED <= found.high
    assert 0.91 * 300 < inside < 300


def test_few_records_few_therapists_and_equal_ranks_have_no_slope() -> None:
    n = MIN_RECORDS
    y, rank, therapist = np.arange(n, dtype=float), np.arange(n, dtype=float) % 3, np.arange(n) % 5
    assert estimate_rank_outcome(y, rank, therapist) is not None
    assert estimate_rank_outcome(y[1:], rank[1:], therapist[1:]) is None
    assert estimate_rank_outcome(y, rank, therapist % 2) is None
    assert estimate_rank_outcome(y, np.ones(n), therapist) is None


def test_held_out_ranks_are_valid_where_pairs_differ() -> None:
    records, start = simulated(400, seed=1), load_starting_model()
    recipe = Recipe(prior=start.evidence)
    crossfit = CrossFit.from_folds(recipe, records, split_records("client", records), "")
    assert crossfit.sample is not None
    found = measure_held_out_rank(records, crossfit.sample, crossfit.fold_models)
    assert found is not None
    assert found.b < 0, "ratings fall down the list"
    assert 1 < found.mean_rank < len(np.unique(records.therapist))


def test_equal_scores_share_their_mean_rank() -> None:
    score = np.array([[3.0, 1.0, 2.0], [0.0, 0.0, 1.0], [5.0, 5.0, 5.0]])
    assert rank_among_columns(score, np.array([1, 0, 2])).tolist() == [3, 2.5, 2]
