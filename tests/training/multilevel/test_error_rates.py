"""The tests over therapists keep their error rate where the obvious tests do not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import linregress

from attune_fit.training.multilevel.mixed_interaction import estimate_mixed_interaction
from benchmarks.error_rates import CELLS, measure_cell
from benchmarks.null_studies import CASELOADS, KINDS, StudyDesign

RUNS = 600
HARDEST = [
    StudyDesign("trait", 0.0, 10, "skewed"),
    StudyDesign("pair", 0.25, 10, "skewed"),
    StudyDesign("interaction", 0.25, 10, "skewed"),
    StudyDesign("interaction", 0.25, 40, "uneven"),
]


@pytest.mark.slow
@pytest.mark.parametrize("design", HARDEST, ids=lambda design: f"{design.kind}-{design.therapists}")
def test_a_test_rejects_about_as_often_as_it_should(design: StudyDesign) -> None:
    rates = measure_cell(design, RUNS, RUNS, seed=2)
    assert 0.027 <= rates.rejected <= 0.085  # 3.5 to 7%, and two standard errors of this few studies
    assert 0.015 <= rates.permutation_rejected <= 0.085
    assert 0.915 <= rates.covered <= 0.985


def test_clients_as_the_unit_reject_far_too_often() -> None:
    rng = np.random.default_rng(1)
    studies = [StudyDesign("interaction", 0.25, 10, "even").draw(rng) for _ in range(60)]
    obvious = np.mean([linregress(study.value, study.y).pvalue < 0.05 for study in studies])
    default = np.mean([study.estimate().is_significant() for study in studies])
    assert default <= 0.15 < obvious


def test_the_cells_cover_every_kind_of_term_and_caseload() -> None:
    assert {design.kind for design in CELLS} == set(KINDS)
    assert {design.caseloads for design in CELLS} == set(CASELOADS)
    assert {design.therapists for design in CELLS} == {10, 20, 40, 100}


def test_the_mixed_model_has_the_same_estimate_as_slopes_where_caseloads_are_even() -> None:
    study = StudyDesign("interaction", 0.25, 15, "even").draw(np.random.default_rng(1), effect=0.5)
    mixed, default = study.estimate_mixed(), study.estimate()
    assert mixed.estimate == pytest.approx(default.estimate, abs=0.05)
    assert mixed.df == pytest.approx(default.df, abs=3)
    constant = np.ones_like(study.y)
    few = study.therapist % 2
    assert estimate_mixed_interaction(study.y, study.therapist, study.client, constant).problem == "no-variation"
    assert estimate_mixed_interaction(study.y, few, study.client, few.astype(float)).problem == "few-therapists"
