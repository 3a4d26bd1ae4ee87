"""Clients and therapists from FHIR: Patient, Coverage, Practitioner, PractitionerRole, Schedule and Slot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.data.reading.fhir_clinic import (
    JURISDICTION,
    RACE,
    Body,
    FhirFolder,
    build_concept,
    build_coverage,
    build_patient,
    build_practitioner,
    build_reference,
    build_role,
)

SPANISH = build_concept("es-MX")
ETHNICITY = RACE.replace("race", "ethnicity")
PLAN_NET = "http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/newpatients"


def build_groups(url: str, **codes: list[tuple[str, str]]) -> dict[str, Any]:
    """Return an extension of US Core with codings: ``ombCategory=[(code, display)]``."""
    return {
        "url": url,
        "extension": [
            {"url": part, "valueCoding": {"code": code, "display": display}}
            for part, codings in codes.items()
            for code, display in codings
        ],
    }


@pytest.fixture
def clinic(tmp_path: Path) -> FhirFolder:
    """Return an empty clinic."""
    return FhirFolder(tmp_path)


@pytest.mark.parametrize(
    ("elements", "column", "cell"),
    [
        ({"birthDate": "1990-06-16"}, "age", 35),
        ({"birthDate": None}, "age", None),
        ({"gender": "male"}, "gender", "male"),
        ({"gender": "unknown"}, "gender", None),
        ({"gender": "M"}, "gender", None),
        ({"communication": [{"language": one} for one in (SPANISH, {"text": "French"})]}, "languages", "es|fr"),
        ({"communication": [{"language": build_concept("sgn-US")}]}, "languages", "sgn-us"),
        ({"address": [{"use": "home", "state": "Massachusetts"}]}, "region", "ma"),
        ({"address": [{"use": "old", "state": "OK"}, {"state": "TX"}]}, "region", "tx"),
        ({"address": [{"state": "OK", "period": {"end": "2026-06-14"}}, {"state": "TX"}]}, "region", "tx"),
        ({"address": [{"state": "OK"}, {"use": "home", "state": "TX"}]}, "region", "tx"),
        ({"address": [{"state": "OK"}, {"use": "work", "state": "ME"}]}, "region", "ok"),
        ({"address": [{"city": "Boston"}]}, "region", None),
    ],
)  # fmt: skip
def test_a_patient_becomes_a_client(clinic: FhirFolder, elements: dict[str, Any], column: str, cell: object) -> None:
    assert clinic.put_people(build_patient("c1", **elements)).get_client(column) == cell


def test_race_and_ethnicity_are_one_set_without_what_names_no_group(clinic: FhirFolder) -> None:
    race = build_groups(RACE, ombCategory=[("2106-3", "White"), ("2028-9", "Asian")], detailed=[("2036-2", "Filipino")])
    other = build_groups(ETHNICITY, ombCategory=[("2186-5", "Not Hispanic or Latino")])
    clinic.put_people(build_patient("c1", extension=[race, other]), build_patient("c2", extension=[other]))
    assert clinic.get_client("race_ethnicity") == "white|asian"
    assert clinic.get_client("race_ethnicity", "c2") is None


def test_who_has_died_or_is_not_active_is_no_client(clinic: FhirFolder) -> None:
    gone: list[dict[str, Any]] = [{"deceasedDateTime": "2026-01-01"}, {"deceasedBoolean": True}, {"active": False}]
    people = [build_patient(f"c{number}", **one) for number, one in enumerate(({"deceasedBoolean": False}, *gone), 1)]
    clinic.put_people(*people)
    assert clinic.read().clients["client_id"].to_list() == ["c1"]
    clinic.put_people(*people[1:])
    assert clinic.list_ids()[0] == "fhir-no-patient-in-use"


def test_cells_that_restrict_and_cannot_be_read_set_the_client_aside(clinic: FhirFolder) -> None:
    homes = [{"state": "OK"}, {"state": "TX"}]
    clinic.put_people(
        build_patient("c1"),
        build_patient("c2", address=homes),
        build_patient("c3", communication=[{"preferred": True}]),
        build_coverage("k1", "c4"),
        build_coverage("k2", "c4", payor=[{"display": "Another Plan"}]),
        build_patient("c4"),
        build_coverage("k3", "c5", payor=[]),
        build_patient("c5"),
        build_patient("c6", gender="M"),
    )
    assert clinic.list_aside() == {
        "fhir-several-homes": ("c2",),
        "fhir-client-language": ("c3",),
        "fhir-several-payers": ("c4", "c5"),
    }
    assert "fhir-client-gender" in clinic.list_ids()


def test_a_line_of_the_clinic_takes_the_place_of_one_of_the_preset(clinic: FhirFolder) -> None:
    clinic.put_people(build_patient("c1", address=[{"state": "OK"}, {"state": "TX"}]))
    toml = (clinic.folder / "clinic.toml").read_text()
    own = '[tables.clients.columns]\nregion = "Patient.gender"\n'
    (clinic.folder / "clinic.toml").write_text(toml + own)
    assert clinic.get_client("region") == "female"
    assert not clinic.list_aside()


@pytest.mark.parametrize(
    ("coverages", "payer"),
    [
        ([{}], "acme health plan"),
        ([{"status": "cancelled"}], None),
        ([{"period": {"end": "2026-06-14"}}], None),
        ([{"period": {"end": "2026-06"}}], "acme health plan"),
        ([{"period": {"start": "2026-07-01"}}], None),
        ([{"order": 2}, {"order": 1, "payor": [{"display": "First Plan"}]}], "first plan"),
        ([{"payor": [{"reference": "Patient/c1"}]}], "self pay"),
        ([{"type": build_concept("pay")}], "self pay"),
        ([{"payor": [{"display": "Zzyzx, Given-c1"}]}], "self pay"),
        ([{"payor": [{"reference": "#x"}], "contained": [{"id": "x", "resourceType": "Patient"}]}], "self pay"),
        ([{"payor": [{"reference": "#x"}], "contained": [{"id": "x", "name": "Plan X"}]}], "plan x"),
        ([{"payor": [{"reference": "Organization/o"}]}], "named plan"),
        ([{"payor": [{"reference": "Organization/other"}]}], "other"),
    ],
)
def test_the_payer_is_that_of_the_active_coverage(clinic: FhirFolder, coverages: list[Any], payer: str | None) -> None:
    organization = {"resourceType": "Organization", "id": "o", "name": "Named Plan"}
    clinic.put_people(organization, *(build_coverage(f"k{n}", "c1", **one) for n, one in enumerate(coverages)))
    assert clinic.get_client("payer") == payer


def build_licence(code: str = "LN", **number: Any) -> dict[str, Any]:
    """Return a qualification with a number of this type."""
    return {
        "identifier": [{"type": build_concept(code, system="http://terminology.hl7.org/CodeSystem/v2-0203")} | number]
    }


def build_jurisdiction(state: str) -> list[dict[str, Any]]:
    """Return the extension of a number with its state."""
    return [{"url": JURISDICTION, "valueCodeableConcept": build_concept(state)}]


@pytest.mark.parametrize(
    ("qualifications", "states"),
    [
        ([build_licence(extension=build_jurisdiction(one)) for one in ("MA", "New Hampshire")], "ma|nh"),
        ([build_licence("MD", assigner={"display": "State of Michigan"})], "mi"),
        ([build_licence() | {"issuer": {"display": "West Virginia Board of Psychology"}}], "wv"),
        ([{"code": {"text": "Licensed counselor"}, "issuer": {"display": "Board, Washington, D.C."}}], "dc"),
        ([{"code": {"text": "PhD"}, "issuer": {"display": "University of Michigan"}}], None),
        ([build_licence() | {"issuer": {"display": "University of Michigan"}}], None),
        ([build_licence() | {"issuer": {"display": "Board of Kansas and Iowa"}}], None),
        ([build_licence(extension=build_jurisdiction("MA")) | {"period": {"end": "2026-06-14"}}], None),
        ([build_licence(extension=build_jurisdiction("MA"), use="old")], None),
        ([], None),
    ],
)  # fmt: skip
def test_licences_count_where_their_state_is_sure(clinic: FhirFolder, qualifications: list[Any], states: str) -> None:
    clinic.put_people(build_practitioner("t", qualification=qualifications))
    assert clinic.get_therapist("licensed_regions") == states


def test_a_licence_number_of_the_practitioner_counts_and_another_number_does_not(clinic: FhirFolder) -> None:
    number = {"system": "http://example.org", "value": "1", "extension": build_jurisdiction("MA")}
    licence = build_licence(extension=build_jurisdiction("NH"))["identifier"]
    clinic.put_people(build_practitioner("t", qualification=[], identifier=[number, *licence]))
    assert clinic.get_therapist("licensed_regions") == "nh"


def test_roles_give_specialties_and_openings(clinic: FhirFolder) -> None:
    closed = {
        "url": PLAN_NET,
        "extension": [{"url": "acceptingPatients", "valueCodeableConcept": build_concept("nopt")}],
    }
    away = [{"description": "Leave", "during": {"start": "2026-06-01", "end": "2026-06-30"}}]
    back = [{"description": "Leave", "during": {"end": "2026-05-30"}}, {"description": "Holidays"}]
    second = build_role("r2", "t", specialty=[build_concept("dep", "Low mood")])
    clinic.put_people(
        *(build_practitioner(name) for name in "tuvw"),
        *(build_role("r1", "t", extension=[closed]), second, build_role("r3", "u", extension=[closed])),
        *(build_role("r4", "v", notAvailable=away), build_role("r5", "w", notAvailable=back)),
    )
    assert clinic.get_therapist("specialties") == "anxiety|low mood"
    assert [clinic.get_therapist("open_slots", name) for name in "tuvw"] == [None, 0, 0, None]


def test_a_therapist_without_an_active_role_is_not_on_the_roster(clinic: FhirFolder) -> None:
    clinic.put_people(
        *(build_practitioner(name) for name in "tuv"),
        build_practitioner("w", active=False),
        build_role("r1", "t"),
        build_role("r2", "t", active=False),
        build_role("r3", "u", active=False),
        build_role("r4", "u", period={"end": "2026-06-14"}),
    )
    assert clinic.read().therapists["therapist_id"].to_list() == ["t", "v"]


def test_the_languages_of_therapists_restrict(clinic: FhirFolder) -> None:
    clinic.put_people(
        build_practitioner("t", communication=[build_concept("en-GB"), {"text": "Spanish"}]),
        build_practitioner("u", communication=[{}], gender="F"),
    )
    assert clinic.get_therapist("languages") == "en|es"
    assert clinic.list_aside() == {"fhir-therapist-language": ("u",)}
    assert "fhir-therapist-gender" in clinic.list_ids()


def test_people_without_any_resource_of_their_kind_are_one_error_each(clinic: FhirFolder) -> None:
    clinic.put(build_coverage("k1", "c1"))
    assert [fault.id for fault in clinic.list_faults() if fault.stops] == [
        "fhir-without-patient",
        "fhir-without-practitioner",
    ]


def test_rows_on_the_code_of_a_role_leave_out_who_is_not_active(clinic: FhirFolder) -> None:
    code = [build_concept("psy", "Psychologist")]
    clinic.put_people(
        *(build_practitioner(name) for name in "tuv"),
        build_practitioner("w", active=False),
        build_role("r1", "t", code=code),
        build_role("r2", "u", code=code, active=False),
        build_role("r4", "w", code=code),
        build_role("r3", "v", code=[build_concept("rec", "Receptionist")]),
    )
    toml = (clinic.folder / "clinic.toml").read_text()
    condition = '[tables.therapists]\nrows = { column = "PractitionerRole.code", is = "Psychologist" }\n'
    (clinic.folder / "clinic.toml").write_text(toml.replace("[tables.therapists]\n", condition))
    assert clinic.read().therapists["therapist_id"].to_list() == ["t"]


def test_no_reference_by_another_way_is_lost(clinic: FhirFolder) -> None:
    refs = [
        "Practitioner/t",
        "Practitioner/t/_history/3",
        "https://example.org/fhir/Practitioner/t",
        "Practitioner?identifier=http://example.org|17",
    ]
    roles = [build_role(f"r{n}", "", practitioner={"reference": one}, specialty=[build_concept(f"s{n}")])
             for n, one in enumerate(refs)]  # fmt: skip
    named = build_role("r9", "", practitioner={"type": "Practitioner", "identifier": {"value": "17", "system": "x"}})
    numbers = [{"system": "http://example.org", "value": "17"}]
    clinic.put_people(build_practitioner("t", identifier=numbers), *roles, named, build_role("r8", "unlisted"))
    assert clinic.get_therapist("specialties") == "s0|s1|s2|s3"
    assert build_reference("Practitioner", "t") == {"reference": refs[0]}


def build_intake(code: str | None) -> Body:
    """Return the statement of Plan-Net about new clients."""
    concept = {"text": "No"} if code is None else build_concept(code)
    inner = {"url": "acceptingPatients", "valueCodeableConcept": concept}
    return {"extension": [{"url": "http://example.org/newpatients", "extension": [inner]}]}


@pytest.mark.parametrize("elements", [build_intake("closed"), build_intake(None), {"period": {"end": "31/12/2025"}}])
def test_a_role_of_which_it_is_not_known_if_it_is_open_sets_the_therapist_aside(
    clinic: FhirFolder, elements: Body
) -> None:
    clinic.put_people(build_practitioner("t"), build_practitioner("u"), build_role("r", "t", **elements))
    assert clinic.list_aside() == {"fhir-openings-unclear": ("t",)}


@pytest.mark.parametrize("elements", [build_intake("nopt"), {"active": False}, {"active": "false"}])
def test_a_closed_role_whose_practitioner_is_not_found_is_an_error(clinic: FhirFolder, elements: Body) -> None:
    owner = {"practitioner": {"identifier": {"system": "npi", "value": "1"}}}
    clinic.put_people(build_role("r", "t", **elements, **owner))
    (fault,) = [one for one in clinic.list_faults() if one.stops]
    assert fault.id == "fhir-role-without-practitioner"
    clinic.put_people(build_role("r", "t", **owner), build_role("vacant", "t", **elements, practitioner={}))
    assert not [one for one in clinic.list_faults() if one.stops]


@pytest.mark.parametrize("place", ["qualification", "identifier"])
def test_a_licence_whose_end_cannot_be_read_sets_the_therapist_aside(clinic: FhirFolder, place: str) -> None:
    practitioner = build_practitioner("t")
    licence = practitioner["qualification"][0]
    (licence if place == "qualification" else licence["identifier"][0])["period"] = {"end": "01/02/2025"}
    clinic.put_people(practitioner, build_practitioner("u"))
    assert clinic.list_aside() == {"fhir-licence-unclear": ("t",)}


@pytest.mark.parametrize("status", ["inactive", "revoked", "pending"])
def test_a_licence_that_is_not_in_force_does_not_count(clinic: FhirFolder, status: str) -> None:
    url = "http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/practitioner-qualification"
    for code, expected in ((status, None), ("active", "ma")):
        practitioner = build_practitioner("t")
        inner = [{"url": "status", "valueCode": code}]
        practitioner["qualification"][0]["extension"] = [{"url": url, "extension": inner}]
        clinic.put_people(practitioner)
        assert clinic.get_therapist("licensed_regions") == expected


def test_a_no_that_is_written_as_text_counts(clinic: FhirFolder) -> None:
    clinic.put(
        build_patient("c1", active="false"), build_patient("c2", deceasedBoolean="true"), build_patient("c3"),
        build_practitioner("t", active="False"), build_practitioner("u"),
    )  # fmt: skip
    assert clinic.read().clients["client_id"].to_list() == ["c3"]
    assert clinic.read().therapists["therapist_id"].to_list() == ["u"]
