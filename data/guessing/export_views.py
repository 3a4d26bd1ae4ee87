"""One export of a program as one table of Attune: the cells as its preset reads them, and what the preset fills."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.clinic.instruments import list_instruments
from attune_fit.data.clinic.settings import Config
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.guessing.folder_survey import SurveyedFile, find_reason
from attune_fit.data.guessing.program_export import ProgramExport
from attune_fit.data.guessing.text_layout import find_decimal
from attune_fit.data.reading.presets.preset import Preset
from attune_fit.data.reading.presets.preset_reader import read_presets

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.reading.rows.shared_grids import SharedGrids

NO_NUMBERS_AS_WRITTEN = ("redcap", "fhir")  # presets that write numbers with a decimal point


class View(NamedTuple):
    """A file as one table; None with the reason where it has no rows for it."""

    file: SurveyedFile | None
    reason: str = ""


def read_view(
    folder: Path,
    preset: Preset,
    name: str,
    table: str,
    keys: dict[str, Any],
    questions: dict[str, str],
    grids: SharedGrids | None = None,
) -> View:
    """Return an export as its preset reads it for one table.

    Parameters
    ----------
    folder : Path
        The folder.
    preset : Preset
        Of the program.
    name : str
        The file; empty for all files of the folder.
    table : str
        The canonical table.
    keys : dict
        Other keys of the table.
    questions : dict of str to str
        What people read above the cells, by header.
    grids : SharedGrids, optional
        Rows that were read before. Default: none.
    """
    own = {"source": preset.name, **keys}
    place = {"file": name} if name else {}
    config = Config.model_validate({"tables": {table: {**place, **own}}})
    collector = FaultCollector(table)
    _, filled = read_presets(Clinic(folder, config, list_instruments(config.instruments)), collector, grids)
    part = filled[table][0]
    may_be_empty = preset.name == "fhir" and table == "preferences"  # a later wish must not be lost
    if part is None or part.cells is None or (part.cells.empty and not may_be_empty):
        return View(None, find_reason(collector))
    lines = [line for line in part.lines if line in part.mapping.columns]
    columns = {line: part.mapping.columns[line] for line in lines if line in list_columns(table)}
    known = {line: getattr(part.mapping, line) for line in part.lines if line not in lines}
    decimal = {} if preset.name in NO_NUMBERS_AS_WRITTEN else find_decimal(part.cells)
    export = ProgramExport(preset, table, columns, known, part.dropped, questions)
    return View(SurveyedFile(name, {**own, **decimal}, _name_by_variable(part.cells, questions), export=export))


def _name_by_variable(cells: pd.DataFrame, questions: dict[str, str]) -> pd.DataFrame:
    """Return the cells under the short names of the program, where a preset took the question for a column of Attune.

    A line of ``clinic.toml`` can name either; the short one is the header of the file.
    """
    texts = list(questions.values())
    names = {text: name for name, text in questions.items() if texts.count(text) == 1 and name not in cells.columns}
    return cells.rename(columns={header: names.get(header, header) for header in cells.columns})
