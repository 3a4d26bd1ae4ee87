"""An Australian community clinic: SurveyMonkey with two header rows, a titled staff workbook, SRS totals."""

from pathlib import Path
from typing import Any

from benchmarks.first_mapping.folder_writing import CellDraw, write_text, write_workbook

CONCERNS = ("Depression", "Anxiety", "Alcohol or drugs", "Family violence", "Grief and loss")
WAYS = ("Face to face", "Phone", "Video call")
TIMES = ("Monday AM", "Monday PM", "Tuesday AM", "Wednesday PM", "Thursday PM", "Friday AM")
FUNDED = ("Medicare", "NDIS", "Private fee")
LANGUAGES = ("English", "Vietnamese", "Greek")
STAFF = ("jt", "kw", "lm", "np", "os")
STANDARD = (
    "Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "First Name", "Last Name",
    "Custom Data 1",
)  # fmt: skip


def write_folder(folder: Path) -> None:
    """Write 21 registrations, 5 clinicians and 36 totals."""
    draw = CellDraw(26)
    numbers = [f"UR{number}" for number in range(60210, 60231)]
    write_text(folder / "Client registration.csv", _draw_registrations(draw, numbers))
    write_workbook(folder / "Clinician availability.xlsx", {"Term 2": _draw_staff(draw)})
    totals = [
        [one.client, f"{one.at.day}/{one.at.month:02d}/{one.at.year}", one.therapist, one.session, draw.number(24, 40)]
        for one in draw.visits(numbers[:12], STAFF, (1, 2, 3), "2025-03-10")
    ]  # fmt: skip
    write_text(folder / "srs_log.csv", [["UR number", "Appt date", "Clinician", "Appt no", "SRS /40"], *totals])


def _draw_registrations(draw: CellDraw, numbers: list[str]) -> list[list[Any]]:
    single = ("How old are you?", "What is your gender?", "Which part of the region do you live in?")
    boxes = {
        "Which languages can you talk with us in?": LANGUAGES, "What would you like help with?": CONCERNS,
        "How would you like to meet?": WAYS, "Which times suit you?": TIMES,
    }  # fmt: skip
    often = "Over the last two weeks, how often have you been bothered?"
    first = [*STANDARD, "What is your UR number?", *single]
    second = [""] * len(STANDARD) + ["Open-Ended Response", "Open-Ended Response", "Response", "Response"]
    for question, choices in boxes.items():
        first += [question, *[""] * (len(choices) - 1)]
        second += choices
    first += ["How are the sessions funded?", often, *[""] * 8, "Would you rather see a woman or a man?"]
    second += ["Response", *(f"Item {item}" for item in range(1, 10)), "Response"]
    words = ("Not at all", "Several days", "More than half the days", "Nearly every day")
    rows = []
    for place, one in enumerate(numbers):
        at = draw.day("2025-01-20", "2025-03-07")
        ticks = [
            choice if number == 0 else draw.one(("", choice))
            for choices in boxes.values()
            for number, choice in enumerate(choices)
        ]
        rows.append([
            118240000000 + 37 * place, 4410022, *[f"{at:%m/%d/%Y %I:%M:%S %p}"] * 2, "192.0.2.7", "", "", "", "", one,
            draw.number(18, 77), draw.one(("Female", "Female", "Male", "Non-binary")),
            draw.one(("Hume", "Loddon", "Gippsland")), *ticks, draw.one(FUNDED), *(draw.one(words) for _ in range(9)),
            draw.one(("No preference", "No preference", "A woman", "A man")),
        ])  # fmt: skip
    return [first, second, *rows]


def _draw_staff(draw: CellDraw) -> list[list[Any]]:
    headers = [
        "Clinician", "Gender", "Outreach to", "Languages", "Contact types", "Sessions on", "Works with",
        "Does not work with",
        "Funding streams", "Vacancies", "As of",
    ]  # fmt: skip
    rows = [
        [
            one, draw.one(("Female", "Male")), "; ".join(draw.some(("Hume", "Loddon", "Gippsland"), 3)),
            "; ".join(["English", *draw.some(LANGUAGES[1:], 1, 0)]), "; ".join(draw.some(WAYS, 3)),
            "; ".join(draw.some(TIMES, 5, 3)), "; ".join(draw.some(CONCERNS, 4, 2)),
            draw.one(("", "", "Family violence")),
            "; ".join(draw.some(FUNDED, 3, 2)), draw.number(0, 5), draw.day("2025-05-05", "2025-05-30").date(),
        ]
        for one in STAFF
    ]  # fmt: skip
    return [["Clinician availability, Term 2"], headers, *rows]
