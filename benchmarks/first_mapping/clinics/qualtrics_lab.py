"""A university training clinic in Australia: intake and WAI-SR in Qualtrics, trainees in a CSV."""

import datetime as dt
import json
from pathlib import Path

from benchmarks.first_mapping.folder_writing import CellDraw, write_text

PROBLEMS = ("Depression", "Anxiety", "Grief", "Substance use", "Eating")
LANGUAGES = ("English", "Mandarin", "Arabic")
SLOTS = ("Mon 9-12", "Mon 13-17", "Tue 9-12", "Wed 13-17", "Thu 9-12", "Fri 9-12")
TRAINEES = ("TR01", "TR02", "TR03", "TR04", "TR05")
STANDARD = {  # name of the column, text of the question, ImportId
    "StartDate": ("Start Date", "startDate"), "EndDate": ("End Date", "endDate"), "Status": ("Response Type", "status"),
    "IPAddress": ("IP Address", "ipAddress"), "Progress": ("Progress", "progress"),
    "Finished": ("Finished", "finished"),
    "RecordedDate": ("Recorded Date", "recordedDate"), "ResponseId": ("Response ID", "_recordId"),
    "ExternalReference": ("External Data Reference", "externalDataReference"),
}  # fmt: skip


def write_folder(folder: Path) -> None:
    """Write 18 intakes, 5 trainees and 30 session forms."""
    draw = CellDraw(6)
    people = [f"V{number}" for number in range(3001, 3019)]
    intakes = [
        [*_build_standard(draw, one, draw.day("2025-03-03", "2025-03-21")), *_draw_answers(draw)] for one in people
    ]
    write_text(folder / "Intake_June+2, 2025_10.14.csv", [*_build_headers(_INTAKE), *intakes])
    questions = {"Q1": "Your therapist today", "Q2": "Session number"} | {
        f"Q3_{item}": f"Please answer for today's session. - Item {item}" for item in range(1, 13)
    }
    forms = [
        [*_build_standard(draw, one.client, one.at), one.therapist, one.session, *draw.items(12, 2, 5)]
        for one in draw.visits(people[:10], TRAINEES, (1, 2, 3), "2025-03-24")
    ]  # fmt: skip
    write_text(folder / "After+session_June+2, 2025_10.16.csv", [*_build_headers(questions), *forms])
    _write_trainees(draw, folder)


_INTAKE = {
    "Q1": "What is your year of birth?", "Q2_age": "Age in years", "Q3": "Gender", "Q4": "Languages",
    "Q5": "Main concerns",
    "Q6": "State or territory", "Q7": "Appointment type", "Q8": "Times you can come",
    **{f"PHQ9_{item}": f"Over the last 2 weeks - Item {item}" for item in range(1, 10)},
    **{f"GAD7_{item}": f"Over the last 2 weeks - Item {item}" for item in range(1, 8)},
}  # fmt: skip


def _build_headers(questions: dict[str, str]) -> list[list[str]]:
    """Build the three header rows of an export: names, texts, and the ids of the columns as JSON."""
    ids = [code for _, code in STANDARD.values()] + [f"QID{number}" for number in range(1, len(questions) + 1)]
    texts = [text for text, _ in STANDARD.values()]
    return [[*STANDARD, *questions], [*texts, *questions.values()], [json.dumps({"ImportId": one}) for one in ids]]


def _build_standard(draw: CellDraw, person: str, at: dt.datetime) -> list[object]:
    """Build the cells that Qualtrics adds to each response."""
    day = f"{at:%Y-%m-%d %H:%M:%S}"
    return [day, day, "IP Address", "192.0.2.1", 100, "True", day, f"R_{draw.number(10**9, 10**10)}", person]


def _draw_answers(draw: CellDraw) -> list[object]:
    age = draw.number(18, 70)
    return [
        2025 - age, age, draw.one(("Female", "Female", "Male", "Non-binary")),
        ",".join(["English", *draw.some(LANGUAGES[1:], 1, 0)]),
        ",".join(draw.some(PROBLEMS)), draw.one(("NSW", "ACT")), ",".join(draw.some(("In clinic", "Telehealth"))),
        ",".join(draw.some(SLOTS, 4)), *draw.items(9, 0, 3), *draw.items(7, 0, 3),
    ]  # fmt: skip


def _write_trainees(draw: CellDraw, folder: Path) -> None:
    headers = (
        "trainee",
        "gender",
        "age",
        "languages",
        "approach",
        "interests",
        "appointment_types",
        "roster",
        "capacity",
        "checked",
    )
    rows = [
        [
            one, draw.one(("Female", "Male")), draw.number(23, 41),
            ",".join(["English", *draw.some(LANGUAGES[1:], 1, 0)]),
            draw.one(("CBT", "ACT", "Schema")), ",".join(draw.some(PROBLEMS, 3)),
            ",".join(draw.some(("In clinic", "Telehealth"))),
            ",".join(draw.some(SLOTS, 5, 3)), draw.number(1, 3), f"{draw.day('2025-05-05', '2025-05-30'):%Y-%m-%d}",
        ]
        for one in TRAINEES
    ]  # fmt: skip
    write_text(folder / "trainees.csv", [headers, *rows])
