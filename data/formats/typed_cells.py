"""Text of typed cells, as a clinic would write them in a CSV file; and the type that a text shows."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from attune_fit.data.cell_parsing import SET_SEPARATOR

_VALUE = re.compile(r"(?:\W|_)*\d[\W\d_]*(?:[ap]\.?m\.?\W*)?", re.IGNORECASE)  # number, date, time, telephone
_DATE_IN_WORDS = re.compile(r"\d{1,2}\.? [^\W\d]+\.? \d{2,4}|[^\W\d]+ \d{1,2},? \d{4}|\d{4}-\d\d-\d\d[T ].*")
_ADDRESS = re.compile(r"\S+@\S+\.\S+|https?://.*", re.IGNORECASE)


def is_value(text: str) -> bool:
    """Return whether a text is a number, a date, a time, a telephone number or an address, not a word.

    >>> [is_value(text) for text in ("1990-02-03", "0501 555 0100", "12,5 %", "a@b.org", "grief", "Item 3", "")]
    [True, True, True, True, False, False, False]
    """
    return any(form.fullmatch(text.strip()) for form in (_VALUE, _DATE_IN_WORDS, _ADDRESS))


def format_cell(cell: Any, decimal: str = ".") -> str:
    """Return a typed cell as text.

    A whole number has no decimals, a date is ISO 8601, and a duration is written in hours, minutes and seconds. Bytes
    are text in UTF-8. A list is a set. A cell without a value is empty text.

    Parameters
    ----------
    cell : object
        A cell of a workbook, a Parquet file or a file of a statistics program.
    decimal : str
        The decimal mark of the column, which reads the text afterwards.

    Examples
    --------
    >>> import datetime as dt
    >>> [format_cell(cell) for cell in ("0012", 12.0, True, None, dt.date(2026, 5, 20), ["a", "b"])]
    ['0012', '12', 'yes', '', '2026-05-20', 'a|b']

    >>> format_cell(12.5, ","), format_cell(dt.timedelta(hours=30, minutes=5))
    ('12,5', '30:05:00')
    """
    if isinstance(cell, str):
        return str(cell)
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "backslashreplace")
    import numpy as np
    import pandas as pd

    if isinstance(cell, list | tuple | np.ndarray):
        return SET_SEPARATOR.join(format_cell(member, decimal) for member in cell)
    if cell is None or pd.isna(cell):
        return ""
    if isinstance(cell, bool | np.bool_):
        return "yes" if cell else "no"
    if isinstance(cell, float | np.floating):
        return str(int(cell)) if float(cell).is_integer() else repr(float(cell)).replace(".", decimal)
    if isinstance(cell, dt.timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)
