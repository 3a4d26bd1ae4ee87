"""Who is in a simulated study: the clinic's own people, or normal numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.training.planning.planned_study import PlannedStudy
from attune_fit.training.planning.study_draws import DrawnStudies, build_caseloads, draw_outcomes
from attune_fit.training.planning.study_sources import ClinicPopulation, NormalPopulation

LABELS = np.repeat([7, 3, 11, 20], [2, 5, 1, 12])  # of the therapist of each record
RNG = np.random.default_rng(0)
ORDER = RNG.permutation(len(LABELS))
THERAPIST = LABELS[ORDER]
CLINIC = ClinicPopulation.from_records(THERAPIST, client_variable=RNG.normal(size=20), trait=THERAPIST.astype(float))


def draw(therapists: int, outcomes: int, n_studies: int = 6) -> DrawnStudies:
    study = PlannedStudy("interaction", 0.1, therapists, outcomes)
    return CLINIC.draw(np.random.default_rng(1), study, n_studies)


@given(st.lists(st.floats(0.01, 50), min_size=1, max_size=12), st.integers(0, 300))
def test_caseloads_add_up_and_no_therapist_is_without_a_record(weights: list[float], spare: int) -> None:
    outcomes = len(weights) + spare
    caseloads = build_caseloads(np.array([weights]), outcomes)
    assert (caseloads.sum(), caseloads.min() >= 1) == (outcomes, True)


def test_a_study_of_the_clinics_size_has_its_records_each_once() -> None:
    drawn = draw(4, 20)
    for number in range(6):
        own = drawn.client_variable[number * 20 : (number + 1) * 20]
        np.testing.assert_allclose(np.sort(own), np.sort(CLINIC.client_variable))
        sizes = np.bincount(drawn.therapist[number * 20 : (number + 1) * 20] - 4 * number)
        assert sorted(sizes.tolist()) == [1, 2, 5, 12]


@pytest.mark.parametrize(("therapists", "outcomes"), [(2, 9), (4, 20), (4, 50), (11, 60)])
def test_clients_stay_with_their_therapist(therapists: int, outcomes: int) -> None:
    drawn = draw(therapists, outcomes)
    clients_of = {
        trait: set(CLINIC.client_variable[CLINIC.rows[start : start + size]])
        for trait, start, size in zip(CLINIC.trait, CLINIC.starts, CLINIC.sizes, strict=True)
    }
    assert len(drawn.therapist) == 6 * outcomes
    for therapist, value in zip(drawn.therapist, drawn.client_variable, strict=True):
        assert value in clients_of[drawn.trait[therapist]]


def test_more_therapists_than_the_clinic_has_are_about_equally_often_in_a_study() -> None:
    traits = draw(11, 60).trait.reshape(6, 11)
    counts = [np.unique(row, return_counts=True)[1] for row in traits]
    assert all(set(row) <= {2, 3} for row in map(np.ndarray.tolist, counts))


def test_the_numbers_of_a_clinic_have_mean_0_and_sd_1() -> None:
    for numbers in (CLINIC.client_variable, CLINIC.trait):
        assert (numbers.mean(), numbers.std()) == pytest.approx((0.0, 1.0))
    assert not CLINIC.pair_value.any(), "a kind of term without such a number"


def test_caseloads_of_a_clinic_are_kept_with_normal_numbers() -> None:
    source = NormalPopulation(np.array([2, 5, 1, 12]))
    study = PlannedStudy("trait", 0.1, 4, 20)
    drawn = source.draw(np.random.default_rng(2), study, 3)
    assert {tuple(sorted(row)) for row in np.bincount(drawn.therapist).reshape(3, 4).tolist()} == {(1, 2, 5, 12)}


def test_outcomes_have_variance_1_and_the_parts_that_were_asked_for() -> None:
    study = PlannedStudy("interaction", 0.3, 200, 20_000, therapist_share=0.2, slope_sd=0.3)
    rng = np.random.default_rng(3)
    drawn = NormalPopulation(is_uneven=False).draw(rng, study, 4)
    y = draw_outcomes(rng, study, drawn)
    means = np.bincount(drawn.therapist, y) / np.bincount(drawn.therapist)
    assert y.std() == pytest.approx(1.0, abs=0.03)
    assert means.var() - 0.8 / 100 == pytest.approx(0.2, abs=0.03)
