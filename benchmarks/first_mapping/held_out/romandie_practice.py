"""A practice in French-speaking Switzerland: a workbook with a sheet of WAI-S answers for each year."""

from pathlib import Path
from typing import Any

from benchmarks.first_mapping.folder_writing import CellDraw, write_text, write_workbook

CANTONS = ("Vaud", "Genève", "Fribourg")
SICKNESS_FUNDS = ("Assura", "Groupe Mutuel", "Sanitas", "à charge du patient")
MOTIVES = ("humeur dépressive", "attaques de panique", "addiction", "travail", "séparation", "deuil")
HALVES = ("lu matin", "lu après-midi", "ma matin", "me après-midi", "je après-midi", "ve matin")
PSYCHOLOGISTS = ("Ps. A", "Ps. B", "Ps. C", "Ps. D", "Ps. E", "Ps. F")


def write_folder(folder: Path) -> None:
    """Write 23 patients, their PHQ-9 and GAD-7 answers, 6 psychologists, and 39 forms of two years."""
    draw = CellDraw(30)
    files = [f"VD.{number}" for number in range(118, 141)]
    headers = ["n° dossier", "psychologue", "séance n°", "rempli le", *(f"item {item}" for item in range(1, 13))]
    sheets: dict[str, list[list[Any]]] = {}
    for year, people in (("WAI 2024", files[:5]), ("WAI 2025", files[5:13])):
        visits = draw.visits(people, PSYCHOLOGISTS, (1, 2, 3), f"{year[4:]}-02-05")
        forms = [[one.client, one.therapist, one.session, one.at.date(), *draw.items(12, 2, 7)] for one in visits]
        sheets[year] = [headers, *forms]
    write_workbook(
        folder / "Cabinet.xlsx", {"Patients": _draw_patients(draw, files), "Thérapeutes": _draw_team(draw), **sheets}
    )
    names = [f"{form}_{item:02d}" for form, count in (("PHQ", 9), ("GAD", 7)) for item in range(1, count + 1)]
    answers = [[*draw.items(16, 0, 3), one] for one in files]
    write_text(folder / "questionnaires.csv", [[*names, "dossier"], *answers], ";")


def _draw_patients(draw: CellDraw, files: list[str]) -> list[list[Any]]:
    headers = [
        "n° dossier", "1er contact", "né(e) le", "sexe", "langue(s)", "canton", "caisse-maladie", "motif(s)",
        "consultation",
        "disponible", "espoir de changement (0-100 %)", "urgence", "situation",
    ]  # fmt: skip
    rows = [
        [
            one, draw.day("2023-11-01", "2024-01-31").date(), draw.day("1950-01-01", "2005-01-01").date(),
            draw.one("FFHA"),
            ", ".join(["français", *draw.some(("allemand", "portugais"), 1, 0)]), draw.one(CANTONS),
            draw.one(SICKNESS_FUNDS),
            ", ".join(draw.some(MOTIVES)), draw.one(("au cabinet", "en ligne", "les deux")),
            ", ".join(draw.some(HALVES, 4, 2)),
            draw.number(1, 10) * 10, draw.one(("non", "non", "oui")),
            "suivi" if place < 13 else draw.one(("en attente", "en attente", "annulé")),
        ]
        for place, one in enumerate(files)
    ]  # fmt: skip
    return [headers, *rows]


def _draw_team(draw: CellDraw) -> list[list[Any]]:
    headers = [
        "psychologue", "sexe", "langue(s)", "autorisation", "caisses acceptées", "compétences", "ne suit pas",
        "approche",
        "consultation", "horaires", "places", "expérience (ans)", "mis à jour le",
    ]  # fmt: skip
    rows = [
        [
            one, draw.one("FH"), ", ".join(["français", *draw.some(("allemand", "portugais"), 1, 0)]),
            ", ".join(draw.some(CANTONS, 3)), ", ".join(draw.some(SICKNESS_FUNDS, 4, 2)),
            ", ".join(draw.some(MOTIVES, 4, 2)),
            draw.one(("", "", "addiction")), draw.one(("TCC", "systémique", "psychodynamique")),
            draw.one(("au cabinet", "les deux")), ", ".join(draw.some(HALVES, 5, 3)),
            draw.one((0, 1, 2, 3, "complet")), draw.number(1, 29), draw.day("2025-05-05", "2025-05-30").date(),
        ]
        for one in PSYCHOLOGISTS
    ]  # fmt: skip
    return [headers, *rows]
