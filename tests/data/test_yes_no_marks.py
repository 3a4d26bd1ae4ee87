"""Marks: a closed set; what is none of them is no yes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.data.cell_parsing import normalize_code, parse_number
from attune_fit.data.missing_words import MISSING_WORDS
from attune_fit.data.yes_no_marks import NO, SLOT_MARKS, YES, YES_NO_MARKS, list_marks, parse_mark


@pytest.mark.parametrize(
    ("text", "meaning"),
    [(text, YES) for text in ("Yes", "y", "TRUE", "True", "t", "1", "1.0", " X ", "Checked", "ON", "ja", "Si")]
    + [(text, YES) for text in ("s\u00ed", "\u2713", "\u2714\ufe0f", "\u2611", "\u2705", "Oui", "J", "01", "1,0")]
    + [(text, NO) for text in ("No", "N", "FALSE", "False", "f", "0", "0.0", "Unchecked", "off", "Nein", "non")]
    + [(text, NO) for text in ("\u2610", "\u2717", "\u2718", "Not  checked", "not selected")],
)  # fmt: skip
def test_what_programs_write_is_read(text: str, meaning: str) -> None:
    assert parse_mark(text, YES_NO_MARKS) == meaning


@given(text=st.text() | st.from_regex(r"[+-]?[012]?[.,]?0*", fullmatch=True))
def test_any_other_text_is_no_mark(text: str) -> None:
    """A mark is a row of the table, or a number equal to one of them."""
    is_mark = normalize_code(text) in YES_NO_MARKS or parse_number(text.replace(",", ".")) in (0.0, 1.0)
    assert (parse_mark(text, list_marks()) is not None) == is_mark


@given(text=st.sampled_from(sorted(YES_NO_MARKS)), spaces=st.sampled_from(["", " ", "\u200b", "\u00a0"]))
def test_case_spaces_and_invisible_characters_do_not_matter(text: str, spaces: str) -> None:
    assert parse_mark(f"{spaces}{text.upper()}{spaces}", YES_NO_MARKS) == YES_NO_MARKS[text]


def test_rows_are_written_as_they_are_compared() -> None:
    marks = [*YES_NO_MARKS, *SLOT_MARKS, *MISSING_WORDS]
    assert [normalize_code(mark) for mark in marks] == marks
    assert not MISSING_WORDS & YES_NO_MARKS.keys()


def test_a_clinics_own_numbers_replace_one_and_zero() -> None:
    marks = list_marks(["1", "2"])
    assert [parse_mark(text, marks) for text in ("0", "1", "yes")] == [None, None, YES]
