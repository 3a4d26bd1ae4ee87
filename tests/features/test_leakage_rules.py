"""Leakage rules: a column known only after contact is refused by its name, however the clinic spells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.clinic.settings import Config, CustomFeature
from attune_fit.data.faults import DataFault
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.features.feature_catalogue import list_clinic_features
from attune_fit.features.leakage_rules import LEAKAGE_RULES, LeakageRule, find_leakage_rule
from tests.fault_descriptions import raises_faults
from tests.strategies import clinic

EXAMPLE_CLINICS = Path(__file__).resolve().parents[2] / "examples"
EXAMPLES = {
    "alliance itself": ("WAI total", "avgAlliance", "srs_3", "Therapeutic bond", "wai12"),
    "perceived cultural humility": ("Cultural humility (client)", "perceived_humility"),
    "attachment to the therapist": ("attachment to therapist", "CATS secure", "secure_base"),
    "a therapist's own attachment, as rated": ("attachment_avoidance_rated", "ECR", "AttachmentStyle"),
    "real relationship": ("real_relationship", "RRI"),
    "goal consensus and collaboration": ("goal consensus", "task agreement", "Collaboration"),
    "empathy, regard, genuineness": ("perceived empathy", "positive_regard", "EmpathicConcern"),
    "ratings of sessions": ("session_rating", "Session 2 quality of session", "satisfaction with therapist"),
    "outcome of therapy": ("outcome", "ORS", "progress", "discharge_status", "phq9 change", "post_treatment_phq9",
                           "improved", "Follow-up phq"),
    "course of therapy": ("dropped_out", "DropOut", "sessions attended", "number of sessions", "n_sessions", "no shows",
                          "weeks in therapy", "completed treatment"),
    "a therapist's track record": ("track record", "success_rate", "avg score", "Therapist effect"),
}  # fmt: skip
BEFORE_CONTACT = (
    "empathy wanted", "expected_alliance", "ORS at intake", "importance_of_collaboration", "hoped outcome",
    "prior treatment", "readiness for change", "goals", "life satisfaction", "session length", "duration of illness",
    "working days", "progressive_views", "bonding with pets", "previous therapy", "stage of change", "scored test",
    "income source", "trauma history", "supervision hours", "completed training", "Waiting weeks", "waist",
)  # fmt: skip


@pytest.mark.parametrize("one", LEAKAGE_RULES, ids=lambda one: one.name)
def test_a_rule_recognizes_the_names_that_clinics_use(one: LeakageRule) -> None:
    for column in EXAMPLES[one.name]:
        for table in one.tables:
            assert find_leakage_rule(table, column) is one
    assert set(one.figures) <= set(read_published_statistics())
    assert one.reason[-1] != "."


@pytest.mark.parametrize("column", BEFORE_CONTACT)
def test_a_question_asked_before_contact_is_no_leak(column: str) -> None:
    assert find_leakage_rule("clients", column) is None


@pytest.mark.parametrize("table", ["clients", "therapists"])
def test_no_column_of_attune_is_a_leak(table: str) -> None:
    assert not [column for column in list_columns(table) if find_leakage_rule(table, column)]


def test_every_leak_of_every_custom_feature_is_reported_at_once_with_its_fix() -> None:
    rows = [
        CustomFeature(name="fit", client="outcome", therapist="perceived_humility", compare="same", weight_by="WAI"),
        CustomFeature(name="other", client="field", therapist="success_rate", compare="same"),
    ]
    tables = clinic({"outcome": [1], "WAI": [2], "field": ["a"]}, {"perceived_humility": [1], "success_rate": [0.5]})
    with pytest.raises(DataFault) as raised:
        list_clinic_features(Config(features=rows), tables)
    assert [(fault.id, fault.column) for fault in raised.value.faults] == [
        ("leaking-column", "features.fit.client"),
        ("leaking-column", "features.fit.therapist"),
        ("leaking-column", "features.fit.weight_by"),
        ("leaking-column", "features.other.therapist"),
    ]
    assert {fault.fix for fault in raised.value.faults} == {rule.fix for rule in LEAKAGE_RULES}


def test_a_leaking_header_is_an_error_only_for_a_column_that_a_feature_reads() -> None:
    columns = {"interpersonal_skill": "Mean WAI of caseload", "open_slots": "Sessions attended"}
    mapped = {"tables": {"therapists": {"columns": columns}}}
    with raises_faults(
        "clinic.toml, tables.therapists.columns.interpersonal_skill: leaking-header (Mean WAI of caseload, "
        "alliance itself, It is what Attune predicts)",
    ):
        list_clinic_features(Config.model_validate(mapped), clinic({}, {}))


def test_a_column_name_that_marks_an_answer_before_contact_is_trusted() -> None:
    row = CustomFeature(name="fit", client="expected_empathy", therapist="field", compare="same")
    mapped = {"tables": {"clients": {"columns": {"expected_empathy": "Empathy"}}}, "features": [row.model_dump()]}
    tables = clinic({"expected_empathy": [1]}, {"field": [1]})
    assert list_clinic_features(Config.model_validate(mapped), tables)[-1].name == "fit"


@pytest.mark.parametrize("example", ["riverside", "dining"])
def test_the_examples_have_no_leak(example: str) -> None:
    config = Clinic.open(EXAMPLE_CLINICS / example).config
    headers = [
        (table, spelling.header)
        for table in ("clients", "therapists")
        for spelling in getattr(config.tables, table).columns.values()
    ]
    assert len(headers) > 10
    assert not [header for table, header in headers if find_leakage_rule(table, header)]
