"""A French-speaking practice in Canada: two workbooks of Microsoft Forms, and a team list with numeric codes."""

import datetime as dt
from pathlib import Path
from typing import Any

from benchmarks.first_mapping.folder_writing import CellDraw, write_text, write_workbook

REASONS = ("Anxiété", "Dépression", "Deuil", "Couple", "Épuisement professionnel")
SLOTS = ("lundi matin", "lundi après-midi", "mardi matin", "mercredi soir", "jeudi après-midi", "vendredi matin")
PAYERS = ("RAMQ", "SSQ", "Privé")
TEAM = ("CL-01", "CL-02", "CL-03", "CL-04", "CL-05", "CL-06", "CL-07")


def write_folder(folder: Path) -> None:
    """Write 28 requests, 7 clinicians and 45 forms of the SRS."""
    draw = CellDraw(9)
    files = [f"D-{number:04d}" for number in range(811, 839)]
    write_workbook(folder / "Demande de consultation(1-28).xlsx", {"Sheet1": _draw_requests(draw, files)})
    write_workbook(folder / "Bilan de séance(1-45).xlsx", {"Sheet1": _draw_forms(draw, files[:15])})
    _write_team(draw, folder)


def _build_standard(number: int, start: dt.datetime) -> list[object]:
    """Build the cells that Microsoft Forms adds to each answer."""
    return [number, start, start + dt.timedelta(minutes=6), "anonymous", ""]


_STANDARD = ["ID", "Start time", "Completion time", "Email", "Name"]


def _draw_requests(draw: CellDraw, files: list[str]) -> list[list[Any]]:
    headers = [
        *_STANDARD, "Numéro de dossier", "Date de naissance", "Genre", "Langues parlées", "Qui paie la consultation ?",
        "Motifs de consultation", "En personne ou en visio ?", "Vos disponibilités",
        "Sur une échelle de 0 à 10, à quel point pensez-vous que la thérapie aidera ?", "Score PHQ-9", "Score GAD-7",
    ]  # fmt: skip
    rows = [
        [
            *_build_standard(number, draw.day("2025-02-03", "2025-03-01")), one,
            f"{draw.day('1955-01-01', '2006-01-01'):%Y-%m-%d}", draw.one(("Femme", "Femme", "Homme", "Autre")),
            "".join(f"{word};" for word in ["Français", *draw.some(("Anglais", "Créole"), 1, 0)]), draw.one(PAYERS),
            "".join(f"{word};" for word in draw.some(REASONS, 3)),
            "".join(f"{word};" for word in draw.some(("En personne", "Visio"))),
            "".join(f"{word};" for word in draw.some(SLOTS, 4)), draw.number(2, 10), draw.often(draw.number(2, 25)),
            draw.often(draw.number(1, 20)),
        ]
        for number, one in enumerate(files, 1)
    ]  # fmt: skip
    return [[*headers], *rows]


def _draw_forms(draw: CellDraw, files: list[str]) -> list[list[Any]]:
    headers = [
        *_STANDARD,
        "Numéro de dossier",
        "Clinicien",
        "Séance",
        "Relation",
        "Buts et sujets",
        "Approche",
        "Ensemble",
        "Total SRS",
    ]
    rows: list[list[Any]] = []
    for number, one in enumerate(draw.visits(files, TEAM, (1, 2, 3), "2025-03-03"), 1):
        marks = draw.items(4, 5, 10)
        rows.append([*_build_standard(number, one.at), one.client, one.therapist, one.session, *marks, sum(marks)])
    return [headers, *rows]


def _write_team(draw: CellDraw, folder: Path) -> None:
    headers = (
        "clinicien", "sexe", "langues", "payeurs", "modes", "champs", "approche", "horaire", "places", "âges",
        "mise à jour",
    )  # fmt: skip
    rows = [
        [
            code, draw.number(1, 2), " | ".join(["Français", *draw.some(("Anglais", "Créole"), 1, 0)]),
            " | ".join(draw.some(PAYERS, 3)),
            " | ".join(draw.some(("En personne", "Visio"))), " | ".join(draw.some(REASONS, 3)),
            draw.one(("TCC", "Humaniste", "Systémique")),
            " | ".join(draw.some(SLOTS, 5, 3)), draw.number(0, 4), draw.one(("", "18-", "18-64")),
            f"{draw.day('2025-05-05', '2025-05-30'):%d/%m/%Y}",
        ]
        for code in TEAM
    ]  # fmt: skip
    write_text(folder / "Équipe.csv", [headers, *rows], ";", "cp1252")
