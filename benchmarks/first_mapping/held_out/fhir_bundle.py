"""A county service: one FHIR Bundle from its record system, with the desk's own roster and phone intake."""

import json
from pathlib import Path
from typing import Any

from benchmarks.first_mapping.folder_writing import CellDraw, write_text

PATIENTS = [f"{number:08d}" for number in range(5521, 5533)]
PRACTITIONERS = [f"np{number}" for number in range(71, 76)]
TIMES = ("Mon AM", "Mon PM", "Tue AM", "Wed PM", "Thu AM", "Fri AM")
CONCERNS = ("Depression", "Anxiety", "PTSD", "Substance use")
Resource = dict[str, Any]


def write_folder(folder: Path) -> None:
    """Write a Bundle with 12 patients, 5 practitioners, 16 rated encounters; a roster and intake answers."""
    draw = CellDraw(28)
    visits = [_draw_encounter(draw, one, session) for one in PATIENTS[:8] for session in (1, 2)]
    resources = [
        *(_draw_patient(draw, one) for one in PATIENTS), *(_draw_practitioner(draw, one) for one in PRACTITIONERS),
        *visits, *(_draw_rating(draw, one) for one in visits),
    ]  # fmt: skip
    entries = [
        {"fullUrl": f"https://ehr.example.org/fhir/{one['resourceType']}/{one['id']}", "resource": one}
        for one in resources
    ]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    (folder / "ehr_bundle_20250602.json").write_text(json.dumps(bundle), encoding="utf-8")
    _write_desk_files(draw, folder)


def _write_desk_files(draw: CellDraw, folder: Path) -> None:
    roster = [
        [
            one, draw.number(0, 4), f"{draw.number(5, 28)}-May-2025", "; ".join(draw.some(TIMES, 4, 2)),
            "; ".join(draw.some(CONCERNS, 3)), draw.one(("", "", "Substance use")),
        ]
        for one in PRACTITIONERS
    ]  # fmt: skip
    headers = ["FHIR id", "Can take", "Last asked", "Clinic hours", "Focus areas", "Won't see"]
    write_text(folder / "desk_roster.csv", [headers, *roster])
    answers = [[one, "; ".join(draw.some(TIMES, 4, 2)), "; ".join(draw.some(CONCERNS))] for one in PATIENTS]
    write_text(folder / "desk_phone_intake.csv", [["MRN", "Times that work", "Reason for call"], *answers])


def _draw_languages(draw: CellDraw) -> list[Resource]:
    codes = ("en", *draw.some(("so", "hmn"), 1, 0))
    return [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": code}]}} for code in codes]


def _draw_patient(draw: CellDraw, one: str) -> Resource:
    return {
        "resourceType": "Patient", "id": one, "active": True, "gender": draw.one(("female", "male", "other")),
        "birthDate": f"{draw.day('1950-01-01', '2006-01-01'):%Y-%m-%d}", "communication": _draw_languages(draw),
        "address": [{"use": "home", "state": draw.one(("MN", "WI"))}],
    }  # fmt: skip


def _draw_practitioner(draw: CellDraw, one: str) -> Resource:
    languages = [one["language"] for one in _draw_languages(draw)]
    gender = draw.one(("female", "male"))
    return {"resourceType": "Practitioner", "id": one, "active": True, "gender": gender, "communication": languages}


def _draw_encounter(draw: CellDraw, patient: str, session: int) -> Resource:
    start = draw.day(f"2025-0{session + 2}-03", f"2025-0{session + 2}-28")
    return {
        "resourceType": "Encounter", "id": f"v{patient}{session}", "status": "finished", "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{patient}"}, "period": {"start": f"{start:%Y-%m-%dT%H:%M:%S}-05:00"},
        "participant": [{"individual": {"reference": f"Practitioner/{PRACTITIONERS[int(patient) % 5]}"}}],
    }  # fmt: skip


def _draw_rating(draw: CellDraw, encounter: Resource) -> Resource:
    return {
        "resourceType": "Observation", "id": f"w{encounter['id']}", "status": "final", "code": {"text": "WAI-SR"},
        "subject": encounter["subject"], "encounter": {"reference": f"Encounter/{encounter['id']}"},
        "effectiveDateTime": encounter["period"]["start"], "valueQuantity": {"value": draw.number(20, 50) / 10},
    }  # fmt: skip
