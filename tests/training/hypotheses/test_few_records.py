"""Tests of hypotheses where nothing can be computed: constant outcomes, few records, columns of the term itself."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import attune_fit as af
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.faults import DataFault
from attune_fit.training.hypotheses.conclusion import CANNOT_TELL
from attune_fit.training.hypotheses.hypothesis import Hypothesis
from attune_fit.training.hypotheses.hypothesis_result import HypothesisResult
from attune_fit.training.hypotheses.hypothesis_test import run_hypothesis_test
from attune_fit.training.hypotheses.planned_population import build_planned_population
from attune_fit.workspace import Workspace

SIDES = {"client": "attachment_avoidance", "therapist": "warm_support_style"}
KINDS = ["product", "closeness", "surface", "number"]


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return af.simulate(clients=120, therapists=8, seed=5).workspace()


def build_claim(compare: str = "product", power: int = 1, **keys: Any) -> Hypothesis:
    sides = {"therapist": SIDES["therapist"]} if compare == "number" else SIDES
    feature = {**sides, "compare": compare, "power": {"client": power}}
    return Hypothesis.model_validate({"name": "one", "claim": "c", "feature": feature, **keys})


def run(workspace: Workspace, tables: Tables, compare: str = "product", **keys: Any) -> HypothesisResult:
    return run_hypothesis_test(workspace.clinic, tables, build_claim(compare, **keys), draws=99)


def keep_clients(tables: Tables, number: int) -> Tables:
    ids = tables.outcomes["client_id"].unique()[:number]
    return replace(tables, outcomes=tables.outcomes[tables.outcomes["client_id"].isin(ids)])


def change_scores(tables: Tables, scores: Any) -> Tables:
    known = tables.outcomes["score"].notna()
    return replace(tables, outcomes=tables.outcomes.assign(score=np.where(known, scores, np.nan)))


@pytest.mark.parametrize("compare", KINDS)
def test_an_outcome_that_is_constant_is_an_error(workspace: Workspace, compare: str) -> None:
    same = change_scores(workspace.tables, 3.3)  # no power of two: means of it differ by rounding
    with pytest.raises(DataFault) as error:
        run(workspace, same, compare)
    assert [(fault.id, fault.column) for fault in error.value.faults] == [("constant-outcome", "outcome")]


@pytest.mark.parametrize("compare", ["product", "closeness"])
def test_an_outcome_that_is_constant_within_therapists_gives_no_answer(workspace: Workspace, compare: str) -> None:
    number = workspace.tables.outcomes["therapist_id"].str.removeprefix("t").astype(int)
    found = run(workspace, change_scores(workspace.tables, 3.3 + number / 30), compare)
    assert found.verdict == CANNOT_TELL
    assert not np.isfinite(found.effect.estimate)
    assert not any(np.isfinite(one.estimate) for one in found.other_tests)


@pytest.mark.parametrize(("compare", "number"), [*((one, 5) for one in KINDS), ("product", 3), ("product", 8)])
def test_few_records_give_no_answer_and_no_failure(workspace: Workspace, compare: str, number: int) -> None:
    found = run(workspace, keep_clients(workspace.tables, number), compare)
    assert found.verdict == CANNOT_TELL


@pytest.mark.parametrize("compare", KINDS)
def test_one_client_for_each_therapist_gives_no_answer(workspace: Workspace, compare: str) -> None:
    first = workspace.tables.outcomes.drop_duplicates("therapist_id")
    assert run(workspace, replace(workspace.tables, outcomes=first), compare).verdict == CANNOT_TELL


@pytest.mark.parametrize("compare", ["product", "surface", "number"])
def test_the_therapists_number_of_the_term_is_no_covariate(workspace: Workspace, compare: str) -> None:
    with pytest.raises(DataFault) as error:
        run(workspace, workspace.tables, compare, covariates=["therapists.warm_support_style"])
    assert [fault.id for fault in error.value.faults] == ["term-as-covariate"]


def test_numbers_too_large_to_compute_with_are_an_error(workspace: Workspace) -> None:
    numbers = workspace.tables.clients["attachment_avoidance"] * 1e200
    huge = replace(workspace.tables, clients=workspace.tables.clients.assign(attachment_avoidance=numbers))
    with pytest.raises(DataFault) as error:
        run(workspace, huge, power=2)
    assert [fault.id for fault in error.value.faults] == ["term-too-large"]


def test_power_is_planned_on_the_tables_while_one_client_has_an_outcome(workspace: Workspace) -> None:
    planned = build_planned_population(workspace.clinic, keep_clients(workspace.tables, 2), build_claim())
    assert planned.records is None
