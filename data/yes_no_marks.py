"""Marks that mean yes or no, as people and programs write them: one row for each mark."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from attune_fit.data.cell_parsing import normalize_code, parse_number

YES, NO = "yes", "no"

YES_NO_MARKS: dict[str, str] = {
    # words
    **dict.fromkeys(("yes", "y", "true", "t", "on", "x", "checked", "ticked", "marked", "selected"), YES),
    **dict.fromkeys(("no", "n", "false", "f", "off", "unchecked", "not checked", "unticked", "not ticked"), NO),
    **dict.fromkeys(("unmarked", "not marked", "unselected", "not selected"), NO),
    # numbers; 1.0 and 0.0 are compared as numbers
    "1": YES,
    "0": NO,
    # other languages
    **dict.fromkeys(("ja", "j", "oui", "si", "s\u00ed", "sim", "wahr", "vrai"), YES),
    **dict.fromkeys(("nein", "non", "nee", "n\u00e3o", "falsch", "faux"), NO),
    # signs: check marks and checked boxes, then crosses and empty boxes
    **dict.fromkeys("\u2713\u2714\u2611\u2705", YES),
    **dict.fromkeys("\u2717\u2718\u274c\u2610\u25a1", NO),
}
SLOT_MARKS: dict[str, str] = {  # in the column of one weekly slot, where an empty cell is a no
    "available": YES,
    "free": YES,
    **dict.fromkeys(("-", "--", "\u2013", "\u2014", "unavailable", "not available", "busy"), NO),
}

CLEAR_YES_MARKS = frozenset(("yes", "y", "true", "ja", "oui", "wahr", "vrai", "checked", "ticked", "\u2713", "\u2714",
                             "\u2611", "\u2705"))  # fmt: skip


def has_only_marks(codes: Iterable[str]) -> bool:
    """Return whether codes are all marks for yes and no, and one of them is clearly a yes.

    `F` and `X` can be genders, and `ON` and `NO` places: without a clear yes they are no marks.

    >>> has_only_marks(["Y", "1", "true"]), has_only_marks(["f", "x"]), has_only_marks(["yes", "sometimes"])
    (True, False, False)
    """
    marks = {normalize_code(code) for code in codes}
    return not marks.isdisjoint(CLEAR_YES_MARKS) and all(parse_mark(mark, YES_NO_MARKS) for mark in marks)


def list_marks(own: Iterable[str] = (), more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the meaning of Attune's marks, and ``more`` of them, without the words to which a clinic gives its own.

    Where one of the clinic's ``own`` words is a number, 1 and 0 are left out too: among 1 and 2, a 0 is no answer.

    >>> list_marks(["2", "1"]).get("0"), list_marks(["sure"]).get("0")
    (None, 'no')
    """
    words = set(own)
    has_numbers = any(not math.isnan(parse_number(word)) for word in words)
    return {
        mark: meaning
        for mark, meaning in {**YES_NO_MARKS, **(more or {})}.items()
        if mark not in words and not (has_numbers and not math.isnan(parse_number(mark)))
    }


def parse_mark(text: str, marks: Mapping[str, str]) -> str | None:
    """Return ``yes`` or ``no``, or None where the text is none of the marks; compared as text, then as a number.

    >>> [parse_mark(text, YES_NO_MARKS) for text in ("TRUE", "1.0", "Unchecked", "perhaps")]
    ['yes', 'yes', 'no', None]
    """
    meaning = marks.get(normalize_code(text))
    if meaning is not None:
        return meaning
    numbers = {parse_number(text), parse_number(text, ",")} - {math.nan}  # 1,0 is 1 too
    return next((marks[mark] for mark in marks if parse_number(mark) in numbers), None)
