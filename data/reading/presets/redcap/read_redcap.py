"""The preset for REDCap: records with their data dictionary become one table of Attune."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS
from attune_fit.data.formats.redcap_companions import is_redcap_dictionary
from attune_fit.data.formats.typed_cells import is_value
from attune_fit.data.reading.presets.preset import Preset, PresetInput, PresetTable
from attune_fit.data.reading.presets.redcap.redcap_eav import is_eav, join_fields, list_fields
from attune_fit.data.reading.presets.redcap.redcap_files import (
    is_of_project,
    read_dictionary,
    read_event_names,
    read_records,
)
from attune_fit.data.reading.presets.redcap.redcap_mapping import WantedFields
from attune_fit.data.reading.presets.redcap.redcap_rows import ChosenRows, choose_rows
from attune_fit.data.reading.presets.redcap.redcap_table import RedcapTable, build_table

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector

HEAD_BYTES = 100_000  # in which the headers of an export are
MARKS = ("redcap_event_name", "redcap_repeat_instrument", "redcap_data_access_group", "redcap_survey_identifier")

_VARIABLE = re.compile(r"[a-z][a-z0-9_]*")


def read_redcap(
    source: PresetInput, table: str, mapping: TableMapping, collector: FaultCollector
) -> PresetTable | None:
    """Return one table from an export of REDCap.

    Parameters
    ----------
    source : PresetInput
        It has the clinic folder, with the records and, if possible, the data dictionary and the list of events.
    table : str
        The canonical table.
    mapping : TableMapping
        The clinic's lines; ``dictionary``, ``form`` and ``event`` among them.
    collector : FaultCollector
        Collects errors and warnings.

    Returns
    -------
    PresetTable or None
        None where the table has no file, or after an error.
    """
    # `labels` is about choices here, not about the layout of a file
    layout = mapping.model_copy() if mapping.labels is None else _drop_labels(mapping)
    grid = read_records(source.folder, table, layout, collector, source.grids)
    if grid is None:
        return None
    fields = list_fields(grid)
    dictionary = read_dictionary(source.folder, layout, fields, collector)
    if dictionary is None:
        return None
    if dictionary.fields and not is_of_project(dictionary, fields) and not is_eav(grid):
        first = dictionary.fields[0].name
        message = f"the records have no column `{first}`, the first field of the data dictionary"
        fix = "Add the record's id to the report in REDCap, or correct `dictionary`."
        collector.add_error("redcap-record-id-not-found", first, message, fix)
        return None
    if not dictionary.fields and any(is_value(normalize_code(str(header))) for header in grid.iloc[0] if header):
        message = "the first row of the export holds values, not headers"
        fix = "Export the records again, with their headers in the first row, and the data dictionary."
        collector.add_error("redcap-without-headers", "", message, fix)
        return None
    if is_eav(grid):
        grid = join_fields(grid, dictionary)
    wanted = WantedFields(table, mapping)
    records = build_table(grid, dictionary, wanted, collector)
    chosen = choose_rows(records, table, wanted, read_event_names(source.folder), collector)
    if chosen is None:
        return None
    cells = chosen.cells.drop(columns=[header for header in records.identifying if header in chosen.cells])
    return PresetTable(cells, _list_columns(table, records, chosen), {}, records.identifying)


def _drop_labels(mapping: TableMapping) -> TableMapping:
    copy = mapping.model_copy(update={"labels": None})
    copy.model_fields_set.discard("labels")
    return copy


def _list_columns(table: str, records: RedcapTable, chosen: ChosenRows) -> dict[str, Any]:
    """Return the columns that the export fills: the ids, sessions, and the day of a survey."""
    columns: dict[str, Any] = {TABLE_ID_COLUMNS.get(table, "client_id"): records.record}
    if chosen.session:
        columns["session"] = chosen.session
    stamp = f"{chosen.form}_timestamp"
    if table == "outcomes" and stamp in records.cells:
        columns["measured_on"] = stamp
    return columns


def is_redcap_export(path: Path) -> bool:
    """Return whether a text file looks like records of REDCap: by headers that it adds, or the state of a form."""
    if is_redcap_dictionary(path):
        return False
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            head = file.read(HEAD_BYTES).partition("\n")[0].lower()
    except OSError:
        return False
    names = [name.strip(' "\r') for name in head.replace(";", ",").replace("\t", ",").split(",")]
    if any(name.startswith(MARKS) for name in names):
        return True
    states = sum(map(_is_state, names))
    has_boxes = any("___" in name or "(choice=" in name for name in names)
    ends_in_state = _is_state(names[-1]) and all(map(_VARIABLE.fullmatch, names))
    return states > 1 or (states == 1 and (has_boxes or ends_in_state))


def _is_state(name: str) -> bool:
    return name.endswith("_complete") or name == "complete?"


REDCAP = Preset(
    "redcap",
    "REDCap",
    read_redcap,
    is_redcap_export,
    "Records as CSV or JSON, with the data dictionary next to them: choices become labels, checkboxes become sets, "
    "events and repeating forms become rows. It fills the id and, for ratings, the session.",
    own_headers=("redcap_*", "*_complete", "*_timestamp", "complete?", "survey timestamp"),
)
