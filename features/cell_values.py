"""Cells of a column as what features compare: numbers, texts, or sets of codes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats

UNIX_EPOCH = pd.Timestamp(1970, 1, 1)


def convert_to_numbers(cells: pd.Series) -> Floats:
    """Return every cell as a number, shape (rows,): dates as days since 1970; NaN where not a finite number.

    >>> convert_to_numbers(pd.Series(["1.5", "many", None]))
    array([1.5, nan, nan])
    """
    if pd.api.types.is_datetime64_any_dtype(cells):
        return np.asarray((cells - UNIX_EPOCH) / pd.Timedelta(days=1), dtype=np.float64)
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def has_decimal_commas(cells: pd.Series) -> bool:
    """Return whether most known cells are numbers with a decimal comma, such as ``3,5`` or ``4``.

    >>> has_decimal_commas(pd.Series(["3,5", "4", None])), has_decimal_commas(pd.Series(["3", "none"]))
    (True, False)
    """
    known = cells.dropna().astype("str").str.strip()
    is_comma = known.str.fullmatch(r"[-+]?\d+,\d+")
    return bool(is_comma.any()) and bool((is_comma | known.str.fullmatch(r"[-+]?\d+")).mean() > 0.5)


def convert_to_texts(cells: pd.Series) -> pd.Series:
    """Return every cell as text; unknown stays unknown, and 1 and 1.0 give the same text.

    >>> convert_to_texts(pd.Series([1.0, np.nan])).tolist(), convert_to_texts(pd.Series([True, False])).tolist()
    (['1', nan], ['true', 'false'])
    """
    if pd.api.types.is_bool_dtype(cells):
        return cells.map({True: "true", False: "false"}).astype("str")
    if pd.api.types.is_numeric_dtype(cells):
        return cells.map("{:.15g}".format, na_action="ignore").astype("str")
    return cells.astype("str")


def explode_codes(cells: pd.Series) -> pd.Series:
    """Return the distinct codes of each row, indexed by row number, in the order of the cell.

    >>> list(explode_codes(pd.Series(["grief|stress", None, "grief"])).items())
    [(0, 'grief'), (0, 'stress'), (2, 'grief')]
    """
    numbers, texts = pd.factorize(convert_to_texts(cells))  # each distinct text is split once
    lists = [[code for code in dict.fromkeys(text.split("|")) if code] for text in texts]
    lengths = np.array([len(codes) for codes in lists], dtype=np.intp)
    rows = np.flatnonzero(numbers >= 0)
    numbers = numbers[rows]
    counts = lengths[numbers]
    first_of_text, first_of_row = np.cumsum(lengths) - lengths, np.cumsum(counts) - counts
    positions = np.repeat(first_of_text[numbers] - first_of_row, counts)
    positions += np.arange(len(positions))
    codes = pd.array([code for codes in lists for code in codes], dtype="str")
    return pd.Series(codes.take(positions), index=np.repeat(rows, counts), name="code")


def build_indicator_matrix(codes: pd.Series, columns: pd.Index, rows: int) -> Floats:
    """Return 1 where a row holds a code, else 0.

    Parameters
    ----------
    codes : Series
        From :func:`explode_codes`.
    columns : Index
        The codes to look for; other codes are ignored.
    rows : int
        Rows of the table.

    Returns
    -------
    array of shape (rows, len(columns))
    """
    matrix = np.zeros((rows, len(columns)))
    position = columns.get_indexer(pd.Index(codes))
    is_wanted = position >= 0
    matrix[codes.index.to_numpy(np.intp)[is_wanted], position[is_wanted]] = 1.0
    return matrix
