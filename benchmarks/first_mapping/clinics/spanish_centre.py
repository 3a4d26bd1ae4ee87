"""A Spanish centre: workbooks for people, and a semicolon file of WAI-S answers for each year."""

from pathlib import Path
from typing import Any

from benchmarks.first_mapping.folder_writing import CellDraw, write_text, write_workbook

SLOTS = ("lunes mañana", "lunes tarde", "martes tarde", "miércoles mañana", "jueves tarde", "viernes mañana")
REASONS = ("ansiedad", "depresión", "duelo", "pareja", "autoestima", "trauma")
MODES = ("presencial", "videollamada")
THERAPISTS = ("T-1", "T-2", "T-3", "T-4", "T-5")


def write_folder(folder: Path) -> None:
    """Write 20 patients, 5 therapists and 48 forms of two years."""
    draw = CellDraw(3)
    histories = [f"{number}/24" for number in range(210, 230)]
    write_workbook(folder / "Pacientes.xlsx", {"Hoja1": _draw_patients(draw, histories)})
    write_workbook(folder / "Equipo.xlsx", {"Hoja1": _draw_team(draw)})
    headers = ("Nº historia", "Terapeuta", "Nº sesión", "Fecha", *(f"WAI{item}" for item in range(1, 13)))
    for year, people in (("2024", histories[:6]), ("2025", histories[6:12])):
        rows = [
            [one.client, one.therapist, one.session, f"{one.at:%d-%m-%Y}", *draw.items(12, 2, 7)]
            for one in draw.visits(people, THERAPISTS, (1, 2, 3, 6), year + "-03-04")
        ]  # fmt: skip
        write_text(folder / f"alianza_{year}.csv", [headers, *rows], ";")


def _draw_patients(draw: CellDraw, histories: list[str]) -> list[list[Any]]:
    headers = [
        "Nº historia", "Fecha de alta", "F. nacimiento", "Sexo", "Idiomas", "Provincia", "Seguro", "Motivo de consulta",
        "Modalidad", "Disponibilidad", "PHQ-9", "Observaciones",
    ]  # fmt: skip
    rows = [
        [
            one, draw.day("2023-11-06", "2024-02-29").date(), draw.day("1960-01-01", "2006-01-01").date(),
            draw.one(("Mujer", "Mujer", "Hombre", "Otro")),
            " / ".join(["español", *draw.some(("inglés", "catalán"), 1, 0)]),
            draw.one(("Valencia", "Alicante")), draw.one(("privado", "Sanitas", "Adeslas")),
            " / ".join(draw.some(REASONS)),
            draw.one(("presencial", "videollamada", "ambas")), " / ".join(draw.some(SLOTS, 3)),
            draw.often(draw.number(2, 24)), "",
        ]
        for one in histories
    ]  # fmt: skip
    return [headers, *rows]


def _draw_team(draw: CellDraw) -> list[list[Any]]:
    headers = [
        "Código",
        "Sexo",
        "Idiomas",
        "Colegiado en",
        "Seguros",
        "Especialidades",
        "Enfoque",
        "Modalidad",
        "Horario",
        "Plazas libres",
        "Edades",
    ]
    rows = [
        [
            code, draw.one(("Mujer", "Hombre")), " / ".join(["español", *draw.some(("inglés", "catalán"), 1, 0)]),
            " / ".join(draw.some(("Valencia", "Alicante"))),
            " / ".join(draw.some(("privado", "Sanitas", "Adeslas"), 3)),
            " / ".join(draw.some(REASONS, 3)), draw.one(("TCC", "sistémico", "humanista")),
            draw.one(("presencial", "ambas")), " / ".join(draw.some(SLOTS, 5, 2)), draw.one((0, 1, 2, 3, "completo")),
            draw.one(("18-65", "18-", "")),
        ]
        for code in THERAPISTS
    ]  # fmt: skip
    return [headers, *rows]
