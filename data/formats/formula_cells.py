"""Text cells that a spreadsheet program would run as formulas: the apostrophe that makes them text, and back."""

from __future__ import annotations

import re

MARK = "'"  # at the start of a cell, a spreadsheet program shows the rest as text
FORMULA_STARTS = "=+-@\t\r"  # OWASP, CSV Injection: https://owasp.org/www-community/attacks/CSV_Injection
_RISKY = re.compile(f"{MARK}*[{re.escape(FORMULA_STARTS)}]")


def has_formula_start(text: str) -> bool:
    """Return whether a spreadsheet program can take a text cell for a formula, or reading it back needs the mark.

    >>> has_formula_start("=1+2"), has_formula_start("c-1"), has_formula_start("'=1")
    (True, False, True)
    """
    return _RISKY.match(text) is not None


def escape_formula(text: str) -> str:
    """Return a text cell with an apostrophe before it if it begins as a formula.

    A text that has the apostrophe already gets another, so that :func:`remove_formula_mark` can undo it exactly.

    >>> escape_formula("=1+2"), escape_formula("c-1"), escape_formula("'=1")
    ("'=1+2", 'c-1', "''=1")
    """
    return MARK + text if has_formula_start(text) else text


def remove_formula_mark(text: str) -> str:
    """Return a text cell without the apostrophe of :func:`escape_formula`; other text stays.

    >>> remove_formula_mark("'=1+2"), remove_formula_mark("=1+2"), remove_formula_mark("'s")
    ('=1+2', '=1+2', "'s")
    """
    return text[1:] if text.startswith(MARK) and has_formula_start(text) else text
