"""Validation of the tables: ranges and codes of each canonical column, from the rows of ``COLUMNS``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.arrays import Bools
from attune_fit.data.cell_parsing import SET_SEPARATOR
from attune_fit.data.clinic.columns import Column, list_columns
from attune_fit.data.fault_collector import is_mostly_bad
from attune_fit.data.number_ranges import is_range
from attune_fit.data.reading.columns.table_reader import MappedTable

if TYPE_CHECKING:
    from attune_fit.data.fault_collector import FaultCollector

AGE_BOUNDS = (0, 130)  # of a group in years: people write 120 for no limit, and 1017 is 10-17 without its hyphen


def check_table(table: str, mapped: MappedTable, collector: FaultCollector) -> MappedTable:
    """Return a table with cells that are not valid set to missing, each reported as its column asks for."""
    frame = mapped.frame.copy()
    for name, rows in find_violations(table, frame):
        column = list_columns(table)[name]
        header = mapped.headers.get(name, name)
        bad = pd.Series(frame.index.isin(rows), index=frame.index)
        if column.has_ranges:
            hint = 'write `18-64` or `65-`, or map your words: `codes = { adults = "18-64" }`.'
            frame[name] = collector.mask_bad_cells(
                "range-not-readable", header, frame[name], bad, "not a range of numbers", hint, name=name
            )
            continue
        message, hint = _describe_violation(column), "check the header, or convert the values with `codes` or `scale`."
        frame[name] = collector.mask_bad_cells("value-not-valid", header, frame[name], bad, message, hint, name=name)
    return MappedTable(frame, mapped.headers)


def drop_rows_without_id(table: str, mapped: MappedTable, collector: FaultCollector) -> MappedTable:
    """Return clients, therapists or outcomes without the rows that lack an id; most rows without one are an error."""
    frame = mapped.frame
    keys = [name for name, column in list_columns(table).items() if column.required and name in frame]
    for name in keys:
        empty, header = frame[name].isna(), mapped.headers.get(name, name)
        if is_mostly_bad(int(empty.sum()), len(frame)):
            fix = "Fill it in, or name the header with the ids, or choose the rows with `rows`."
            collector.add_error("no-id-mostly", header, "most rows have no id", fix, frame.index[empty])
        else:
            message, fix = "rows without an id", "Attune ignores them. Fill it in if they matter."
            collector.add_warning_for_rows("row-without-id", header, message, fix, frame.index[empty])
    if table == "outcomes":  # a visit without a therapist shows that the client has met one
        return mapped
    return MappedTable(frame[frame[keys].notna().all(axis=1)], mapped.headers)


def find_violations(table: str, frame: pd.DataFrame) -> list[tuple[str, list[int]]]:
    """Find the cells that are not valid of a table: a number out of range, a code that is not allowed.

    Parameters
    ----------
    table : str
        One of ``TABLES``.
    frame : DataFrame
        Any columns of the table, under the row numbers of the file. A missing cell violates nothing.

    Returns
    -------
    list of (str, list of int)
        The columns with such a cell by name, each with its row numbers, sorted.
    """
    found = []
    for name, column in sorted(list_columns(table).items()):
        check = _choose_check(column)
        if check is None or name not in frame:
            continue
        cells = frame[name]
        bad = cells.notna().to_numpy(bool) & ~check(cells)
        if bad.any():
            found.append((name, sorted(map(int, cells.index[bad]))))
    return found


def _choose_check(column: Column) -> Callable[[pd.Series], Bools] | None:
    """Return the check of a column's known cells, True where a cell is valid; None where any cell is."""
    if column.has_ranges:
        return lambda cells: _is_set_of_ranges(cells).to_numpy(bool)
    if column.codes:
        return lambda cells: cells.isin(column.codes).to_numpy(bool)
    if column.kind == "number" and column.low is not None and column.high is not None:
        low, high = column.low, column.high
        return lambda cells: ((numbers := cells.to_numpy(float)) >= low) & (numbers <= high)
    return None


def _is_set_of_ranges(cells: pd.Series) -> pd.Series:
    distinct = cells.dropna().unique()
    valid = [cell for cell in distinct if all(is_range(part, *AGE_BOUNDS) for part in str(cell).split(SET_SEPARATOR))]
    return cells.isin(valid)


def _describe_violation(column: Column) -> str:
    if column.codes:
        return f"not one of {', '.join(f'`{code}`' for code in column.codes)}"
    return f"{column.name} is not between {column.low:g} and {column.high:g}"
