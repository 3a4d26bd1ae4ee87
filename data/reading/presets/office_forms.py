"""The presets of Google Forms and Microsoft Forms: one header row of questions, checkboxes joined in one cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.data.cell_parsing import normalize_code, normalize_text
from attune_fit.data.reading.presets.form_files import (
    add_foreign_export_error,
    drop_people,
    fill_answer_date,
    fill_person_id,
    has_headers,
    read_first_row,
    read_form_file,
    select_cells,
)
from attune_fit.data.reading.presets.preset import Preset, PresetInput, PresetTable, drop_identifying_columns
from attune_fit.data.reading.rows.header_match import find_header

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector

_TIMESTAMPS = ("timestamp", "zeitstempel", "horodateur", "marca temporal", "tijdstempel", "informazioni cronologiche",
               "carimbo de data/hora")  # fmt: skip
_STARTS = ("start time", "startzeit", "heure de d\u00e9but", "hora de inicio", "begintijd", "ora di inizio")
_ENDS = ("completion time", "fertigstellungszeit", "heure de fin", "hora de finalizaci\u00f3n", "tijd van voltooien",
         "ora di completamento")  # fmt: skip
_GRADES = ("points - ", "feedback - ", "punkte - ", "punkte \u2013 ")  # of a quiz, in front of each question
_QUIZ = ("total points", "quiz feedback", "grade posted time", "score")


@dataclass(frozen=True)
class OfficeForm:
    """What the export of a form looks like.

    Attributes
    ----------
    label : str
    needed : tuple of tuples of str
        Headers that every export has, one of each tuple, by language.
    dates : tuple of str
        Headers of the day of the answers, the best first.
    ids : tuple of str
        Headers of the id of a response.
    separator : str
        Between the choices of checkboxes.
    """

    label: str
    needed: tuple[tuple[str, ...], ...]
    dates: tuple[str, ...]
    ids: tuple[str, ...]
    separator: str


GOOGLE = OfficeForm("Google Forms", (_TIMESTAMPS,), _TIMESTAMPS, (), ",")
MICROSOFT = OfficeForm("Microsoft Forms", (("id",), _STARTS, _ENDS), (*_ENDS, *_STARTS), ("id",), ";")


def read_office_form(
    source: PresetInput, table: str, mapping: TableMapping, collector: FaultCollector, form: OfficeForm
) -> PresetTable | None:
    """Return the responses of a form, without names, addresses and grades."""
    found = read_form_file(source.folder, table, mapping, collector)
    if found is None:
        return None
    headers = [normalize_text(cell) for cell in found.grid.iloc[0]] if len(found.grid) else []
    if not has_headers(headers, form.needed):
        add_foreign_export_error(form.label, form.needed, table, collector)
        return None
    cells, dropped = drop_people(found.grid.iloc[1:].set_axis(headers, axis=1), table, mapping)
    cells = _drop_grades(cells, table, mapping, form)
    columns = {**fill_person_id(cells, form.ids, table),
               **fill_answer_date(cells, form.dates, table, mapping, form.label, collector)}  # fmt: skip
    return PresetTable(cells, columns, {**found.keys, "set_separator": _find_set_separator(cells, form)}, dropped)


def is_office_export(path: Path, needed: Sequence[Sequence[str]]) -> bool:
    """Return whether a file begins with the headers that a form program writes."""
    row = read_first_row(path)
    return has_headers(row[: len(needed)], needed)


def _find_set_separator(cells: pd.DataFrame, form: OfficeForm) -> str:
    """Return the mark between checkboxes: Google's own CSV, whose times have a time zone, joins them by `;`."""
    header = find_header(cells, form.dates[0]) if form is GOOGLE else None
    has_zone = header is not None and select_cells(cells, header).str.contains(r"[AP]M [A-Z]{3}", regex=True).any()
    return ";" if has_zone else form.separator


def _drop_grades(cells: pd.DataFrame, table: str, mapping: TableMapping, form: OfficeForm) -> pd.DataFrame:
    """Return the cells without the points and the feedback that Microsoft Forms adds to the questions of a quiz."""
    if form is not MICROSOFT:
        return cells
    graded = [str(header) for header in cells.columns if normalize_code(str(header)).startswith(_GRADES)]
    return drop_identifying_columns(cells, [*graded, *(_QUIZ if graded else ())], table, mapping)[0]


GOOGLE_FORMS = Preset(
    "google_forms", "Google Forms", partial(read_office_form, form=GOOGLE),
    partial(is_office_export, needed=GOOGLE.needed),
    "Responses of Google Forms, from its sheet or as CSV: the timestamp is the day of the answers, and checkboxes are "
    "sets. The id is a question that you name.",
    own_headers=(*_TIMESTAMPS, "email address", "username", "score"),
)  # fmt: skip
MICROSOFT_FORMS = Preset(
    "microsoft_forms", "Microsoft Forms", partial(read_office_form, form=MICROSOFT),
    partial(is_office_export, needed=MICROSOFT.needed),
    "Responses of Microsoft Forms: the completion time is the day of the answers, checkboxes joined by `;` are sets, "
    "and names and e-mail addresses are left out.",
    own_headers=("id", *_STARTS, *_ENDS, "email", "name", "last modified time", "language"),
)  # fmt: skip
