"""An Irish counselling service: a workbook with titles above the headers, hours of each day, GAD-7 in words."""

from pathlib import Path
from typing import Any

from benchmarks.first_mapping.folder_writing import CellDraw, write_text, write_workbook

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
HOURS = ("", "9-12", "2-5", "10-4")
COUNTIES = ("Cork", "Kerry", "Limerick")
FUNDING = ("Medical card", "VHI", "Laya", "Private")
DIFFICULTIES = ("anxiety", "low mood", "bereavement", "relationship", "addiction", "trauma")
WORDS = ("Not at all", "Several days", "More than half the days", "Nearly every day")
COUNSELLORS = ("AOB", "CMC", "DKE", "FNU", "SWA", "TRY")


def write_folder(folder: Path) -> None:
    """Write 22 referrals, 6 counsellors and 30 forms."""
    draw = CellDraw(21)
    charts = [f"SC-{number}" for number in range(4410, 4432)]
    sheets = {"Waiting list": _draw_referrals(draw, charts), "Counsellors": _draw_counsellors(draw)}
    write_workbook(folder / "Adult Counselling May 2025.xlsx", sheets)
    forms = [
        [f"{one.at:%d/%m/%Y}", one.session, one.therapist, one.client, *draw.items(12, 2, 5)]
        for one in draw.visits(charts[:10], COUNSELLORS, (1, 2, 4), "2025-02-03")
    ]  # fmt: skip
    headers = ["Date of visit", "Visit", "Seen by", "Chart no.", *(f"Q{item}" for item in range(1, 13))]
    write_text(folder / "WAI-SR returns.tsv", [headers, *forms], "\t")


def _draw_referrals(draw: CellDraw, charts: list[str]) -> list[list[Any]]:
    headers = [
        "Status", "Ref'd", "Chart no.", "D.O.B.", "M/F/Other", "County of residence", "Funding", "Difficulties", *DAYS,
        *(f"GAD Q{item}" for item in range(1, 8)), "Notes",
    ]  # fmt: skip
    rows = [
        [
            "Being seen" if place < 10 else draw.one(("On list", "On list", "Withdrawn")),
            draw.day("2024-11-04", "2025-01-31").date(), chart, draw.day("1952-01-01", "2006-01-01").date(),
            draw.one(("F", "F", "M", "Other")), draw.one(COUNTIES), draw.one(FUNDING),
            " / ".join(draw.some(DIFFICULTIES)), *(draw.one(HOURS) for _ in DAYS[1:]), "9-12",
            *(draw.one(WORDS) for _ in range(7)), draw.one(("", "", "prefers text")),
        ]
        for place, chart in enumerate(charts)
    ]  # fmt: skip
    return [["Adult counselling: waiting list and current clients"], ["Printed 30 May 2025"], headers, *rows]


def _draw_counsellors(draw: CellDraw) -> list[list[Any]]:
    headers = [
        "Initials", "M/F", "Covers", "Takes", "Ages seen", "Areas of work", "Not suitable for", *DAYS, "Free places",
        "Yrs accredited", "Checked on",
    ]  # fmt: skip
    rows = [
        [
            one, draw.one("FM"), " / ".join(draw.some(COUNTIES, 3)), " / ".join(draw.some(FUNDING, 4, 2)),
            draw.one(("18-", "18-64", "")), " / ".join(draw.some(DIFFICULTIES, 4, 2)),
            draw.one(("", "addiction", "trauma")), *(draw.one(HOURS) for _ in DAYS[1:]), "10-4",
            draw.number(0, 3), draw.number(2, 28), draw.day("2025-05-06", "2025-05-29").date(),
        ]
        for one in COUNSELLORS
    ]  # fmt: skip
    return [["Panel of counsellors"], headers, *rows]
