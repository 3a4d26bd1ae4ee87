"""Cells out of range or with a code that is not allowed are found: the same ones as with a pandera schema."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pandera.errors
import pandera.pandas as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.data.cell_parsing import SET_SEPARATOR
from attune_fit.data.clinic.columns import COLUMNS, TABLES, Column, list_columns
from attune_fit.data.number_ranges import is_range
from attune_fit.data.reading.checks.validation import AGE_BOUNDS, find_violations

RANGES = ("18-64", "65-", "adults", "18-64|65-", "18-64|adults", "1017", "0-17|18-130", "18-131")


def find_with_pandera(table: str, frame: pd.DataFrame) -> list[tuple[str, list[int]]]:
    """Find the same violations with a schema of pandera: the plain way, and an outside authority."""

    def is_set_of_ranges(cell: str) -> bool:
        return all(is_range(part, *AGE_BOUNDS) for part in cell.split(SET_SEPARATOR))

    def list_checks(column: Column) -> list[Any]:
        has_limits = column.kind == "number" and (column.low is not None or column.high is not None)
        in_range = pa.Check.in_range(column.low, column.high) if has_limits else None
        allowed = pa.Check.isin(column.codes) if column.codes else None
        ranges = pa.Check(is_set_of_ranges, element_wise=True) if column.has_ranges else None
        return [check for check in (in_range, allowed, ranges) if check]

    schema = pa.DataFrameSchema({
        name: pa.Column(None, list_checks(column), nullable=True, required=False)
        for name, column in list_columns(table).items()
    })  # fmt: skip
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases.dropna(subset="index")
        return [(str(name), sorted(map(int, rows["index"]))) for name, rows in cases.groupby("column")]
    return []


def draw_cells(column: Column, n_rows: int) -> st.SearchStrategy[pd.Series]:
    """Draw a column with missing cells, and with valid and other ones at and beyond each bound."""
    if column.kind == "number":
        low, high = (0.0 if bound is None else float(bound) for bound in (column.low, column.high))
        beyond = [np.nextafter(low, -np.inf), np.nextafter(high, np.inf), np.inf, -np.inf]
        cells: st.SearchStrategy[Any] = st.sampled_from([np.nan, low, high, (low + high) / 2, *beyond, -0.0, 99.0])
        return st.lists(cells, min_size=n_rows, max_size=n_rows).map(lambda drawn: pd.Series(drawn, dtype="float64"))
    if column.kind == "date":
        cells = st.sampled_from([pd.NaT, pd.Timestamp("2026-06-15")])
        return st.lists(cells, min_size=n_rows, max_size=n_rows).map(lambda drawn: pd.Series(drawn, dtype="M8[s]"))
    words = [None, "other", "", *column.codes, *(RANGES if column.has_ranges else ())]
    cells = st.sampled_from(words)
    return st.lists(cells, min_size=n_rows, max_size=n_rows).map(lambda drawn: pd.Series(drawn, dtype="str"))


@st.composite
def draw_table(draw: st.DrawFn, table: str) -> pd.DataFrame:
    n_rows = draw(st.integers(0, 5))
    rows = draw(st.lists(st.integers(2, 40), min_size=n_rows, max_size=n_rows, unique=True))
    names = draw(st.lists(st.sampled_from(list(list_columns(table))), unique=True))
    frame = pd.DataFrame({name: draw(draw_cells(list_columns(table)[name], n_rows)) for name in names})
    return frame.set_axis(rows) if names else pd.DataFrame(index=rows)


@pytest.mark.parametrize("table", TABLES)
def test_the_same_cells_are_not_valid_as_with_a_schema_of_pandera(table: str) -> None:
    @given(draw_table(table))
    def check(frame: pd.DataFrame) -> None:
        assert find_violations(table, frame) == find_with_pandera(table, frame)

    check()


def test_each_column_has_at_most_one_check_and_both_bounds_or_none() -> None:
    """A check of more than one kind would need more than one message."""
    for column in COLUMNS:
        assert (column.low is None) == (column.high is None)
        assert sum((column.low is not None, bool(column.codes), column.has_ranges)) <= 1


@pytest.mark.parametrize("column", [c for c in COLUMNS if c.low is not None], ids=lambda c: f"{c.table}.{c.name}")
def test_a_number_beyond_either_bound_is_not_valid_and_the_bounds_are(column: Column) -> None:
    low, high = float(column.low or 0), float(column.high or 0)
    cells = [low, high, np.nan, np.nextafter(low, -np.inf), np.nextafter(high, np.inf)]
    frame = pd.DataFrame({column.name: cells}, index=[2, 3, 4, 5, 6])
    assert find_violations(column.table, frame) == [(column.name, [5, 6])]


def test_a_set_of_ranges_is_valid_where_each_of_them_is() -> None:
    frame = pd.DataFrame({"age_groups": [*RANGES, None]}, index=range(2, len(RANGES) + 3), dtype="str")
    assert (
        find_violations("therapists", frame) == [("age_groups", [4, 6, 7, 9])] == find_with_pandera("therapists", frame)
    )
