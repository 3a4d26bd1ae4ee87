"""The doubly robust value: it finds the planted value, covers it, and refuses where records cannot say."""

from __future__ import annotations

import numpy as np
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.training.evaluation.choice_model import ShownLists, fit_choice_model
from attune_fit.training.evaluation.doubly_robust_value import (
    MIN_EFFECTIVE_SIZE,
    PolicyValue,
    RatedLists,
    compute_effective_size,
    compute_weights,
    estimate_policy_value,
    measure_support,
)

K, N_THERAPISTS = 4, 8
PLANTED_GAIN = 3.0  # POMP: of a therapist of the first band
DONE_ODDS = np.array([1.0, 0.6, 0.5, 0.4])  # of each place


def draw_records(n: int, seed: int = 0, odds: Floats = DONE_ODDS, *, knows: bool = True) -> tuple[RatedLists, Floats]:
    """Draw lists whose first two places are tied; the expectation of each place, exact or empty.

    A therapist of the first band is rated :data:`PLANTED_GAIN` higher, and so is an even client.
    """
    rng = np.random.default_rng(seed)
    therapist = rng.permuted(np.tile(np.arange(N_THERAPISTS), (n, 1)), axis=1)[:, :K]
    chosen = 1 + (np.log(odds) + rng.gumbel(size=(n, K))).argmax(axis=1)
    client = 10 * rng.standard_normal(n)
    band = np.tile([1, 1, 2, 2], (n, 1))
    mean = 60 + client[:, None] + PLANTED_GAIN * (band == 1) + 0.5 * therapist
    y = mean[np.arange(n), chosen - 1] + 5 * rng.standard_normal(n)
    at = np.where(chosen[:, None] <= 2, [0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5])
    lists = ShownLists(np.ones((n, K), dtype=bool), band, chosen)
    predicted = mean if knows else np.full((n, K), 60.0)
    return RatedLists(y, lists, at, band == 1, therapist), predicted


def estimate(records: RatedLists, predicted: Floats) -> PolicyValue:
    return estimate_policy_value(records, predicted[np.arange(len(records)), records.lists.chosen - 1], predicted)


def compute_truth(odds: Floats = DONE_ODDS) -> float:
    return float(PLANTED_GAIN * (1 - odds[:2].sum() / odds.sum()))


@pytest.mark.parametrize("knows", [True, False])
def test_it_finds_the_planted_gain_with_a_right_and_with_an_empty_outcome_model(knows: bool) -> None:
    value = estimate(*draw_records(20_000, knows=knows))
    assert value.gain is not None
    assert value.gain.value == pytest.approx(compute_truth(), abs=3 * (value.gain.high - value.gain.low) / 4)
    assert value.gain.high - value.gain.low < 0.8
    assert value.policy is not None
    assert value.policy.value - value.gain.value == pytest.approx(value.done)


def test_the_weights_have_a_mean_of_one_and_use_the_chance_of_the_whole_group() -> None:
    records, _ = draw_records(4_000)
    choice = fit_choice_model(records.lists).compute_probabilities()[:, 1:]
    weight = compute_weights(records.place_probability, choice)
    assert weight.mean() == pytest.approx(1, abs=0.05)
    both = choice[:, :2].sum(axis=1)[records.lists.chosen <= 2]
    assert weight[records.lists.chosen <= 2] == pytest.approx(1 / both), (
        "place 2 counts as place 1: the order is random"
    )
    assert (weight[records.lists.chosen > 2] == 0).all()


@pytest.mark.slow
def test_the_interval_covers_the_true_gain() -> None:
    """250 clinics: a coverage under .91 has a chance of under .01 where the true one is .95."""
    inside = 0
    for seed in range(250):
        value = estimate(*draw_records(200, seed, knows=seed % 2 == 0))
        assert value.gain is not None
        inside += value.gain.low <= compute_truth() <= value.gain.high
    assert 0.91 * 250 < inside < 250


def test_a_policy_that_was_always_followed_gains_nothing() -> None:
    records, predicted = draw_records(300, odds=np.array([1.0, 1e-9, 1e-9, 1e-9]))
    value = estimate(records, predicted)
    assert value.gain is not None
    assert value.gain.value == pytest.approx(0, abs=0.3)  # the place inside the group is random


def test_few_lists_and_small_effective_sizes_are_refused() -> None:
    assert estimate(*draw_records(29)).refusal == "few-lists"
    value = estimate(*draw_records(60))
    assert (value.refusal, value.gain, value.policy) == ("small-effective-size", None, None)
    assert 0 < value.effective_size < MIN_EFFECTIVE_SIZE
    assert not value.has_answer


def test_a_therapist_of_the_policy_who_was_never_chosen_is_refused() -> None:
    records, predicted = draw_records(600)
    assert estimate(records, predicted).has_answer
    is_zero = (records.therapist == 0) & records.is_in_first_group
    chosen = np.where(is_zero[np.arange(600), records.lists.chosen - 1], 3, records.lists.chosen)
    lists = ShownLists(records.lists.is_place, records.lists.band, chosen)
    at = np.where(chosen[:, None] <= 2, [0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5])
    never = RatedLists(records.y, lists, at, records.is_in_first_group, records.therapist)
    value = estimate(never, predicted)
    assert value.refusal == "never-chosen"
    assert value.unchosen_share == pytest.approx(1 / N_THERAPISTS, abs=0.03)
    assert value.gain is None


def test_a_therapist_who_was_rarely_first_can_be_unchosen_by_chance() -> None:
    records, _ = draw_records(600)
    place_choice = np.tile(DONE_ODDS / DONE_ODDS.sum(), (600, 1))
    rare = records.therapist.copy()
    rare[0] = [99, 98, 97, 96]  # first once
    unusual = RatedLists(records.y, records.lists, records.place_probability, records.is_in_first_group, rare)
    share, is_never_chosen = measure_support(unusual, place_choice)
    assert 0 < share < 0.01
    assert not is_never_chosen


def test_the_effective_size_is_that_of_kish() -> None:
    assert compute_effective_size(np.array([2.0, 2.0, 2.0])) == pytest.approx(3)
    assert compute_effective_size(np.array([3.0, 1.0])) == pytest.approx(1.6)
    assert compute_effective_size(np.zeros(4)) == 0
