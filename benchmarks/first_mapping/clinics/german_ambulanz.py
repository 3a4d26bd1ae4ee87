"""A German training clinic: semicolons, latin-1, decimal commas, PHQ items in a file of their own."""

from pathlib import Path

from benchmarks.first_mapping.folder_writing import CellDraw, write_text

SLOTS = ("Mo vorm.", "Mo nachm.", "Di vorm.", "Mi nachm.", "Do abends", "Fr vorm.")
LANGUAGES = ("Deutsch", "Türkisch", "Russisch", "Englisch")
DIAGNOSES = ("F32.1", "F33.1", "F40.1", "F41.0", "F43.2", "F60.3")
INSURANCES = ("GKV", "PKV", "Selbstzahler")
THERAPISTS = ("KAM", "LEH", "MUE", "OST", "RIC", "WAL")
DAY = "%d.%m.%Y"


def write_folder(folder: Path) -> None:
    """Write 24 patients, 6 therapists in training and 42 forms."""
    draw = CellDraw(2)
    codes = [f"{draw.one('ABDEGK')}{number:03d}" for number in range(101, 125)]
    _write_patients(draw, folder, codes)
    _write_therapists(draw, folder)
    forms = [
        [one.client, one.therapist, one.session, f"{one.at:{DAY}}", *_draw_scales(draw)]
        for one in draw.visits(codes[:14], THERAPISTS, (1, 3, 5), "2025-03-03")
    ]  # fmt: skip
    headers = (
        "Chiffre",
        "Behandler",
        "Sitzung",
        "Datum",
        "WAI-SR gesamt",
        "WAI-SR Ziele",
        "WAI-SR Aufgaben",
        "WAI-SR Bindung",
    )
    write_text(folder / "Stundenbogen.csv", [headers, *forms], ";", "latin-1")


def _draw_scales(draw: CellDraw) -> list[str]:
    """Draw the total and the three scales of a form, with a decimal comma."""
    scales = [draw.number(8, 20) / 4 for _ in range(3)]
    return [f"{one:.2f}".replace(".", ",") for one in (sum(scales) / 3, *scales)]


def _write_patients(draw: CellDraw, folder: Path, codes: list[str]) -> None:
    headers = (
        "Chiffre", "Anmeldedatum", "Geburtsdatum", "Geschlecht", "Muttersprache / Sprachen", "Kostenträger",
        "Diagnosen (ICD-10)",
        "Terminwünsche", "Therapieerwartung (0-100)", "Therapeutenwunsch", "Bemerkung",
    )  # fmt: skip
    rows = [
        [
            code, f"{draw.day('2024-09-02', '2025-02-28'):{DAY}}", f"{draw.day('1958-01-01', '2005-12-31'):{DAY}}",
            draw.one(("w", "w", "m", "d")), ", ".join(["Deutsch", *draw.some(LANGUAGES[1:], 1, 0)]),
            draw.one(INSURANCES),
            ", ".join(draw.some(DIAGNOSES)), ", ".join(draw.some(SLOTS, 3)), draw.often(draw.number(2, 10) * 10, 0.8),
            draw.one(("", "", "Frau", "Mann", "egal")), draw.one(("", "", "Rückruf", "Schichtarbeit")),
        ]
        for code in codes
    ]  # fmt: skip
    write_text(folder / "Anmeldungen.csv", [headers, *rows], ";", "latin-1")
    answers = [[code, *draw.items(9, 0, 3)] for code in codes]
    write_text(folder / "PHQ.csv", [["Chiffre", *(f"PHQ_{item}" for item in range(1, 10))], *answers], ";", "latin-1")


def _write_therapists(draw: CellDraw, folder: Path) -> None:
    headers = (
        "Kürzel", "Geschlecht", "Sprachen", "Abrechnung", "Verfahren", "Schwerpunkte", "Behandelt nicht",
        "Sprechzeiten",
        "Freie Plätze", "Berufserfahrung (Jahre)", "Zuletzt geprüft",
    )  # fmt: skip
    rows = [
        [
            code, draw.one("wwm"), ", ".join(["Deutsch", *draw.some(LANGUAGES[1:], 1, 0)]),
            ", ".join(draw.some(INSURANCES, 3, 2)),
            draw.one(("VT", "TP", "ST")), ", ".join(draw.some(DIAGNOSES, 3)), draw.one(("", "", "F60.3")),
            ", ".join(draw.some(SLOTS, 5, 3)), draw.number(0, 3), f"{draw.number(1, 12) / 2:.1f}".replace(".", ","),
            f"{draw.day('2025-05-01', '2025-05-28'):{DAY}}",
        ]
        for code in THERAPISTS
    ]  # fmt: skip
    write_text(folder / "Therapeutenliste.csv", [headers, *rows], ";", "latin-1")
