"""A Mexican clinic: requests in Google Forms, a workbook with the team and its hours, ARM-5 answers in a CSV file."""

from pathlib import Path
from typing import Any

from benchmarks.first_mapping.folder_writing import CellDraw, write_text, write_workbook

STATES = ("Jalisco", "Nayarit", "Colima")
PAYMENTS = ("Efectivo", "Seguro GNP", "Seguro AXA")
REASONS = ("Estrés laboral", "Tristeza", "Nervios o ansiedad", "Pérdida de un ser querido", "Problemas de pareja")
TIMES = (
    "Lunes por la mañana",
    "Lunes por la tarde",
    "Martes por la mañana",
    "Miércoles por la tarde",
    "Viernes por la tarde",
)
DAYS = ("Lunes", "Martes", "Miércoles", "Jueves", "Viernes")
WAYS = ("Consultorio", "Videollamada")
TEAM = ("PSI-AL", "PSI-BG", "PSI-CR", "PSI-DM", "PSI-EV")


def write_folder(folder: Path) -> None:
    """Write 24 requests, 5 psychologists and 33 forms."""
    draw = CellDraw(23)
    people = [f"MX{number}" for number in range(7001, 7025)]
    name = "Solicitud de atención (respuestas) - Respuestas de formulario 1.csv"
    write_text(folder / name, _draw_requests(draw, people))
    write_workbook(folder / "Psicólogos.xlsx", {"Datos": _draw_team(draw), "Agenda": _draw_hours(draw)})
    forms = [
        [one.client, one.session, f"{one.at:%d/%m/%Y}", *draw.items(5, 3, 7), one.therapist]
        for one in draw.visits(people[:11], TEAM, (1, 2, 3), "2025-03-03")
    ]  # fmt: skip
    headers = ["Clave", "No. de cita", "Fecha de la cita", *(f"ARM {item}" for item in range(1, 6)), "Psicólogo"]
    write_text(folder / "alianza.csv", [headers, *forms])


def _draw_requests(draw: CellDraw, people: list[str]) -> list[list[Any]]:
    headers = [
        "Marca temporal", "Escribe la clave que te dimos", "¿Cuántos años tienes?", "Género", "¿En qué estado vives?",
        "¿Qué te trae a consulta? (elige las que apliquen)", "¿Cómo prefieres tus citas?", "¿Cuándo puedes venir?",
        "¿Cómo vas a pagar?", "Del 0 al 100, ¿cuánto crees que te va a ayudar la terapia?",
        "¿Prefieres psicólogo o psicóloga?",
        *(f"En las últimas dos semanas, ¿con qué frecuencia? [{item}]" for item in range(1, 10)),
    ]  # fmt: skip
    words = ("Nunca", "Varios días", "Más de la mitad de los días", "Casi todos los días")
    stamps = sorted(draw.day("2025-01-13", "2025-02-28") for _ in people)
    rows = [
        [
            f"{at.day}/{at.month:02d}/{at.year} {at:%H:%M:%S}", one, draw.number(18, 70),
            draw.one(("Femenino", "Femenino", "Masculino", "No binario")), draw.one(STATES),
            ", ".join(draw.some(REASONS, 3)), ", ".join(draw.some(WAYS)), ", ".join(draw.some(TIMES, 3)),
            draw.one(PAYMENTS), draw.number(2, 10) * 10,
            draw.one(("Me da igual", "Me da igual", "Psicóloga", "Psicólogo")),
            *(draw.one(words) for _ in range(9)),
        ]
        for at, one in zip(stamps, people, strict=True)
    ]  # fmt: skip
    return [headers, *rows]


def _draw_team(draw: CellDraw) -> list[list[Any]]:
    headers = [
        "Clave", "Sexo", "Edad", "Cédula válida en", "Formas de pago", "Atiende por", "Temas", "Corriente",
        "Años de práctica", "Lugares", "Revisado",
    ]  # fmt: skip
    rows = [
        [
            one, draw.one(("Mujer", "Hombre")), draw.number(27, 61), ", ".join(draw.some(STATES, 3)),
            ", ".join(draw.some(PAYMENTS, 3)), ", ".join(draw.some(WAYS)), ", ".join(draw.some(REASONS, 4, 2)),
            draw.one(("TCC", "Gestalt", "Sistémica")), draw.number(1, 30), draw.number(0, 4),
            draw.day("2025-05-02", "2025-05-29").date(),
        ]
        for one in TEAM
    ]  # fmt: skip
    return [headers, *rows]


def _draw_hours(draw: CellDraw) -> list[list[Any]]:
    rows = [[one, "9:00-13:00", *(draw.one(("", "9:00-13:00", "16:00-20:00")) for _ in DAYS[1:])] for one in TEAM]
    return [["Clave", *DAYS], *rows]
