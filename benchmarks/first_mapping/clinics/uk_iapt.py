"""A British service for talking therapies: CSV files of Excel, a title above the roster, a file for each form."""

from pathlib import Path

from benchmarks.first_mapping.folder_writing import CellDraw, write_text

SLOTS = ("Mon AM", "Mon PM", "Tue AM", "Wed PM", "Thu PM", "Thu eve", "Fri AM")
BOROUGHS = ("Northgate", "Southmere", "Eastfield")
PROBLEMS = ("Depression", "GAD", "PTSD", "OCD", "Panic disorder", "Social anxiety")
LANGUAGES = ("English", "Polish", "Urdu")
MODES = ("Face to face", "Video", "Telephone")
STAFF = [f"HI{number:02d}" for number in range(1, 9)]
DAY = "%d/%m/%Y"


def write_folder(folder: Path) -> None:
    """Write 30 referrals, 8 staff, and two kinds of session forms."""
    draw = CellDraw(1)
    pathways = [f"PW{20400 + 7 * number}" for number in range(30)]
    write_text(folder / "referrals.csv", [_HEADERS, *(_draw_referral(draw, one) for one in pathways)], ",", "utf-8-sig")
    _write_staff(draw, folder)
    _write_forms(draw, folder, pathways)


_HEADERS = (
    "Pathway ID", "Referral received", "Referral source", "Date of birth", "Gender", "Ethnic category",
    "Languages spoken",
    "Borough", "Presenting problems", "PHQ-9 at assessment", "GAD-7 at assessment", "WSAS", "Delivery", "Can attend",
    "Priority", "Perinatal", "Status",
)  # fmt: skip


def _is_waiting(pathway: str) -> bool:
    return int(pathway[2:]) % 5 < 2


def _draw_referral(draw: CellDraw, pathway: str) -> list[object]:
    last = "2025-05-30" if _is_waiting(pathway) else "2025-03-07"
    return [
        pathway, f"{draw.day('2025-01-06', last):{DAY}}", draw.one(("GP", "Self", "Community nurse")),
        f"{draw.day('1950-01-01', '2006-12-31'):{DAY}}", draw.one(("F", "F", "M", "NB", "Not stated")),
        draw.one(("White British", "White other", "Pakistani", "Black Caribbean", "Mixed", "Not stated")),
        "; ".join(["English", *draw.some(LANGUAGES[1:], 1, 0)]), draw.one(BOROUGHS),
        "; ".join(draw.some(PROBLEMS, 3)), draw.often(draw.number(3, 27)), draw.often(draw.number(2, 21)),
        draw.number(0, 40), "; ".join(draw.some(MODES)), "; ".join(draw.some(SLOTS, 4)),
        draw.one(("Routine", "Routine", "Routine", "Urgent")), draw.one(("Y", "N", "N")),
        "Waiting" if _is_waiting(pathway) else draw.one(("In treatment", "Discharged")),
    ]  # fmt: skip


def _write_staff(draw: CellDraw, folder: Path) -> None:
    headers = (
        "Staff code", "Band", "WTE", "Gender", "Languages", "Boroughs covered", "Modality", "Works by",
        "Clinic sessions",
        "Spaces", "Years since qualifying", "Does not see", "Reviewed",
    )  # fmt: skip
    rows = [
        [
            code, draw.number(6, 8), draw.one((0.6, 0.8, 1)), draw.one(("F", "M")),
            "; ".join(["English", *draw.some(LANGUAGES[1:], 1, 0)]), "; ".join(draw.some(BOROUGHS, 3)),
            "; ".join(draw.some(("CBT", "EMDR", "IPT", "CfD"))), "; ".join(draw.some(MODES, 3)),
            "; ".join(draw.some(SLOTS, 6, 3)), draw.number(0, 4), draw.number(1, 22),
            "; ".join(draw.some(PROBLEMS[2:4], 1, 0)), f"{draw.day('2025-04-28', '2025-05-30'):{DAY}}",
        ]
        for code in STAFF
    ]  # fmt: skip
    write_text(folder / "step3_staff.csv", [["High intensity staff, May 2025"], headers, *rows])


def _write_forms(draw: CellDraw, folder: Path, pathways: list[str]) -> None:
    seen = [one for one in pathways if not _is_waiting(one)]
    marks = [
        [one.client, one.therapist, one.session, f"{one.at:{DAY}}", *draw.items(4, 5, 10)]
        for one in draw.visits(seen[:10], STAFF, (1, 2, 3), "2025-03-10")
    ]  # fmt: skip
    totals = [
        [one.client, one.therapist, one.session, f"{one.at:{DAY}}", draw.number(18, 35) / 5]
        for one in draw.visits(seen[10:], STAFF, (1, 3), "2025-03-10")
    ]  # fmt: skip
    ids = ("Pathway ID", "Staff code", "Session no", "Session date")
    write_text(folder / "srs_forms.csv", [[*ids, "SRS1", "SRS2", "SRS3", "SRS4"], *marks])
    write_text(folder / "arm5_forms.csv", [[*ids, "ARM-5 mean"], *totals])
