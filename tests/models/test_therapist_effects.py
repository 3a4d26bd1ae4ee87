"""Therapist effects: shrunk, adjusted for the clients, and 0 for therapists without records."""

from __future__ import annotations

import numpy as np

from attune_fit.models.therapist_effects import TherapistEffects
from attune_fit.models.weight_posterior import fit_posterior
from tests.models.builders import THREE, learnt, sum_records, town

IDS = ["few", "many", "new"]


def fit_effects(counts: tuple[int, int], extra: float) -> TherapistEffects:
    """Two therapists whose clients rate ``extra`` points above 75, in these numbers; a third has no clients."""
    therapist = np.repeat([0, 1], counts)
    standard = np.zeros((len(therapist), 3))
    y = np.where(therapist < 2, 75 + extra, 75.0)
    return fit_posterior(sum_records(THREE, standard, y, therapist, 3), THREE, IDS)[1]


def test_an_effect_is_shrunk_more_with_fewer_records() -> None:
    therapists = fit_effects((2, 60), 10.0)
    effect, _, variance = therapists.select_for_roster(IDS)
    assert 0 < effect[0] < effect[1] < 10
    assert variance[0] > variance[1]


def test_a_new_therapist_has_effect_zero_and_the_full_variance() -> None:
    therapists = fit_effects((2, 60), 10.0)
    effect, slopes, variance = therapists.select_for_roster(["unknown", "new"])
    assert effect.tolist() == [0.0, 0.0]
    assert not slopes.any()
    assert variance.tolist() == [therapists.tau2] * 2


def test_the_order_of_the_roster_does_not_matter() -> None:
    therapists = fit_effects((5, 20), 10.0)
    forth, back = therapists.select_for_roster(IDS)[0], therapists.select_for_roster(IDS[::-1])[0]
    np.testing.assert_array_equal(forth, back[::-1])


def test_an_effect_is_adjusted_for_the_features() -> None:
    """Two therapists with equal ratings: the one whose clients were expected to rate low has the larger effect."""
    therapist = np.repeat([0, 1], 200)
    rng = np.random.default_rng(0)
    standard = np.zeros((400, 3))
    standard[:, 0] = rng.normal(np.where(therapist == 0, 1.0, -1.0))
    y = 75 - 5 * standard[:, 0] + np.where(therapist == 0, 5.0, -5.0) + rng.normal(0, 3, 400)
    _, therapists = fit_posterior(sum_records(THREE, standard, y, therapist, 3), THREE, IDS)
    effect, *_ = therapists.select_for_roster(IDS)
    assert effect[0] > effect[1] + 4


def test_a_model_stores_only_therapists_with_outcomes() -> None:
    assert set(learnt(town(), 3).therapists.ids) <= {"t0", "t1", "t2", "t3", "t4", "t5"}
    assert len(learnt(town(), 3).therapists.ids) <= 3
