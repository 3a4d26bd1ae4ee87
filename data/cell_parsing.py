"""Parsing of cells: text as people type it becomes codes, sets, numbers and dates."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

_ISO_DATE = r"\d{4}-\d{2}-\d{2}(?:[T ].*)?$"  # an ISO 8601 date; a time of day after it is ignored
SET_SEPARATOR = "|"  # between the members of a set


def normalize_text(text: str) -> str:
    """Return text without outer spaces, with single inner ones and with composed accents (Unicode NFC).

    >>> normalize_text("  Self  pay ")
    'Self pay'
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def normalize_code(text: str) -> str:
    """Return a code in the form in which Attune compares codes: :func:`normalize_text`, and without case.

    >>> normalize_code(" AETNA  Gold ")
    'aetna gold'
    """
    return normalize_text(text).casefold()


def split_set(text: str, separator: str = SET_SEPARATOR) -> list[str]:
    """Return the distinct codes of a set, in the order given.

    >>> split_set("Anxiety; Low mood; anxiety;", ";")
    ['anxiety', 'low mood']
    """
    return list(dict.fromkeys(filter(None, (normalize_code(part) for part in text.split(separator)))))


def parse_number(text: str, decimal: str = ".") -> float:
    """Return the number in a cell, NaN where there is none or it is not finite.

    >>> parse_number(" 12.50 "), parse_number("1,5", ","), parse_number("declined")
    (12.5, 1.5, nan)
    """
    try:
        value = float(text.replace(decimal, ".") if decimal != "." else text)
    except ValueError:
        return math.nan
    return value + 0.0 if math.isfinite(value) else math.nan  # adding 0 makes 0.0 of -0.0


def map_distinct(cells: pd.Series, function: Callable[[str], Any], dtype: str = "str") -> pd.Series:
    """Return ``function`` of each cell, called once for each distinct known cell; missing where it returns None."""
    codes, distinct = pd.factorize(cells)  # a missing cell has code -1: the last answer
    answers = np.array([*(function(str(cell)) for cell in distinct), None], dtype=object)
    return pd.Series(answers[codes], index=cells.index, dtype=dtype)


def normalize_codes(cells: pd.Series) -> pd.Series:
    """Return :func:`normalize_code` of each cell; missing where no text remains."""
    return map_distinct(cells, lambda text: normalize_code(text) or None)


def normalize_sets(cells: pd.Series, separator: str = SET_SEPARATOR) -> pd.Series:
    """Return each cell as a set ``a|b``; missing where no code remains."""
    return map_distinct(cells, lambda text: SET_SEPARATOR.join(split_set(text, separator)) or None)


def parse_numbers(cells: pd.Series, decimal: str = ".") -> pd.Series:
    """Return each cell as float64, NaN where it holds no number."""
    return map_distinct(cells, lambda text: parse_number(text, decimal), "float64")


def parse_dates(cells: pd.Series, form: str | None = None) -> pd.Series:
    """Return each cell as a day, datetime64[s]; missing where it has neither the strptime ``form`` nor ISO 8601."""
    text = cells.str.strip()
    days = pd.to_datetime(text.where(text.str.match(_ISO_DATE)).str[:10], format="%Y-%m-%d", errors="coerce")
    if form is not None:
        days = pd.to_datetime(text, format=form, errors="coerce").fillna(days)
    return pd.Series(days.dt.normalize().astype("datetime64[s]"))


def mask_missing_codes(cells: pd.Series, missing: Iterable[str]) -> pd.Series:
    """Return the cells, missing where one is a code for missing, compared as text and as a number (99 is 99.0)."""
    codes = {normalize_code(code) for code in missing}
    values = {value for value in map(parse_number, codes) if not math.isnan(value)}
    return map_distinct(
        cells, lambda text: None if normalize_code(text) in codes or parse_number(text) in values else text
    )


def compute_ages(birth_dates: pd.Series, on: dt.date) -> pd.Series:
    """Return ages on the day ``on``, in whole years; NaN where the date is missing, negative where it is later.

    >>> compute_ages(pd.Series(pd.to_datetime(["2000-06-16", "2000-06-15"])), dt.date(2026, 6, 15)).tolist()
    [25.0, 26.0]
    """
    month, day = birth_dates.dt.month, birth_dates.dt.day
    before_birthday = (month > on.month) | ((month == on.month) & (day > on.day))
    return pd.Series((on.year - birth_dates.dt.year - before_birthday).astype("float64"))
