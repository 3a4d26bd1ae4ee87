"""A Swiss practice: LimeSurvey with whole questions as headers, a workbook with a mark for each half day."""

from pathlib import Path
from typing import Any

from benchmarks.first_mapping.folder_writing import CellDraw, write_text, write_workbook

PROBLEMS = ("Niedergeschlagenheit", "Ängste", "Schlafprobleme", "Beziehung", "Arbeit")
HALVES = ("Montag Vormittag", "Montag Nachmittag", "Dienstag Vormittag", "Mittwoch Nachmittag", "Donnerstag Abend")
CANTONS = ("ZH", "AG", "TG")
FUNDS = ("CSS", "Helsana", "Swica", "Selbstzahlung")
PHQ = ("Überhaupt nicht", "An einzelnen Tagen", "An mehr als der Hälfte der Tage", "Beinahe jeden Tag")
TEAM = ("keller", "baumann", "frei", "graf", "huber")


def write_folder(folder: Path) -> None:
    """Write 20 answers, 5 therapists and 30 rows of the SRS."""
    draw = CellDraw(25)
    tokens = [f"q7{draw.one('abcdef')}{number}x" for number in range(40, 60)]
    write_text(folder / "results-survey558102.csv", _draw_answers(draw, tokens))
    forms = [
        [f"{one.at:%d.%m.%Y}", one.client, one.therapist, one.session, *(draw.number(50, 100) / 10 for _ in range(4))]
        for one in draw.visits(tokens[:10], TEAM, (1, 2, 3), "2025-04-07")
    ]  # fmt: skip
    headers = ["Datum", "Zugangscode", "Therapeutin/Therapeut", "Sitzung Nr.", *(f"SRS_{item}" for item in range(1, 5))]
    write_workbook(folder / "Praxis.xlsx", {"Team": _draw_team(draw), "SRS": [headers, *forms]})


def _draw_answers(draw: CellDraw, tokens: list[str]) -> list[list[Any]]:
    headers = [
        "Antwort ID", "Datum Abgeschickt", "Letzte Seite", "Start-Sprache", "Zufallsstartwert", "Zugangsschlüssel",
        "Mit welchem Geschlecht identifizieren Sie sich?", "Wann sind Sie geboren?", "In welchem Kanton wohnen Sie?",
        "Bei welcher Krankenkasse sind Sie?",
        *(f"Was belastet Sie? (Mehrfachauswahl) [{one}]" for one in PROBLEMS),
        *(f"Wann hätten Sie Zeit? [{one}]" for one in HALVES),
        *(f"Wie oft in den letzten 2 Wochen? [PHQ {item}]" for item in range(1, 10)),
        "Möchten Sie lieber zu einer Frau oder zu einem Mann?",
    ]  # fmt: skip
    rows = [
        [
            number, f"{draw.day('2025-02-10', '2025-04-04'):%Y-%m-%d %H:%M:%S}", 5, "de", draw.number(10**8, 10**9),
            one,
            draw.one(("weiblich", "weiblich", "männlich", "divers")),
            f"{draw.day('1950-01-01', '2006-01-01'):%Y-%m-%d}",
            draw.one(CANTONS), draw.one(FUNDS), "Ja", *(draw.one(("Ja", "Nein")) for _ in PROBLEMS[1:]), "Ja",
            *(draw.one(("Ja", "Nein")) for _ in HALVES[1:]), *(draw.one(PHQ) for _ in range(9)),
            draw.one(("Keine Präferenz", "Keine Präferenz", "Frau", "Mann")),
        ]
        for number, one in enumerate(tokens, 1)
    ]  # fmt: skip
    return [headers, *rows]


def _draw_team(draw: CellDraw) -> list[list[Any]]:
    headers = [
        "Login", "Anrede", "Jg.", "Kantone", "Krankenkassen", "Themen", "Richtung", *HALVES, "Plätze", "nachgeführt",
    ]  # fmt: skip
    rows = [
        [
            one, draw.one(("Frau", "Herr")), draw.number(1960, 1995), "/".join(draw.some(CANTONS, 3)),
            "/".join(draw.some(FUNDS, 4, 2)), "/".join(draw.some(PROBLEMS, 4, 2)), draw.one(("VT", "ST", "PA")),
            "x", *(draw.one(("x", "")) for _ in HALVES[1:]), draw.number(0, 3),
            draw.day("2025-05-05", "2025-05-30").date(),
        ]
        for one in TEAM
    ]  # fmt: skip
    return [headers, *rows]
