"""Cells that begin as formulas: marked for spreadsheet programs, and read back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.data.formats.formula_cells import FORMULA_STARTS, escape_formula, remove_formula_mark


@given(st.text(alphabet=f"{FORMULA_STARTS}'a1 |!"))
def test_a_marked_cell_is_no_formula_and_is_read_back_as_it_was(text: str) -> None:
    marked = escape_formula(text)
    assert not marked.startswith(tuple(FORMULA_STARTS))
    assert remove_formula_mark(marked) == text


@given(st.text(alphabet=f"{FORMULA_STARTS}a1 "))
def test_a_file_for_machines_is_read_as_it_is(text: str) -> None:
    assert remove_formula_mark(text) == text


@pytest.mark.parametrize("text", ["c-1", "'s-Hertogenbosch", "", "1=1", " =1"])
def test_other_cells_stay(text: str) -> None:
    assert escape_formula(text) == text
