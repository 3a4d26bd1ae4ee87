"""Text made in arrays is that of pandas, byte for byte."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.data.formats.encoded_text import encode_header, encode_rows, format_decimals
from attune_fit.data.formats.formula_cells import escape_formula

texts = (
    st.none()
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
    | st.sampled_from(["=1+2", "-", "'=1", 'a"b', "a,b", "a\tb", "a\nb", "a\rb", " a", "", "#", "ä"])
)
decimals = (
    st.none() | st.integers(-(10**13), 10**13).map(lambda units: units / 1e6) | st.sampled_from([0.0, -0.0, 1e12])
)


def plain(table: pa.Table, separator: str, raw: bool) -> str:
    """The same rows by pandas."""
    frame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    for name, kind in zip(table.column_names, table.schema.types, strict=True):
        if not pa.types.is_integer(kind) and not pa.types.is_floating(kind):
            cells = [cell if cell is None or raw else escape_formula(cell) for cell in table[name].to_pylist()]
            frame[name] = pd.Series(cells, dtype="str")
    out = io.StringIO()
    frame.to_csv(out, sep=separator, index=False, float_format="%.6f", lineterminator="\n")
    return out.getvalue()


@given(
    st.lists(st.tuples(texts, texts, decimals, st.none() | st.integers(-(2**60), 2**60)), max_size=8),
    st.sampled_from(",\t"),
    st.booleans(),
)
def test_the_bytes_are_those_of_pandas(rows: list[tuple[Any, ...]], separator: str, raw: bool) -> None:
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    names = ["text", "coded text", "score, in points", "rank"]
    table = pa.table([
        pa.array(columns[0], type=pa.string()),
        pa.array(columns[1], type=pa.string()).dictionary_encode(),
        pa.array(columns[2], type=pa.float64()),
        pa.array(columns[3], type=pa.int64()),
    ], names=names)  # fmt: skip
    content = encode_header(names, separator) + encode_rows(table, separator, raw=raw)
    assert content.decode() == plain(table, separator, raw)


def test_columns_of_several_chunks_and_sliced_ones_are_whole() -> None:
    one = pa.table({"a": pa.array(["x", "y", "z"]).dictionary_encode(), "b": [1.5, None, 2.0]})
    two = pa.table({"a": pa.array(["z", "q"]).dictionary_encode(), "b": [0.25, -1.0]})
    both = pa.concat_tables([one.slice(1), two])
    assert encode_rows(both, ",") == b"y,\nz,2.000000\nz,0.250000\nq,-1.000000\n"
    assert encode_rows(both.slice(1, 2), ",") == b"z,2.000000\nz,0.250000\n"


@given(st.lists(st.sampled_from("tnm"), min_size=2, max_size=6), st.integers(0, 4), st.integers(0, 99))
def test_any_order_of_columns_has_the_bytes_of_pandas(kinds: list[str], n: int, seed: int) -> None:
    """Numbers are joined in runs: those that are missing in the same rows, those that are not, and texts between."""
    rng = np.random.default_rng(seed)
    shared = rng.random(n) < 0.5
    makers: dict[str, Any] = {
        "t": lambda: pa.array([str(one) for one in rng.integers(0, 3, n)], mask=rng.random(n) < 0.3),
        "n": lambda: pa.array(rng.integers(0, 9, n), mask=shared),
        "m": lambda: pa.array(np.round(rng.normal(size=n), 6), mask=shared if seed % 2 else rng.random(n) < 0.5),
    }
    table = pa.table({f"{kind}{place}": makers[kind]() for place, kind in enumerate(kinds)})
    content = encode_header(table.column_names, ",") + encode_rows(table, ",")
    assert content.decode() == plain(table, ",", raw=False)


@pytest.mark.parametrize("number", [np.nan, np.inf, 1e15])
def test_numbers_that_have_no_millionths_are_written_by_python(number: float) -> None:
    assert format_decimals(np.array([number, 1.5])).to_pylist() == [f"{number:.6f}", "1.500000"]
