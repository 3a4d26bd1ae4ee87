"""The gain of a rematch by the truth of synthetic clinics, never by ratings."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from attune_fit.data.synthetic.world import World
from benchmarks.rematch import RematchComparison, simulate_rematches

CLINICS = 8
LEVEL = 0.99


def simulate_all(world: World) -> list[RematchComparison]:
    return [simulate_rematches(900 + seed, 300, world, new=250) for seed in range(CLINICS)]


def compute_gain_interval(clinics: list[RematchComparison], alternative: str) -> tuple[float, float]:
    """Return the interval of the mean over clinics: true alliance of the rematch minus that of an alternative."""
    means = [(clinic.rematch - getattr(clinic, alternative)).mean() for clinic in clinics]
    interval = ttest_1samp(means, 0).confidence_interval(LEVEL)
    return float(interval.low), float(interval.high)


@pytest.mark.slow
def test_if_pairs_differ_a_rematch_is_truly_better_than_a_weak_first_pair() -> None:
    clinics = simulate_all(World())
    assert compute_gain_interval(clinics, "stay")[0] > 0
    is_inside = np.concatenate([clinic.is_inside for clinic in clinics])
    assert 0.8 < is_inside.mean() < 1.0


@pytest.mark.slow
def test_if_intake_predicts_fit_a_rematch_is_better_than_a_random_other() -> None:
    """The part of a pair that intake cannot predict is noise here, so this world has little of it."""
    assert compute_gain_interval(simulate_all(World(dyad=0.10)), "any_other")[0] > 0


@pytest.mark.slow
def test_if_no_feature_predicts_fit_a_rematch_is_no_better_than_a_random_other() -> None:
    low, high = compute_gain_interval(simulate_all(World(fit=0.0, mix="null", therapist=0.0)), "any_other")
    assert low < 0 < high
    assert high - low < 0.3


def test_weak_ratings_are_below_the_true_alliance_of_their_pairs() -> None:
    """Regression to the mean: a comparison of ratings would show a gain without any true change."""
    clinic = simulate_rematches(1, 60, World(dyad=0.0, fit=0.0, mix="null", therapist=0.0), new=200)
    assert len(clinic.rated) > 3
    assert clinic.rated.mean() < clinic.stay.mean() - 0.1
    np.testing.assert_allclose(clinic.rematch, clinic.stay)  # the truth of every pair of a client is the same
