"""Cells as people type them, read as words, sets, numbers and dates."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

_DAY = r"\d{4}-\d{2}-\d{2}(?:[T ].*)?$"  # an ISO 8601 day, whatever time of day follows
BETWEEN = "|"  # stands between the members of a set


def plain(text: str) -> str:
    """Text without outer spaces, with single inner ones, accents composed.

    >>> plain("  Self  pay ")
    'Self pay'
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def word(text: str) -> str:
    """A code as codes are compared: :func:`plain` and without case.

    >>> word(" AETNA  Gold ")
    'aetna gold'
    """
    return plain(text).casefold()


def members(text: str, between: str = BETWEEN) -> list[str]:
    """The distinct words of a set, in the order given.

    >>> members("Anxiety; Low mood; anxiety;", ";")
    ['anxiety', 'low mood']
    """
    return list(dict.fromkeys(filter(None, (word(part) for part in text.split(between)))))


def number(text: str, decimal: str = ".") -> float:
    """The number a cell says, NaN if it says none.

    >>> number(" 12.50 "), number("1,5", ","), number("declined")
    (12.5, 1.5, nan)
    """
    try:
        value = float(text.replace(decimal, ".") if decimal != "." else text)
    except ValueError:
        return math.nan
    return value + 0.0 if math.isfinite(value) else math.nan  # adding 0 turns -0.0 into 0.0


def each(cells: pd.Series, function: Callable[[str], Any], dtype: str = "str") -> pd.Series:
    """Apply ``function`` to each distinct known cell once; ``None`` and unknown cells give unknown."""
    codes, distinct = pd.factorize(cells)  # unknown has code -1: the last answer
    answers = np.array([*(function(str(cell)) for cell in distinct), None], dtype=object)
    return pd.Series(answers[codes], index=cells.index, dtype=dtype)


def words(cells: pd.Series) -> pd.Series:
    """Every cell as :func:`word`; unknown where nothing is left."""
    return each(cells, lambda text: word(text) or None)


def sets(cells: pd.Series, between: str = BETWEEN) -> pd.Series:
    """Every cell as ``a|b``; unknown where nothing is left."""
    return each(cells, lambda text: BETWEEN.join(members(text, between)) or None)


def numbers(cells: pd.Series, decimal: str = ".") -> pd.Series:
    """Every cell as float64; NaN where it is no number."""
    return each(cells, lambda text: number(text, decimal), "float64")


def dates(cells: pd.Series, form: str | None = None) -> pd.Series:
    """Every cell as a day, datetime64[s]; unknown where it has neither the strptime form nor that of 2026-06-15."""
    text = cells.str.strip()
    days = pd.to_datetime(text.where(text.str.match(_DAY)).str[:10], format="%Y-%m-%d", errors="coerce")
    if form is not None:
        days = pd.to_datetime(text, format=form, errors="coerce").fillna(days)
    return pd.Series(days.dt.normalize().astype("datetime64[s]"))


def without(cells: pd.Series, missing: Iterable[str]) -> pd.Series:
    """Unknown where a cell is one of the codes for missing, compared as words and as numbers (99 is 99.0)."""
    codes = {word(code) for code in missing}
    values = {value for value in map(number, codes) if not math.isnan(value)}
    return each(cells, lambda text: None if word(text) in codes or number(text) in values else text)


def ages(born: pd.Series, on: dt.date) -> pd.Series:
    """Whole years from a birth date to ``on``; NaN where the date is unknown, negative where it lies ahead.

    >>> ages(pd.Series(pd.to_datetime(["2000-06-16", "2000-06-15"])), dt.date(2026, 6, 15)).tolist()
    [25.0, 26.0]
    """
    before = (born.dt.month > on.month) | ((born.dt.month == on.month) & (born.dt.day > on.day))
    return pd.Series((on.year - born.dt.year - before).astype("float64"))
