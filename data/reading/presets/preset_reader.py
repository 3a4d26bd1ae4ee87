"""Reading of the tables that have a preset: their cells, and the mapping with what the preset fills."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.clinic_day import find_today
from attune_fit.data.clinic.columns import TABLES, list_columns
from attune_fit.data.clinic.part_mapping import merge_columns
from attune_fit.data.faults import DataFault, ReadFile
from attune_fit.data.formats.size_checks import check_cell_lengths, check_table_size
from attune_fit.data.reading.presets.preset import Preset, PresetInput, PresetTable
from attune_fit.data.reading.presets.preset_list import PRESETS
from attune_fit.data.reading.rows.absent_tables import report_absent_table
from attune_fit.data.reading.rows.header_match import find_header
from attune_fit.data.reading.rows.shared_grids import SharedGrids
from attune_fit.data.reading.rows.unique_headers import build_named_columns
from attune_fit.data.reading.shapes.row_sources import FilePart, find_table_files, read_as_block, stack_files
from attune_fit.data.reading.shapes.table_parts import list_needed_headers, list_part_collectors, list_wish_headers
from attune_fit.data.row_blocks import RowBlock

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.mapping_config import ColumnMapping, TableMapping
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.fault_collector import FaultCollector

SOURCES = frozenset({"from_", "birth_date", "slots", "items", "file", "sheet", "key"})  # where a column comes from


class FilledTable(NamedTuple):
    """A table, or a part of one, that a preset read.

    Attributes
    ----------
    preset : Preset
    mapping : TableMapping
        The clinic's own mapping, with the lines that the preset fills.
    file : str
        What was read, for messages.
    cells : DataFrame or None
        Text under unique headers, as a file without a preset gives them. None where the table has no file, or after
        an error.
    lines : tuple of str
        The keys and columns that the preset filled.
    dropped : tuple of str
        Headers that identify people, which ``cells`` does not have.
    """

    preset: Preset
    mapping: TableMapping
    file: str
    cells: pd.DataFrame | None
    lines: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def read_presets(
    clinic: Clinic, collector: FaultCollector, grids: SharedGrids | None = None
) -> tuple[Clinic, dict[str, list[FilledTable | None]]]:
    """Return the clinic with the mappings that its presets fill, and what these read of each part of a table.

    A line that ``clinic.toml`` sets stays as it is. A column that it sets to a header that the preset knows keeps the
    other details of the preset, such as the date form.

    Parameters
    ----------
    clinic : Clinic
    collector : FaultCollector
        Collects errors and warnings about all files.
    grids : SharedGrids, optional
        Rows that were read before. Default: none.

    Returns
    -------
    (Clinic, dict of str to list)
        A table without any preset is not in the second; a part without one is None.
    """
    tables, filled = clinic.config.tables, dict[str, list[FilledTable | None]]()
    source = PresetInput(clinic.folder, find_today(clinic.config), grids or SharedGrids())
    for name in TABLES:
        whole: TableMapping = getattr(tables, name)
        mappings = whole.list_parts()
        if all(mapping.source is None for mapping in mappings):
            continue
        collectors = list_part_collectors(whole, collector.for_table(name))
        parts = [
            None if mapping.source is None else _read_part(source, clinic, name, mapping, own)
            for mapping, own in zip(mappings, collectors, strict=True)
        ]
        filled[name] = parts
        done = [mapping if part is None else part.mapping for mapping, part in zip(mappings, parts, strict=True)]
        columns = merge_columns({}, [mapping.columns for mapping in done])
        tables = tables.model_copy(
            update={name: whole.model_copy(update={"columns": columns}) if whole.parts else done[0]}
        )
    return replace(clinic, config=clinic.config.model_copy(update={"tables": tables})), filled


def _read_part(
    source: PresetInput, clinic: Clinic, table: str, mapping: TableMapping, collector: FaultCollector
) -> FilledTable:
    """Return what the preset of a table, or of a part of one, reads, with its mapping filled."""
    preset, wishes = PRESETS[str(mapping.source)], list_wish_headers(clinic.config, table)
    file, n_faults = _name_source(preset, mapping), len(collector.faults)
    try:
        found = _read_files(preset, source, clinic, table, mapping, collector)
    except DataFault as error:  # about files that several tables come from: each fault once
        collector.faults.extend(fault for fault in error.faults if fault not in collector.faults)
        return FilledTable(preset, mapping, file, None)
    if found is None:
        if not any(fault.stops for fault in collector.faults[n_faults:]):
            report_absent_table(clinic, table, collector)
        return FilledTable(preset, mapping, file, None)
    mapping, lines = fill_mapping(_drop_refused_columns(preset, found, mapping, collector), found)
    cells = _name_cells(found, file, mapping, wishes, collector)
    return FilledTable(preset, mapping, file, cells, lines, found.dropped)


def _read_files(
    preset: Preset,
    source: PresetInput,
    clinic: Clinic,
    table: str,
    mapping: TableMapping,
    collector: FaultCollector,
) -> PresetTable | None:
    """Return what a preset reads; of several ``files`` each by itself, one below the other. None after an error."""

    def read(own: TableMapping) -> PresetTable | None:
        return preset.read(source, table, _name_used_headers(own, clinic.config, table), collector)

    if collector.part is None and (preset.reads_files_together or not (mapping.files or mapping.sheets)):
        return read(mapping)
    if preset.reads_files_together:
        return _read_block(read, RowBlock(_name_source(preset, mapping)), mapping, collector)
    files = find_table_files(clinic.folder, table, mapping, collector)
    if not files:
        return None
    found = [_read_block(read, one.block, _select_file(one, clinic.folder, mapping), collector) for one in files]
    tables = [one for one in found if one is not None]
    if len(tables) < len(found):
        return None
    needed = list_needed_headers(clinic.config, table)
    cells = stack_files(files, [one.cells for one in tables], mapping, collector, needed)
    if not _check_same_lines(files, tables, mapping, collector):
        return None
    columns = {name: line for one in reversed(tables) for name, line in one.columns.items()}
    keys = {name: line for one in reversed(tables) for name, line in one.keys.items()}
    dropped = tuple(dict.fromkeys(header for one in tables for header in one.dropped))
    return None if cells is None else PresetTable(cells, columns, keys, dropped)


def _check_same_lines(
    files: Sequence[FilePart], tables: Sequence[PresetTable], mapping: TableMapping, collector: FaultCollector
) -> bool:
    """Return whether a preset fills the same lines for each file; add an error for each line that differs.

    Files of one table share its lines: with those of one file, another would be misread.
    """
    found: dict[str, list[object]] = {}
    for one in tables:
        for key in one.keys.keys() - mapping.model_fields_set - {"separator"}:  # each file is read with its own
            found.setdefault(key, []).append(one.keys[key])
        for name, line in one.columns.items():
            own = mapping.columns.get(name)
            details = {"from": line} if isinstance(line, str) else line
            done = frozenset[str]() if own is None else own.model_fields_set | SOURCES | {"from"}
            found.setdefault(f"columns.{name}", []).append({key: details[key] for key in details if key not in done})
    differing = sorted(name for name, lines in found.items() if any(line != lines[0] for line in lines))
    for name in differing:
        message = f"`{name}` is not the same in {', '.join(str(file.block) for file in files)}"
        fix = f"Set it under [{collector.section}], or read each file as one of the `parts` of the table."
        collector.add_error("files-filled-differently", "", message, fix)
    return not differing


def _name_used_headers(mapping: TableMapping, config: Config, table: str) -> TableMapping:
    """Return the mapping with the columns of wishes and of who waits, so that a preset knows their headers.

    The clinic's own lines count where they name the same column.
    """
    if table != "clients":
        return mapping
    wishes, where = config.tables.preferences.wishes, config.waiting.where
    columns = {f"wish {number}": {"from": one.column, "codes": one.codes} for number, one in enumerate(wishes, 1)}
    if where is not None and where.column not in list_columns(table):
        columns.setdefault(where.column, {"from": where.column})
    named = type(mapping).model_validate({"columns": columns}).columns
    return mapping.model_copy(update={"columns": {**named, **mapping.columns}})


def _read_block(
    read: Callable[[TableMapping], PresetTable | None],
    block: RowBlock,
    mapping: TableMapping,
    collector: FaultCollector,
) -> PresetTable | None:
    """Return what a preset reads of one file of several, or of one part, under row labels of a new block."""
    found: list[PresetTable] = []

    def read_cells() -> pd.DataFrame | None:
        table = read(mapping)
        found.extend([table] if table is not None else [])
        return None if table is None else table.cells

    cells = read_as_block(read_cells, block, collector)
    return None if cells is None else found[0]._replace(cells=cells)


def _select_file(file: FilePart, folder: Path, mapping: TableMapping) -> TableMapping:
    """Return the mapping of a table for one of its files alone."""
    update = {"files": [], "sheets": [], "file": os.path.relpath(file.path, folder)}
    if file.sheet is not None:  # a key that is set counts as the clinic's own
        update["sheet"] = file.sheet
    return mapping.model_copy(update=update)


def _name_source(preset: Preset, mapping: TableMapping) -> str:
    """Return the names of the files of a table, for messages; that of the program where ``clinic.toml`` has none."""
    return ", ".join(mapping.files) or mapping.file or preset.label


def fill_mapping(mapping: TableMapping, found: PresetTable) -> tuple[TableMapping, tuple[str, ...]]:
    """Return the mapping of a table with the lines of a preset that it does not set, and the names of these lines.

    A header with the name of a column of Attune is that column, so that the preset fills none of this name.
    """
    preset = type(mapping).model_validate({**found.keys, "columns": found.columns})
    headers = {normalize_code(str(header)) for header in found.cells.columns}
    keys = [key for key in found.keys if key not in mapping.model_fields_set]
    columns = {
        name: column
        for name, column in preset.columns.items()
        if name not in mapping.columns and name not in headers - {normalize_code(column.header)}
        and _has_header(found.cells, column)
    }  # fmt: skip
    own = {name: _fill_details(column, preset.columns) for name, column in mapping.columns.items()}
    values = {key: getattr(preset, key) for key in keys} | {"columns": {**columns, **own}}
    if "missing" in found.keys:  # codes of the program, besides those of the clinic
        values["missing"] = list(dict.fromkeys((*mapping.missing, *preset.missing)))
    return mapping.model_copy(update=values), (*keys, *columns)


def _has_header(cells: pd.DataFrame, column: ColumnMapping) -> bool:
    """Return whether the file has the header of a column; headers with a pattern, and second files, count as there."""
    is_plain = not column.patterns and column.file is None
    return not is_plain or find_header(cells, column.header) is not None


def _fill_details(column: ColumnMapping, known: Mapping[str, ColumnMapping]) -> ColumnMapping:
    """Return a column of the clinic with the details that a preset has for the same header."""
    header = normalize_code(column.header)
    other = next((one for one in known.values() if normalize_code(one.header) == header), None)
    if other is None or column.file is not None:
        return column
    details = other.model_fields_set - column.model_fields_set - SOURCES
    return column.model_copy(update={key: getattr(other, key) for key in details})


def _name_cells(
    found: PresetTable, name: str, mapping: TableMapping, wish_headers: list[str], collector: FaultCollector
) -> pd.DataFrame | None:
    """Return the cells of a preset under unique headers; None, with an error, where a limit or a rule is broken."""
    own = [number for number, one in enumerate(collector.files) if one.table == collector.table]
    if own:  # a preset reads the headers too, which are no rows of the table
        collector.files[own[0]] = collector.files[own[0]]._replace(rows=len(found.cells))
    else:
        is_small = check_table_size(*found.cells.shape, name, collector)
        if not (is_small and check_cell_lengths(found.cells, name, collector)):
            return None
        collector.files.append(ReadFile(collector.table, name, "", len(found.cells)))
    return build_named_columns(found.cells.fillna("").astype("str"), mapping, wish_headers, collector)


def _drop_refused_columns(
    preset: Preset, found: PresetTable, mapping: TableMapping, collector: FaultCollector
) -> TableMapping:
    """Return the mapping without columns of headers that identify people; each is an error."""
    dropped = {normalize_code(header) for header in found.dropped}
    refused = {
        name: column.header
        for name, column in mapping.columns.items()
        if column.file is None and normalize_code(column.header) in dropped
    }
    for name, header in refused.items():
        message = f"this column identifies people, so the preset {preset.name} does not keep it"
        fix = f"Remove `{name}` under [tables.{collector.table}.columns]. Only an id can be read from such a column."
        collector.add_error("identifying-column-mapped", header, message, fix)
    columns = {name: column for name, column in mapping.columns.items() if name not in refused}
    return mapping.model_copy(update={"columns": columns}) if refused else mapping
