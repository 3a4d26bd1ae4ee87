"""Power of the verdict: simulated on a clinic's own records, and by formula."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import NormalIndPower  # type: ignore[import-untyped]

from attune_fit.models.pair_effect_verdict import REFERENCE_EFFECT_R
from attune_fit.training.evaluation.pair_effect_test import assess_pair_effect
from attune_fit.training.evaluation.power import EFFECT_SIZES, compute_power, simulate_power
from attune_fit.training.evaluation.re_pairing import RePairingSample

SHARE = 0.025  # standard error of a simulated share


def clinic(n: int, therapists: int, seed: int = 0, each: int = 1) -> RePairingSample:
    """Caseloads as uneven as those of synthetic clinics; outcomes do not matter."""
    rng = np.random.default_rng(seed)
    weight = np.exp(rng.normal(0, 0.7, therapists))
    client = np.arange(n) // each
    therapist = np.concatenate(
        [rng.choice(therapists, each, replace=False, p=weight / weight.sum()) for _ in range(-(-n // each))]
    )[:n]
    choice, rated = rng.normal(size=(n, therapists)), rng.normal(size=n)
    return RePairingSample(np.arange(n), rated, np.zeros(n), choice, client, therapist, rng.integers(0, 4, n))


def simulated(sample: RePairingSample) -> dict[float, float]:
    return dict(simulate_power(sample, list(sample.draw_re_pairings(0, 200))))


@given(st.integers(3, 20_000), st.integers(1, 5_000), st.sampled_from([0.0, *EFFECT_SIZES]), st.integers(1, 200))
def test_power_rises_with_records_and_with_the_effect(n: int, more: int, r: float, therapists: int) -> None:
    assert compute_power(n, r, therapists) <= compute_power(n + more, r, therapists) + 1e-9
    assert compute_power(n, r, therapists) <= compute_power(n, r + 0.05, therapists) + 1e-9
    assert 0 <= compute_power(n, r, therapists) <= 1


def test_with_many_therapists_it_is_the_power_of_a_correlation() -> None:
    """Against statsmodels: Fisher's z has the variance 1 / (n - 3), and the means of therapists are taken out."""
    textbook = NormalIndPower(ddof=0).power(np.arctanh(0.1), nobs1=1_000 - 200 - 1, alpha=0.05, ratio=0)
    assert compute_power(1_000, 0.1, 200) == pytest.approx(textbook, abs=0.01)


def test_where_there_is_no_effect_it_is_half_of_one_in_twenty() -> None:
    assert compute_power(500, 0.0, 30) == pytest.approx(0.025, abs=1e-6)


def test_nothing_is_found_among_one_therapist_or_without_records_to_spare() -> None:
    assert compute_power(500, 0.2, 1) == 0
    assert compute_power(30, 0.2, 40) == 0


@pytest.mark.parametrize(("n", "therapists"), [(240, 20), (1_000, 40)])
def test_the_formula_agrees_with_the_verdict_tried_on_planted_effects(n: int, therapists: int) -> None:
    power = simulated(clinic(n, therapists))
    for r in EFFECT_SIZES:
        assert power[r] == pytest.approx(compute_power(n, r, therapists), abs=0.07 + 2 * SHARE)


def test_uneven_caseloads_are_worth_fewer_therapists() -> None:
    assert (
        compute_power(1_000, 0.10, 9, caseload_imbalance=2.0)
        < compute_power(1_000, 0.10, 9, caseload_imbalance=1.0) - 0.05
    )
    assert compute_power(1_000, 0.10, 9, caseload_imbalance=2.0) == pytest.approx(
        compute_power(1_000 - 4, 0.10, 5, caseload_imbalance=1.0)
    )


def test_what_is_quoted_is_among_what_is_tried() -> None:
    assert REFERENCE_EFFECT_R in EFFECT_SIZES


def test_clients_who_met_several_tell_less_of_each_than_as_many_clients() -> None:
    """Their own level costs a record each: with three records a client, two are left."""
    once, thrice = simulated(clinic(600, 20)), simulated(clinic(600, 20, each=3))
    assert thrice[0.10] < once[0.10] - 3 * SHARE


def test_a_verdict_holds_the_power_of_its_own_records() -> None:
    sample = clinic(300, 12)
    power = assess_pair_effect(sample, 300, seed=3)
    assert [r for r, _ in power.power] == list(EFFECT_SIZES)
    shares = [share for _, share in power.power]
    assert all(less <= more for less, more in pairwise(shares))
    assert (
        assess_pair_effect(replace(sample, outcome_minus_baseline=-sample.outcome_minus_baseline), 300, seed=3).power
        == power.power
    )
    assert assess_pair_effect(sample, 20).power == ()
