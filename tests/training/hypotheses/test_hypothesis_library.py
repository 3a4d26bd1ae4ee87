"""The library of published hypotheses: every file is whole, and answers as planted where the answer is known."""

from dataclasses import replace

import numpy as np
import pytest

import attune_fit as af
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.tables import Tables
from attune_fit.training.hypotheses.conclusion import NOT_SUPPORTED, SUPPORTED
from attune_fit.training.hypotheses.effect_estimates import estimate_effect
from attune_fit.training.hypotheses.hypothesis import Alternatives, Hypothesis
from attune_fit.training.hypotheses.hypothesis_library import find_hypothesis, list_library, read_library_file
from attune_fit.training.hypotheses.hypothesis_test import run_hypothesis_test
from attune_fit.training.hypotheses.lab_records import build_lab_records
from benchmarks.known_answers import add_own_columns

LIBRARY = [pytest.param(one, id=one.name) for one in list_library()]
QUICK = ("directiveness_match", "avoidance_by_warmth")
PAIR_CLAIMS = [  # therapists differ in any world
    pytest.param(one, id=one.name, marks=[] if one.name in QUICK else pytest.mark.slow)
    for one in list_library()
    if one.kind != "trait"
]
PLANTED = 0.5  # SD of the outcome for one SD of the term: no test of this size of clinic can miss it
N_ANSWERED = 12


@pytest.fixture(scope="module")
def null_clinic() -> tuple[Clinic, Tables]:
    """A clinic in which no pair fits better than another, with the columns that some files ask for."""
    workspace = af.simulate(clients=500, therapists=40, seed=11, world="null").workspace()
    return workspace.clinic, add_own_columns(workspace.tables, seed=1)


def test_the_library_has_at_least_twelve_hypotheses_of_each_kind_of_term() -> None:
    assert len(list_library()) >= N_ANSWERED
    assert {one.kind for one in list_library()} == {"trait", "interaction", "pair", "surface"}


@pytest.mark.parametrize("one", LIBRARY)
def test_a_file_is_called_like_its_hypothesis_and_names_its_source(one: Hypothesis) -> None:
    text = read_library_file(one.name)
    assert text.startswith("# Published: ")
    assert any(letter.isdigit() for letter in one.source)  # the year
    assert one.alternatives.exclusions
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("one", LIBRARY)
def test_a_planted_effect_is_found_with_its_sign_and_size(null_clinic: tuple[Clinic, Tables], one: Hypothesis) -> None:
    records = build_lab_records(*null_clinic, one)
    sign = -1.0 if one.direction == "-" else 1.0
    noise = np.random.default_rng(7).standard_normal(len(records))
    found = estimate_effect(replace(records, y=sign * PLANTED * records.term + noise))
    total = np.hypot(1.0, PLANTED * records.term.std())
    assert found.is_significant(one.direction)
    assert found.estimate == pytest.approx(sign * PLANTED / total, abs=4 * found.se)


@pytest.mark.parametrize("one", PAIR_CLAIMS)
def test_no_claim_about_pairs_is_supported_where_none_is_true(
    null_clinic: tuple[Clinic, Tables], one: Hypothesis
) -> None:
    found = run_hypothesis_test(*null_clinic, one.model_copy(update={"alternatives": Alternatives()}), draws=99)
    assert found.verdict != SUPPORTED


def test_a_published_share_that_no_such_sample_can_show_is_named(null_clinic: tuple[Clinic, Tables]) -> None:
    one = find_hypothesis("baseline_of_both").model_copy(update={"alternatives": Alternatives()})
    found = run_hypothesis_test(*null_clinic, one, draws=99)
    assert "implausible-published-figure" in {warning.id for warning in found.warnings}


@pytest.mark.slow
def test_the_worlds_with_one_mechanism_support_the_claims_about_it() -> None:
    answers = {("style", "directiveness_match"): SUPPORTED, ("complementarity", "directiveness_match"): NOT_SUPPORTED}
    for (mix, name), verdict in answers.items():
        workspace = af.simulate(clients=1_000, therapists=40, seed=3, mix=mix, fit_share=0.2).workspace()
        found = run_hypothesis_test(workspace.clinic, workspace.tables, find_hypothesis(name), draws=99)
        assert found.verdict == verdict, (mix, found.sentence)
