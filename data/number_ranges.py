"""Ranges of numbers as people write them in a cell: `40-60`, `65-`, `>=10`, `<=45`, `7`."""

from __future__ import annotations

import math
import re

_NUMBER = r"-?\d+(?:\.\d+)?"
_DASHES = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
)  # as programs and people write a dash
_RANGE = re.compile(
    rf"^\s*(?:(?P<sign>>=|<=)\s*(?P<bound>{_NUMBER})|(?P<low>{_NUMBER})\s*(?P<dash>-|\+(?=\s*$))?\s*(?P<high>{_NUMBER})?)\s*$",
    re.ASCII,
)


def parse_range(text: str) -> tuple[float, float]:
    """Return the lowest and highest number a range allows, both included; infinite where it has no limit.

    Any dash is a hyphen, and `65+` is `65-`.

    >>> parse_range("40-60"), parse_range("65+"), parse_range(">=10"), parse_range("<=45"), parse_range("7")
    ((40.0, 60.0), (65.0, inf), (10.0, inf), (-inf, 45.0), (7.0, 7.0))

    Raises
    ------
    ValueError
        If the text has none of these forms, or the larger number comes first.
    """
    match = _RANGE.match(text.translate(_DASHES).replace("\u2265", ">=").replace("\u2264", "<="))
    if not match or (match["high"] and not match["dash"]):
        raise ValueError("write a number, `40-60`, `65-`, `>=10` or `<=45`")
    if match["sign"]:
        bound = float(match["bound"])
        return (bound, math.inf) if match["sign"] == ">=" else (-math.inf, bound)
    low = float(match["low"])
    if not match["dash"]:
        return low, low
    high = float(match["high"]) if match["high"] else math.inf
    if high < low:
        raise ValueError("write the smaller number first")
    return low, high


def is_range(text: str, low: float = -math.inf, high: float = math.inf) -> bool:
    """Return whether :func:`parse_range` can read the text, and no bound is below ``low`` or above ``high``.

    >>> is_range("18-64"), is_range("adults"), is_range("-17", low=0), is_range("1017", high=110)
    (True, False, False, False)
    """
    try:
        bounds = parse_range(text)
    except ValueError:
        return False
    return all(math.isinf(bound) or low <= bound <= high for bound in bounds)
