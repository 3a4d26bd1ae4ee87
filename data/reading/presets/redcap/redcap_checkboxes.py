"""Checkboxes of REDCap: one column for each box becomes one set, and what is not known stays unknown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

import pandas as pd

from attune_fit.data.cell_parsing import map_distinct, normalize_code
from attune_fit.data.clinic.columns import UNREADABLE_CELL
from attune_fit.data.reading.presets.redcap.redcap_choices import MISSING_CODES, build_suffix
from attune_fit.data.reading.presets.redcap.redcap_headers import RedcapColumn
from attune_fit.data.yes_no_marks import NO, YES, YES_NO_MARKS, parse_mark


def read_boxes(body: pd.DataFrame, columns: Sequence[RedcapColumn], places: Sequence[int]) -> pd.DataFrame:
    """Return ``yes`` or ``no`` for each box of one field, by choice; None where the cell is blank.

    Raw exports write 1 and 0, exports of labels write `Checked` and `Unchecked`, or the label and nothing.
    """
    boxes = {}
    for place in places:
        column = columns[place]
        label = "" if column.field is None else column.field.choices.get(column.choice, "")
        own = {normalize_code(text): YES for text in (label, column.choice) if text not in ("", "0")}
        marks = {**own, **YES_NO_MARKS}
        boxes[column.choice] = map_distinct(body[place], partial(parse_mark, marks=marks), "object")
    return pd.DataFrame(boxes, index=body.index, dtype=object)


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
    boxes: pd.DataFrame, is_opened: pd.Series, missing: Collection[str], labels: dict[str, str], separator: str
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

    Returns
    -------
    Series of object
        None where the answer is not known: the form was never opened, its boxes are blank where others have a no, or
        a code for missing data is checked. Empty text where no box is checked, which is an answer.
    """
    is_yes = boxes == YES
    has_no = bool((boxes == NO).any(axis=None))
    cells: list[str | None] = []
    blanks = boxes.isna().all(axis=1).to_numpy()
    names = list(map(str, boxes.columns))
    for checked, is_blank, opened in zip(is_yes.to_numpy().tolist(), blanks, is_opened.to_numpy(), strict=True):
        choices = [choice for choice, one in zip(names, checked, strict=True) if one]
        if any(choice in missing for choice in choices) or not opened or (is_blank and has_no):
            cells.append(None)
        elif all(choice in labels for choice in choices):
            cells.append(separator.join(labels[choice] for choice in choices))
        else:
            cells.append(UNREADABLE_CELL)
    return pd.Series(cells, index=boxes.index, dtype=object)
