"""An Austrian association: semicolons, a title above the list, SRS totals and dates of each session side by side."""

from pathlib import Path

from benchmarks.first_mapping.folder_writing import CellDraw, write_text

LANDS = ("Wien", "NÖ", "Bgld")
INSURERS = ("ÖGK", "SVS", "BVAEB", "privat")
CONCERNS = ("Depression", "Angst", "Zwang", "Trauer", "Burnout", "Essstörung")
TIMES = ("Mo 9-12", "Mo 14-17", "Di 14-17", "Mi 9-12", "Do 17-20", "Fr 9-12")
NETWORK = ("P-03", "P-08", "P-11", "P-12", "P-19", "P-27", "P-30")
SESSIONS = 5


def write_folder(folder: Path) -> None:
    """Write 25 requests, 7 therapists and 12 rows of session totals."""
    draw = CellDraw(22)
    people = [f"{number}/2025" for number in range(31, 56)]
    _write_requests(draw, folder, people)
    _write_network(draw, folder)
    rows = [_draw_totals(draw, one) for one in people[:12]]
    pairs = [header for session in range(1, SESSIONS + 1) for header in (f"SRS {session}. Std.", f"am ({session})")]
    write_text(folder / "Fragebögen SRS.csv", [["Fall", "bei", *pairs], *rows], ";", "cp1252")


def _write_requests(draw: CellDraw, folder: Path, people: list[str]) -> None:
    headers = (
        "Fall", "Eingang", "Alter", "w/m/d", "spricht", "Bundesland", "Versicherung", "Anliegen", "Setting",
        "kann kommen", "PHQ9-Summe", "GAD7-Summe", "Dringlichkeit", "Wunsch: Geschlecht", "Kontakt durch",
    )  # fmt: skip
    rows = [
        [
            one, f"{draw.day('2025-01-07', '2025-03-14'):%d.%m.%Y}", draw.number(19, 76), draw.one("wwmd"),
            " + ".join(["Deutsch", *draw.some(("BKS", "Englisch"), 1, 0)]), draw.one(LANDS), draw.one(INSURERS),
            ", ".join(draw.some(CONCERNS, 3)), ", ".join(draw.some(("Praxis", "online"))),
            ", ".join(draw.some(TIMES, 4, 2)), draw.often(draw.number(2, 24)), draw.often(draw.number(1, 20)),
            draw.one(("normal", "normal", "bald", "dringend")),
            draw.one(("", "", "Frau (unbedingt)", "Frau (wenn möglich)", "Mann (wenn möglich)")),
            draw.one(("Hausarzt", "selbst")),
        ]
        for one in people
    ]  # fmt: skip
    title = ["Anfragen 1. Quartal 2025", *[""] * (len(headers) - 1)]
    write_text(folder / "Anfragen Q1.csv", [title, headers, *rows], ";", "cp1252")


def _write_network(draw: CellDraw, folder: Path) -> None:
    headers = (
        "Mitglied", "Stand vom", "freie Plätze", "w/m", "Fremdsprachen und Deutsch", "Bundesländer", "verrechnet mit",
        "Methode", "Setting", "Praxiszeiten", "Arbeitsgebiete", "eingetragen seit (Jahre)",
    )  # fmt: skip
    rows = [
        [
            one, f"{draw.day('2025-04-22', '2025-05-20'):%d.%m.%Y}", draw.number(0, 4), draw.one("wm"),
            " + ".join(["Deutsch", *draw.some(("BKS", "Englisch"), 1, 0)]), ", ".join(draw.some(LANDS, 3)),
            ", ".join(draw.some(INSURERS, 4, 2)), draw.one(("VT", "SF", "PA", "Gestalt")),
            ", ".join(draw.some(("Praxis", "online"))), ", ".join(draw.some(TIMES, 5, 3)),
            ", ".join(draw.some(CONCERNS, 4, 2)), draw.number(1, 30),
        ]
        for one in NETWORK
    ]  # fmt: skip
    write_text(folder / "Netzwerk.csv", [headers, *rows], ";", "cp1252")


def _draw_totals(draw: CellDraw, person: str) -> list[str]:
    """Draw the total, with a decimal comma, and the day of each session that a person had."""
    visits = draw.visits([person], NETWORK, range(1, draw.number(2, SESSIONS) + 1), "2025-03-17")
    cells = [
        cell for one in visits for cell in (f"{draw.number(250, 400) / 10:.1f}".replace(".", ","), f"{one.at:%d.%m.%Y}")
    ]
    return [person, visits[0].therapist, *cells, *[""] * (2 * SESSIONS - len(cells))]
