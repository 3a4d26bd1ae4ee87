"""Exposure is the average over every order that turns can bring about."""

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
from attune_fit.matching.ranking.near_ties import weight_tie_break_keys


def plain(band: Floats, eligible: Bools, shown: int) -> Floats:
    """Average over all orders of the candidates in which no higher band comes after a lower one."""
    there = np.flatnonzero(eligible)
    found, orders = np.zeros(len(eligible)), 0
    for order in permutations(there):
        if all(band[one] <= band[other] for one, other in pairwise(order)):
            orders += 1
            for place, one in enumerate(order[:shown], start=1):
                found[one] += 1 / np.log2(1 + place)
    return found / max(orders, 1)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.booleans()), min_size=1, max_size=6), st.integers(1, 5))
def test_exposure_is_the_mean_over_all_orders(roster: list[tuple[int, bool]], shown: int) -> None:
    band, eligible = np.array([one for one, _ in roster], dtype=float), np.array([yes for _, yes in roster])
    found = compute_exposure([np.stack([band, band[::-1]])], np.stack([eligible, eligible[::-1]]), shown)
    assert found[0] == pytest.approx(plain(band, eligible, shown))
    assert found[1] == pytest.approx(plain(band[::-1], eligible[::-1], shown))


def test_a_draw_by_lot_gives_all_candidates_the_same() -> None:
    found = compute_exposure([], np.array([[True, True, False, True]]), 2)
    assert found[0] == pytest.approx(np.array([1, 1, 0, 1]) * (1 + 1 / np.log2(3)) / 3)


def test_nobody_and_nothing_have_no_exposure() -> None:
    assert compute_exposure([], np.zeros((0, 3), dtype=bool), 5).shape == (0, 3)
    assert not compute_exposure([], np.zeros((2, 3), dtype=bool), 5).any()


@pytest.mark.parametrize("lots", [2.0, 5.0])
def test_lots_give_each_its_share_of_first_places(lots: float) -> None:
    """One with so many lots among three with one: first with probability lots / (lots + 3)."""
    eligible = np.ones((20_000, 4), dtype=bool)
    mine = np.array([lots, 1, 1, 1])
    share = lots / (lots + 3)
    first = compute_weighted_exposure([], eligible, 1, mine).mean(axis=0)
    assert first == pytest.approx(np.array([share, *[(1 - share) / 3] * 3]), abs=0.005)
    drawn = np.random.default_rng(0).integers(0, 2**64, eligible.shape, dtype=np.uint64)
    won = np.bincount(weight_tie_break_keys(drawn, mine).argmin(axis=1), minlength=4) / len(drawn)
    assert won == pytest.approx(first, abs=0.02)


def test_equal_lots_change_nothing_and_the_first_take_the_first_places_of_their_band() -> None:
    band, eligible = np.array([[1, 1, 2, 2]]), np.ones((1, 4), dtype=bool)
    plainly = compute_exposure([band], eligible, 4)
    assert compute_weighted_exposure([band], eligible, 4, np.full(4, 7.0)) == pytest.approx(plainly)
    found = compute_weighted_exposure([band], eligible, 4, np.array([1, ALWAYS_FIRST, ALWAYS_FIRST, 1]))[0]
    assert found == pytest.approx(1 / np.log2(1 + np.array([2, 1, 3, 4])))


@given(st.lists(st.integers(0, 2**64 - 1), min_size=2, max_size=8))
def test_one_lot_keeps_its_turn_and_more_lots_never_come_later(keys: list[int]) -> None:
    drawn = np.array([keys], dtype=np.uint64)
    lots = np.ones(len(keys))
    assert (weight_tie_break_keys(drawn, lots) == drawn).all()
    lots[0] = 4
    found = weight_tie_break_keys(drawn, lots)
    assert (found[:, 1:] == drawn[:, 1:]).all()
    assert found[0, 0] >> np.uint64(16) <= drawn[0, 0] >> np.uint64(16)


def test_gini_is_the_mean_difference_between_two_drawn_at_random() -> None:
    rng = np.random.default_rng(0)
    got = rng.exponential(size=30)
    between = np.abs(got[:, None] - got[None, :]).mean() / (2 * got.mean())
    assert compute_gini(got, np.ones(30)) == pytest.approx(between)
    share, held = compute_lorenz(got, np.ones(30))
    assert (held <= share + 1e-12).all()
