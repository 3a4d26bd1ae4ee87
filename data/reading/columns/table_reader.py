"""Reading of one file as a canonical table."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import RESTRICTING_TABLES, TABLE_ID_COLUMNS, list_columns
from attune_fit.data.clinic.mapping_config import ColumnMapping
from attune_fit.data.reading.columns.column_reader import read_column
from attune_fit.data.reading.columns.mapping_keys import check_mapping_keys
from attune_fit.data.reading.columns.source_file import SourceFile
from attune_fit.data.reading.rows.header_match import (
    find_header,
    has_trusted_headers,
    list_headers,
    match_column_headers,
    suggest_header,
)

OPEN_SLOTS = "open_slots"
MAX_DROPPED = 4  # headers in one message


@dataclass(frozen=True)
class MappedTable:
    """One table in canonical columns.

    Attributes
    ----------
    frame : DataFrame
        Canonical columns with their types, then the clinic's own. Row labels are the row numbers of the file.
    headers : dict of str to str
        The clinic's header of each column, for messages.
    parts : tuple of MappedTable
        The parts of the table as they were read, where it has several.
    """

    frame: pd.DataFrame
    headers: dict[str, str]
    parts: tuple[MappedTable, ...] = ()


def read_table(source: SourceFile, excluded: Collection[str] = (), labels: Collection[str] = ()) -> MappedTable:
    """Return all columns of a file except the headers in ``excluded``, which other functions read.

    Own columns in ``labels`` are names that people read, so their cells stay as they are written.

    Returns
    -------
    MappedTable
        The canonical columns that the file has, then the clinic's own ones. These are the other columns under
        ``columns`` in ``clinic.toml``, and each header that no mapping uses. A birth date stays a date.
    """
    check_mapping_keys(source)
    known = list_columns(source.table)
    columns: dict[str, pd.Series] = {}
    headers: dict[str, str] = {}
    for name, mapping in _list_column_mappings(source, excluded).items():
        kind = known[name].kind if name in known else mapping.kind or ("id" if name in labels else None)
        if name in known and mapping.implied_kind not in (None, kind):
            message = f"`{name}` has kind `{kind}`, but this mapping gives kind `{mapping.implied_kind}`"
            place, fix = (
                f"tables.{source.key_path}.columns.{name}",
                "Name one header with `from`, or map another column.",
            )
            source.collector.for_table("clinic.toml").add_error("column-kind-mismatch", place, message, fix)
            continue
        cells = read_column(source, name, kind, mapping, columns)
        if cells is not None:
            headers[name] = mapping.header
            columns[name] = _raise_to_zero(source, headers[name], cells) if name == OPEN_SLOTS else cells
        if name in known or name in source.mapping.columns:
            _report_invisible_characters(source, mapping)
    _check_names(source)
    for name, column in known.items():
        if column.required and name not in columns and name not in source.mapping.columns:
            _add_missing_column_error(source, name)
    return MappedTable(pd.DataFrame(columns, index=source.raw.index), headers)


def _add_missing_column_error(source: SourceFile, name: str) -> None:
    """Add the error about a required column; for an id with the headers that a preset left out, which can hold it."""
    guess = suggest_header(name, source.raw, source.table, source.mapping)
    section = f"[{source.collector.section}.columns]"
    is_own_id = name == TABLE_ID_COLUMNS.get(source.table, "client_id")
    lines = " or ".join(f'`{name} = "{header}"`' for header in source.dropped[:MAX_DROPPED])
    fix = (
        f"Add a line for the header that identifies each person, under {section}: {lines}. Attune leaves out what "
        f"identifies people, unless it is read as an id. {guess}"
        if is_own_id and lines
        else f'Map it: `{name} = "its header"` under {section}. {guess}'
    )
    source.collector.add_error("missing-column", name, "the file does not have this required column", fix)


def _list_column_mappings(source: SourceFile, excluded: Collection[str]) -> dict[str, ColumnMapping]:
    """Return the mapping of each column to read, by name, ids first."""
    mapped, known = source.mapping.columns, list_columns(source.table)
    slots = [header for column in mapped.values() for header in match_column_headers(source.raw, column).values()]
    used = {
        normalize_code(header)
        for header in (*excluded, *slots, *(column.header for column in mapped.values() if not column.file))
    }
    unmapped: dict[str, ColumnMapping] = {}
    has_headers = has_trusted_headers(source.raw, source.table, source.mapping)
    for header in list_headers(source.raw) if has_headers else ():  # a cell of data never names a column
        if normalize_code(header) not in used:
            _report_hidden_column(source, header)
            name = normalize_code(header) if normalize_code(header) in known else header
            unmapped[name] = ColumnMapping.model_validate({"from": header})
    mappings = {**unmapped, **mapped}
    return {name: mappings[name] for name in sorted(mappings, key=lambda name: name not in known)}


def _report_hidden_column(source: SourceFile, header: str) -> None:
    """Add a fault about a canonical header with cells that no mapping reads, because its name is mapped elsewhere.

    An error where the column restricts: its cells would be lost. A column with the same cells hides nothing.
    """
    name = normalize_code(header)
    mapping, column = source.mapping.columns.get(name), source.find_column(name)
    if mapping is None or column is None or mapping.implied_kind not in (None, column.kind):
        return
    if source.raw[header].isna().all():
        return
    other = find_header(source.raw, mapping.header) if mapping.file is None else None
    if other is not None and source.raw[other].equals(source.raw[header]):
        return
    if mapping.file is not None and not column.is_limit:
        return  # a second file replaces the column on purpose, and codes that allow are no limit
    restricts = source.table in RESTRICTING_TABLES or column.restricts
    place, meant = (
        f"tables.{source.key_path}.columns.{name}",
        f"`{mapping.header}`" if mapping.header else "another file",
    )
    message = f"`{name}` is read from {meant}, and the file has a column `{header}` with cells too"
    collector = source.collector.for_table("clinic.toml")
    if restricts:
        fix = f'Keep one of them, or keep `{header}` as your own: `old_{name} = "{header}"`.'
        collector.add_error("column-hidden-by-mapping", place, message, fix)
    else:
        fix = f"Attune does not read `{header}`."
        collector.add_warning("column-hidden-unused", place, message, fix)


def _check_names(source: SourceFile) -> None:
    """Warn of a clinic's own column whose name is close to a canonical one."""
    known = list_columns(source.table)
    for name in sorted(set(source.mapping.columns) - set(known)):
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.87)
        if near:
            place = f"tables.{source.key_path}.columns.{name}"
            message = f"Attune has no column `{name}` and keeps it as one of your own"
            fix = f"Did you mean `{near[0]}`?"
            source.collector.for_table("clinic.toml").add_warning("similar-column-name", place, message, fix)


def _raise_to_zero(source: SourceFile, header: str, cells: pd.Series) -> pd.Series:
    """Return numbers of open slots; one below 0 is a caseload above its limit, so it is 0."""
    below = cells < 0
    message, fix = "open slots below 0", "Attune reads them as 0: the therapist has no opening."
    source.collector.add_warning_for_rows("open-slots-below-zero", header, message, fix, cells.index[below])
    return cells.mask(below, 0.0)


def _report_invisible_characters(source: SourceFile, mapping: ColumnMapping) -> None:
    """Warn once of each header whose cells have characters that no screen shows."""
    if mapping.file is not None:
        return
    headers = list(match_column_headers(source.raw, mapping).values())
    if not mapping.patterns:
        headers = list(filter(None, [find_header(source.raw, mapping.header)]))
    for header in headers:
        message, fix = "cells with characters that no screen shows", "Attune reads the cells without them."
        rows = source.raw.index[source.find_invisible_characters(header)]
        source.collector.add_warning_for_rows("invisible-characters", header, message, fix, rows)
