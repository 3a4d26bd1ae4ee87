"""Therapists' own effects: shrunken, risk-adjusted, and nothing for those nobody has met."""

from __future__ import annotations

import numpy as np

from attune_fit.models.therapist_effects import TherapistEffects
from attune_fit.models.weight_posterior import compute_sufficient_statistics, fit_posterior
from tests.models.builders import THREE, learnt, town

IDS = ["few", "many", "new"]


def met(counts: tuple[int, int], extra: float) -> TherapistEffects:
    """Two therapists whose clients rate ``extra`` points above 75, in these numbers; a third met nobody."""
    therapist = np.repeat([0, 1], counts)
    standard = np.zeros((len(therapist), 3))
    y = np.where(therapist < 2, 75 + extra, 75.0)
    return fit_posterior(compute_sufficient_statistics(THREE, standard, y, therapist, 3), THREE, IDS)[1]


def test_an_effect_is_shrunken_the_more_the_fewer_the_records() -> None:
    therapists = met((2, 60), 10.0)
    effect, _, own = therapists.select_for_roster(IDS)
    assert 0 < effect[0] < effect[1] < 10
    assert own[0] > own[1]


def test_a_new_therapist_gets_nothing_and_all_the_uncertainty() -> None:
    therapists = met((2, 60), 10.0)
    effect, lean, own = therapists.select_for_roster(["somebody else", "new"])
    assert effect.tolist() == [0.0, 0.0]
    assert not lean.any()
    assert own.tolist() == [therapists.tau2] * 2


def test_the_roster_may_stand_in_any_order() -> None:
    therapists = met((5, 20), 10.0)
    forth, back = therapists.select_for_roster(IDS)[0], therapists.select_for_roster(IDS[::-1])[0]
    np.testing.assert_array_equal(forth, back[::-1])


def test_an_effect_is_what_the_features_do_not_explain() -> None:
    """Two therapists with equal ratings: the one whose clients were expected to rate low has the larger effect."""
    therapist = np.repeat([0, 1], 200)
    rng = np.random.default_rng(0)
    standard = np.zeros((400, 3))
    standard[:, 0] = rng.normal(np.where(therapist == 0, 1.0, -1.0))
    y = 75 - 5 * standard[:, 0] + np.where(therapist == 0, 5.0, -5.0) + rng.normal(0, 3, 400)
    _, therapists = fit_posterior(compute_sufficient_statistics(THREE, standard, y, therapist, 3), THREE, IDS)
    effect, *_ = therapists.select_for_roster(IDS)
    assert effect[0] > effect[1] + 4


def test_only_those_with_outcomes_are_kept_in_a_model() -> None:
    assert set(learnt(town(), 3).therapists.ids) <= {"t0", "t1", "t2", "t3", "t4", "t5"}
    assert len(learnt(town(), 3).therapists.ids) <= 3
