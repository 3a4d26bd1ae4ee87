from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attune_fit.features.cell_values import build_indicator_matrix, convert_to_numbers, convert_to_texts, explode_codes


@pytest.mark.parametrize(
    "cells",
    [
        pd.Series([1.0, np.nan, 2.5]),
        pd.Series(["1", None, " 2.50 "]),
        pd.Series([1.0, None, 2.5], dtype="Float64"),
        pd.Series([1.0, np.inf, 2.5]),
        pd.Series(["1", "inf", "2.5"]),
        pd.Series(["1", "many", "2.5"]),
        pd.Series([pd.Timestamp("1970-01-02"), pd.NaT, pd.Timestamp("1970-01-03 12:00")]),
    ],
)
def test_numbers_are_read_from_any_dtype_and_other_cells_are_nan(cells: pd.Series) -> None:
    np.testing.assert_array_equal(convert_to_numbers(cells), [1.0, np.nan, 2.5])


def test_one_number_gives_one_text_for_every_dtype() -> None:
    for cells in (pd.Series([3, 1]), pd.Series([3.0, 1.0]), pd.Series([3, 1], dtype="Int64"), pd.Series(["3", "1"])):
        assert convert_to_texts(cells).tolist() == ["3", "1"]
    assert convert_to_texts(pd.Series([0.1 + 0.2])).tolist() == ["0.3"]


def test_unknown_stays_unknown_as_text() -> None:
    for cells in (pd.Series([np.nan]), pd.Series([None], dtype="str"), pd.Series([None], dtype="Int64")):
        assert convert_to_texts(cells).isna().all()


def test_codes_are_listed_once_in_the_order_given() -> None:
    codes = explode_codes(pd.Series(["b|a|b", None, "", "a||c"]))
    assert list(codes.items()) == [(0, "b"), (0, "a"), (3, "a"), (3, "c")]


def test_the_indicator_matrix_has_the_requested_columns_only() -> None:
    matrix = build_indicator_matrix(explode_codes(pd.Series(["b|a", None, "c"])), pd.Index(["c", "z", "a"]), rows=3)
    np.testing.assert_array_equal(matrix, [[0, 0, 1], [0, 0, 0], [1, 0, 0]])
