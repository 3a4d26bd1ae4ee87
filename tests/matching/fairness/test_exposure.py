"""Exposure is the average over every order that the tie-break can give."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.arrays import Bools, Floats
from attune_fit.matching.fairness.exposure import (
    ALWAYS_FIRST,
    compute_exposure,
    compute_gini,
    compute_lorenz,
    compute_weighted_exposure,
)
from attune_fit.matching.ranking.tie_break import weight_tie_break_keys


def average_over_orders(band: Floats, eligible: Bools, shortlist: int) -> Floats:
    """Average over all orders of the candidates in which no higher band comes after a lower one."""
    candidates = np.flatnonzero(eligible)
    exposure, n_orders = np.zeros(len(eligible)), 0
    for order in permutations(candidates):
        if all(band[one] <= band[other] for one, other in pairwise(order)):
            n_orders += 1
            for place, one in enumerate(order[:shortlist], start=1):
                exposure[one] += 1 / np.log2(1 + place)
    return exposure / max(n_orders, 1)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.booleans()), min_size=1, max_size=6), st.integers(1, 5))
def test_exposure_is_the_mean_over_all_orders(roster: list[tuple[int, bool]], shortlist: int) -> None:
    band, eligible = np.array([one for one, _ in roster], dtype=float), np.array([yes for _, yes in roster])
    exposure = compute_exposure([np.stack([band, band[::-1]])], np.stack([eligible, eligible[::-1]]), shortlist)
    assert exposure[0] == pytest.approx(average_over_orders(band, eligible, shortlist))
    assert exposure[1] == pytest.approx(average_over_orders(band[::-1], eligible[::-1], shortlist))


def test_random_order_gives_all_candidates_the_same() -> None:
    exposure = compute_exposure([], np.array([[True, True, False, True]]), 2)
    assert exposure[0] == pytest.approx(np.array([1, 1, 0, 1]) * (1 + 1 / np.log2(3)) / 3)


def test_no_client_or_no_candidate_gives_no_exposure() -> None:
    assert compute_exposure([], np.zeros((0, 3), dtype=bool), 5).shape == (0, 3)
    assert not compute_exposure([], np.zeros((2, 3), dtype=bool), 5).any()


@pytest.mark.parametrize("weight", [2.0, 5.0])
def test_a_weight_gives_its_share_of_first_places(weight: float) -> None:
    """One therapist with a weight among three with weight 1: first with probability weight / (weight + 3)."""
    eligible = np.ones((20_000, 4), dtype=bool)
    weights = np.array([weight, 1, 1, 1])
    share = weight / (weight + 3)
    first = compute_weighted_exposure([], eligible, 1, weights).mean(axis=0)
    assert first == pytest.approx(np.array([share, *[(1 - share) / 3] * 3]), abs=0.005)
    drawn = np.random.default_rng(0).integers(0, 2**64, eligible.shape, dtype=np.uint64)
    won = np.bincount(weight_tie_break_keys(drawn, weights).argmin(axis=1), minlength=4) / len(drawn)
    assert won == pytest.approx(first, abs=0.02)


def test_equal_weights_change_nothing_and_always_first_takes_the_first_places_of_its_band() -> None:
    band, eligible = np.array([[1, 1, 2, 2]]), np.ones((1, 4), dtype=bool)
    unweighted = compute_exposure([band], eligible, 4)
    assert compute_weighted_exposure([band], eligible, 4, np.full(4, 7.0)) == pytest.approx(unweighted)
    exposure = compute_weighted_exposure([band], eligible, 4, np.array([1, ALWAYS_FIRST, ALWAYS_FIRST, 1]))[0]
    assert exposure == pytest.approx(1 / np.log2(1 + np.array([2, 1, 3, 4])))


@given(st.lists(st.integers(0, 2**64 - 1), min_size=2, max_size=8))
def test_weight_one_keeps_its_key_and_a_larger_weight_never_comes_later(keys: list[int]) -> None:
    drawn = np.array([keys], dtype=np.uint64)
    weights = np.ones(len(keys))
    assert (weight_tie_break_keys(drawn, weights) == drawn).all()
    weights[0] = 4
    weighted = weight_tie_break_keys(drawn, weights)
    assert (weighted[:, 1:] == drawn[:, 1:]).all()
    assert weighted[0, 0] >> np.uint64(16) <= drawn[0, 0] >> np.uint64(16)


def test_gini_is_the_mean_difference_between_two_drawn_at_random() -> None:
    rng = np.random.default_rng(0)
    exposure = rng.exponential(size=30)
    between = np.abs(exposure[:, None] - exposure[None, :]).mean() / (2 * exposure.mean())
    assert compute_gini(exposure, np.ones(30)) == pytest.approx(between)
    share, cumulative = compute_lorenz(exposure, np.ones(30))
    assert (cumulative <= share + 1e-12).all()
