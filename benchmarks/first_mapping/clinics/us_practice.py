"""A group practice in the United States: one workbook, two header rows, names as ids, a column for each session."""

from pathlib import Path
from typing import Any

from benchmarks.first_mapping.folder_writing import CellDraw, write_workbook

SLOTS = ("Mon AM", "Mon PM", "Tue AM", "Tue PM", "Wed AM", "Thu PM", "Fri AM")
PROBLEMS = ("Anxiety", "Depression", "Grief", "Trauma", "Relationships")
PLANS = ("Aetna", "BCBS", "Cigna", "Self-pay")
MODES = ("In office", "Telehealth")
THERAPISTS = [f"Therapist {letter}" for letter in "PQRSTU"]
CLIENTS = [f"Client {letter}" for letter in "ABCDEFGHIJKLMNOPQRST"]
SESSIONS, WAITING = 10, 6  # the last clients have no session yet


def write_folder(folder: Path) -> None:
    """Write the workbook: 20 clients, 6 therapists, 14 rows of session scores."""
    draw = CellDraw(4)
    sheets = {"Clients": _draw_clients(draw), "Therapists": _draw_therapists(draw), "Sessions": _draw_sessions(draw)}
    write_workbook(folder / "clinic.xlsx", sheets)


def _draw_clients(draw: CellDraw) -> list[list[Any]]:
    groups = ["Client", "", "", "", "Intake", "", "", "", "", "", "PHQ-9", *[""] * 8]
    headers = ["Name", "DOB", "Gender", "Languages", "Date", "State", "Insurance", "Concerns", "Setting", "Times"]
    rows = [
        [
            name, f"{draw.number(1, 12)}/{draw.number(1, 28)}/{draw.number(60, 99)}",
            draw.one(("Female", "Male", "Non-binary")),
            ", ".join(["English", *draw.some(("Spanish", "Mandarin"), 1, 0)]),
            f"{draw.number(1, 5)}/{draw.number(1, 28)}/25", draw.one(("OR", "WA")), draw.one(PLANS),
            ", ".join(draw.some(PROBLEMS)), ", ".join(draw.some(MODES)), ", ".join(draw.some(SLOTS, 4, 2)),
            *draw.items(9, 0, 3),
        ]
        for name in CLIENTS
    ]  # fmt: skip
    return [groups, [*headers, *range(1, 10)], *rows]


def _draw_therapists(draw: CellDraw) -> list[list[Any]]:
    groups = ["Therapist", "", "", "Practice", "", "", "", "Schedule", ""]
    headers = ["Name", "Gender", "Languages", "Licensed in", "Panels", "Focus", "Setting", "Times", "Openings"]
    rows = [
        [
            name, draw.one(("Female", "Male")), ", ".join(["English", *draw.some(("Spanish", "Mandarin"), 1, 0)]),
            ", ".join(draw.some(("OR", "WA"))), ", ".join(draw.some(PLANS, 4, 2)), ", ".join(draw.some(PROBLEMS, 3)),
            ", ".join(draw.some(MODES)), ", ".join(draw.some(SLOTS, 6, 3)), draw.number(1, 3),
        ]
        for name in THERAPISTS
    ]  # fmt: skip
    return [groups, headers, *rows]


def _draw_sessions(draw: CellDraw) -> list[list[Any]]:
    groups = ["Pair", "", "SRS total", *[""] * (SESSIONS - 1)]
    rows: list[list[Any]] = []
    for name in CLIENTS[:-WAITING]:
        scores = [draw.number(52, 80) / 2 for _ in range(draw.number(2, SESSIONS))]
        rows.append([name, draw.one(THERAPISTS), *scores, *[""] * (SESSIONS - len(scores))])
    return [groups, ["Client", "Therapist", *(f"s{number}" for number in range(1, SESSIONS + 1))], *rows]
