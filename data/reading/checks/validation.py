"""Schema validation: ranges and codes of each canonical column, from the rows of ``COLUMNS``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR
from attune_fit.data.clinic.columns import Column, list_columns
from attune_fit.data.fault_collector import is_mostly_bad
from attune_fit.data.number_ranges import is_range
from attune_fit.data.reading.columns.table_reader import MappedTable

if TYPE_CHECKING:
    from attune_fit.data.fault_collector import FaultCollector

AGE_BOUNDS = (0, 130)  # of a group in years: people write 120 for no limit, and 1017 is 10-17 without its hyphen


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
    """Return a table with cells that violate the schema set to missing, each reported as its column asks for."""
    frame = mapped.frame.copy()
    for name, rows in _find_violations(table, frame):
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
    return all(is_range(part, *AGE_BOUNDS) for part in cell.split(SET_SEPARATOR))


def _describe_violation(column: Column) -> str:
    if column.codes:
        return f"not one of {', '.join(f'`{code}`' for code in column.codes)}"
    return f"{column.name} is not between {column.low:g} and {column.high:g}"
