"""The verdict finds a planted pair effect, and claims none if there is none."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.sides import Sides
from attune_fit.models.pair_effect_verdict import MIN_TEST_RECORDS, Verdict
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.evaluation.pair_effect_test import N_RE_PAIRINGS, assess_pair_effect
from attune_fit.training.evaluation.permutation_test import run_permutation_test
from attune_fit.training.evaluation.re_pairing import RePairingSample
from tests.training.builders import build_sample, build_small_sample, simulated, toy


def assess(records: TrainingDataset) -> Verdict:
    return assess_pair_effect(build_sample(records), len(records))


def test_the_block_size_of_pairs_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    records = toy(100, pair=4.0)
    at_once = build_sample(records)
    monkeypatch.setattr(
        "attune_fit.training.evaluation.out_of_fold_pair_parts.PAIR_BLOCK_SIZE", 20
    )  # of 8 therapists: two or three clients at a time
    np.testing.assert_array_equal(build_sample(records).centered_pair_part, at_once.centered_pair_part)


def test_a_planted_pair_effect_is_found() -> None:
    verdict = assess(toy(600, clients=300, pair=4.0))
    assert verdict.kind == "adds"
    assert verdict.r is not None
    assert verdict.low is not None
    assert verdict.p == 1 / (N_RE_PAIRINGS + 1)
    assert 0 < verdict.low < verdict.r
    assert verdict.n == 600


@pytest.mark.parametrize("seed", range(3))
def test_no_effect_is_claimed_if_there_is_none(seed: int) -> None:
    assert assess(toy(600, clients=300, seed=seed)).kind == "nothing"


def test_fit_of_a_synthetic_clinic_is_found_and_a_null_world_is_not_claimed() -> None:
    assert assess(simulated(1500, seed=1, fit=0.10)).kind == "adds"
    assert assess(simulated(1500, seed=2, mix="null")).kind == "nothing"


def test_knowing_good_therapists_is_no_pair_effect() -> None:
    """Therapists differ by 12 points and the pair feature goes with the therapist: all of it is about therapists."""
    records = toy(600, clients=300, therapists=10)
    way = records.sides.convert_to_numbers("therapist", "way")
    good = replace(records, y=records.y - 6 * way[records.therapist])
    assert assess(good).kind == "nothing"


def test_knowing_easy_clients_is_no_pair_effect() -> None:
    records = toy(600, clients=300)
    wish = records.sides.convert_to_numbers("client", "wish")
    assert assess(replace(records, y=records.y + 6 * wish[records.client])).kind == "nothing"


@pytest.mark.parametrize("n", [2, MIN_TEST_RECORDS - 1])
def test_too_few_records_are_not_tested(n: int) -> None:
    assert assess(toy(n, pair=50.0)) == Verdict("nothing", n=n)


def test_one_therapist_cannot_be_exchanged() -> None:
    assert assess(toy(100, therapists=1, pair=4.0)) == Verdict("nothing", n=100)


def test_without_pair_features_there_is_nothing_to_judge() -> None:
    records = toy(100)
    records.standardised_features[:] = np.nan
    blind = replace(records, sides=Sides(_without(records.sides.tables)))
    assert assess(blind) == Verdict("nothing", n=100)


def _without(tables: Tables) -> Tables:
    """Return the same clients and therapists without any answers."""
    return replace(tables, clients=tables.clients[["client_id"]], therapists=tables.therapists[["therapist_id"]])


def share_of_re_pairings(sample: RePairingSample, residual: Floats, seed: int) -> float:
    return float(
        run_permutation_test(
            sample, sample.centered_pair_part, residual[:, None], list(sample.draw_re_pairings(seed, N_RE_PAIRINGS))
        ).p[0]
    )


@pytest.mark.parametrize("seed", range(3))
def test_share_of_re_pairings_is_that_of_all_of_them(seed: int) -> None:
    """Compared with every permutation of therapists within the two strata."""
    sample = build_small_sample([0, 0, 0, 0, 1, 1, 1], seed)
    centered = sample.centered_pair_part - sample.centered_pair_part.mean(axis=0)

    def agreement(therapist: np.ndarray) -> float:
        predicted = centered[np.arange(7), therapist]
        return float(sample.residual @ predicted / np.sqrt(predicted @ predicted))

    all_of_them = [
        agreement(sample.therapist[[*first, *second]])
        for first in permutations(range(4))
        for second in permutations(range(4, 7))
    ]
    want = np.mean(np.array(all_of_them) >= agreement(sample.therapist) - 1e-12)
    share = share_of_re_pairings(sample, sample.residual, seed=1)
    assert share == pytest.approx(want, abs=4 * np.sqrt(want * (1 - want) / N_RE_PAIRINGS) + 0.005)


def test_p_is_never_zero_and_is_one_without_exchanges() -> None:
    unswappable = build_small_sample(list(range(7)))
    assert share_of_re_pairings(unswappable, unswappable.residual, seed=0) == 1.0
    certain = build_small_sample([0] * 200)
    assert share_of_re_pairings(certain, certain.observed_pair_part, seed=0) == 1 / (N_RE_PAIRINGS + 1)


def test_the_same_seed_gives_the_same_verdict() -> None:
    sample = build_sample(toy(200, pair=1.0))
    assert assess_pair_effect(sample, 200, seed=4) == assess_pair_effect(sample, 200, seed=4)
