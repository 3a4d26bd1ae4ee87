"""Rows that are exact copies of earlier ones are found as pandas finds them."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.reading.rows.duplicate_rows import drop_redundant_rows

CELLS = st.sampled_from([None, "a", "b", "A"])


@given(st.integers(1, 3).flatmap(lambda width: st.lists(st.tuples(*[CELLS] * width))))
def test_the_rows_that_are_left_are_the_distinct_ones(rows: list[tuple[str | None, ...]]) -> None:
    labels, width = range(2, len(rows) + 2), len(rows[0]) if rows else 1
    raw = pd.DataFrame(rows, columns=range(width), index=labels, dtype="str")
    kept = raw[raw.notna().any(axis=1)].drop_duplicates()
    pd.testing.assert_frame_equal(drop_redundant_rows(raw, FaultCollector("outcomes")), kept)
