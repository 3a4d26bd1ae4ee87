"""Schema validation: ranges and codes of each canonical column, from the rows of ``COLUMNS``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR
from attune_fit.data.clinic.columns import Column, list_columns
from attune_fit.data.number_ranges import is_range
from attune_fit.data.reading.table_reader import MappedTable

if TYPE_CHECKING:
    from attune_fit.data.fault_collector import FaultCollector


def build_schema(table: str) -> Any:
    """Return the pandera schema of one table: every column optional, numbers in range, codes among those allowed.

    Returns
    -------
    pandera.DataFrameSchema
        Its checks ignore missing cells.
    """
    import pandera.pandas as pa  # heavy: only reading needs it

    def checks(column: Column) -> list[Any]:
        has_limits = column.kind == "number" and (column.low is not None or column.high is not None)
        in_range = pa.Check.in_range(column.low, column.high, error="range") if has_limits else None
        allowed = pa.Check.isin(column.codes, error="codes") if column.codes else None
        ranges = pa.Check(_is_set_of_ranges, element_wise=True, error="ranges") if column.has_ranges else None
        return [check for check in (in_range, allowed, ranges) if check]

    return pa.DataFrameSchema({
        name: pa.Column(None, checks(column), nullable=True, required=False)
        for name, column in list_columns(table).items()
    })  # fmt: skip


def check_table(table: str, mapped: MappedTable, collector: FaultCollector) -> MappedTable:
    """Return a table with cells that violate the schema set to missing; a bad or empty required cell is an error."""
    frame = mapped.frame.copy()
    for name, rows in _find_violations(table, frame):
        column = list_columns(table)[name]
        header = mapped.headers.get(name, name)
        bad = pd.Series(frame.index.isin(rows), index=frame.index)
        if column.has_ranges:  # an unreadable limit must not count as no limit
            fix = 'Write `18-64` or `65-`, or map your words: `codes = { adults = "18-64" }`.'
            collector.add_error("range-not-readable", header, "not a range of numbers", fix, rows)
            continue
        message = _describe_violation(column)
        if column.required:
            fix = "Correct these cells. Each row needs a valid value."
            collector.add_error("required-value-not-valid", header, message, fix, rows)
        else:
            hint = "check the header, or convert the values with `codes` or `scale`."
            frame[name] = collector.mask_bad_cells("value-not-valid", header, frame[name], bad, message, hint)
    for name, column in list_columns(table).items():
        if column.required and name in frame and frame[name].isna().any():
            empty = frame.index[frame[name].isna()]
            header = mapped.headers.get(name, name)
            fix = "Fill it in, or delete the row."
            collector.add_error("empty-required-cell", header, "this required cell is empty", fix, empty)
    return MappedTable(frame, mapped.headers)


def _find_violations(table: str, frame: pd.DataFrame) -> list[tuple[str, list[int]]]:
    """Return the columns that violate the schema, each with its row numbers."""
    import pandera.errors

    try:
        build_schema(table).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases.dropna(subset="index")
        return [(str(name), sorted(map(int, rows["index"]))) for name, rows in cases.groupby("column")]
    return []


def _is_set_of_ranges(cell: str) -> bool:
    return all(is_range(part) for part in cell.split(SET_SEPARATOR))


def _describe_violation(column: Column) -> str:
    if column.codes:
        return f"not one of {', '.join(f'`{code}`' for code in column.codes)}"
    return f"{column.name} is not between {column.low:g} and {column.high:g}"
