"""PHQ-9 and GAD-7 from FHIR: panels of Observations, and responses to questionnaires."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from attune_fit.data.reading.presets.fhir.symptom_forms import SCALES
from tests.data.reading.fhir_clinic import (
    ANSWERS,
    LOINC,
    PHQ9_ITEMS,
    Body,
    FhirFolder,
    build_concept,
    build_observation,
    build_panel,
    build_patient,
    build_response,
)

ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
GAD7_ITEMS = SCALES[1].items
TOTAL = "44261-6"


@pytest.fixture
def clinic(tmp_path: Path) -> FhirFolder:
    """Return an empty clinic."""
    return FhirFolder(tmp_path)


def build_items(codes: tuple[str, ...], values: list[Any], key: str = "valueInteger") -> list[Body]:
    """Return the items of a response, each with one answer."""
    return [{"linkId": f"/{code}", "answer": [{key: value}]} for code, value in zip(codes, values, strict=False)]


def test_a_panel_without_a_total_is_the_sum_of_its_items(clinic: FhirFolder) -> None:
    clinic.put_people(*build_panel("c1", "2026-05-02T10:00:00Z", [3, 2, 1, 0, 3, 2, 1, 0, 1]))
    assert clinic.get_client("phq9") == 13
    assert str(clinic.get_client("intake_on").date()) == "2026-05-02"


@pytest.mark.parametrize(("n_answers", "score"), [(9, 9), (8, 9), (7, 9), (6, None), (1, None)])
def test_missing_answers_follow_the_rule_of_sums_and_too_few_are_unknown(
    clinic: FhirFolder, n_answers: int, score: float | None
) -> None:
    clinic.put_people(*build_panel("c1", "2026-05-02", [1] * n_answers))
    assert clinic.get_client("phq9") == score


def test_a_total_counts_as_it_is(clinic: FhirFolder) -> None:
    total = build_observation("x", "c1", TOTAL, "2026-05-02", valueQuantity={"value": 14})
    clinic.put_people(total)
    assert clinic.get_client("phq9") == 14
    clinic.put_people(total, *build_panel("c1", "2026-05-01", [1] * 9))
    assert clinic.get_client("phq9") == 9  # another form, and the earlier one


def test_a_total_that_is_not_the_sum_of_its_items_is_not_known(clinic: FhirFolder) -> None:
    items = build_items((*PHQ9_ITEMS, TOTAL), [1] * 9 + [20])
    clinic.put_people(build_response("q", "c1", items))
    assert clinic.get_client("phq9") is None
    assert "fhir-form-unclear" in clinic.list_ids()


@pytest.mark.parametrize(
    ("key", "value", "number"),
    [
        ("valueInteger", 2, 2),
        ("valueDecimal", 2.0, 2),
        ("valueCoding", {"system": LOINC, "code": ANSWERS[3]}, 3),
        ("valueCoding", {"system": "x", "code": "b", "extension": [{"url": ORDINAL, "valueDecimal": 1}]}, 1),
        ("valueCoding", {"system": "x", "code": "b", "display": "Nearly every day"}, 3),
        ("valueString", "several days", 1),
        ("valueCoding", {"system": "own", "code": "often"}, 2),
        ("valueCoding", {"system": "own", "code": "two numbers"}, None),
        ("valueCoding", {"system": "x", "code": "b", "display": "Sometimes"}, None),
        ("valueInteger", 4, None),
        ("valueBoolean", True, None),
    ],
)
def test_answers_of_any_kind(clinic: FhirFolder, key: str, value: object, number: float | None) -> None:
    options = [("often", 2), ("two numbers", 0), ("two numbers", 1)]
    coded = [
        {"valueCoding": {"system": "own", "code": code, "extension": [{"url": ORDINAL, "valueDecimal": ordinal}]}}
        for code, ordinal in options
    ]
    form = {"resourceType": "Questionnaire", "id": "own", "item": [{"linkId": "1", "answerOption": coded}]}
    clinic.put_people(form, build_response("q", "c1", build_items(GAD7_ITEMS, [value] * 7, key)))
    assert clinic.get_client("gad7") == (None if number is None else number * 7)
    assert ("fhir-form-unclear" in clinic.list_ids()) == (number is None)


def test_the_code_of_an_item_can_be_in_its_questionnaire(clinic: FhirFolder) -> None:
    form = {
        "resourceType": "Questionnaire",
        "id": "f",
        "url": "http://example.org/phq9",
        "item": [{"linkId": f"i{n}", "code": [{"system": LOINC, "code": code}]} for n, code in enumerate(PHQ9_ITEMS)],
    }
    items = [{"linkId": "group", "item": [{"linkId": f"i{n}", "answer": [{"valueInteger": 1}]} for n in range(9)]}]
    clinic.put_people(form, build_response("q", "c1", items, questionnaire="http://example.org/phq9|2"))
    assert clinic.get_client("phq9") == 9


def test_the_earliest_form_with_a_score_counts(clinic: FhirFolder) -> None:
    clinic.put_people(
        *build_panel("c1", "2026-05-20", [3] * 9),
        build_response("few", "c1", build_items(PHQ9_ITEMS, [1, 1]), authored="2026-04-01"),
        build_response("first", "c1", build_items(PHQ9_ITEMS, [2] * 9), authored="2026-05-03"),
        build_response("undated", "c1", build_items(PHQ9_ITEMS, [0] * 9), authored=None),
        build_response("gad", "c1", build_items(GAD7_ITEMS, [1] * 7), authored="2026-05-09"),
    )
    assert clinic.get_client("phq9") == 18
    assert str(clinic.get_client("intake_on").date()) == "2026-05-09"


@pytest.mark.parametrize("status", ["entered-in-error", "preliminary", "in-progress", "unknown"])
def test_a_form_that_is_not_final_does_not_count(clinic: FhirFolder, status: str) -> None:
    clinic.put_people(build_response("q", "c1", build_items(PHQ9_ITEMS, [1] * 9), status=status))
    assert clinic.get_client("phq9") is None
    panel = build_panel("c1", "2026-05-02", [1] * 9)
    clinic.put_people(panel[0] | {"status": status}, *panel[1:])
    assert clinic.get_client("phq9") is None


def test_components_and_absent_answers(clinic: FhirFolder) -> None:
    parts = [{"code": build_concept(code), "valueInteger": 2} for code in GAD7_ITEMS[:5]]
    absent = [{"code": build_concept(code), "dataAbsentReason": {"text": "asked"}} for code in GAD7_ITEMS[5:]]
    clinic.put_people(
        build_observation("p", "c1", "69737-5", "2026-05-02", component=[*parts, *absent]),
        build_patient("c1"),
        build_patient("c2"),
        build_observation("q", "c2", "69737-5", "2026-05-02", component=[*parts[:4], *absent]),
    )
    assert clinic.get_client("gad7") == 14
    assert clinic.get_client("gad7", "c2") is None


def test_observations_that_come_from_a_response_are_the_same_form(clinic: FhirFolder) -> None:
    panel = build_panel("c1", "2026-05-02", [1] * 9)
    panel[0]["derivedFrom"] = [{"reference": "QuestionnaireResponse/q"}]
    total = [{"linkId": TOTAL, "answer": [{"valueDecimal": 9}]}]
    clinic.put_people(*panel, build_response("q", "c1", total, authored="2026-05-02"))
    assert clinic.get_client("phq9") == 9
    clinic.put_people(*panel, build_response("q", "c1", [{**total[0], "answer": [{"valueDecimal": 12}]}]))
    assert clinic.get_client("phq9") is None


def test_a_total_out_of_range_is_reported_as_in_any_table(clinic: FhirFolder) -> None:
    clinic.put_people(build_observation("x", "c1", TOTAL, "2026-05-02", valueQuantity={"value": 99}))
    assert clinic.get_client("phq9") is None
    assert "value-not-valid" in [fault.id for fault in clinic.list_faults()]
