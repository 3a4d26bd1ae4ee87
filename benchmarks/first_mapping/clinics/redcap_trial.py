"""A trial in Canada: a raw REDCap export with its dictionary, check boxes and a repeating WAI-SR."""

from pathlib import Path
from typing import Any

from benchmarks.first_mapping.folder_writing import CellDraw, write_text

DICTIONARY = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number",
    "Text Validation Min", "Text Validation Max", "Identifier?", "Branching Logic (Show field only if...)",
    "Required Field?", "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?",
    "Field Annotation",
)  # fmt: skip
REASONS = "1, Depression | 2, Anxiety | 3, Trauma, recent | 4, Grief"
FREQUENCY = "0, Not at all | 1, Several days | 2, More than half | 3, Nearly every day"
ALLIANCE = "1, Seldom | 2, Sometimes | 3, Fairly often | 4, Very often | 5, Always"
FIELDS = (  # name, form, kind, label, choices, validation
    ("study_id", "intake", "text", "Study ID", "", ""),
    ("intake_date", "intake", "text", "Date of intake", "", "date_ymd"),
    ("dob", "intake", "text", "Date of birth", "", "date_ymd"),
    ("sex", "intake", "radio", "Gender", "1, Woman | 2, Man | 3, Non-binary", ""),
    ("prov", "intake", "dropdown", "Province of residence", "1, Ontario | 2, Quebec", ""),
    ("lang", "intake", "checkbox", "Languages for therapy", "1, English | 2, French", ""),
    ("reason", "intake", "checkbox", "Reasons for therapy", REASONS, ""),
    ("mode", "intake", "checkbox", "Possible formats", "1, In person | 2, Video", ""),
    *((f"phq_{item}", "intake", "radio", f"PHQ-9, item {item}", FREQUENCY, "")
      for item in range(1, 10)),
    ("therapist", "wai", "text", "Therapist", "", ""),
    ("session_no", "wai", "text", "Session", "", "integer"),
    ("wai_date", "wai", "text", "Date of this form", "", "date_ymd"),
    *((f"wai_{item}", "wai", "radio", f"WAI-SR, item {item}", ALLIANCE, "")
      for item in range(1, 13)),
)  # fmt: skip
BOXES = {"lang": 2, "reason": 4, "mode": 2}
THERAPISTS = ("th_a", "th_b", "th_c", "th_d", "th_e")


def write_folder(folder: Path) -> None:
    """Write 16 participants, 5 therapists and 27 forms."""
    draw = CellDraw(7)
    headers = [
        "study_id",
        "redcap_repeat_instrument",
        "redcap_repeat_instance",
        *_list_headers("intake")[1:],
        "intake_complete",
        *_list_headers("wai"),
        "wai_complete",
    ]
    empty_intake, empty_form = [""] * len(_list_headers("intake")), [""] * (len(_list_headers("wai")) + 1)
    rows: list[list[Any]] = []
    people = [str(number) for number in range(1, 17)]
    for person in people:
        rows.append([person, "", "", *_draw_intake(draw), 2, *empty_form])
        visits = draw.visits([person], THERAPISTS, (1, 2, 3), "2025-03-03") if person in people[:9] else []
        rows += [
            [
                person,
                "wai",
                one.session,
                *empty_intake,
                one.therapist,
                one.session,
                f"{one.at:%Y-%m-%d}",
                *draw.items(12, 2, 5),
                2,
            ]
            for one in visits
        ]
    write_text(folder / "Matching_DATA_2025-06-02_0912.csv", [headers, *rows])
    dictionary = [
        [name, form, "", kind, label, choices, "", valid, *[""] * 10]
        for name, form, kind, label, choices, valid in FIELDS
    ]
    write_text(folder / "Matching_DataDictionary_2025-06-02.csv", [DICTIONARY, *dictionary])
    _write_therapists(draw, folder)


def _list_headers(form: str) -> list[str]:
    """Return the headers of a form's fields: one for each box of a check box."""
    names = [field[0] for field in FIELDS if field[1] == form]
    return [
        header
        for name in names
        for header in ([f"{name}___{box}" for box in range(1, BOXES[name] + 1)] if name in BOXES else [name])
    ]


def _draw_intake(draw: CellDraw) -> list[object]:
    boxes = [[1, draw.number(0, 1)], [draw.number(0, 1) for _ in range(3)] + [1], [1, draw.number(0, 1)]]
    return [
        f"{draw.day('2025-02-03', '2025-02-28'):%Y-%m-%d}", f"{draw.day('1960-01-01', '2006-01-01'):%Y-%m-%d}",
        draw.one((1, 1, 2, 3)),
        draw.number(1, 2), *(box for group in boxes for box in group), *draw.items(9, 0, 3),
    ]  # fmt: skip


def _write_therapists(draw: CellDraw, folder: Path) -> None:
    headers = ("id", "gender", "provinces", "languages", "formats", "focus", "years", "places", "as_at")
    rows = [
        [
            one, draw.one(("Woman", "Man")), "|".join(draw.some(("Ontario", "Quebec"))),
            "|".join(draw.some(("English", "French"), 2)),
            "|".join(draw.some(("In person", "Video"))),
            "|".join(draw.some(("Depression", "Anxiety", "Trauma, recent", "Grief"), 3)),
            draw.number(1, 25), draw.number(0, 4), f"{draw.day('2025-05-05', '2025-05-30'):%Y-%m-%d}",
        ]
        for one in THERAPISTS
    ]  # fmt: skip
    write_text(folder / "therapists.csv", [headers, *rows])
