"""Conditions on rows: what each key means for numbers, dates, text and empty cells."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from attune_fit.data.clinic.mapping_config import TableMapping
from attune_fit.data.clinic.row_condition import ColumnCondition, is_condition_met
from attune_fit.data.faults import DataFault

TEXT = pd.Series(["8", "9", "10", "900", "1000", "new", None, " "], dtype="str")
NUMBERS = pd.Series([8.0, 10.0, np.nan])
DAYS = pd.Series(["2026-05-20", "2026-06-01", None], dtype="datetime64[s]")
WORDS = pd.Series(["Open", "closed ", "-99", None], dtype="str")


def select(cells: pd.Series, keys: Mapping[str, object], mapping: TableMapping | None = None) -> list[int]:
    """Return the positions of the cells that fulfil the condition."""
    condition = ColumnCondition.model_validate({"column": "x", **keys})
    met = is_condition_met(condition, cells, "waiting.where", mapping or TableMapping())
    assert met.dtype == bool
    return np.flatnonzero(met.to_numpy()).tolist()


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"from": 10}, [2, 3, 4]),
        ({"from": 900}, [3, 4]),
        ({"to": 9.5}, [0, 1]),
        ({"from": 9, "to": 900}, [1, 2, 3]),
        ({"is": 10}, [2]),
        ({"is": [8, "NEW"]}, [0, 5]),
        ({"is_not": [8, 1000]}, [1, 2, 3, 5]),
        ({"from": "9"}, [1, 3, 5]),  # in quotation marks: as text
        ({"is": ""}, [6, 7]),
        ({"is": ["", "8"]}, [0, 6, 7]),
        ({"is_not": ""}, [0, 1, 2, 3, 4, 5]),
        ({"empty": True}, [6, 7]),
        ({"empty": False}, [0, 1, 2, 3, 4, 5]),
        ({"empty": False, "to": 8}, [0]),
    ],
)
def test_a_number_is_compared_as_a_number_also_in_text(keys: dict[str, object], expected: list[int]) -> None:
    assert select(TEXT, keys) == expected


@pytest.mark.parametrize(
    ("cells", "keys", "expected"),
    [
        (NUMBERS, {"from": 9}, [1]),
        (NUMBERS, {"is": [8, 10]}, [0, 1]),
        (NUMBERS, {"is_not": 8}, [1]),
        (NUMBERS, {"is": ""}, [2]),
        (NUMBERS, {"empty": True}, [2]),
        (DAYS, {"from": pd.Timestamp("2026-06-01").date()}, [1]),
        (DAYS, {"is": ["", pd.Timestamp("2026-05-20").date()]}, [0, 2]),
        (DAYS, {"empty": True}, [2]),
        (DAYS, {"empty": False}, [0, 1]),
        (WORDS, {"is": "OPEN"}, [0]),
        (WORDS, {"is_not": "closed"}, [0, 2]),
    ],
)
def test_every_kind_of_cell_can_be_compared_or_empty(
    cells: pd.Series, keys: dict[str, object], expected: list[int]
) -> None:
    assert select(cells, keys) == expected


def test_a_code_for_missing_is_an_empty_cell_and_can_still_be_named() -> None:
    mapping = TableMapping.model_validate({"missing": [-99]})
    assert select(WORDS, {"empty": True}, mapping) == [2, 3]
    assert select(WORDS, {"is_not": "open"}, mapping) == [1]
    assert select(WORDS, {"is": "-99"}, mapping) == [2]
    assert select(pd.Series(["5", "-99"], dtype="str"), {"to": 7}, mapping) == [0]


def test_numbers_and_dates_in_text_have_the_form_of_the_table() -> None:
    mapping = TableMapping.model_validate({"decimal": ",", "dates": "%d.%m.%Y"})
    assert select(pd.Series(["1,5", "2,5", "1.000"], dtype="str"), {"from": 2}, mapping) == [1, 2]
    days = pd.Series(["30.12.2025", "01.02.2026", "soon"], dtype="str")
    assert select(days, {"from": pd.Timestamp("2026-01-01").date()}, mapping) == [1]


@pytest.mark.parametrize(
    ("cells", "keys", "place", "message"),
    [
        (WORDS.iloc[:2], {"from": 3}, "from", "condition-on-text"),
        (WORDS, {"is_not": [pd.Timestamp("2026-01-01").date()]}, "is_not", "condition-on-text"),
        (NUMBERS, {"from": "old"}, "from", "condition-type-mismatch"),
        (NUMBERS, {"is": pd.Timestamp("2026-01-01").date()}, "is", "condition-type-mismatch"),
        (DAYS, {"to": 3}, "to", "condition-type-mismatch"),
        (DAYS, {"is": "soon"}, "is", "condition-type-mismatch"),
    ],
)
def test_a_value_of_another_type_is_an_error(
    cells: pd.Series, keys: dict[str, object], place: str, message: str
) -> None:
    with pytest.raises(DataFault) as raised:
        select(cells, keys)
    assert [(one.id, one.column) for one in raised.value.faults] == [(message, f"waiting.where.{place}")]


def test_a_column_without_a_known_cell_is_no_error() -> None:
    assert select(pd.Series([None, None], dtype="str"), {"from": 3}) == []


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({}, "name what the cell has to be"),
        ({"empty": True, "from": 3}, "leaves no value to compare"),
        ({"from": 3, "to": 2.5}, "no cell can be between"),
        ({"from": "B", "to": "a"}, "no cell can be between"),
        ({"from": pd.Timestamp("2026-02-01").date(), "to": pd.Timestamp("2026-01-01").date()}, "no cell can be"),
        ({"is": []}, "the list has no value"),
        ({"is": True}, 'such as "yes"'),
        ({"is_not": ["a", False]}, 'such as "yes"'),
        ({"from": [1]}, "write a number, a day or a text"),
        ({"is": [["a"]]}, "write a number, a day or a text"),
        ({"to": pd.Timestamp("2026-01-01 10:00").to_pydatetime()}, "write a day without a time"),
        ({"not": "a"}, "Extra inputs are not permitted"),
    ],
)
def test_keys_that_mean_nothing_are_refused(keys: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message) as raised:
        ColumnCondition.model_validate({"column": "x", **keys})
    assert raised.value.error_count() == 1
