"""Checkboxes of REDCap: one column for each box becomes one set, and what is not known stays unknown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

import pandas as pd

from attune_fit.data.cell_parsing import list_distinct, map_distinct, normalize_code
from attune_fit.data.clinic.columns import UNREADABLE_CELL
from attune_fit.data.reading.presets.redcap.redcap_choices import MISSING_CODES, build_suffix
from attune_fit.data.reading.presets.redcap.redcap_headers import RedcapColumn
from attune_fit.data.yes_no_marks import NO, YES, YES_NO_MARKS, parse_mark


def read_boxes(body: pd.DataFrame, columns: Sequence[RedcapColumn], places: Sequence[int]) -> pd.DataFrame:
    """Return ``yes`` or ``no`` for each box of one field, by choice; None where the cell is blank.

    Raw exports write 1 and 0, exports of labels write `Checked` and `Unchecked`, or the label and nothing. Another text
    is UNREADABLE_CELL: it is not known to be a no.
    """
    labels = {place: _list_own_marks(columns[place]) for place in places}
    texts = {place: set(map(normalize_code, list_distinct(body[place].dropna()))) for place in places}
    has_labels = all(texts[place] <= labels[place].keys() for place in places)  # a label can be `No`
    has_labels &= any(text not in YES_NO_MARKS for found in texts.values() for text in found)
    boxes = {}
    for place in places:
        marks = {**YES_NO_MARKS, **labels[place]} if has_labels else {**labels[place], **YES_NO_MARKS}
        boxes[columns[place].choice] = map_distinct(body[place], partial(_read_box, marks=marks), "object")
    return pd.DataFrame(boxes, index=body.index, dtype=object)


def _list_own_marks(column: RedcapColumn) -> dict[str, str]:
    label = "" if column.field is None else column.field.choices.get(column.choice, "")
    return {normalize_code(text): YES for text in (label, column.choice) if text not in ("", "0")}


def _read_box(text: str, marks: dict[str, str]) -> str:
    return parse_mark(text, marks) or UNREADABLE_CELL


def list_missing_choices(columns: Sequence[RedcapColumn], declared: Collection[str]) -> set[str]:
    """Return the ends of headers of boxes with codes of missing data, not with choices of their field.

    REDCap writes such a box, as `race___unk`, for a code that the project declares. ``declared`` are the codes of
    ``clinic.toml``.
    """
    suffixes = {build_suffix(code) for code in declared}
    return {
        column.choice
        for column in columns
        if column.part == "checkbox"
        and (column.choice in suffixes or (column.field is not None and column.choice in MISSING_CODES))
        and (column.field is None or column.choice not in column.field.choices)
    }


def join_boxes(
    boxes: pd.DataFrame,
    is_opened: pd.Series,
    missing: Collection[str],
    labels: dict[str, str],
    separator: str,
    *,
    is_limit: bool,
) -> pd.Series:
    """Return the checked choices of one field as a set.

    Parameters
    ----------
    boxes : DataFrame of object
        From :func:`read_boxes`.
    is_opened : Series of bool
        Whether the form was opened.
    missing : collection of str
        Choices that mean that the answer is not known.
    labels : dict of str to str
        What to write for each choice; a checked box that it lacks cannot be read.
    separator : str
        Between the choices.
    is_limit : bool
        Whether an empty set means that there is no limit.

    Returns
    -------
    Series of object
        None where the answer is not known: the form was never opened, its boxes are blank where others have a no, or
        a code for missing data is checked. So it is where one box is blank next to a no, and no other is checked; of a
        limit, whatever the others are. Empty text where no box is checked, which is an answer. UNREADABLE_CELL where
        a box cannot be read.
    """
    is_yes = boxes == YES
    has_no = bool((boxes == NO).any(axis=None))
    are_blank = (boxes.isna().any(axis=1) & (boxes == NO).any(axis=1)).to_numpy()
    are_bad = (boxes == UNREADABLE_CELL).any(axis=1).to_numpy()
    cells: list[str | None] = []
    blanks = boxes.isna().all(axis=1).to_numpy()
    names = list(map(str, boxes.columns))
    states = (blanks & has_no) | ~is_opened.to_numpy(dtype=bool)
    for checked, is_unknown, is_part_blank, is_bad in zip(is_yes.to_numpy().tolist(), states, are_blank, are_bad,
                                                          strict=True):  # fmt: skip
        choices = [choice for choice, one in zip(names, checked, strict=True) if one]
        if is_bad:
            cells.append(UNREADABLE_CELL)
        elif is_unknown or any(one in missing for one in choices) or (is_part_blank and (is_limit or not choices)):
            cells.append(None)
        elif all(choice in labels for choice in choices):
            cells.append(separator.join(labels[choice] for choice in choices))
        else:
            cells.append(UNREADABLE_CELL)
    return pd.Series(cells, index=boxes.index, dtype=object)
