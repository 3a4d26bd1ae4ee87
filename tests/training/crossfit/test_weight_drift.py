"""Weights that change with time: their age, their prior, and what they leave to today's weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attune_fit.models.weight_drift import DRIFT_PRIOR_SCALE, WeightDrift, add_drift
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.variance_choice import choose_variances
from tests.training.builders import toy


def test_age_counts_from_the_reference_and_is_never_negative() -> None:
    drift = WeightDrift((), np.empty(0), "2026-01-01")
    days = np.array(["2025-01-01", "2026-06-01", "NaT"], dtype="datetime64[D]")
    np.testing.assert_allclose(drift.compute_age(days), [365 / 365.25, 0, 365 / 365.25 / 2])
    np.testing.assert_array_equal(WeightDrift().compute_age(days), [0, 0, 0])


def test_changes_can_be_common_to_all_weights() -> None:
    _, cov = add_drift(np.zeros(1), np.eye(1), np.array([2.0, -2.0]), np.array([1.0, 1.0]))
    np.testing.assert_allclose(cov[1:, 1:], DRIFT_PRIOR_SCALE**2 * np.array([[9.0, -4.0], [-4.0, 9.0]]))
    np.testing.assert_array_equal(cov[0], [1, 0, 0])


def drifting(change: float) -> TrainingDataset:
    """Two years of records whose weight of the first feature was ``change`` larger two years ago than it is today."""
    records, rng = toy(1500), np.random.default_rng(0)
    age = np.linspace(2, 0, 1500)
    day = np.datetime64("2026-01-01") - (age * 365.25).astype("timedelta64[D]")
    x = rng.normal(size=records.standardised_features.shape)
    pair = next(column for column, row in enumerate(records.features) if row.side == "pair")
    y = 70 + x[:, pair] * (change / 2 * age - change / 2) + rng.normal(0, 8, 1500)
    return replace(records, standardised_features=x, y=y, measured_on=day, client=np.arange(1500))


def test_drift_is_found_where_it_is_and_gives_the_weight_of_today() -> None:
    records = drifting(6.0)  # +3 two years ago, -3 today
    rows, pair = np.arange(1500), next(c for c, row in enumerate(drifting(0).features) if row.side == "pair")
    recipe = choose_variances(records, rows, Recipe())
    assert recipe.has_drift
    today = recipe.fit(records, rows).evidence.mean[1 + pair]
    average = replace(recipe, has_drift=False).fit(records, rows).evidence.mean[1 + pair]
    assert today < average - 0.8


def test_a_stable_clinic_has_no_drift() -> None:
    records = drifting(0.0)
    assert not choose_variances(records, np.arange(1500), Recipe()).has_drift
