"""Simulated power: against formulas, against known figures, and what a simulation reports about itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import nct, t

from attune_fit.training.planning.planned_study import PLANNED_KINDS, PlannedKind, PlannedStudy
from attune_fit.training.planning.power_ceiling import simulate_ceiling
from attune_fit.training.planning.simulated_power import PowerCell, simulate_cell
from attune_fit.training.planning.study_sources import NormalPopulation
from attune_fit.training.planning.therapist_search import MAX_THERAPISTS, find_needed_therapists

EVEN = NormalPopulation(is_uneven=False)
# power of an interaction, slope per therapist: 25 clients each, residual SD 1, therapist variance .05, slope SD .1;
# from 200 to 400 simulated studies each, by another program with equal weights
KNOWN = {
    10: (0.08, 0.24, 0.44),
    20: (0.16, 0.41, 0.75),
    40: (0.28, 0.73, 0.97),
    100: (0.48, 0.96, 1.0),
}
KNOWN_EFFECTS = (0.05, 0.10, 0.15)


def build_known(therapists: int, effect: float) -> PlannedStudy:
    """The same study in SD of its outcome."""
    variance = 1 + 0.05 + 0.1**2 + effect**2
    sd = float(np.sqrt(variance))
    return PlannedStudy("interaction", effect / sd, therapists, 25 * therapists, 0.05 / variance, 0.1 / sd)


def compute_trait_power(study: PlannedStudy) -> float:
    """Student's t over therapists, averaged over the spread of their traits: exact for even caseloads."""
    spread = np.random.default_rng(0).chisquare(study.therapists - 1, 1_000)
    variance = study.therapist_share + study.noise_variance / study.caseload
    df, critical = study.therapists - 2, t.ppf(1 - study.alpha / 2, study.therapists - 2)
    shift = study.effect * np.sqrt(spread / variance)
    return float(np.mean(nct.sf(critical, df, shift) + nct.cdf(-critical, df, shift)))


@pytest.mark.parametrize(("therapists", "effect"), [(10, 0.3), (40, 0.15), (100, -0.05)])
def test_a_trait_has_the_power_of_the_formula(therapists: int, effect: float) -> None:
    study = PlannedStudy("trait", effect, therapists, 20 * therapists)
    cell = simulate_cell(study, EVEN)
    assert cell.power == pytest.approx(compute_trait_power(replace(study, effect=abs(effect))), abs=3 * 0.0125)


@pytest.mark.parametrize(("therapists", "place"), [(10, 1), (20, 2), (40, 0)])
def test_an_interaction_has_the_known_power(therapists: int, place: int) -> None:
    cell = simulate_cell(build_known(therapists, KNOWN_EFFECTS[place]), EVEN, precision=0.02)
    assert cell.power == pytest.approx(KNOWN[therapists][place], abs=0.08), "both figures are simulated"


@pytest.mark.slow
def test_the_whole_row_of_known_powers() -> None:
    found = {
        (number, place): simulate_cell(build_known(number, effect), EVEN).power
        for number in KNOWN
        for place, effect in enumerate(KNOWN_EFFECTS)
    }
    gaps = np.array([found[number, place] - KNOWN[number][place] for number, place in found])
    assert np.abs(gaps).max() < 0.1
    assert abs(gaps.mean()) < 0.03


@pytest.mark.parametrize("kind", PLANNED_KINDS)
def test_without_an_effect_the_power_is_the_level(kind: PlannedKind) -> None:
    cell = simulate_cell(PlannedStudy(kind, 0.0, 12, 180), NormalPopulation(), precision=0.006)
    assert 0.03 < cell.power < 0.075
    assert (cell.sign_error, cell.exaggeration) == (None, None)


def test_failed_tests_count_as_not_found_and_have_a_reason() -> None:
    cell = simulate_cell(PlannedStudy("interaction", 0.5, 2, 60), EVEN)
    assert (cell.found, cell.failures) == (0, {"few-therapists": cell.runs})
    assert cell.interval[1] < 0.02


def test_a_simulation_stops_when_the_power_is_known_well_enough() -> None:
    sure = simulate_cell(PlannedStudy("trait", 0.6, 40, 400), EVEN)
    unsure = simulate_cell(PlannedStudy("trait", 0.1, 40, 400), EVEN)
    assert sure.runs < unsure.runs
    assert max(sure.standard_error, unsure.standard_error) <= 0.0125
    assert simulate_cell(PlannedStudy("trait", 0.1, 40, 400), EVEN, precision=1e-9, max_runs=900).runs == 900


def test_significant_results_of_a_small_study_are_too_large_and_some_have_the_wrong_sign() -> None:
    small = simulate_cell(PlannedStudy("pair", -0.02, 10, 200), EVEN, precision=0.007)
    large = simulate_cell(PlannedStudy("pair", -0.3, 10, 400), EVEN)
    assert small.exaggeration is not None
    assert small.exaggeration > 3
    assert 0.05 < (small.sign_error or 0) < 0.5
    assert large.exaggeration == pytest.approx(1.0, abs=0.05)
    assert large.sign_error == 0


def test_a_yes_or_no_outcome_is_simulated_with_its_rate() -> None:
    study = PlannedStudy("trait", 0.2, 30, 600, rate=0.2)
    cell, number = simulate_cell(study, EVEN), simulate_cell(replace(study, rate=None), EVEN)
    assert cell.power == pytest.approx(number.power, abs=0.06), "the effect is in SD of the outcome"
    assert cell.exaggeration == pytest.approx(number.exaggeration or 0, abs=0.12)


def test_the_figures_of_a_study_depend_on_the_study_and_the_seed_alone() -> None:
    study = PlannedStudy("trait", 0.1, 20, 200)
    first, again = (simulate_cell(study, EVEN, seed=3, precision=0.03) for _ in range(2))
    assert first == again
    assert first != simulate_cell(study, EVEN, seed=4, precision=0.03)


def test_the_ceiling_is_the_power_with_very_many_clients() -> None:
    study = PlannedStudy("trait", 0.1, 20, 200)
    ceiling = simulate_ceiling(study, EVEN)
    many = simulate_cell(replace(study, outcomes=20_000), EVEN, max_runs=800).power
    assert ceiling == pytest.approx(many, abs=0.06)
    pair = replace(study, kind="pair", effect=0.07)
    many = simulate_cell(replace(pair, outcomes=20_000), EVEN, max_runs=800).power
    assert simulate_ceiling(pair, EVEN) == pytest.approx(many, abs=0.06)
    assert simulate_ceiling(replace(pair, slope_sd=0.0), EVEN) is None
    assert [simulate_ceiling(replace(pair, effect=effect), EVEN) for effect in (-0.5, 0.9)] == pytest.approx([1, 1])


def test_the_search_finds_the_number_of_the_formula() -> None:
    study = PlannedStudy("trait", 0.15, 20, 500)
    need = find_needed_therapists(study, EVEN)
    assert need.therapists is not None
    exact = replace(study, therapists=need.therapists, outcomes=25 * need.therapists)
    assert compute_trait_power(exact) == pytest.approx(0.8, abs=0.04)
    assert need.cell.power == pytest.approx(0.8, abs=0.03)


def test_the_search_ends_where_no_number_is_enough() -> None:
    need = find_needed_therapists(PlannedStudy("trait", 0.01, 20, 40), EVEN)
    assert need.therapists is None
    assert need.cell.study.therapists == MAX_THERAPISTS
    assert isinstance(need.cell, PowerCell)
    assert need.cell.power < 0.8
