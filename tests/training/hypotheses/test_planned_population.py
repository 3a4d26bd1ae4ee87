"""People of a clinic for power before data: who they are, and that no rating is used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import attune_fit as af
from attune_fit.data.faults import DataFault
from attune_fit.training.hypotheses.effect_estimates import estimate_effect
from attune_fit.training.hypotheses.lab_records import LabRecords, build_lab_records
from attune_fit.training.hypotheses.planned_population import (
    build_planned_population,
    convert_records,
    is_estimate_of_records,
    read_caseloads,
    simulate_curve,
)

PRODUCT = {"client": "attachment_avoidance", "therapist": "warm_support_style", "compare": "product"}
PAIR = {"client": "presenting_problems", "therapist": "specialties", "compare": "overlap"}


def build(feature: dict[str, str], **keys: object) -> af.Hypothesis:
    return af.Hypothesis.model_validate({"name": "one", "claim": "a claim", "feature": feature, **keys})


@pytest.fixture(scope="module")
def workspace() -> af.Workspace:
    return af.simulate(clients=120, therapists=8, seed=4).workspace()


@pytest.fixture(scope="module")
def records(workspace: af.Workspace) -> LabRecords:
    return build_lab_records(workspace.clinic, workspace.tables, build(PRODUCT))


def test_the_people_are_those_of_the_records(workspace: af.Workspace, records: LabRecords) -> None:
    source, own, found = build_planned_population(workspace.clinic, workspace.tables, build(PRODUCT))
    assert own == (records.n_therapists, len(records))
    assert found is not None
    assert source.sizes.tolist() == np.unique(records.therapist, return_counts=True)[1].tolist()
    assert np.corrcoef(source.client_variable, np.asarray(records.client_variable))[0, 1] == pytest.approx(1.0)


def test_no_rating_is_used(workspace: af.Workspace, records: LabRecords) -> None:
    other = replace(records, y=records.y[::-1] ** 2)
    for first, second in zip(
        vars(convert_records(records)).values(), vars(convert_records(other)).values(), strict=True
    ):
        np.testing.assert_array_equal(first, second)


def test_a_pair_brings_what_its_test_adjusts_for(workspace: af.Workspace) -> None:
    source = build_planned_population(workspace.clinic, workspace.tables, build(PAIR)).source
    assert source.parts.shape[0] == source.n_records
    assert source.parts.shape[1] >= 1, "at least the mean of each client over the therapists"
    assert source.pair_value.std() == pytest.approx(1.0)


@pytest.mark.parametrize("feature", [PRODUCT, PAIR, {"therapist": "years_experience", "compare": "number"}])
def test_before_the_first_outcome_every_client_could_meet_every_therapist(
    workspace: af.Workspace, feature: dict[str, str]
) -> None:
    empty = replace(workspace.tables, outcomes=workspace.tables.outcomes.iloc[:0])
    source, own, found = build_planned_population(workspace.clinic, empty, build(feature))
    assert (own, found) == (None, None)
    assert source.n_therapists > 5
    assert max(source.trait.std(), source.pair_value.std()) == pytest.approx(1.0)


def test_another_error_of_the_hypothesis_is_raised(workspace: af.Workspace) -> None:
    with pytest.raises(DataFault, match="no_such_column"):
        build_planned_population(workspace.clinic, workspace.tables, build({**PRODUCT, "client": "no_such_column"}))


def test_caseloads_of_a_clinic_are_its_rated_episodes(workspace: af.Workspace) -> None:
    caseloads = read_caseloads(workspace.clinic, workspace.tables)
    rated = workspace.tables.outcomes[workspace.tables.outcomes["score"].notna()]
    assert len(caseloads) == rated["therapist_id"].nunique()
    assert 0 < caseloads.sum() <= len(rated)


def test_an_effect_is_copied_only_if_it_has_the_decimals_of_a_copy(records: LabRecords) -> None:
    estimate = estimate_effect(records).estimate
    assert is_estimate_of_records(round(estimate, 4), records)
    assert not is_estimate_of_records(round(estimate, 4) + 0.0001, records)
    assert not is_estimate_of_records(round(estimate, 2), records)


def test_a_curve_rises_with_the_number_of_therapists(records: LabRecords) -> None:
    curve = simulate_curve(records, build(PRODUCT, smallest_effect=0.2), (6, 60))
    assert [row["therapists"] for row in curve] == sorted({6, records.n_therapists, 60})
    assert curve[0]["power"] < curve[-1]["power"]
    assert all(row["low"] <= row["power"] <= row["high"] for row in curve)
