"""A made-up clinic as FHIR R4: 12 clients, 4 therapists, in NDJSON files and a Bundle."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.faults import Fault
from attune_fit.data.reading.read_clinic import list_faults, read_tables

Body = dict[str, Any]
LOINC = "http://loinc.org"
RACE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"
JURISDICTION = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-jurisdiction"
TOML = """[clinic]
as_of = 2026-06-15

[tables.clients]
source = "fhir"

[tables.therapists]
source = "fhir"

[tables.preferences]
source = "fhir"

[tables.outcomes]
source = "fhir"
"""
PHQ9_ITEMS = ("44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8")
ANSWERS = ("LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9")


def build_reference(kind: str, name: str) -> Body:
    """Return a reference to a resource."""
    return {"reference": f"{kind}/{name}"}


def build_concept(code: str, display: str = "", system: str = LOINC) -> Body:
    """Return a CodeableConcept with one coding."""
    return {"coding": [{"system": system, "code": code} | ({"display": display} if display else {})]}


def build_patient(name: str, **elements: Any) -> Body:
    """Return a Patient who is in use."""
    return {
        "resourceType": "Patient",
        "id": name,
        "active": True,
        "name": [{"family": "Zzyzx", "given": [f"Given-{name}"]}],
        "birthDate": "1990-03-01",
        "gender": "female",
        "address": [{"use": "home", "state": "MA", "line": ["1 Zzyzx Road"]}],
        "communication": [{"language": build_concept("en-US", system="urn:ietf:bcp:47")}],
    } | elements


def build_practitioner(name: str, state: str = "MA", **elements: Any) -> Body:
    """Return a Practitioner with a licence in a state."""
    number = {
        "type": build_concept("LN", system="http://terminology.hl7.org/CodeSystem/v2-0203"),
        "extension": [
            {"url": JURISDICTION, "valueCodeableConcept": build_concept(state, system="https://www.usps.com/")}
        ],
    }
    return {
        "resourceType": "Practitioner",
        "id": name,
        "active": True,
        "name": [{"family": f"Family-{name}"}],
        "gender": "female",
        "communication": [build_concept("en", system="urn:ietf:bcp:47")],
        "qualification": [{"identifier": [number], "code": {"text": "Licensed psychologist"}}],
    } | elements


def build_role(name: str, owner: str, **elements: Any) -> Body:
    """Return a PractitionerRole with hours on Monday mornings."""
    return {
        "resourceType": "PractitionerRole",
        "id": name,
        "active": True,
        "practitioner": build_reference("Practitioner", owner),
        "specialty": [build_concept("anx", "Anxiety", "http://example.org/problems")],
        "availableTime": [{"daysOfWeek": ["mon"], "availableStartTime": "09:00:00", "availableEndTime": "12:00:00"}],
    } | elements


def build_coverage(name: str, patient: str, **elements: Any) -> Body:
    """Return an active Coverage."""
    return {
        "resourceType": "Coverage",
        "id": name,
        "status": "active",
        "beneficiary": build_reference("Patient", patient),
        "payor": [{"reference": "Organization/acme", "display": "Acme Health Plan"}],
    } | elements


def build_observation(name: str, patient: str, code: str, date: str, **elements: Any) -> Body:
    """Return a final Observation."""
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": build_concept(code),
        "subject": build_reference("Patient", patient),
        "effectiveDateTime": date,
    } | elements


def build_panel(patient: str, date: str, answers: Iterable[int]) -> list[Body]:
    """Return a PHQ-9 panel of Observations without a total."""
    items = [
        build_observation(f"{patient}-{code}", patient, code, date, valueCodeableConcept=build_concept(ANSWERS[answer]))
        for code, answer in zip(PHQ9_ITEMS, answers, strict=False)
    ]
    members = [build_reference("Observation", one["id"]) for one in items]
    return [build_observation(f"{patient}-panel", patient, "44249-1", date, hasMember=members), *items]


def build_response(name: str, patient: str, items: list[Body], **elements: Any) -> Body:
    """Return a completed QuestionnaireResponse."""
    return {
        "resourceType": "QuestionnaireResponse",
        "id": name,
        "status": "completed",
        "subject": build_reference("Patient", patient),
        "authored": "2026-05-01",
        "item": items,
    } | elements


def build_wish_items(attribute: str, value: str, strength: str) -> list[Body]:
    """Return the group of items of one coded wish."""
    parts = {"attribute": attribute, "value": value, "strength": strength}
    inner = [{"linkId": f"wish.{key}", "answer": [{"valueCoding": {"code": part}}]} for key, part in parts.items()]
    return [{"linkId": "wish", "item": inner}]


def build_encounter(name: str, patient: str, practitioner: str, date: str, **elements: Any) -> Body:
    """Return a finished Encounter."""
    return {
        "resourceType": "Encounter",
        "id": name,
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": build_reference("Patient", patient),
        "participant": [{"individual": build_reference("Practitioner", practitioner)}],
        "period": {"start": f"{date}T10:00:00-04:00"},
    } | elements


def build_rating(name: str, patient: str, encounter: str, date: str, score: float) -> Body:
    """Return a WAI-SR total as an Observation of an encounter."""
    return build_observation(
        name, patient, "WAI-SR", date, valueQuantity={"value": score},
        encounter=build_reference("Encounter", encounter), performer=[build_reference("Patient", patient)],
    )  # fmt: skip


def list_clinic() -> list[Body]:
    """Return the resources of the clinic: c01 to c08 wait, c09 and c10 have met a therapist, two are not in use."""
    people = [build_patient(f"c{number:02}") for number in range(1, 11)]
    people += [build_patient("c11", deceasedDateTime="2026-01-05"), build_patient("c12", active=False)]
    roster = [build_practitioner(name, gender=sex) for name, sex in zip("tuvw", ("female", "male") * 2, strict=True)]
    roles = [build_role(f"r-{one['id']}", one["id"]) for one in roster]
    forms = [one for number in range(1, 9) for one in build_panel(f"c{number:02}", "2026-05-02", [1] * 9)]
    wish = build_response("wish-c01", "c01", build_wish_items("gender", "female", "must"))
    preference = build_observation(
        "pref-c01", "c01", "95541-9", "2026-05-01", valueString="Zzyzx", derivedFrom=[{
            "reference": "QuestionnaireResponse/wish-c01"
        }],
    )  # fmt: skip
    visits = [
        build_encounter("e1", "c09", "t", "2026-05-04"),
        build_encounter("e2", "c09", "t", "2026-05-11"),
        build_encounter("e3", "c10", "u", "2026-05-04"),
    ]
    return [
        *people, *roster, *roles, *(build_coverage(f"cov-{one['id']}", one["id"]) for one in people), *forms, wish,
        preference, *visits, build_rating("rating-1", "c09", "e2", "2026-05-11", 4.25),
    ]  # fmt: skip


def write_ndjson(folder: Path, resources: Iterable[Body]) -> None:
    """Write one file for each kind of resource, as a bulk export does."""
    lines: dict[str, list[str]] = {}
    for one in resources:
        lines.setdefault(one["resourceType"], []).append(json.dumps(one))
    for kind, texts in lines.items():
        (folder / f"{kind}.ndjson").write_text("\n".join(texts) + "\n", encoding="utf-8")


def write_bundle(path: Path, resources: Iterable[Body], **elements: Any) -> None:
    """Write a Bundle."""
    entries = [{"fullUrl": f"http://example.org/fhir/{one['resourceType']}/{one.get('id', '')}", "resource": one}
               for one in resources]  # fmt: skip
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries} | elements))


class FhirFolder:
    """A clinic folder of FHIR resources, which a test puts there."""

    def __init__(self, folder: Path, toml: str = TOML) -> None:
        self.folder = folder
        (folder / "clinic.toml").write_text(toml)

    def put(self, *resources: Body) -> FhirFolder:
        """Write the resources, one file for each kind."""
        write_ndjson(self.folder, resources)
        return self

    def put_people(self, *resources: Body) -> FhirFolder:
        """Write the resources, with one client and one therapist where they have none."""
        kinds = {one["resourceType"] for one in resources}
        people = [build_patient("c1")] if "Patient" not in kinds else []
        return self.put(*people, *([build_practitioner("t")] if "Practitioner" not in kinds else []), *resources)

    def read(self) -> Tables:
        """Return the tables."""
        return read_tables(Clinic.open(self.folder))

    def list_faults(self) -> tuple[Fault, ...]:
        """Return every fault, errors first."""
        return list_faults(Clinic.open(self.folder))

    def list_ids(self) -> list[str]:
        """Return the id of every fault of the preset."""
        return [fault.id for fault in self.list_faults() if fault.id.startswith("fhir-")]

    def get_client(self, column: str, name: str = "c1") -> Any:
        """Return one cell of a client; None where it is missing."""
        return self._get_cell(self.read().clients, "client_id", name, column)

    def get_therapist(self, column: str, name: str = "t") -> Any:
        """Return one cell of a therapist; None where it is missing."""
        return self._get_cell(self.read().therapists, "therapist_id", name, column)

    def list_aside(self) -> dict[str, tuple[str, ...]]:
        """Return the people whom each fault sets aside, by the id of the fault."""
        return {fault.id: fault.sets_aside for fault in self.list_faults() if fault.sets_aside}

    @staticmethod
    def _get_cell(frame: pd.DataFrame, key: str, name: str, column: str) -> Any:
        (cell,) = frame.loc[frame[key] == name, column]
        return None if pd.isna(cell) else cell
