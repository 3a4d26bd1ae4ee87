"""Cells: numbers of one locale, days as written, and characters that no screen shows."""

import math
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from attune_fit.data.cell_parsing import (
    drop_invisible_characters,
    has_invisible_character,
    is_one_of,
    list_distinct,
    mask_missing_codes,
    normalize_code,
    parse_dates,
    parse_number,
)

LOCALES = [(".", ""), (",", "."), (".", ","), (",", " "), (".", "'")]
ENGLISH, GERMAN = (".", ","), (",", ".")


def format_number(value: float, decimal: str, thousands: str) -> str:
    """Write a number as a program of this locale does, with groups of three digits where it has a mark for them."""
    text = format(value, ",.4f") if thousands else format(value, ".4f")
    return text.translate({ord(","): thousands, ord("."): decimal})


@pytest.mark.parametrize(("decimal", "thousands"), LOCALES)
@given(value=st.floats(-1e12, 1e12).map(lambda value: round(value, 4)))
def test_a_number_of_the_declared_locale_is_read(decimal: str, thousands: str, value: float) -> None:
    assert parse_number(format_number(value, decimal, thousands), decimal, thousands) == pytest.approx(value, abs=1e-4)


@pytest.mark.parametrize(("decimal", "thousands"), LOCALES)
@given(text=st.text(alphabet="0123456789.,' _-+eE\uff11\u0661xinfa", max_size=9))
@example(text="1_250")
@example(text="\uff11\uff12")
@example(text="1.250,5")
@example(text="1.2500")
@example(text="01.250")
def test_no_mark_of_another_locale_is_read(decimal: str, thousands: str, text: str) -> None:
    """What is read holds ASCII digits, one decimal mark, and thousands marks only between groups of three."""
    value = parse_number(text, decimal, thousands)
    if math.isnan(value):
        return
    mantissa, _, power = text.strip().lower().partition("e")
    whole, _, part = mantissa.lstrip("+-").partition(decimal)
    groups = whole.split(thousands) if thousands else [whole]
    assert all(group.isascii() and group.isdigit() for group in groups if len(groups) > 1 or group)
    assert [len(group) for group in groups[1:]] == [3] * (len(groups) - 1)
    assert part == "" or (part.isascii() and part.isdigit())
    assert value == pytest.approx(float(f"{''.join(groups) or 0}.{part or 0}e{power or 0}") * (-1) ** ("-" in mantissa))


@given(text=st.text(max_size=12))
def test_a_word_is_no_number(text: str) -> None:
    assume(not any(character in "0123456789" for character in text))
    assert math.isnan(parse_number(text))


@pytest.mark.parametrize("text", ["inf", "nan", "0x10", "1_250", "\uff11\uff12", "1,250", "1 250", "12a", "--5", "."])
def test_other_forms_are_no_numbers(text: str) -> None:
    assert math.isnan(parse_number(text))


@pytest.mark.parametrize(
    ("text", "marks", "value"),
    [
        ("1.250", GERMAN, 1250.0),
        ("12,5", GERMAN, 12.5),
        ("1.250.000,75", GERMAN, 1250000.75),
        ("1,250.5", ENGLISH, 1250.5),
        ("1\u00a0250,5", (",", " "), 1250.5),
        ("1\u2019250.5", (".", "'"), 1250.5),
        ("1e3", (".", ""), 1000.0),
        ("\u200b7", (".", ""), 7.0),
    ],
)
def test_marks_between_thousands(text: str, marks: tuple[str, str], value: float) -> None:
    assert parse_number(text, *marks) == value


@pytest.mark.parametrize("text", ["12.5", "1.25", "0.250", "1.2500", "1250.000", "1.250.00", ",250."])
def test_a_point_is_no_decimal_mark_where_the_comma_is(text: str) -> None:
    assert math.isnan(parse_number(text, *GERMAN))


INVISIBLE = "\u200b\ufeff\u00ad\u200e\u200f\u202a\u2060\u200d\ufe0f\u0007"


@given(word=st.text(alphabet="abcxyz \u00e9\u00fc", min_size=1), extra=st.lists(st.sampled_from(INVISIBLE), max_size=4),
       data=st.data())  # fmt: skip
def test_characters_that_no_screen_shows_never_make_another_word(
    word: str, extra: list[str], data: st.DataObject
) -> None:
    text = word
    for character in extra:
        position = data.draw(st.integers(0, len(text)))
        text = text[:position] + character + text[position:]
    assert normalize_code(text) == normalize_code(word)
    assert has_invisible_character(text) == bool(extra)


@given(text=st.text())
def test_dropping_is_done_once_and_leaves_no_format_character(text: str) -> None:
    dropped = drop_invisible_characters(text)
    assert drop_invisible_characters(dropped) == dropped
    assert not [character for character in dropped if unicodedata.category(character) == "Cf"]


def test_white_space_is_not_invisible() -> None:
    assert normalize_code("self\npay\u00a0x") == "self pay x"
    assert not has_invisible_character("self\npay\u00a0x")


def days(cells: list[str | None], form: str | None) -> list[str | None]:
    """Parse cells, as ISO dates."""
    parsed = parse_dates(pd.Series(cells, dtype="str", index=range(2, 2 + len(cells))), form)
    assert parsed.dtype == np.dtype("datetime64[s]")
    return [None if pd.isna(day) else str(day.date()) for day in parsed]


@pytest.mark.parametrize(
    ("form", "cells"),
    [
        ("%Y-%m-%dT%H:%M:%S%z", ["2026-05-02T00:30:00+02:00", "2026-05-03T23:30:00-0500", "2026-05-04T10:00:00Z"]),
        ("%Y-%m-%dT%H:%M:%S%z", ["2026-05-02T00:30:00+02", "2026-05-03", "2026-05-04T10:00:00+01:00"]),
        ("%d.%m.%Y %H:%M%z", ["02.05.2026 00:30+02", "03.05.2026 23:30-0500", "04.05.2026 10:00+01:00"]),
        ("%d %b %Y %H:%M %Z", ["02 May 2026 00:30 CEST", "03 May 2026 23:30 EST", "04 May 2026 10:00 UTC"]),
        ("%a %b %d %H:%M:%S %Z %Y", ["Sat May 02 00:30:00 CEST 2026", "Sun May 03 23:30:00 PDT 2026", "2026-05-04"]),
        ("%m/%d/%Y", ["5/2/2026 0:30", "05/03/2026 11:30 PM", "05/04/2026, 10:00:00 +02:00"]),
        (None, ["2026-05-02T00:30:00+02:00", "2026-05-03 23:30", "2026-05-04"]),
    ],
)
def test_the_day_is_the_one_that_is_written(form: str | None, cells: list[str | None]) -> None:
    assert days([*cells, None, "soon"], form) == ["2026-05-02", "2026-05-03", "2026-05-04", None, None]


def test_a_time_alone_is_no_day() -> None:
    assert days(["10:30", "05/02"], "%m/%d/%Y") == [None, None]


def test_codes_for_missing_are_compared_in_the_locale_of_the_column() -> None:
    cells = pd.Series(["9.999", "99,0", "9,9"], dtype="str")
    assert mask_missing_codes(cells, ["9999", "99"], *GERMAN).tolist()[2:] == ["9,9"]
    assert mask_missing_codes(cells, ["9999", "99"], *GERMAN).isna().tolist() == [True, True, False]


@given(st.lists(st.sampled_from([None, "", "a", "b", "A", " a"])), st.lists(st.sampled_from(["", "a", "b", "c"])))
def test_membership_and_distinct_cells_are_those_of_pandas(cells: list[str | None], texts: list[str]) -> None:
    column = pd.Series(cells, dtype="str", index=range(2, len(cells) + 2))
    pd.testing.assert_series_equal(is_one_of(column, texts), column.isin(texts))
    assert list_distinct(column) == column.dropna().unique().tolist()
