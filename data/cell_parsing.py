"""Parsing of cells: text as people type it becomes codes, sets, numbers and dates."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pandas as pd

SET_SEPARATOR = "|"  # between the members of a set
CACHED_CODES = 10_000  # texts whose code is kept: a table holds the same few ones again and again
THOUSANDS_MARKS = {".": "", ",": "."}  # the thousands mark that goes with a decimal mark; empty for none
_SPACE_CHARACTERS = " \u00a0\u2009\u202f"  # what people and programs write as a space between thousands
_APOSTROPHES = "'\u2019"
_SHOWN_AS_NOTHING = re.compile(  # printable by name, and no screen shows them: fillers and variation selectors
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_ISO_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?$"  # an ISO 8601 date; a time of day after it is ignored
_PLAIN_NUMBER = {
    mark: re.compile(rf"[+-]?[0-9]{{1,15}}(?:{re.escape(mark)}[0-9]{{0,30}})?") for mark in THOUSANDS_MARKS
}
_TIME_OF_DAY = re.compile(
    r"(?:\s*,\s*|\s+|T)\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[ap]\.?m\.?)?\s*(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$",
    re.IGNORECASE | re.ASCII,
)
_TIME_DIRECTIVE = re.compile(r"%[HIMSfpzZcX]")
_ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z_/]*(?:[+-]\d{1,2}(?::?\d{2})?)?", re.ASCII)
_HOURS_OF_ZONE = re.compile(r"([+-]\d{2})$", re.ASCII)


def drop_invisible_characters(text: str) -> str:
    r"""Return text without characters that no screen shows: they never make another word.

    These are format characters (Unicode category Cf, such as the zero-width space, the soft hyphen and direction
    marks), control characters other than white space, variation selectors, and a few fillers.

    >>> drop_invisible_characters("eng\u00adlish\u200b")
    'english'
    """
    if not text.isascii():
        text = _SHOWN_AS_NOTHING.sub("", text)
    if text.isprintable():
        return text
    return "".join(character for character in text if not _is_invisible(character))


def has_invisible_character(text: str) -> bool:
    """Return whether :func:`drop_invisible_characters` changes the text."""
    return len(drop_invisible_characters(text)) != len(text)


def find_invisible_characters(cells: pd.Series) -> pd.Series:
    """Return whether each cell has a character that no screen shows; a missing cell has none."""
    if not has_invisible_character("".join(list_distinct(cells))):
        return pd.Series(False, index=cells.index)
    return map_distinct(cells, has_invisible_character, "object").isin([True])


def normalize_text(text: str) -> str:
    """Return text without invisible characters and outer spaces, with single inner spaces and composed accents (NFC).

    >>> normalize_text("  Self  pay ")
    'Self pay'
    """
    if not (text.isascii() and text.isprintable()):  # else nothing is invisible, and NFC is the text itself
        text = unicodedata.normalize("NFC", drop_invisible_characters(text))
    return " ".join(text.split())


@lru_cache(maxsize=CACHED_CODES)
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


def parse_number(text: str, decimal: str = ".", thousands: str = "") -> float:
    """Return the number in a cell, NaN where it has none in the declared form.

    Parameters
    ----------
    text : str
        The cell. A number has a sign or none, the digits 0 to 9, at most one decimal mark and an exponent or none.
    decimal : {".", ","}
        The decimal mark. No other one is read.
    thousands : str
        The mark between groups of exactly three digits; empty where the clinic writes none.

    Returns
    -------
    float
        NaN where the cell has another form. Infinity and other words are no numbers.

    Examples
    --------
    >>> parse_number(" 12.50 "), parse_number("1,5", ","), parse_number("1.250", ",", "."), parse_number("declined")
    (12.5, 1.5, 1250.0, nan)
    >>> parse_number("1.25", ",", "."), parse_number("1_250"), parse_number("1e3")
    (nan, nan, 1000.0)
    """
    plain = text.strip()
    if _PLAIN_NUMBER[decimal].fullmatch(plain):  # nearly every cell: digits and at most a decimal mark
        return float(plain.replace(decimal, ".")) + 0.0
    match = _compile_number(decimal, thousands).fullmatch(drop_invisible_characters(text).strip())
    if match is None:
        return math.nan
    whole = "".join(digit for digit in match["whole"] if digit.isdigit())
    value = float(f"{match['sign']}{whole}.{match['part'] or 0}e{match['power'] or 0}")
    return value + 0.0 if math.isfinite(value) else math.nan  # adding 0 makes 0.0 of -0.0


def map_distinct(cells: pd.Series, function: Callable[[str], Any], dtype: str = "str") -> pd.Series:
    """Return ``function`` of each cell, called once for each distinct known cell; missing where it returns None."""
    codes, distinct = pd.factorize(cells)  # a missing cell has code -1: the last answer
    answers = np.array([*map(function, map(str, distinct.tolist())), None], dtype=object)
    return pd.Series(answers[codes], index=cells.index, dtype=dtype)


def list_distinct(cells: pd.Series) -> list[str]:
    """List the distinct known cells of a column of texts, in the order in which they first appear.

    >>> list_distinct(pd.Series(["b", None, "a", "b"]))
    ['b', 'a']
    """
    return [cell for cell in cells.unique().tolist() if isinstance(cell, str)]


def is_one_of(cells: pd.Series, texts: Collection[str]) -> pd.Series:
    """Return whether each text cell is one of the texts; False for a missing cell.

    The ``isin`` of pandas converts each of the texts to a value of Arrow: with the ids of a table, most of its time.

    >>> is_one_of(pd.Series(["t01", None, "t03"]), ["t01", "t02"]).tolist()
    [True, False, False]
    """
    known = frozenset(texts)
    return pd.Series([cell in known for cell in cells.tolist()], index=cells.index, dtype="bool")


def normalize_codes(cells: pd.Series) -> pd.Series:
    """Return :func:`normalize_code` of each cell; missing where no text remains."""
    return map_distinct(cells, lambda text: normalize_code(text) or None)


def normalize_sets(cells: pd.Series, separator: str = SET_SEPARATOR) -> pd.Series:
    """Return each cell as a set ``a|b``; missing where no code remains."""
    return map_distinct(cells, lambda text: SET_SEPARATOR.join(split_set(text, separator)) or None)


def parse_numbers(cells: pd.Series, decimal: str = ".", thousands: str = "") -> pd.Series:
    """Return each cell as float64, NaN where it holds no number (see :func:`parse_number`)."""
    return map_distinct(cells, lambda text: parse_number(text, decimal, thousands), "float64")


def parse_dates(cells: pd.Series, form: str | None = None) -> pd.Series:
    """Return each cell as a day, datetime64[s]; missing where it has neither the strptime ``form`` nor ISO 8601.

    The day is the one that is written. A time of day and a time zone after it change nothing.
    """
    codes, distinct = pd.factorize(cells)
    if not len(distinct):
        return pd.Series(pd.NaT, index=cells.index, dtype="datetime64[s]")
    days = _parse_distinct_dates(pd.Series(distinct, dtype="str").map(drop_invisible_characters).str.strip(), form)
    return pd.Series(days.reindex(codes).to_numpy("datetime64[s]"), index=cells.index)


def mask_missing_codes(cells: pd.Series, missing: Iterable[str], decimal: str = ".", thousands: str = "") -> pd.Series:
    """Return the cells, missing where one is a code for missing, compared as text and as a number (99 is 99.0)."""
    codes = {normalize_code(code) for code in missing}
    values = {value for value in map(parse_number, codes) if not math.isnan(value)}
    found = [
        text
        for text in (list_distinct(cells) if codes else ())
        if normalize_code(text) in codes or (values and parse_number(text, decimal, thousands) in values)
    ]
    return cells.mask(is_one_of(cells, found)) if found else cells


def compute_ages(birth_dates: pd.Series, on: dt.date) -> pd.Series:
    """Return ages on the day ``on``, in whole years; NaN where the date is missing, negative where it is later.

    >>> compute_ages(pd.Series(pd.to_datetime(["2000-06-16", "2000-06-15"])), dt.date(2026, 6, 15)).tolist()
    [25.0, 26.0]
    """
    month, day = birth_dates.dt.month, birth_dates.dt.day
    before_birthday = (month > on.month) | ((month == on.month) & (day > on.day))
    return pd.Series((on.year - birth_dates.dt.year - before_birthday).astype("float64"))


def _is_invisible(character: str) -> bool:
    category = unicodedata.category(character)
    return category == "Cf" or (category == "Cc" and not character.isspace())


@cache
def _compile_number(decimal: str, thousands: str) -> re.Pattern[str]:
    """Return the form of a number in one locale: plain digits, or groups of exactly three after the first."""
    marks = _SPACE_CHARACTERS if thousands in set(_SPACE_CHARACTERS) else thousands
    marks = _APOSTROPHES if thousands in set(_APOSTROPHES) else marks
    grouped = rf"[1-9][0-9]{{0,2}}(?:[{re.escape(marks)}][0-9]{{3}})+|" if thousands else ""
    part = rf"(?:{re.escape(decimal)}(?P<part>[0-9]*))?"
    return re.compile(rf"(?P<sign>[+-]?)(?=[0-9]|{re.escape(decimal)}[0-9])(?P<whole>{grouped}[0-9]*){part}"
                      r"(?:[eE](?P<power>[+-]?[0-9]+))?")  # fmt: skip


def _parse_distinct_dates(text: pd.Series, form: str | None) -> pd.Series:
    """Return the day of each text, missing where it has no known form."""
    if form is None:
        return _parse_iso_dates(text)
    if "%z" in form or "%Z" in form:
        days = pd.to_datetime(pd.Series([_parse_zoned_date(cell, form) for cell in text], dtype="object"))
    else:
        days = pd.to_datetime(text, format=form, errors="coerce").dt.normalize()
        if days.isna().any() and not _TIME_DIRECTIVE.search(form):
            without_time = text.str.replace(_TIME_OF_DAY, "", regex=True)
            days = days.fillna(pd.to_datetime(without_time, format=form, errors="coerce"))
    return days.fillna(_parse_iso_dates(text)) if days.isna().any() else days


def _parse_iso_dates(text: pd.Series) -> pd.Series:
    return pd.to_datetime(text.where(text.str.match(_ISO_DATE)).str[:10], format="%Y-%m-%d", errors="coerce")


def _parse_zoned_date(text: str, form: str) -> dt.date | None:
    """Return the day as written. Python knows few names of zones, so each word of the text is tried as one."""
    texts = [text, _HOURS_OF_ZONE.sub(r"\g<1>00", text)]
    if "%Z" in form:
        texts += [f"{text[: word.start()]}UTC{text[word.end() :]}" for word in _ZONE_NAME.finditer(text)]
    for one in texts:
        try:
            return dt.datetime.strptime(one, form).date()
        except ValueError:
            continue
    return None
