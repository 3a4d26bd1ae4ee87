"""Checkboxes of a form, one column for each choice: they become one column with a set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR, normalize_code
from attune_fit.data.yes_no_marks import NO, YES, YES_NO_MARKS, parse_mark

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping

OTHER = "other"  # member of a set for an answer in the person's own words
HIDDEN = "N/A"  # what LimeSurvey writes for a question that a condition hides
_NOT_SHOWN = frozenset({normalize_code(HIDDEN)})


def join_choices(
    cells: pd.DataFrame, choices: Mapping[str, str], is_yes: Callable[[str, str], bool] | None = None
) -> pd.Series:
    """Return the choices with a yes in each row as one set.

    Parameters
    ----------
    cells : DataFrame
        Text; empty text for an empty cell.
    choices : mapping of str to str
        Header of each choice = the member that it adds.
    is_yes : callable, optional
        ``is_yes(cell, member)``: whether a cell that is not empty is a yes. Default: each such cell is.

    Returns
    -------
    Series of str
        Members joined by ``|``. Empty text where no choice has a yes: what a person who was not asked wants is not
        known, and such a row looks the same.
    """
    rows = zip(*(cells[header] for header in choices), strict=True)
    members = [member.replace(SET_SEPARATOR, "/") for member in choices.values()]
    names = list(choices.values())
    sets = [
        SET_SEPARATOR.join(
            dict.fromkeys(
                member
                for member, name, cell in zip(members, names, row, strict=True)
                if cell.strip() and (is_yes is None or is_yes(cell, name))
            )
        )
        for row in rows
    ]
    return pd.Series(sets, index=cells.index, dtype="str")


def is_marked(cell: str, member: str) -> bool:
    """Return whether a mark means yes; any text is one for an answer in own words."""
    if normalize_code(cell) in _NOT_SHOWN:
        return False
    return member == OTHER or parse_mark(cell, YES_NO_MARKS) == YES


def find_hidden_rows(cells: pd.DataFrame, headers: Sequence[str]) -> pd.Series:
    """Return whether a condition hid the question with these choices in each row, so that none has an answer."""
    marks = cells[list(headers)].apply(lambda column: column.map(normalize_code))
    is_hidden: pd.Series = marks.isin(_NOT_SHOWN).any(axis=1) & marks.isin({"", *_NOT_SHOWN}).all(axis=1)
    return is_hidden


def has_checkbox_marks(cells: pd.DataFrame, headers: Sequence[str]) -> bool:
    """Return whether the columns hold marks for yes and no alone, and a word or letter for yes among them.

    Numbers alone can be answers to items: 0 and 1 are no checkboxes.
    """
    marks = {normalize_code(text) for header in headers for text in cells[header].unique()} - {"", *_NOT_SHOWN}
    meanings = {parse_mark(mark, YES_NO_MARKS) for mark in marks}
    return bool(marks) and meanings <= {YES, NO} and not all(mark.isdigit() for mark in marks)


def is_unmarked_question(cells: pd.DataFrame, headers: Sequence[str], question: str, mapping: TableMapping) -> bool:
    """Return whether the clinic maps a question whose checkboxes have no mark at all, such as limits of few people."""
    named = {normalize_code(column.header) for column in mapping.columns.values() if column.file is None}
    marks = {normalize_code(text) for header in headers for text in cells[header].unique()}
    return normalize_code(question) in named and marks <= {"", *_NOT_SHOWN}


def replace_columns(cells: pd.DataFrame, headers: Sequence[str], name: str, joined: pd.Series) -> pd.DataFrame:
    """Return the table with one column in place of several, where the first of these was."""
    place = min(cells.columns.get_indexer(pd.Index(headers)))
    kept = cells.drop(columns=list(headers))
    kept.insert(int(place), name, joined)
    return kept
