"""An order of a trial moves therapists and does nothing else, and a random order has no favourites."""

from collections import Counter
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

import attune_fit as af
from attune_fit.matching.ranking.ranking_result import Ranking
from attune_fit.matching.ranking.trial_orders import TRIAL_ORDERS, change_order
from attune_fit.training.trials.trial_plan import LIST_ORDERS


@pytest.fixture(scope="module")
def rankings() -> list[Ranking]:
    """Lists of waiting clients with three candidates or more."""
    clinic = af.simulate(clients=60, therapists=14, seed=3).workspace()
    found = clinic.rank_waiting().result
    return [ranking for ranking in found if len(ranking.arrays.therapist_ids) >= 3]


def test_the_orders_of_a_plan_are_those_of_the_lists() -> None:
    assert list(LIST_ORDERS) == list(TRIAL_ORDERS)


@pytest.mark.parametrize("order", TRIAL_ORDERS)
def test_an_order_keeps_every_therapist_and_every_record(rankings: list[Ranking], order: str) -> None:
    for ranking in rankings:
        other = change_order(ranking, order)
        ids = other.arrays.therapist_ids
        assert sorted(ids) == sorted(ranking.arrays.therapist_ids)
        assert [one.therapist_id for one in other.candidates] == ids
        assert [one.position for one in other.candidates] == list(range(1, len(ids) + 1))
        before = {one.therapist_id: one for one in ranking.candidates}
        for one, band, points in zip(other.candidates, other.arrays.band, other.arrays.points, strict=True):
            assert replace(one, position=before[one.therapist_id].position) == before[one.therapist_id]
            assert one.facts == before[one.therapist_id].facts
            assert (one.band, one.score) == (band, points[0])
        assert other.excluded == ranking.excluded


def test_orders_of_the_first_band_move_no_other_place(rankings: list[Ranking]) -> None:
    assert any((ranking.arrays.band == 1).sum() > 1 for ranking in rankings)
    for ranking in rankings:
        n = int((ranking.arrays.band == 1).sum())
        for order in ("first_band_by_score", "first_band_at_random"):
            other = change_order(ranking, order).arrays
            assert other.therapist_ids[n:] == ranking.arrays.therapist_ids[n:]
            assert (other.band[:n] == 1).all()
        scores = change_order(ranking, "first_band_by_score").arrays.points[:n, 0]
        assert (np.diff(scores) <= 0).all()


def test_each_random_order_has_the_same_probability(rankings: list[Ranking]) -> None:
    ranking, ids = rankings[0], rankings[0].arrays.therapist_ids
    firsts: Counter[tuple[str, ...]] = Counter()
    for seed in range(2_000):
        arrays = change_order(replace(ranking, seed=seed), "all_at_random").arrays
        firsts[tuple(one for one in arrays.therapist_ids if one in ids[:3])] += 1
    expected = 2_000 / 6
    assert set(firsts) == set(permutations(ids[:3]))
    assert sum((count - expected) ** 2 / expected for count in firsts.values()) < 20.5  # 5 df, p = .001


def test_a_random_order_is_fixed_by_seed_and_client_and_outlives_a_therapist(rankings: list[Ranking]) -> None:
    ranking = rankings[0]
    order = change_order(ranking, "all_at_random").arrays.therapist_ids
    assert change_order(ranking, "all_at_random").arrays.therapist_ids == order
    others = [change_order(replace(ranking, client_id=f"c{n}"), "all_at_random").arrays.therapist_ids for n in range(9)]
    assert len({tuple(one) for one in others}) > 1
    keep = [place for place, one in enumerate(ranking.arrays.therapist_ids) if one != order[0]]
    arrays = replace(
        ranking.arrays,
        therapist_ids=[ranking.arrays.therapist_ids[place] for place in keep],
        band=ranking.arrays.band[keep],
        points=ranking.arrays.points[keep],
    )
    assert change_order(replace(ranking, arrays=arrays), "all_at_random").arrays.therapist_ids == order[1:]
