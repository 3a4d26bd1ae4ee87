"""What scores are worth: the oracle's are worth 1, noise is worth 0, and an assignment breaks no rule."""

from itertools import permutations

import numpy as np
import pytest

from benchmarks.learning.clinic import Clinic
from benchmarks.learning.gain import assigned, beyond_chance, by_lot, first, placed


def test_the_oracles_own_scores_are_worth_1_and_turned_round_less_than_0(clinic: Clinic) -> None:
    assert clinic.share(clinic.truth) == pytest.approx((1, 1))
    assert clinic.share(3 * clinic.truth + np.arange(len(clinic.truth))[:, None]) == pytest.approx((1, 1))
    assert max(clinic.share(-clinic.truth)) < -0.5


def test_noise_is_worth_about_nothing(clinic: Clinic) -> None:
    rng = np.random.default_rng(1)
    shares = np.array([clinic.share(rng.standard_normal(clinic.truth.shape)) for _ in range(40)])
    assert shares.mean(axis=0) == pytest.approx([0, 0], abs=0.08)


def test_where_all_scores_are_alike_the_first_of_a_list_is_drawn_by_lot(clinic: Clinic) -> None:
    free, capacity = clinic.share(np.zeros(clinic.truth.shape))
    assert free == pytest.approx(0, abs=1e-9)
    assert abs(capacity) < 0.2


def test_the_gain_of_the_first_place_is_what_a_loop_finds(clinic: Clinic) -> None:
    score = np.random.default_rng(2).standard_normal(clinic.truth.shape)
    slow = []
    for truth, may, said in zip(clinic.truth, clinic.may, score, strict=True):
        chosen = max((float(said[one]), one) for one in np.flatnonzero(may))[1]
        slow.append(truth[chosen] - truth[may].mean())
    assert first(clinic.truth, clinic.may, score) == pytest.approx(np.mean(slow))


def test_where_two_are_alike_the_gain_is_the_mean_of_theirs() -> None:
    truth, may = np.array([[1.0, 2.0, 6.0]]), np.ones((1, 3), dtype=bool)
    assert first(truth, may, np.array([[5.0, 5.0, 1.0]])) == pytest.approx(1.5 - 3)


def test_the_assignment_is_the_best_of_all_there_are() -> None:
    score = np.random.default_rng(3).standard_normal((4, 4))
    best = max(permutations(range(4)), key=lambda order: score[range(4), order].sum())
    assert tuple(assigned(score, np.ones((4, 4), dtype=bool))) == best


def test_nobody_takes_more_than_others_and_nobody_ineligible_is_chosen_where_it_can_be_helped() -> None:
    rng = np.random.default_rng(4)
    score, may = rng.standard_normal((30, 5)), rng.random((30, 5)) < 0.7
    may[:, 0] = True
    chosen = assigned(score, may)
    assert np.bincount(chosen, minlength=5).max() == 6
    assert may[np.arange(30), chosen].all()


def test_who_cannot_be_placed_gains_nothing() -> None:
    truth = np.array([[1.0, 3.0], [1.0, 3.0]])
    may = np.array([[False, True], [False, True]])
    assert placed(truth, may, truth) == 0
    assert beyond_chance(truth, may).tolist() == [[0, 0], [0, 0]]


def test_lots_gain_less_than_nothing_where_placing_everybody_costs() -> None:
    truth = np.array([[0.0, 4.0, 4.0]] * 6)
    may = np.ones((6, 3), dtype=bool)
    assert by_lot(truth, may) == pytest.approx(0)  # each therapist takes two: the mean of all, for all


def test_scores_of_another_shape_or_with_holes_are_refused(clinic: Clinic) -> None:
    with pytest.raises(ValueError, match=r"scores must be finite and of shape \(60, 40\); these are \(3, 40\)"):
        clinic.share(np.zeros((3, 40)))
    with pytest.raises(ValueError, match="must be finite"):
        clinic.share(np.full(clinic.truth.shape, np.nan))
