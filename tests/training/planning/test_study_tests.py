"""Many simulated studies at once give the figures of the lab's tests, one by one."""

from __future__ import annotations

import numpy as np
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.training.multilevel.effect_test import EffectTest
from attune_fit.training.multilevel.slope_interaction import estimate_slope_interaction
from attune_fit.training.multilevel.trait_effect import estimate_trait_effect
from attune_fit.training.multilevel.within_effect import estimate_within_effect
from attune_fit.training.planning.planned_study import PLANNED_KINDS, PlannedKind, PlannedStudy
from attune_fit.training.planning.study_draws import DrawnStudies, draw_outcomes
from attune_fit.training.planning.study_sources import NormalPopulation
from attune_fit.training.planning.study_tests import run_study_tests

N_STUDIES = 30


def draw(kind: PlannedKind, therapists: int = 12, outcomes: int = 60) -> tuple[DrawnStudies, Floats]:
    """Uneven caseloads, some of one client, who gives no slope."""
    rng, study = np.random.default_rng(4), PlannedStudy(kind, 0.3, therapists, outcomes, slope_sd=0.3)
    drawn = NormalPopulation().draw(rng, study, N_STUDIES)
    return drawn, draw_outcomes(rng, study, drawn)


def run_alone(kind: PlannedKind, drawn: DrawnStudies, y: Floats, number: int) -> EffectTest:
    rows = slice(number * drawn.n_outcomes, (number + 1) * drawn.n_outcomes)
    outcome, therapist = y[rows], drawn.therapist[rows]
    trait = drawn.trait[therapist]
    if kind == "trait":
        return estimate_trait_effect(outcome, therapist, trait)
    if kind == "interaction":
        return estimate_slope_interaction(outcome, therapist, drawn.client_variable[rows], trait)
    client = np.arange(drawn.n_outcomes)
    return estimate_within_effect(outcome, therapist, client, drawn.pair_value[rows], drawn.parts[rows])


@pytest.mark.parametrize("kind", PLANNED_KINDS)
def test_the_figures_are_those_of_each_study_alone(kind: PlannedKind) -> None:
    drawn, y = draw(kind)
    tests = run_study_tests(kind, drawn, y)
    alone = [run_alone(kind, drawn, y, number) for number in range(N_STUDIES)]
    assert not tests.problems
    assert (np.bincount(drawn.therapist) == 1).any(), "a caseload of one is part of this test"
    np.testing.assert_allclose(tests.estimate, [one.estimate for one in alone], rtol=1e-7)
    np.testing.assert_allclose(tests.p, [one.p for one in alone], rtol=1e-6)


@pytest.mark.parametrize("kind", PLANNED_KINDS)
@pytest.mark.parametrize(("therapists", "outcomes"), [(2, 60), (12, 12)])
def test_a_study_without_a_result_has_the_reason_of_the_test(kind: PlannedKind, therapists: int, outcomes: int) -> None:
    drawn, y = draw(kind, therapists, outcomes)
    tests = run_study_tests(kind, drawn, y)
    alone = [run_alone(kind, drawn, y, number).problem for number in range(N_STUDIES)]
    assert sum(tests.problems.values()) == N_STUDIES == int(np.isnan(tests.p).sum())
    assert set(tests.problems) == set(alone)


@pytest.mark.parametrize(("outcomes", "most"), [(120, 1e-9), (300, 0.02)])
def test_a_pair_is_tested_beyond_its_parts(outcomes: int, most: float) -> None:
    drawn, y = draw("pair", 12, outcomes)
    rng = np.random.default_rng(5)
    parts = np.column_stack([drawn.pair_value + rng.normal(size=len(y)), rng.normal(size=len(y)), np.ones(len(y))])
    adjusted = DrawnStudies(**{**vars(drawn), "parts": parts})
    tests, alone = run_study_tests("pair", adjusted, y), run_study_tests("pair", drawn, y)
    single = [run_alone("pair", adjusted, y, number) for number in range(N_STUDIES)]
    np.testing.assert_allclose(tests.estimate, [one.estimate for one in single], rtol=1e-7)
    gap = tests.p - np.array([one.p for one in single])
    assert np.abs(gap).max() < most, "with many records, the variance is approximate"
    assert np.abs(gap).mean() < 0.005
    assert np.abs(tests.estimate - alone.estimate).max() > 0.01


def test_a_trait_that_is_the_same_for_all_therapists_has_no_result() -> None:
    drawn, y = draw("trait")
    constant = DrawnStudies(**{**vars(drawn), "trait": np.zeros(len(drawn.trait))})
    assert run_study_tests("trait", constant, y).problems == {"no-variation": N_STUDIES}
