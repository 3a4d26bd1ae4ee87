"""Files of a REDCap project: the records, the data dictionary and the list of events."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.mapping_config import TableMapping
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.faults import ReadFile
from attune_fit.data.formats.json_records import is_json_file, read_json_records
from attune_fit.data.formats.redcap_companions import list_redcap_dictionaries, list_redcap_events
from attune_fit.data.reading.presets.form_files import find_separator
from attune_fit.data.reading.presets.redcap.redcap_dictionary import RedcapDictionary, build_dictionary
from attune_fit.data.reading.rows.shared_grids import SharedGrids
from attune_fit.data.reading.rows.table_files import find_file, find_named_file, read_grid


def read_records(
    folder: Path, table: str, mapping: TableMapping, collector: FaultCollector, grids: SharedGrids
) -> pd.DataFrame | None:
    """Return the rows of an export as text, its headers in the first one; rows without any cell are left out.

    ``grids`` has the rows of files that were read before.

    Returns
    -------
    DataFrame or None
        Empty text for empty cells. None where there is no file, or after an error; an empty project is one.
    """
    path = find_file(folder, table, mapping.file, collector)
    if path is None:
        return None
    own = FaultCollector(collector.table)
    grid = grids.read(path, mapping, own, read_rows)
    is_empty = any(fault.id == "empty-file" for fault in own.faults) or (
        grid is not None and not (grid.iloc[1:] != "").any(axis=None)
    )
    collector.faults.extend(fault for fault in own.faults if fault.id != "empty-file")
    collector.files.extend(file._replace(rows=max(file.rows - 1, 0)) for file in own.files)  # without the headers
    if is_empty:
        message = f"{path.name} has no record: the REDCap project, or the report that was exported, is empty"
        collector.add_error("redcap-without-records", "", message, "Enter records in REDCap, or export another report.")
        return None
    if grid is None:
        return None
    return grid[(grid != "").any(axis=1)]


def read_rows(path: Path, mapping: TableMapping, collector: FaultCollector) -> pd.DataFrame | None:
    """Return every row of a table file or of a JSON file as text; see :func:`read_grid`.

    REDCap lets a user choose the separator: it is found where ``clinic.toml`` names none.
    """
    if not is_json_file(path):
        separator = None if "separator" in mapping.model_fields_set else find_separator(path)
        update = {} if separator is None else {"separator": separator}
        return read_grid(path, mapping.model_copy(update=update), collector)
    rows = read_json_records(path, collector)
    if rows is not None:
        collector.files.append(ReadFile(collector.table, path.name, "", len(rows)))
    return rows


def read_dictionary(
    folder: Path, mapping: TableMapping, headers: list[str], collector: FaultCollector
) -> RedcapDictionary | None:
    """Return the data dictionary of a project; one without fields where there is none, None after an error.

    Parameters
    ----------
    folder : Path
        The clinic folder.
    mapping : TableMapping
        Its ``dictionary`` names the file. Default: the one in the folder that has the first field of the records.
    headers : list of str
        Of the records.
    """
    if mapping.dictionary is not None:
        path = find_named_file(folder, mapping.dictionary, collector.section, "", collector, key="dictionary")
        return None if path is None else _read_dictionary(path, collector)
    found = []
    for path in list_redcap_dictionaries(folder):
        dictionary = _read_dictionary(path, collector)
        if dictionary is None:
            return None
        if is_of_project(dictionary, headers):
            found.append((path, dictionary))
    if len(found) > 1:
        *before, last = [path.name for path, _ in found]
        message = f"{', '.join(before)} and {last} are data dictionaries of REDCap that fit the records"
        fix = f"Name the right one: `dictionary` under [tables.{collector.table}]."
        collector.add_error("redcap-several-dictionaries", "", message, fix)
        return None
    if found:
        return found[0][1]
    message = "the folder has no data dictionary of REDCap for these records"
    fix = (
        "Attune reads codes as they are, and finds fields that identify people by their names only. Download the data "
        "dictionary (CSV) in REDCap, and put it into the folder."
    )
    collector.add_warning("redcap-without-dictionary", "", message, fix)
    return RedcapDictionary()


def is_of_project(dictionary: RedcapDictionary, headers: list[str]) -> bool:
    """Return whether the records have the first field of a data dictionary, by its name or its label."""
    if not dictionary.fields:
        return False
    first, known = dictionary.fields[0], set(map(normalize_code, headers))
    return first.name in known or normalize_code(first.label) in known


def _read_dictionary(path: Path, collector: FaultCollector) -> RedcapDictionary | None:
    own = FaultCollector(collector.table)
    grid = read_rows(path, TableMapping(), own)
    fix = "Save the data dictionary as UTF-8, as REDCap writes it."  # the key `encoding` is about the records
    collector.faults.extend(replace(one, fix=fix) if one.id == "wrong-encoding" else one for one in own.faults)
    if grid is None:
        return None
    dictionary = build_dictionary(map(str, grid.iloc[0]), (map(str, row) for row in grid.iloc[1:].to_numpy()))
    if dictionary is None or not dictionary.fields:
        message = f"{path.name} is no data dictionary of REDCap"
        fix = f"Download it in REDCap, and correct `dictionary` under [tables.{collector.table}]."
        collector.add_error("redcap-not-a-dictionary", "", message, fix)
        return None
    return dictionary


def read_event_names(folder: Path) -> dict[str, str]:
    """Return the unique names of the events of projects in a folder, by each way to write them, in their order.

    An export of labels writes `First visit (Arm 1: Drug)`, or `First visit` in a project with one arm.
    """
    names: dict[str, str] = {}
    for path in list_redcap_events(folder):
        grid = read_rows(path, TableMapping(), FaultCollector("events"))
        if grid is None:
            continue
        events = grid.iloc[1:].set_axis([normalize_code(str(cell)) for cell in grid.iloc[0]], axis=1)
        labels = events["event_name"] if "event_name" in events else events["unique_event_name"]
        for label, arm, name in zip(labels, events["arm_num"], events["unique_event_name"], strict=True):
            names |= {normalize_code(name): name, normalize_code(f"{label} (arm {arm})"): name}
            names.setdefault(normalize_code(label), name)
    return names
