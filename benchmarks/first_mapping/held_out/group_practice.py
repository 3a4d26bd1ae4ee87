"""A group practice in British Columbia: five CSV exports, a column for each slot, wishes in their own file."""

from pathlib import Path

from benchmarks.first_mapping.folder_writing import CellDraw, write_text

SLOTS = ("Mon AM", "Mon PM", "Tue AM", "Wed PM", "Thu PM", "Thu Eve", "Fri AM")
COVER = ("Pacific Blue Cross", "Sun Life", "ICBC", "Out of pocket")
ISSUES = ("Anxiety", "Depression", "Trauma/PTSD", "Grief", "Couples")
SERVICE = ("in person", "video")
PROVIDERS = tuple(str(number) for number in range(9101, 9108))
DAY = "%b %d, %Y"


def write_folder(folder: Path) -> None:
    """Write 26 clients, 7 providers, 9 wishes, 42 forms of both raters, and three pairs that must not meet."""
    draw = CellDraw(29)
    people = [str(number) for number in range(30511, 30537)]
    _write_clients(draw, folder, people)
    _write_providers(draw, folder)
    wishes = [
        [one, *draw.one((("gender", "F", "must"), ("gender", "M", "prefer"), ("age", ">=45", "prefer")))]
        for one in people[15:24]
    ]
    write_text(folder / "matching_requests.csv", [["client #", "about", "request", "how strong"], *wishes])
    forms = [
        [number, one.client, one.therapist, f"{one.at:{DAY}}", one.session, who, draw.number(20, 50) / 10]
        for number, one in enumerate(draw.visits(people[:7], PROVIDERS, (1, 2, 3), "2025-03-03"), 501)
        for who in ("Client", "Clinician")
    ]  # fmt: skip
    headers = ["form #", "client #", "provider #", "service date", "visit #", "completed by", "WAI-SR mean"]
    write_text(folder / "outcome_measures.csv", [headers, *forms])
    pairs = [[people[16], PROVIDERS[0]], [people[18], PROVIDERS[2]], [people[21], PROVIDERS[5]]]
    write_text(folder / "do_not_book.csv", [["client #", "provider #"], *pairs])


def _write_clients(draw: CellDraw, folder: Path, people: list[str]) -> None:
    headers = (
        "client #", "created", "intake completed", "age at intake", "sex/gender", "ethnicity (all that apply)", "faith",
        "preferred language(s)", "province", "coverage", "service type", "issues", *SLOTS, "PHQ9 score", "GAD7 score",
        "ECR-S avoid (mean)", "ECR-S anx (mean)", "triage",
    )  # fmt: skip
    rows = []
    for one in people:
        created = draw.day("2025-01-06", "2025-02-14")
        rows.append([
            one, f"{created:{DAY}}", f"{created.replace(day=min(created.day + 3, 28)):{DAY}}", draw.number(19, 68),
            draw.one("FFMX"), "|".join(draw.some(("White", "South Asian", "Chinese", "First Nations"))),
            draw.one(("none", "Christian", "Sikh", "")),
            "|".join(["English", *draw.some(("Punjabi", "Cantonese"), 1, 0)]),
            draw.one(("BC", "BC", "AB")), draw.one(COVER), "|".join(draw.some(SERVICE)), "|".join(draw.some(ISSUES)),
            "Y", *(draw.one("YN") for _ in SLOTS[1:]), draw.often(draw.number(1, 25)), draw.often(draw.number(0, 20)),
            draw.number(10, 65) / 10, draw.number(10, 65) / 10, draw.one(("routine", "routine", "soon", "urgent")),
        ])  # fmt: skip
    write_text(folder / "client_export.csv", [headers, *rows])


def _write_providers(draw: CellDraw, folder: Path) -> None:
    headers = (
        "provider #", "sex/gender", "age", "ethnicity (all that apply)", "faith", "LGBTQ2S+ affirming", "language(s)",
        "registered in", "direct billing", "service type", "focus", "excludes", "modality", *SLOTS, "accepting (n)",
        "yrs in practice", "profile updated",
    )  # fmt: skip
    rows = [
        [
            one, draw.one("FM"), draw.number(28, 66), "|".join(draw.some(("White", "South Asian", "Chinese"))),
            draw.one(("none", "Christian", "")), draw.one("YYN"),
            "|".join(["English", *draw.some(("Punjabi", "Cantonese"), 1, 0)]),
            "|".join(draw.some(("BC", "AB"))), "|".join(draw.some(COVER, 4, 2)), "|".join(draw.some(SERVICE)),
            "|".join(draw.some(ISSUES, 4, 2)), draw.one(("", "", "Couples")),
            "|".join(draw.some(("CBT", "EFT", "EMDR"))),
            "Y", *(draw.one("YN") for _ in SLOTS[1:]), draw.number(0, 6), draw.number(1, 31),
            f"{draw.day('2025-05-01', '2025-05-30'):{DAY}}",
        ]
        for one in PROVIDERS
    ]  # fmt: skip
    write_text(folder / "provider_export.csv", [headers, *rows])
