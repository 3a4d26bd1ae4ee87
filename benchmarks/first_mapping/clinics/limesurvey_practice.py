"""A Dutch practice: the intake in LimeSurvey, the team and the SRS totals in semicolon files of its own."""

from pathlib import Path
from typing import Any

from benchmarks.first_mapping.folder_writing import CellDraw, write_text

PROBLEMS = {"SQ001": "angst", "SQ002": "somberheid", "SQ003": "rouw", "SQ004": "burn-out"}
SLOTS = ("ma-ochtend", "ma-middag", "di-ochtend", "wo-middag", "do-avond", "vr-ochtend")
INSURERS = ("CZ", "VGZ", "Menzis", "zelf")
TEAM = ("B01", "B02", "B03", "B04", "B05", "B06")


def write_folder(folder: Path) -> None:
    """Write 22 intakes, 6 therapists, 36 scores and two pairs that must not meet."""
    draw = CellDraw(8)
    people = [f"K{number}" for number in range(501, 523)]
    write_text(folder / "results-survey417283.csv", _draw_responses(draw, people))
    _write_team(draw, folder)
    scores = [
        [one.client, one.therapist, one.session, f"{one.at:%d-%m-%Y}", f"{draw.number(26, 39)},{draw.number(0, 9)}"]
        for one in draw.visits(people[:12], TEAM, (1, 2, 3), "2025-04-07")
    ]  # fmt: skip
    write_text(folder / "srs.csv", [["clientnr", "behandelaar", "sessie", "datum", "SRS totaal"], *scores], ";")
    pairs = [[people[15], TEAM[0], "buren"], [people[17], TEAM[3], "oud-collega"]]
    write_text(folder / "niet koppelen.csv", [["clientnr", "behandelaar", "reden"], *pairs], ";")


def _draw_responses(draw: CellDraw, people: list[str]) -> list[list[Any]]:
    headers = [
        "id", "submitdate", "lastpage", "startlanguage", "seed", "clientnr", "leeftijd", "geslacht", "regio",
        "verzekeraar",
        *(f"klachten[{code}]" for code in PROBLEMS), "vorm[video]", "vorm[praktijk]",
        *(f"tijden[{slot.replace('-', '')}]" for slot in SLOTS),
        *(f"PHQ9[{item}]" for item in range(1, 10)), "voorkeur",
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for number, one in enumerate(people, 1):
        day = f"{draw.day('2025-02-03', '2025-04-04'):%Y-%m-%d %H:%M:%S}"
        marks = [draw.one("YN") for _ in (*PROBLEMS, *SLOTS)]
        answers = [
            draw.number(18, 74),
            draw.one("VVMX"),
            draw.one(("Utrecht", "Gelderland")),
            draw.one(INSURERS),
            *marks[:4],
        ]
        rows.append([
            number, day, 4, "nl", draw.number(10**8, 10**9), one, *answers, draw.one("YN"), "Y", *marks[4:],
            *draw.items(9, 0, 3),
            draw.one(("", "", "V", "M")),
        ])  # fmt: skip
    rows.append([len(people) + 1, "", 1, "nl", draw.number(10**8, 10**9), "K523", 44, "V", *[""] * (len(headers) - 8)])
    return [headers, *rows]


def _write_team(draw: CellDraw, folder: Path) -> None:
    headers = (
        "code",
        "geslacht",
        "geboortejaar",
        "regio's",
        "verzekeraars",
        "werkt via",
        "behandelt",
        *SLOTS,
        "plekken",
        "ervaring (jr)",
        "bijgewerkt",
    )
    rows = [
        [
            code, draw.one("VM"), draw.number(1962, 1996), ", ".join(draw.some(("Utrecht", "Gelderland"))),
            ", ".join(draw.some(INSURERS, 4, 2)),
            ", ".join(draw.some(("video", "praktijk"))), ", ".join(draw.some(list(PROBLEMS.values()), 3)),
            *(draw.one(("ja", "nee")) for _ in SLOTS), draw.number(0, 3), draw.number(1, 30),
            f"{draw.day('2025-05-05', '2025-05-30'):%d-%m-%Y}",
        ]
        for code in TEAM
    ]  # fmt: skip
    write_text(folder / "team.csv", [headers, *rows], ";")
