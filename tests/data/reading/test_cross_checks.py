"""The date of the tables when the clinic sets none."""

import datetime as dt

import pandas as pd

from attune_fit.data.reading.checks.cross_checks import find_latest_date
from attune_fit.data.reading.columns.table_reader import MappedTable


def roster(*days: str) -> MappedTable:
    """A table with one date column."""
    frame = pd.DataFrame({"updated_on": pd.Series(pd.to_datetime(list(days))).astype("datetime64[s]")})
    return MappedTable(frame, {"updated_on": "updated_on"})


def test_the_latest_date_is_the_date_of_the_tables() -> None:
    assert find_latest_date([roster("2025-03-01", "2024-03-02"), roster("2025-02-01")]) == dt.date(2025, 3, 1)


def test_a_date_after_today_is_not_the_date_of_the_tables() -> None:
    assert find_latest_date([roster("2025-03-01", "2225-03-02")]) == dt.date(2025, 3, 1)
