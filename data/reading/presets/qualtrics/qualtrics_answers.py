"""Questions of Qualtrics with several answers: columns for each choice become one set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from attune_fit.data.cell_parsing import list_distinct, normalize_code
from attune_fit.data.reading.presets.qualtrics.qualtrics_headers import QualtricsColumn

NOT_ANSWERED = "-99"  # of a question that was seen and not answered, where the export writes one
_NOT_CHOSEN = frozenset({"0", NOT_ANSWERED})
_DASH = " - "


def list_split_questions(columns: Sequence[QualtricsColumn], cells: pd.DataFrame) -> dict[str, list[int]]:
    """Return the places of the columns of each question with several answers, by the name of the question.

    Qualtrics names the choice in the third header row. Without that row, each cell of such a column is the text of its
    choice: a column with numbers can be an item of a scale.

    Parameters
    ----------
    columns : sequence of QualtricsColumn
    cells : DataFrame of str
        The answers, with a column for each of ``columns``, numbered from 0.
    """
    groups: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        name = _find_question_name(column)
        if name and (column.choice or _has_own_text_only(column, cells[place])):
            groups.setdefault(name, []).append(place)
    taken = {normalize_code(column.name) for column in columns}
    return {name: places for name, places in groups.items() if len(places) > 1 and normalize_code(name) not in taken}


def join_answers(columns: Sequence[QualtricsColumn], cells: pd.DataFrame, places: Sequence[int]) -> pd.Series:
    """Return the chosen answers of a question as a set with ``|``, by the texts of its choices.

    Empty text where none is chosen: then it is not known whether the question was seen.
    """
    texts = {place: _find_choice_text(columns[place]) for place in places}

    def join(row: Iterable[object]) -> str:
        chosen = [
            texts[place] or str(cell)
            for place, cell in zip(places, row, strict=True)
            if str(cell).strip() and str(cell).strip() not in _NOT_CHOSEN
        ]
        return "|".join(text.replace("|", "/") for text in chosen)

    rows = cells[list(places)].to_numpy(dtype=object)
    return pd.Series([join(row) for row in rows], index=cells.index, dtype=object)


def _find_question_name(column: QualtricsColumn) -> str:
    """Return the name of the question of a column such as ``Q5_1``; empty for another name, and for written text."""
    name, mark, number = column.name.rpartition("_")
    return name if mark and number and number != "TEXT" else ""


def _has_own_text_only(column: QualtricsColumn, cells: pd.Series) -> bool:
    """Return whether each cell is empty or the text of the choice of the column."""
    text = normalize_code(_find_choice_text(column))
    known = [normalize_code(cell) for cell in list_distinct(cells) if cell.strip() not in ("", *_NOT_CHOSEN)]
    return bool(known) and all(cell == text for cell in known)


def find_question_text(column: QualtricsColumn) -> str:
    """Return the text of the question of a column with one choice, without the choice after the last dash."""
    return column.text.rpartition(_DASH)[0].strip() or column.text


def _find_choice_text(column: QualtricsColumn) -> str:
    """Return the text of the choice, after the last dash of the question's text; empty where there is none."""
    return column.text.rpartition(_DASH)[2].strip() if _DASH in column.text else ""
