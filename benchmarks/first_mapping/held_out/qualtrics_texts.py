"""A Dutch institute: Qualtrics with the texts of choices, the staff in a TSV file, ARM-5 answers with semicolons."""

import json
from pathlib import Path
from typing import Any

from benchmarks.first_mapping.folder_writing import CellDraw, write_text

PROBLEMS = ("Somberheid", "Angst of paniek", "Trauma", "Rouw", "Eetproblemen")
REGIONS = ("Friesland", "Groningen", "Drenthe")
TIMES = ("ma 9-12", "ma 13-17", "di 9-12", "wo 13-17", "do 9-12", "vr 9-12")
PAYERS = ("Zilveren Kruis", "CZ", "VGZ", "Zelf betalen")
WORDS = ("Helemaal niet", "Meerdere dagen", "Meer dan de helft van de dagen", "Bijna elke dag")
STAFF = ("psy101", "psy102", "psy105", "psy108", "psy110", "psy114")
STANDARD = {  # name of the column, text, ImportId
    "StartDate": ("Begindatum", "startDate"), "EndDate": ("Einddatum", "endDate"), "Status": ("Antwoordtype", "status"),
    "Progress": ("Voortgang", "progress"), "Finished": ("Voltooid", "finished"),
    "RecordedDate": ("Registratiedatum", "recordedDate"), "ResponseId": ("Antwoord-ID", "_recordId"),
    "ExternalReference": ("Externe gegevensverwijzing", "externalDataReference"),
}  # fmt: skip
QUESTIONS = {
    "Gender": "Wat is uw geslacht?", "Geboren": "Wat is uw geboortedatum? (jjjj-mm-dd)", "Provincie": "Waar woont u?",
    "Klachten": "Waarvoor zoekt u hulp?", "Tijden": "Wanneer kunt u komen?",
    "Verzekering": "Wie betaalt de behandeling?",
    "Verwachting": "Hoeveel zal de behandeling u helpen? (0 tot 10)",
    **{f"PHQ_{item}": f"Hoe vaak in de afgelopen twee weken? - Vraag {item}" for item in range(1, 10)},
    **{f"GAD_{item}": f"Hoe vaak in de afgelopen twee weken? - Vraag {item}" for item in range(1, 8)},
    "Voorkeur": "Heeft u een voorkeur voor een vrouw of een man?",
}  # fmt: skip


def write_folder(folder: Path) -> None:
    """Write 19 intakes, 6 psychologists, 33 forms and two pairs that must not meet."""
    draw = CellDraw(27)
    people = [f"PN{number}" for number in range(880, 899)]
    _write_intakes(draw, folder, people)
    _write_staff(draw, folder)
    forms = [
        [one.therapist, one.client, f"{one.at:%d-%m-%Y}", one.session, *draw.items(5, 3, 7)]
        for one in draw.visits(people[:11], STAFF, (1, 2, 4), "2025-03-24")
    ]  # fmt: skip
    headers = ["psycholoog", "patientnummer", "ingevuld op", "gesprek", *(f"arm5_{item}" for item in range(1, 6))]
    write_text(folder / "ARM-5 export.csv", [headers, *forms], ";")
    pairs = [[people[14], STAFF[1], "familie"], [people[17], STAFF[4], "collega"]]
    write_text(folder / "uitsluitingen.tsv", [["patient", "psycholoog", "waarom"], *pairs], "\t")


def _write_intakes(draw: CellDraw, folder: Path, people: list[str]) -> None:
    texts = [text for text, _ in STANDARD.values()]
    ids = [code for _, code in STANDARD.values()] + [f"QID{number}" for number in range(1, len(QUESTIONS) + 1)]
    rows: list[list[Any]] = [
        [*STANDARD, *QUESTIONS], [*texts, *QUESTIONS.values()], [json.dumps({"ImportId": one}) for one in ids],
    ]  # fmt: skip
    for one in people:
        day = f"{draw.day('2025-02-17', '2025-03-21'):%Y-%m-%d %H:%M:%S}"
        rows.append([
            day, day, "IP-adres", 100, "Waar", day, f"R_{draw.number(10**9, 10**10)}", one,
            draw.one(("Vrouw", "Vrouw", "Man", "Anders")), f"{draw.day('1955-01-01', '2006-01-01'):%Y-%m-%d}",
            draw.one(REGIONS), ",".join(draw.some(PROBLEMS, 3)), ",".join(draw.some(TIMES, 4, 2)), draw.one(PAYERS),
            draw.number(2, 10), *(draw.one(WORDS) for _ in range(16)),
            draw.one(("Geen voorkeur", "Geen voorkeur", "Vrouw", "Man")),
        ])  # fmt: skip
    write_text(folder / "Aanmelding_2 juni 2025_09.41.csv", rows)


def _write_staff(draw: CellDraw, folder: Path) -> None:
    headers = (
        "medewerker", "m/v", "werkgebied", "contracten", "doelgroep leeftijd", "expertise", "niet", "rooster",
        "methodiek",
        "ruimte caseload", "dienstjaren", "peildatum",
    )  # fmt: skip
    rows = [
        [
            one, draw.one("mv"), ",".join(draw.some(REGIONS, 3)), ",".join(draw.some(PAYERS, 4, 2)),
            draw.one(("18-", "18-64", "")), ",".join(draw.some(PROBLEMS, 4, 2)),
            draw.one(("", "Eetproblemen", "Trauma")),
            ",".join(draw.some(TIMES, 5, 3)), draw.one(("CGT", "EMDR", "ACT")), draw.number(0, 4), draw.number(1, 27),
            f"{draw.day('2025-05-05', '2025-05-30'):%d-%m-%Y}",
        ]
        for one in STAFF
    ]  # fmt: skip
    write_text(folder / "medewerkers.tsv", [headers, *rows], "\t")
