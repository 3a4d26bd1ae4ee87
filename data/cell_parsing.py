"""Cells as people type them, read as words, sets, numbers and dates."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

_ISO_DATE = r"\d{4}-\d{2}-\d{2}(?:[T ].*)?$"  # an ISO 8601 day, whatever time of day follows
SET_SEPARATOR = "|"  # stands between the members of a set


def normalize_text(text: str) -> str:
    """Text without outer spaces, with single inner ones, accents composed.

    >>> normalize_text("  Self  pay ")
    'Self pay'
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def normalize_code(text: str) -> str:
    """A code as codes are compared: :func:`normalize_text` and without case.

    >>> normalize_code(" AETNA  Gold ")
    'aetna gold'
    """
    return normalize_text(text).casefold()


def split_set(text: str, between: str = SET_SEPARATOR) -> list[str]:
    """The distinct words of a set, in the order given.

    >>> split_set("Anxiety; Low mood; anxiety;", ";")
    ['anxiety', 'low mood']
    """
    return list(dict.fromkeys(filter(None, (normalize_code(part) for part in text.split(between)))))


def parse_number(text: str, decimal: str = ".") -> float:
    """The number a cell says, NaN if it says none.

    >>> parse_number(" 12.50 "), parse_number("1,5", ","), parse_number("declined")
    (12.5, 1.5, nan)
    """
    try:
        value = float(text.replace(decimal, ".") if decimal != "." else text)
    except ValueError:
        return math.nan
    return value + 0.0 if math.isfinite(value) else math.nan  # adding 0 turns -0.0 into 0.0


def map_distinct(cells: pd.Series, function: Callable[[str], Any], dtype: str = "str") -> pd.Series:
    """Apply ``function`` to each distinct known cell once; ``None`` and unknown cells give unknown."""
    codes, distinct = pd.factorize(cells)  # unknown has code -1: the last answer
    answers = np.array([*(function(str(cell)) for cell in distinct), None], dtype=object)
    return pd.Series(answers[codes], index=cells.index, dtype=dtype)


def normalize_codes(cells: pd.Series) -> pd.Series:
    """Every cell as :func:`normalize_code`; unknown where nothing is left."""
    return map_distinct(cells, lambda text: normalize_code(text) or None)


def normalize_sets(cells: pd.Series, between: str = SET_SEPARATOR) -> pd.Series:
    """Every cell as ``a|b``; unknown where nothing is left."""
    return map_distinct(cells, lambda text: SET_SEPARATOR.join(split_set(text, between)) or None)


def parse_numbers(cells: pd.Series, decimal: str = ".") -> pd.Series:
    """Every cell as float64; NaN where it is no number."""
    return map_distinct(cells, lambda text: parse_number(text, decimal), "float64")


def parse_dates(cells: pd.Series, form: str | None = None) -> pd.Series:
    """Every cell as a day, datetime64[s]; unknown where it has neither the strptime form nor that of 2026-06-15."""
    text = cells.str.strip()
    days = pd.to_datetime(text.where(text.str.match(_ISO_DATE)).str[:10], format="%Y-%m-%d", errors="coerce")
    if form is not None:
        days = pd.to_datetime(text, format=form, errors="coerce").fillna(days)
    return pd.Series(days.dt.normalize().astype("datetime64[s]"))


def mask_missing_codes(cells: pd.Series, missing: Iterable[str]) -> pd.Series:
    """Unknown where a cell is one of the codes for missing, compared as words and as numbers (99 is 99.0)."""
    codes = {normalize_code(code) for code in missing}
    values = {value for value in map(parse_number, codes) if not math.isnan(value)}
    return map_distinct(
        cells, lambda text: None if normalize_code(text) in codes or parse_number(text) in values else text
    )


def compute_ages(born: pd.Series, on: dt.date) -> pd.Series:
    """Whole years from a birth date to ``on``; NaN where the date is unknown, negative where it lies ahead.

    >>> compute_ages(pd.Series(pd.to_datetime(["2000-06-16", "2000-06-15"])), dt.date(2026, 6, 15)).tolist()
    [25.0, 26.0]
    """
    before = (born.dt.month > on.month) | ((born.dt.month == on.month) & (born.dt.day > on.day))
    return pd.Series((on.year - born.dt.year - before).astype("float64"))
