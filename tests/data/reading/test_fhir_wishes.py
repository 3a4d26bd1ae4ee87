"""Wishes from FHIR: only coded ones are read, and none that restricts is lost in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.data.reading.fhir_clinic import (
    Body,
    FhirFolder,
    build_observation,
    build_patient,
    build_response,
    build_wish_items,
)

TWO_CODES = [{"valueCoding": {"code": code}} for code in ("gender", "must")]
WISH = build_wish_items("gender", "female", "must")


def build_preference(name: str = "p", response: str = "", **elements: Any) -> Body:
    """Return a Care Experience Preference of client c1."""
    source = {"derivedFrom": [{"reference": f"QuestionnaireResponse/{response}"}]} if response else {}
    return build_observation(name, "c1", "95541-9", "2026-05-01", valueString="Zzyzx", **source) | elements


@pytest.fixture
def clinic(tmp_path: Path) -> FhirFolder:
    """Return an empty clinic."""
    return FhirFolder(tmp_path)


def list_wishes(clinic: FhirFolder) -> list[tuple[str, ...]]:
    """Return the wishes as they were read."""
    frame = clinic.read().preferences
    return [tuple(map(str, row)) for row in frame.itertuples(index=False)]


def test_the_coded_wish_is_read_and_the_text_is_not(clinic: FhirFolder) -> None:
    clinic.put_people(build_preference(response="q"), build_response("q", "c1", WISH))
    assert list_wishes(clinic) == [("c1", "gender", "female", "must")]
    assert not clinic.list_aside()
    assert "fhir-preference-free-text" not in clinic.list_ids()
    assert "zzyzx" not in str(clinic.read().preferences).casefold()


def test_several_wishes_also_numbers_can_be_in_one_response(clinic: FhirFolder) -> None:
    age = build_wish_items("years_experience", "", "prefer")
    age[0]["item"][1]["answer"] = [{"valueInteger": 10}]
    clinic.put_people(build_response("q", "c1", [{"linkId": "all", "item": [*WISH, *age]}]))
    assert list_wishes(clinic) == [("c1", "gender", "female", "must"), ("c1", "years_experience", "10", "prefer")]


def test_a_coded_wish_to_which_no_preference_points_counts(clinic: FhirFolder) -> None:
    clinic.put_people(build_response("q", "c1", WISH[0]["item"]))
    assert list_wishes(clinic) == [("c1", "gender", "female", "must")]


@pytest.mark.parametrize("response", ["", "phq9"])
def test_free_text_alone_is_reported_with_the_id_and_never_read(clinic: FhirFolder, response: str) -> None:
    form = build_response("phq9", "c1", [{"linkId": "/44250-9", "answer": [{"valueInteger": 1}]}])
    clinic.put_people(form, build_preference("p17", response))
    (fault,) = [one for one in clinic.list_faults() if one.id == "fhir-preference-free-text"]
    assert fault.says == "not read: free text, in 1 Observation (p17)"
    assert not list_wishes(clinic)
    assert "Zzyzx" not in str(clinic.list_faults())


def test_many_preferences_are_counted(clinic: FhirFolder) -> None:
    clinic.put_people(*(build_preference(f"p{number}") for number in range(1, 11)))
    (fault,) = [one for one in clinic.list_faults() if one.id == "fhir-preference-free-text"]
    assert fault.says == "not read: free text, in 10 Observation (p1, p2, p3, p4, p5, p6, p7, p8 and 2 more)"


def test_a_preference_whose_response_is_not_there_sets_the_client_aside(clinic: FhirFolder) -> None:
    clinic.put_people(build_preference(response="elsewhere"), build_patient("c1"), build_patient("c2"))
    assert clinic.list_aside() == {"fhir-preference-without-response": ("c1",)}


@pytest.mark.parametrize("part", [0, 1, 2])
@pytest.mark.parametrize("answers", [[], [{"valueString": "female"}], TWO_CODES, [{"valueBoolean": True}]])
def test_a_wish_with_a_part_that_cannot_be_read_sets_the_client_aside(
    clinic: FhirFolder, part: int, answers: list[Body]
) -> None:
    items = build_wish_items("gender", "female", "must")
    items[0]["item"][part]["answer"] = answers
    clinic.put_people(build_response("q", "c1", items), build_patient("c1"), build_patient("c2"))
    assert set(clinic.list_aside().values()) == {("c1",)}
    del items[0]["item"][part]
    clinic.put_people(build_response("q", "c1", items), build_patient("c1"), build_patient("c2"))
    assert set(clinic.list_aside().values()) == {("c1",)}


def test_a_void_wish_does_not_count(clinic: FhirFolder) -> None:
    void = {"status": "entered-in-error"}
    clinic.put_people(build_response("q", "c1", WISH, **void))
    assert not list_wishes(clinic)
    clinic.put_people(build_preference(response="q", **void), build_response("q", "c1", WISH))
    assert not list_wishes(clinic)
    again = build_preference("p2", "q")
    clinic.put_people(build_preference(response="q", **void), again, build_response("q", "c1", WISH))
    assert len(list_wishes(clinic)) == 1
    clinic.put_people(build_preference(**void))
    assert "fhir-preference-free-text" not in clinic.list_ids()


def test_a_wish_of_a_stopped_response_still_restricts(clinic: FhirFolder) -> None:
    clinic.put_people(build_response("q", "c1", WISH, status="stopped"))
    assert len(list_wishes(clinic)) == 1


def test_a_treatment_intervention_preference_is_no_wish(clinic: FhirFolder) -> None:
    clinic.put_people(build_observation("p", "c1", "75773-2", "2026-05-01", valueString="Zzyzx"))
    assert not list_wishes(clinic)
    assert "fhir-preference-free-text" not in clinic.list_ids()


def test_a_wish_of_nobody_is_an_error(clinic: FhirFolder) -> None:
    clinic.put_people(build_response("q", "unlisted", WISH))
    assert "restriction-about-unknown-id" in [fault.id for fault in clinic.list_faults() if fault.stops]


def test_versions_without_a_time_all_count(clinic: FhirFolder) -> None:
    other = build_wish_items("gender", "male", "never")
    clinic.put_people(build_response("q", "c1", WISH), build_response("q", "c1", other))
    assert sorted(strength for *_, strength in list_wishes(clinic)) == ["must", "never"]


def test_the_later_version_counts_in_any_time_zone(clinic: FhirFolder) -> None:
    late, early = ({"meta": {"lastUpdated": when}} for when in ("2026-01-01T23:00:00-05:00", "2026-01-02T01:00:00Z"))
    clinic.put_people(build_response("q", "c1", WISH, **late), build_response("q", "c1", [], **early))
    assert len(list_wishes(clinic)) == 1
    clinic.put_people(build_response("q", "c1", [], **late), build_response("q", "c1", WISH, **early))
    assert not list_wishes(clinic)
    early["meta"]["lastUpdated"] = "2026-01-02T01:00:00"  # no offset: which one is later is not known
    clinic.put_people(build_response("q", "c1", [], **late), build_response("q", "c1", WISH, **early))
    assert len(list_wishes(clinic)) == 1


def test_parts_of_two_wishes_in_one_group_are_not_mixed(clinic: FhirFolder) -> None:
    flat = [*WISH[0]["item"], *build_wish_items("age", "40-", "must")[0]["item"]]
    clinic.put_people(build_response("q", "c1", flat), build_patient("c1"), build_patient("c2"))
    assert set(clinic.list_aside().values()) == {("c1",)}


def test_a_wish_of_which_no_part_can_be_read_sets_the_client_aside(clinic: FhirFolder) -> None:
    items = build_wish_items("gender", "female", "must")
    for item in items[0]["item"]:
        item["answer"] = [{"valueString": "Zzyzx"}]
    clinic.put_people(build_response("q", "c1", items), build_patient("c1"), build_patient("c2"))
    assert set(clinic.list_aside().values()) == {("c1",)}


@pytest.mark.parametrize("mark", [":", " ", "/", "."])
def test_any_mark_can_be_before_the_name_of_a_part(mark: str, clinic: FhirFolder) -> None:
    items = build_wish_items("gender", "female", "must")
    for item in items[0]["item"]:
        item["linkId"] = item["linkId"].replace(".", mark)
    clinic.put_people(build_response("q", "c1", items))
    assert len(list_wishes(clinic)) == 1


@pytest.mark.parametrize("reference", ["#inside", "urn:uuid:6a4b"])
def test_a_response_that_no_reference_finds_sets_the_client_aside(reference: str, clinic: FhirFolder) -> None:
    preference = build_preference() | {"derivedFrom": [{"reference": reference}]}
    clinic.put_people(preference, build_patient("c1"), build_patient("c2"))
    assert clinic.list_aside() == {"fhir-preference-without-response": ("c1",)}
    del preference["subject"]
    clinic.put_people(preference, build_patient("c1"), build_patient("c2"))
    assert "fhir-preference-without-client" in [fault.id for fault in clinic.list_faults() if fault.stops]
