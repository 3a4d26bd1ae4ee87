"""Reading of one file as a canonical table."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.clinic.mapping_config import ColumnMapping
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.reading.column_reader import SourceFile, read_column
from attune_fit.data.reading.header_match import list_headers, match_headers


@dataclass(frozen=True)
class MappedTable:
    """One table in canonical columns.

    Attributes
    ----------
    frame : DataFrame
        Canonical columns with their types, then the clinic's own. Row labels are the row numbers of the file.
    headers : dict of str to str
        The clinic's header of each column, for messages.
    """

    frame: pd.DataFrame
    headers: dict[str, str]


def read_table(source: SourceFile, excluded: Collection[str] = ()) -> MappedTable:
    """Return all columns of a file except the headers in ``excluded``, which other functions read.

    Returns
    -------
    MappedTable
        The canonical columns that the file has, then the clinic's own ones. These are the other columns under
        ``columns`` in ``clinic.toml``, and each header that no mapping uses. A birth date stays a date.
    """
    known = list_columns(source.table)
    columns: dict[str, pd.Series] = {}
    headers: dict[str, str] = {}
    for name, mapping in _list_column_mappings(source, excluded).items():
        kind = known[name].kind if name in known else mapping.kind
        if name in known and mapping.implied_kind not in (None, kind):
            message = f"`{name}` has kind `{kind}`, but this mapping gives kind `{mapping.implied_kind}`"
            place, fix = f"tables.{source.table}.columns.{name}", "Name one header with `from`, or map another column."
            source.collector.for_table("clinic.toml").add_error("column-kind-mismatch", place, message, fix)
            continue
        cells = read_column(source, name, kind, mapping, columns)
        if cells is not None:
            columns[name], headers[name] = cells, mapping.header
    _check_names(source)
    for name, column in known.items():
        if column.required and name not in columns and name not in source.mapping.columns:
            source.collector.add_error(
                "missing-column", name, "the file does not have this required column",
                f'Map it: `{name} = "its header"` under [tables.{source.table}.columns]. '
                f"{suggest_name(name, list_headers(source.raw))}",
            )  # fmt: skip
    return MappedTable(pd.DataFrame(columns, index=source.raw.index), headers)


def _list_column_mappings(source: SourceFile, excluded: Collection[str]) -> dict[str, ColumnMapping]:
    """Return the mapping of each column to read, by name, ids first."""
    mapped, known = source.mapping.columns, list_columns(source.table)
    patterns = [pattern for column in mapped.values() for pattern in column.slots or []]
    slots = [header for pattern in patterns for header in match_headers(source.raw, pattern).values()]
    used = {
        normalize_code(header)
        for header in (*excluded, *slots, *(column.header for column in mapped.values() if not column.file))
    }
    unmapped: dict[str, ColumnMapping] = {}
    for header in list_headers(source.raw):
        if normalize_code(header) not in used:
            name = normalize_code(header) if normalize_code(header) in known else header
            unmapped[name] = ColumnMapping.model_validate({"from": header})
    mappings = {**unmapped, **mapped}
    return {name: mappings[name] for name in sorted(mappings, key=lambda name: name not in known)}


def _check_names(source: SourceFile) -> None:
    """Warn of a clinic's own column whose name is close to a canonical one."""
    known = list_columns(source.table)
    for name in sorted(set(source.mapping.columns) - set(known)):
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.87)
        if near:
            place = f"tables.{source.table}.columns.{name}"
            message = f"Attune has no column `{name}` and keeps it as one of your own"
            fix = f"Did you mean `{near[0]}`?"
            source.collector.for_table("clinic.toml").add_warning("similar-column-name", place, message, fix)
