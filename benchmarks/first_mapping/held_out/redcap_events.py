"""A Canadian trial with events: a REDCap export of labels, its dictionary, and a workbook of clinicians."""

from pathlib import Path
from typing import Any

from benchmarks.first_mapping.folder_writing import CellDraw, write_text, write_workbook

DICTIONARY = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number",
    "Text Validation Min", "Text Validation Max", "Identifier?", "Branching Logic (Show field only if...)",
    "Required Field?", "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?",
    "Field Annotation",
)  # fmt: skip
CHOICES = {
    "gender_id": ("Female", "Male", "Another gender"), "province": ("Nova Scotia", "New Brunswick"),
    "langs": ("English", "French", "Mi'kmaq"), "concerns": ("Low mood", "Worry", "Trauma", "Substance use"),
    "visit_type": ("Office", "Virtual"), "agree": ("Seldom", "Sometimes", "Fairly often", "Very often", "Always"),
    "often": ("Not at all", "Several days", "More than half the days", "Nearly every day"),
}  # fmt: skip
BOXES = ("langs", "concerns", "visit_type")
FIELDS = (  # name, form, kind, label, key of choices, validation
    ("record_id", "baseline", "text", "Record ID", "", ""),
    ("consent_dt", "baseline", "text", "Date of consent and baseline", "", "date_ymd"),
    ("age_yrs", "baseline", "text", "Age (years)", "", "integer"),
    ("gender_id", "baseline", "radio", "Gender identity", "gender_id", ""),
    ("province", "baseline", "dropdown", "Province", "province", ""),
    ("langs", "baseline", "checkbox", "Languages spoken", "langs", ""),
    ("concerns", "baseline", "checkbox", "Main concerns", "concerns", ""),
    ("visit_type", "baseline", "checkbox", "Visit type", "visit_type", ""),
    *((f"gad{item}", "baseline", "radio", f"GAD item {item}", "often", "") for item in range(1, 8)),
    ("clinician", "session_form", "text", "Clinician seen", "", ""),
    ("form_dt", "session_form", "text", "Form completed on", "", "date_ymd"),
    *((f"all_{item}", "session_form", "radio", f"Alliance item {item}", "agree", "") for item in range(1, 13)),
)  # fmt: skip
CLINICIANS = ("c01", "c02", "c03", "c04", "c05", "c06")


def write_folder(folder: Path) -> None:
    """Write 15 participants, 6 clinicians and 24 forms at the events of two sessions."""
    draw = CellDraw(24)
    baseline, form = _list_headers("baseline"), _list_headers("session_form")
    headers = [baseline[0], "Event Name", *baseline[1:], "Complete?", *form, "Complete?"]
    rows: list[list[Any]] = []
    for person in range(1, 16):
        rows.append([person, "Baseline", *_draw_baseline(draw), "Complete", *[""] * (len(form) + 1)])
        visits = draw.visits([str(person)], CLINICIANS, (1, 3), "2025-03-03") if person < 13 else []
        rows += [
            [
                person, f"Session {one.session}", *[""] * len(baseline), one.therapist, f"{one.at:%Y-%m-%d}",
                *(draw.one(CHOICES["agree"][1:]) for _ in range(12)), "Complete",
            ]
            for one in visits
        ]  # fmt: skip
    write_text(folder / "ALLY_DATA_LABELS_2025-06-03_1104.csv", [headers, *rows])
    dictionary = [
        [name, form, "", kind, label, _number_choices(key), "", valid, *[""] * 10]
        for name, form, kind, label, key, valid in FIELDS
    ]
    write_text(folder / "ALLY_DataDictionary_2025-06-03.csv", [DICTIONARY, *dictionary])
    write_workbook(folder / "clinicians.xlsx", {"Sheet1": _draw_clinicians(draw)})


def _number_choices(key: str) -> str:
    first = 0 if key == "often" else 1
    return " | ".join(f"{number}, {label}" for number, label in enumerate(CHOICES.get(key, ()), first))


def _list_headers(form: str) -> list[str]:
    """Return the labels of a form's fields: one for each box of a check box."""
    fields = [(name, label) for name, part, _, label, _, _ in FIELDS if part == form]
    return [
        header
        for name, label in fields
        for header in ([f"{label} (choice={choice})" for choice in CHOICES[name]] if name in BOXES else [label])
    ]


def _draw_baseline(draw: CellDraw) -> list[object]:
    boxes = [
        "Checked" if place == 0 else draw.one(("Checked", "Unchecked"))
        for name in BOXES
        for place in range(len(CHOICES[name]))
    ]
    return [
        f"{draw.day('2025-01-13', '2025-02-21'):%Y-%m-%d}", draw.number(18, 71), draw.one(CHOICES["gender_id"]),
        draw.one(CHOICES["province"]), *boxes, *(draw.one(CHOICES["often"]) for _ in range(7)),
    ]  # fmt: skip


def _draw_clinicians(draw: CellDraw) -> list[list[Any]]:
    headers = [
        "clinician", "gender", "registered_in", "langs", "visit_type", "expertise", "spots", "yrs_practice",
        "confirmed",
    ]  # fmt: skip
    rows = [
        [
            one, draw.one(("Female", "Male")),
            *("; ".join(draw.some(CHOICES[name], 3)) for name in ("province", *BOXES[::2])),
            "; ".join(draw.some(CHOICES["concerns"], 3)), draw.number(0, 3), draw.number(1, 24),
            draw.day("2025-05-05", "2025-05-30").date(),
        ]
        for one in CLINICIANS
    ]  # fmt: skip
    return [headers, *rows]
