"""A health system: a bulk export of FHIR R4 as NDJSON, and openings that the clinic keeps in a CSV file."""

from pathlib import Path
from typing import Any

from benchmarks.first_mapping.folder_writing import CellDraw, write_resources, write_text

PATIENTS = [f"pat-{number}" for number in range(1, 11)]
PRACTITIONERS = [f"pra-{number}" for number in range(1, 5)]
LOINC, LANGUAGE = "http://loinc.org", "urn:ietf:bcp:47"
Resource = dict[str, Any]


def write_folder(folder: Path) -> None:
    """Write 10 patients, 4 practitioners, 14 encounters with SRS totals, and a PHQ-9 total for each patient."""
    draw = CellDraw(10)
    encounters = [_draw_encounter(draw, one, session) for one in PATIENTS[:7] for session in (1, 2)]
    totals = [_build_total(one, draw.number(28, 40)) for one in encounters]
    write_resources(folder / "Patient.ndjson", [_draw_patient(draw, one) for one in PATIENTS])
    write_resources(folder / "Practitioner.ndjson", [_draw_practitioner(draw, one) for one in PRACTITIONERS])
    write_resources(folder / "Encounter.ndjson", encounters)
    write_resources(folder / "Observation.ndjson", [*totals, *(_draw_phq9(draw, one) for one in PATIENTS)])
    openings = [[one, draw.number(0, 3), f"{draw.day('2025-05-05', '2025-05-30'):%Y-%m-%d}"] for one in PRACTITIONERS]
    write_text(folder / "openings.csv", [["Practitioner ID", "Openings", "Updated"], *openings])


def _draw_languages(draw: CellDraw) -> list[Resource]:
    return [{"coding": [{"system": LANGUAGE, "code": code}]} for code in ("en", *draw.some(("es",), 1, 0))]


def _draw_patient(draw: CellDraw, one: str) -> Resource:
    return {
        "resourceType": "Patient", "id": one, "active": True,
        "gender": draw.one(("female", "male", "other", "unknown")),
        "birthDate": f"{draw.day('1955-01-01', '2006-01-01'):%Y-%m-%d}",
        "address": [{"use": "home", "state": draw.one(("MA", "NH"))}],
        "communication": [{"language": language} for language in _draw_languages(draw)],
    }  # fmt: skip


def _draw_practitioner(draw: CellDraw, one: str) -> Resource:
    return {
        "resourceType": "Practitioner", "id": one, "active": True, "gender": draw.one(("female", "male")),
        "communication": _draw_languages(draw),
    }  # fmt: skip


def _draw_encounter(draw: CellDraw, patient: str, session: int) -> Resource:
    start = draw.day(f"2025-0{session + 2}-03", f"2025-0{session + 2}-28")
    return {
        "resourceType": "Encounter", "id": f"enc-{patient}-{session}", "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": {"reference": f"Patient/{patient}"}, "period": {"start": f"{start:%Y-%m-%dT%H:%M:%SZ}"},
        "participant": [{"individual": {"reference": f"Practitioner/{PRACTITIONERS[int(patient[4:]) % 4]}"}}],
    }  # fmt: skip


def _build_total(encounter: Resource, total: int) -> Resource:
    """Build the SRS total of an encounter: no code system has one, so the name of the form is text."""
    return {
        "resourceType": "Observation", "id": f"srs-{encounter['id']}", "status": "final", "code": {"text": "SRS"},
        "subject": encounter["subject"], "encounter": {"reference": f"Encounter/{encounter['id']}"},
        "effectiveDateTime": encounter["period"]["start"], "valueQuantity": {"value": total},
    }  # fmt: skip


def _draw_phq9(draw: CellDraw, patient: str) -> Resource:
    return {
        "resourceType": "Observation", "id": f"phq9-{patient}", "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "44261-6"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": f"{draw.day('2025-01-06', '2025-02-20'):%Y-%m-%d}",
        "valueInteger": draw.number(3, 24),
    }  # fmt: skip
