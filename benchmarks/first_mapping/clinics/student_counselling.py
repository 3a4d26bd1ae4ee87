"""A university counselling centre: two Google Forms, and a roster that staff type into a spreadsheet."""

import datetime as dt
from pathlib import Path
from typing import Any

from benchmarks.first_mapping.folder_writing import CellDraw, write_text

SLOTS = (
    "Monday morning",
    "Monday afternoon",
    "Tuesday morning",
    "Wednesday afternoon",
    "Thursday morning",
    "Friday afternoon",
)
REASONS = ("Anxiety", "Low mood", "Academic stress", "Loneliness", "Family", "Body image")
COUNSELLORS = ("counsellor1", "counsellor2", "counsellor3", "counsellor4")


def write_folder(folder: Path) -> None:
    """Write 26 sign-ups, 4 counsellors and 32 session forms."""
    draw = CellDraw(5)
    students = [f"s{number}" for number in range(1840021, 1840281, 10)]
    write_text(folder / "Counselling sign-up (Responses) - Form Responses 1.csv", _draw_signups(draw, students))
    write_text(folder / "Counsellors - Sheet1.csv", _draw_counsellors(draw))
    write_text(folder / "Session check-in (Responses) - Form Responses 1.csv", _draw_checkins(draw, students[:16]))


def _format_stamp(at: dt.datetime) -> str:
    """Format a moment as Google Forms does in the United States: no leading zero in month, day and hour."""
    return f"{at.month}/{at.day}/{at.year} {at.hour}:{at:%M:%S}"


def _draw_signups(draw: CellDraw, students: list[str]) -> list[list[Any]]:
    headers = [
        "Timestamp", "Your student ID", "How old are you?", "What is your gender?", "Do you identify as LGBTQ+?",
        "Which languages could you do counselling in? (tick all that apply)",
        "What brings you here? (tick all that apply)",
        "How would you like to meet? (tick all that apply)", "When are you free? (tick all that apply)",
        "How much do you think counselling will help you? (0 = not at all, 10 = a lot)",
        "Would you prefer a counsellor of a certain gender?", "Anything else?",
    ]  # fmt: skip
    rows = [
        [
            _format_stamp(draw.day("2025-01-13", "2025-02-03")), one, draw.number(18, 31),
            draw.one(("Woman", "Woman", "Man", "Non-binary", "Prefer not to say")),
            draw.one(("Yes", "No", "No", "Prefer not to say")),
            ", ".join(["English", *draw.some(("Spanish", "Korean"), 1, 0)]), ", ".join(draw.some(REASONS, 3)),
            ", ".join(draw.some(("In person", "Zoom"))), ", ".join(draw.some(SLOTS, 4, 2)), draw.number(2, 10),
            draw.one(("No preference", "No preference", "Woman", "Man")), "",
        ]
        for one in students
    ]  # fmt: skip
    return [headers, *rows]


def _draw_counsellors(draw: CellDraw) -> list[list[Any]]:
    headers = [
        "Counselor",
        "Gender",
        "LGBTQ+ affirming",
        "Languages",
        "Interests",
        "Meets",
        "Hours",
        "Spots left",
        "Last update",
    ]
    rows = [
        [
            name, draw.one(("Woman", "Man")), draw.one(("Yes", "Yes", "No")),
            ", ".join(["English", *draw.some(("Spanish", "Korean"), 1, 0)]),
            "; ".join(draw.some(REASONS, 4, 2)), ", ".join(draw.some(("In person", "Zoom"))),
            ", ".join(draw.some(SLOTS, 5, 3)),
            draw.number(0, 5), f"3/{draw.number(3, 28)}/2025",
        ]
        for name in COUNSELLORS
    ]  # fmt: skip
    return [headers, *rows]


def _draw_checkins(draw: CellDraw, students: list[str]) -> list[list[Any]]:
    items = [f"How was it today? [Statement {number}]" for number in range(1, 13)]
    words = ("Seldom", "Sometimes", "Fairly often", "Very often", "Always")
    rows = [
        [_format_stamp(one.at), one.client, one.therapist, one.session, *(draw.one(words) for _ in items)]
        for one in draw.visits(students, COUNSELLORS, (1, 3), "2025-02-03")
    ]  # fmt: skip
    return [["Timestamp", "Your student ID", "Who did you see?", "Which session was this?", *items], *rows]
