"""The verdict finds what is planted, and claims nothing where there is nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from data.tables import Tables
from features.pairs import Sides
from models.verdict import FEWEST, Verdict
from tests.training.making import simulated, toy
from training.predicted import predicted
from training.recipe import Recipe, crossfit
from training.records import Records
from training.splits import split
from training.verdict import RE_PAIRINGS, Exchange, exchange, interval, repairing, strata, verdict


def met(records: Records, site: str = "") -> Exchange:
    made = crossfit(Recipe(), records, split("client", records))
    return exchange(records, made, predicted(records, made), site)


def judged(records: Records) -> Verdict:
    return verdict(met(records), len(records))


def test_pairs_taken_a_few_at_a_time_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    records = toy(100, pair=4.0)
    at_once = met(records)
    monkeypatch.setattr("training.verdict.MOST_PAIRS", 20)  # of 8 therapists: two or three clients at a time
    np.testing.assert_array_equal(met(records).choice, at_once.choice)


def test_a_planted_pair_effect_is_found() -> None:
    found = judged(toy(600, clients=300, pair=4.0))
    assert found.kind == "adds"
    assert found.r is not None
    assert found.low is not None
    assert found.p == 1 / (RE_PAIRINGS + 1)
    assert 0 < found.low < found.r
    assert found.n == 600


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_claimed_where_there_is_nothing(seed: int) -> None:
    assert judged(toy(600, clients=300, seed=seed)).kind == "nothing"


def test_fit_of_a_synthetic_clinic_is_found_and_a_null_world_is_not_claimed() -> None:
    assert judged(simulated(1500, seed=1, fit=0.10)).kind == "adds"
    assert judged(simulated(1500, seed=1, mix="null")).kind == "nothing"


def test_knowing_who_is_a_good_therapist_is_no_pair_skill() -> None:
    """Therapists differ by 12 points and the pair feature goes with the therapist: all of it is about therapists."""
    records = toy(600, clients=300, therapists=10)
    way = records.sides.numbers("therapist", "way")
    good = replace(records, y=records.y - 6 * way[records.therapist])
    assert judged(good).kind == "nothing"


def test_knowing_who_is_an_easy_client_is_no_pair_skill() -> None:
    records = toy(600, clients=300)
    wish = records.sides.numbers("client", "wish")
    assert judged(replace(records, y=records.y + 6 * wish[records.client])).kind == "nothing"


@pytest.mark.parametrize("n", [2, FEWEST - 1])
def test_too_few_records_are_not_tested(n: int) -> None:
    assert judged(toy(n, pair=50.0)) == Verdict("nothing", n=n)


def test_one_therapist_leaves_nobody_to_swap_with() -> None:
    assert judged(toy(100, therapists=1, pair=4.0)) == Verdict("nothing", n=100)


def test_without_pair_features_there_is_nothing_to_judge() -> None:
    records = toy(100)
    records.standard[:] = np.nan
    blind = replace(records, sides=Sides(_without(records.sides.tables)))
    assert judged(blind) == Verdict("nothing", n=100)


def _without(tables: Tables) -> Tables:
    """The same people; nothing is known of them."""
    return replace(tables, clients=tables.clients[["client_id"]], therapists=tables.therapists[["therapist_id"]])


def small(stratum: list[int], seed: int = 0) -> Exchange:
    rng = np.random.default_rng(seed)
    n = len(stratum)
    choice = rng.normal(size=(n, 3))
    therapist = rng.integers(0, 3, n)
    left = choice[np.arange(n), therapist] + rng.normal(0, 1, n)
    return Exchange(np.arange(n), left, choice, therapist, np.array(stratum))


@pytest.mark.parametrize("seed", range(3))
def test_share_of_re_pairings_is_that_of_all_of_them(seed: int) -> None:
    """Against every permutation of therapists within the two strata."""
    one = small([0, 0, 0, 0, 1, 1, 1], seed)
    known = one.choice - one.choice.mean(axis=0)

    def agreement(therapist: np.ndarray) -> float:
        said = known[np.arange(7), therapist]
        return float(one.left @ said / np.sqrt(said @ said))

    all_of_them = [
        agreement(one.therapist[[*first, *second]])
        for first in permutations(range(4))
        for second in permutations(range(4, 7))
    ]
    want = np.mean(np.array(all_of_them) >= agreement(one.therapist) - 1e-12)
    assert repairing(one, seed=1) == pytest.approx(want, abs=4 * np.sqrt(want * (1 - want) / RE_PAIRINGS) + 0.005)


def test_p_is_never_zero_and_one_where_nobody_can_swap() -> None:
    assert repairing(small(list(range(7))), seed=0) == 1.0
    sure = small([0] * 200)
    assert repairing(replace(sure, left=sure.own), seed=0) == 1 / (RE_PAIRINGS + 1)


def test_the_interval_is_clustered_by_therapist() -> None:
    """Records written twenty times over tell no more: the interval does not shrink."""
    rng = np.random.default_rng(0)
    therapist = np.repeat(np.arange(12), 5)
    choice = rng.normal(size=(60, 12))
    left = rng.normal(0, 1, 60) + 0.5 * choice[np.arange(60), therapist]
    once = Exchange(np.arange(60), left, choice, therapist, np.zeros(60, dtype=np.intp))
    copied = np.tile(np.arange(60), 20)
    often = Exchange(copied, left[copied], choice[copied], therapist[copied], np.zeros(1200, dtype=np.intp))
    np.testing.assert_allclose(interval(once, seed=3), interval(often, seed=3), atol=1e-9)


def test_swaps_stay_within_quarter_and_site() -> None:
    records = toy(6, clients=6)
    when = np.array(["2026-01-05", "2026-03-30", "2026-04-01", "NaT", "2025-01-05", "NaT"], dtype="datetime64[D]")
    records = replace(records, when=when, client=np.arange(6))
    found = strata(records, np.arange(6))
    assert found[0] == found[1]
    assert found[3] == found[5]
    assert len({found[0], found[2], found[3], found[4]}) == 4
    sides = Sides(replace(records.sides.tables, clients=records.sides.tables.clients.assign(site=["a", "b"] * 3)))
    split_up = strata(replace(records, sides=sides), np.arange(6), site="site")
    assert split_up[0] != split_up[1]
    assert split_up[3] == split_up[5] != split_up[4]


def test_what_is_left_to_explain_holds_no_therapists_level() -> None:
    records = toy(120, pair=4.0)
    one = met(replace(records, y=records.y + 10.0 * records.therapist))
    np.testing.assert_allclose(np.bincount(one.therapist, weights=one.left), 0, atol=1e-9)


def test_what_is_said_about_the_choice_does_not_hold_the_clients_level() -> None:
    one = met(toy(120, pair=4.0))
    np.testing.assert_allclose(one.choice.mean(axis=1), 0, atol=1e-9)
    assert one.own.std() > 0.5


def test_the_same_seed_gives_the_same_verdict() -> None:
    one = met(toy(200, pair=1.0))
    assert verdict(one, 200, seed=4) == verdict(one, 200, seed=4)


@pytest.mark.slow
def test_null_worlds_are_claimed_in_no_more_than_one_of_twenty() -> None:
    """60 null worlds: more than 7 claims happen by chance in fewer than 1 of 50 runs when the rate is .05."""
    claims = [judged(simulated(700, seed=100 + seed, mix="null")).kind == "adds" for seed in range(60)]
    assert sum(claims) <= 7


@pytest.mark.slow
def test_a_fit_of_8_percent_is_found_in_3000_records() -> None:
    found = [judged(simulated(3300, seed=300 + seed, fit=0.08)).kind == "adds" for seed in range(8)]
    assert all(found)
