"""Row keys: a sum of hashes of the known cells, the same whichever way pandas keeps a value."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import os
import struct
import subprocess
import sys
import unicodedata
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.row_hashing import encode_cells, hash_cells, hash_columns, hash_row_content

NUMBERS = st.floats(allow_nan=False) | st.integers(-(2**53), 2**53) | st.booleans()
DATES = st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))
CELLS = st.none() | NUMBERS | DATES | st.text(max_size=3) | st.sampled_from(["a", "1", "e\u0301", "\u00e9", -0.0, 0.0])
ROWS = st.lists(st.fixed_dictionaries({"age": CELLS, "note": CELLS, "client_id": CELLS}), max_size=8)


def hash_plainly(row: dict[str, Any]) -> int:
    """The key of one row, cell by cell, as the module's description says."""
    total = 0
    for column, cell in row.items():
        if cell is None or column == "client_id":
            continue
        if isinstance(cell, int | float):
            content = b"n" + struct.pack("<d", 0.0 if cell == 0 else float(cell))
        elif isinstance(cell, dt.date):
            content = b"d" + f"{cell:%Y-%m-%d}".zfill(10).encode()
        else:
            content = b"t" + unicodedata.normalize("NFC", cell).encode()
        name = column.encode()
        whole = len(name).to_bytes(8, "little") + name + content
        total += int.from_bytes(hashlib.blake2b(whole, digest_size=8).digest(), "little")
    return total % 2**64


@settings(max_examples=300, deadline=None)
@given(rows=ROWS)
def test_the_key_is_the_plain_sum_over_known_cells(rows: list[dict[str, Any]]) -> None:
    frame = pd.DataFrame(rows, columns=["age", "note", "client_id"], dtype=object)
    assert hash_row_content(frame).tolist() == [hash_plainly(row) for row in rows]


def test_keys_are_pinned() -> None:
    """Another value here changes the order of rows, and so the folds and ties, of every clinic."""
    frame = pd.DataFrame({
        "client_id": ["c1", "c2", "c3"],
        "age": [34.0, None, -0.0],
        "languages": ["english|spanish", "français", None],
        "intake_on": pd.Series(["2026-01-05", None, "2025-12-31"], dtype="datetime64[s]"),
    })  # fmt: skip
    assert hash_row_content(frame).tolist() == [14592098386085587911, 843176282845890393, 9021088771815092841]


def test_the_hash_of_a_row_does_not_change_between_processes_or_with_the_seed_of_python() -> None:
    program = (
        "import pandas as pd; from attune_fit.data.clinic.row_hashing import hash_row_content; "
        "print(hash_row_content(pd.DataFrame({'b': ['x'], 'a': [1.5], 'c': ['y']}))[0])"
    )
    keys = {
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert keys == {f"{hash_row_content(pd.DataFrame({'a': [1.5], 'b': ['x'], 'c': ['y']}))[0]}\n".encode()}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pd.Series([1, 0, 7]), pd.Series([1.0, -0.0, 7.0])),
        (pd.Series([1, None, 7], dtype="Int64"), pd.Series([1.0, math.nan, 7.0], dtype="float32")),
        (pd.Series([True, False]), pd.Series([1.0, 0.0])),
        (pd.Series([Decimal("1.5"), None]), pd.Series([1.5, math.nan])),
        (pd.Series(["a", None], dtype="str"), pd.Series(["a", None], dtype=object)),
        (pd.Series(["a", None], dtype="string"), pd.Series(["a", None], dtype="category")),
        (pd.Series(["e\u0301"]), pd.Series(["\u00e9"])),
        (pd.Series([dt.date(2026, 1, 5), None]), pd.Series(["2026-01-05", None], dtype="datetime64[s]")),
        (pd.Series([dt.datetime(2026, 1, 5)]), pd.Series(["2026-01-05"], dtype="datetime64[ns]")),
        (pd.Series([np.datetime64("2026-01-05")], dtype=object), pd.Series([dt.date(2026, 1, 5)])),
    ],
)
def test_an_equal_value_has_an_equal_hash_whichever_way_it_is_kept(one: pd.Series, other: pd.Series) -> None:
    assert hash_cells(one, "x").tolist() == hash_cells(other, "x").tolist()
    (codes, encoded), (other_codes, other_encoded) = encode_cells(one), encode_cells(other)
    assert codes.tolist() == other_codes.tolist()
    assert encoded == other_encoded


def test_a_number_a_date_and_a_text_that_look_alike_differ() -> None:
    cells = pd.Series([1, "1", "1.0", "2026-01-05", dt.date(2026, 1, 5), dt.datetime(2026, 1, 5, 9, 30)], dtype=object)
    assert len(set(hash_cells(cells, "x"))) == 6


def test_the_name_of_the_column_counts_and_does_not_run_into_the_cell() -> None:
    assert hash_cells(pd.Series(["a"]), "x") != hash_cells(pd.Series(["a"]), "y")
    assert hash_cells(pd.Series(["tb"]), "a") != hash_cells(pd.Series(["b"]), "at")


def test_cells_that_change_places_between_two_columns_give_another_key() -> None:
    here = pd.DataFrame({"gender": ["a"], "religion": ["b"]})
    assert hash_row_content(here) != hash_row_content(here.rename(columns={"gender": "religion", "religion": "gender"}))


@settings(max_examples=50, deadline=None)
@given(rows=ROWS, empty=st.sampled_from([None, math.nan, pd.NA, pd.NaT]))
def test_an_empty_column_changes_no_key(rows: list[dict[str, Any]], empty: object) -> None:
    frame = pd.DataFrame(rows, columns=["age", "note", "client_id"], dtype=object)
    wider = frame.assign(first=pd.Series([empty] * len(frame), dtype=object))[["first", *frame]]
    np.testing.assert_array_equal(hash_row_content(wider), hash_row_content(frame))


def test_a_row_of_unknown_cells_has_the_key_zero_and_a_table_without_rows_has_none() -> None:
    assert hash_row_content(pd.DataFrame({"client_id": ["c1"], "age": [math.nan]})).tolist() == [0]
    assert hash_columns(pd.DataFrame({"age": [1.0]}), []).tolist() == [0]
    assert hash_row_content(pd.DataFrame({"age": []})).shape == (0,)
