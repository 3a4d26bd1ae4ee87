"""What a typed table must hold to: ranges and codes, a schema made from the rows of ``COLUMNS``."""

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
    """Pandera's schema of one table: every column optional, numbers within their range, codes among those allowed.

    Returns
    -------
    pandera.DataFrameSchema
        Its checks pass over unknown cells.
    """
    import pandera.pandas as pa  # heavy: only reading needs it

    def checks(column: Column) -> list[Any]:
        ranged = column.kind == "number" and (column.low is not None or column.high is not None)
        inside = pa.Check.in_range(column.low, column.high, error="range") if ranged else None
        listed = pa.Check.isin(column.codes, error="codes") if column.codes else None
        spanned = pa.Check(_is_set_of_ranges, element_wise=True, error="spans") if column.has_ranges else None
        return [check for check in (inside, listed, spanned) if check]

    return pa.DataFrameSchema({
        name: pa.Column(None, checks(column), nullable=True, required=False)
        for name, column in list_columns(table).items()
    })  # fmt: skip


def check_table(table: str, mapped: MappedTable, findings: FaultCollector) -> MappedTable:
    """Note what breaks the schema and read it as unknown; a cell without which its row means nothing stops."""
    frame = mapped.frame.copy()
    for name, rows in _find_violations(table, frame):
        column = list_columns(table)[name]
        header = mapped.headers.get(name, name)
        bad = pd.Series(frame.index.isin(rows), index=frame.index)
        if column.required or column.has_ranges:  # a limit that cannot be read must not be taken for none
            findings.add_error(header, _describe_violation(column), _suggest_fix(column), rows)
            continue
        likely = "name the right header, or bring its values to ours with `codes` or `scale`."
        frame[name] = findings.mask_bad_cells(header, frame[name], bad, _describe_violation(column), likely)
    for name, column in list_columns(table).items():
        if column.required and name in frame and frame[name].isna().any():
            empty = frame.index[frame[name].isna()]
            header = mapped.headers.get(name, name)
            findings.add_error(header, "empty, though the row needs it", "Fill it in, or delete the row.", empty)
    return MappedTable(frame, mapped.headers)


def _find_violations(table: str, frame: pd.DataFrame) -> list[tuple[str, list[int]]]:
    """Columns and rows where the schema does not hold."""
    import pandera.errors

    try:
        build_schema(table).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases.dropna(subset="index")
        return [(str(name), sorted(map(int, rows["index"]))) for name, rows in cases.groupby("column")]
    return []


def _is_set_of_ranges(cell: str) -> bool:
    return all(is_range(part) for part in cell.split(SET_SEPARATOR))


def _suggest_fix(column: Column) -> str:
    if column.has_ranges:
        return 'Write `18-64` or `65-`, or map the clinic\'s words: `codes = { adults = "18-64" }`.'
    return "Correct these cells: the row means nothing without it."


def _describe_violation(column: Column) -> str:
    if column.has_ranges:
        return "not a span of numbers"
    if column.codes:
        return f"not one of {', '.join(f'`{code}`' for code in column.codes)}"
    return f"{column.name} is not between {column.low:g} and {column.high:g}"
