"""The two sides that a reason compares, as words: the columns of the client, and those of the therapist."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from attune_fit.app.desk.wording.code_words import (
    COLUMN_WORDS,
    STYLE_ENDS,
    format_code,
    format_codes,
    format_first_capital,
    format_long_wish,
    format_signed,
)

if TYPE_CHECKING:
    from attune_fit.matching.ranking.compared_fields import FieldPair, FieldValue

MOST_FIELDS = 4  # columns of one side that are named
MOST_CODES = 4  # codes of one cell that are named
SIGNED_ENDS = ("_preference", "_style")  # columns of numbers with a sign


class ComparedSide(NamedTuple):
    """One side of a reason.

    Attributes
    ----------
    label : str
        The column, or the side where several columns are read.
    text : str
        The cell, or the cells with their columns.
    """

    label: str
    text: str


def describe_side(pairs: Sequence[FieldPair], side: Literal["client", "therapist"]) -> ComparedSide | None:
    """Return one side of what a reason compares; None where it reads no column of this side.

    Examples
    --------
    >>> from attune_fit.matching.ranking.compared_fields import FieldPair
    >>> pairs = [FieldPair("warm_support_preference", -4.0, "warm_support_style", 8.0)]
    >>> describe_side(pairs, "client")
    ComparedSide(label='Warm support', text='−4')

    >>> pairs.append(FieldPair("past_focus_preference", 2.0, "past_focus_style", None))
    >>> describe_side(pairs, "therapist")
    ComparedSide(label='Therapist', text='warm support +8, past focus not known')
    """
    names, values = ("client_field", "client_value") if side == "client" else ("therapist_field", "therapist_value")
    cells = list(dict.fromkeys((getattr(one, names), getattr(one, values)) for one in pairs))
    cells = [cell for cell in cells if cell[0] is not None]
    if not cells:
        return None
    if len(cells) == 1:
        return ComparedSide(format_first_capital(format_column(cells[0][0])), format_cell(*cells[0]))
    more = f" and {len(cells) - MOST_FIELDS} more" if len(cells) > MOST_FIELDS else ""
    texts = [f"{format_column(name)} {format_cell(name, value)}" for name, value in cells[:MOST_FIELDS]]
    return ComparedSide(format_first_capital(side), ", ".join(texts) + more)


def format_column(name: str) -> str:
    """Return the name of a column as words; both sides of a style scale have the same words.

    >>> format_column("warm_support_preference"), format_column("preferences"), format_column("orientations")
    ('warm support', 'wish', 'approach')
    """
    if name in COLUMN_WORDS:
        return COLUMN_WORDS[name]
    for end in SIGNED_ENDS:
        name = name.removesuffix(end)
    return format_code(name)


def format_cell(name: str, value: FieldValue) -> str:
    """Return a cell as words: styles with their sign, codes as a list.

    >>> format_cell("past_focus_style", 0.0), format_cell("specialties", ("a", "b")), format_cell("age", None)
    ('0', 'a, b', 'not known')

    >>> format_cell("specialties", ()), format_cell("preferences", "prefer gender: woman")
    ('none', 'gender: woman')
    >>> format_cell("updated_on", "2026-06-01"), format_cell("directiveness", 7.0)
    ('1 June 2026', '+7')
    """
    if value == ():
        return "none"
    if name == "preferences" and (wish := re.fullmatch(r"(\w+) (\w+): (.*)", str(value))):
        return format_long_wish(wish[2], wish[3], wish[1])
    if isinstance(value, int | float) and (name in STYLE_ENDS or name.endswith(SIGNED_ENDS)):
        return format_signed(value)
    if isinstance(value, str) and (day := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", value)):
        return f"{int(day[3])} {month_name[int(day[2])]} {day[1]}"
    return format_codes(value, most=MOST_CODES)
