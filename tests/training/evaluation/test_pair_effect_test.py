"""The verdict finds what is planted, and claims nothing where there is nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.pairs import Sides
from attune_fit.models.pair_effect_verdict import MIN_TEST_RECORDS, Verdict
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.evaluation.pair_effect_test import N_RE_PAIRINGS, assess_pair_effect
from attune_fit.training.evaluation.permutation_test import run_permutation_test
from attune_fit.training.evaluation.re_pairing import RePairingSample
from tests.training.builders import met, simulated, small, toy


def judged(records: TrainingDataset) -> Verdict:
    return assess_pair_effect(met(records), len(records))


def test_pairs_taken_a_few_at_a_time_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    records = toy(100, pair=4.0)
    at_once = met(records)
    monkeypatch.setattr(
        "attune_fit.training.evaluation.re_pairing.PAIR_BLOCK_SIZE", 20
    )  # of 8 therapists: two or three clients at a time
    np.testing.assert_array_equal(met(records).centered_pair_part, at_once.centered_pair_part)


def test_a_planted_pair_effect_is_found() -> None:
    found = judged(toy(600, clients=300, pair=4.0))
    assert found.kind == "adds"
    assert found.r is not None
    assert found.low is not None
    assert found.p == 1 / (N_RE_PAIRINGS + 1)
    assert 0 < found.low < found.r
    assert found.n == 600


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_claimed_where_there_is_nothing(seed: int) -> None:
    assert judged(toy(600, clients=300, seed=seed)).kind == "nothing"


def test_fit_of_a_synthetic_clinic_is_found_and_a_null_world_is_not_claimed() -> None:
    assert judged(simulated(1500, seed=1, fit=0.10)).kind == "adds"
    assert judged(simulated(1500, seed=2, mix="null")).kind == "nothing"


def test_knowing_who_is_a_good_therapist_is_no_pair_skill() -> None:
    """Therapists differ by 12 points and the pair feature goes with the therapist: all of it is about therapists."""
    records = toy(600, clients=300, therapists=10)
    way = records.sides.convert_to_numbers("therapist", "way")
    good = replace(records, y=records.y - 6 * way[records.therapist])
    assert judged(good).kind == "nothing"


def test_knowing_who_is_an_easy_client_is_no_pair_skill() -> None:
    records = toy(600, clients=300)
    wish = records.sides.convert_to_numbers("client", "wish")
    assert judged(replace(records, y=records.y + 6 * wish[records.client])).kind == "nothing"


@pytest.mark.parametrize("n", [2, MIN_TEST_RECORDS - 1])
def test_too_few_records_are_not_tested(n: int) -> None:
    assert judged(toy(n, pair=50.0)) == Verdict("nothing", n=n)


def test_one_therapist_leaves_nobody_to_swap_with() -> None:
    assert judged(toy(100, therapists=1, pair=4.0)) == Verdict("nothing", n=100)


def test_without_pair_features_there_is_nothing_to_judge() -> None:
    records = toy(100)
    records.standardised_features[:] = np.nan
    blind = replace(records, sides=Sides(_without(records.sides.tables)))
    assert judged(blind) == Verdict("nothing", n=100)


def _without(tables: Tables) -> Tables:
    """The same people; nothing is known of them."""
    return replace(tables, clients=tables.clients[["client_id"]], therapists=tables.therapists[["therapist_id"]])


def share_of_re_pairings(one: RePairingSample, left: Floats, seed: int) -> float:
    return float(
        run_permutation_test(
            one, one.centered_pair_part, left[:, None], list(one.draw_re_pairings(seed, N_RE_PAIRINGS))
        ).p[0]
    )


@pytest.mark.parametrize("seed", range(3))
def test_share_of_re_pairings_is_that_of_all_of_them(seed: int) -> None:
    """Against every permutation of therapists within the two strata."""
    one = small([0, 0, 0, 0, 1, 1, 1], seed)
    known = one.centered_pair_part - one.centered_pair_part.mean(axis=0)

    def agreement(therapist: np.ndarray) -> float:
        said = known[np.arange(7), therapist]
        return float(one.residual @ said / np.sqrt(said @ said))

    all_of_them = [
        agreement(one.therapist[[*first, *second]])
        for first in permutations(range(4))
        for second in permutations(range(4, 7))
    ]
    want = np.mean(np.array(all_of_them) >= agreement(one.therapist) - 1e-12)
    found = share_of_re_pairings(one, one.residual, seed=1)
    assert found == pytest.approx(want, abs=4 * np.sqrt(want * (1 - want) / N_RE_PAIRINGS) + 0.005)


def test_p_is_never_zero_and_one_where_nobody_can_swap() -> None:
    alone = small(list(range(7)))
    assert share_of_re_pairings(alone, alone.residual, seed=0) == 1.0
    sure = small([0] * 200)
    assert share_of_re_pairings(sure, sure.observed_pair_part, seed=0) == 1 / (N_RE_PAIRINGS + 1)


def test_the_same_seed_gives_the_same_verdict() -> None:
    one = met(toy(200, pair=1.0))
    assert assess_pair_effect(one, 200, seed=4) == assess_pair_effect(one, 200, seed=4)
