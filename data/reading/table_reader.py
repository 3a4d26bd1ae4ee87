"""A file in the clinic's own spelling, read as one of our tables."""

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
    """A table in our columns and types, and the clinic's header of each; row labels as in the file."""

    frame: pd.DataFrame
    headers: dict[str, str]


def read_table(source: SourceFile, apart: Collection[str] = ()) -> MappedTable:
    """Read every column of a file but the headers in ``apart``, which something else reads.

    Returns
    -------
    Mapped
        Our columns where the file has them, then the clinic's own: those under ``columns``, and every header that
        nothing there uses, under its own name. A birth date stays a date.
    """
    known = list_columns(source.table)
    found: dict[str, pd.Series] = {}
    headers: dict[str, str] = {}
    for name, spelling in _list_column_mappings(source, apart).items():
        kind = known[name].kind if name in known else spelling.kind
        if name in known and spelling.implied_kind not in (None, kind):
            says = f"`{name}` is of the kind {kind}, and what is asked for makes a {spelling.implied_kind}"
            place, fix = f"tables.{source.table}.columns.{name}", "Name one header with `from`, or another column."
            source.faults.for_table("clinic.toml").add_error(place, says, fix)
            continue
        cells = read_column(source, name, kind, spelling, found)
        if cells is not None:
            found[name], headers[name] = cells, spelling.header
    _check_names(source)
    for name, column in known.items():
        if column.required and name not in found and name not in source.mapping.columns:
            source.faults.add_error(
                name, "the file has no such column, and it is needed",
                f'Map it: `{name} = "its header"` under [tables.{source.table}.columns]. '
                f"{suggest_name(name, list_headers(source.raw))}",
            )  # fmt: skip
    return MappedTable(pd.DataFrame(found, index=source.raw.index), headers)


def _list_column_mappings(source: SourceFile, apart: Collection[str]) -> dict[str, ColumnMapping]:
    """How each column to be read is spelt, ids first."""
    spelt, known = source.mapping.columns, list_columns(source.table)
    patterns = [pattern for column in spelt.values() for pattern in column.slots or []]
    slots = [header for pattern in patterns for header in match_headers(source.raw, pattern).values()]
    used = {
        normalize_code(header)
        for header in (*apart, *slots, *(column.header for column in spelt.values() if not column.file))
    }
    there: dict[str, ColumnMapping] = {}
    for header in list_headers(source.raw):
        if normalize_code(header) not in used:
            name = normalize_code(header) if normalize_code(header) in known else header
            there[name] = ColumnMapping.model_validate({"from": header})
    wanted = {**there, **spelt}
    return {name: wanted[name] for name in sorted(wanted, key=lambda name: name not in known)}


def _check_names(source: SourceFile) -> None:
    """Note a column of the clinic's own whose name is nearly one of ours."""
    known = list_columns(source.table)
    for name in sorted(set(source.mapping.columns) - set(known)):
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.87)
        if near:
            place = f"tables.{source.table}.columns.{name}"
            says = f"`{name}` is no column of Attune's; it is kept as one of your own"
            source.faults.for_table("clinic.toml").add_warning(place, says, f"Did you mean `{near[0]}`?")
