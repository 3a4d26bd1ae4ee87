"""Headers of a REDCap export: what each column holds, by variable names or by labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.reading.presets.redcap.redcap_choices import find_code_of_suffix, normalize_label
from attune_fit.data.reading.presets.redcap.redcap_dictionary import CHECKBOX, RedcapDictionary, RedcapField
from attune_fit.data.reading.presets.redcap.redcap_eav import EVENT, REPEAT, REPEAT_FORM

Part = Literal["field", "checkbox", "complete", "timestamp", "other"]
GROUP, SURVEY_ID = "redcap_data_access_group", "redcap_survey_identifier"
_LABELS = {  # of columns that are no fields, in exports of labels
    "event name": EVENT,
    "repeat instrument": REPEAT_FORM,
    "repeat instance": REPEAT,
    "data access group": GROUP,
    "survey identifier": SURVEY_ID,
}
TIMESTAMP_LABEL = "survey timestamp"
_COMPLETE = re.compile(r"complete\?(?:[_.]\d+)?")  # a program numbers headers that occur again
_BOX_NAME = re.compile(r"(.+?)___(.+)")
_BOX_LABEL = re.compile(r"(.*)\(choice=(.*)\)", re.DOTALL)
_FORM_COLUMNS: dict[str, Part] = {"_complete": "complete", "_timestamp": "timestamp", "_return_code": "other"}


@dataclass(frozen=True)
class RedcapColumn:
    """One column of an export.

    Attributes
    ----------
    header : str
        As the file spells it.
    part : {"field", "checkbox", "complete", "timestamp", "other"}
        ``complete`` is the state of a form, ``timestamp`` the time of a survey.
    name : str
        The variable name; of a checkbox, that of its field. Where it is not known, the header.
    form : str
        The form; empty where it is not known.
    field : RedcapField or None
        The row of the dictionary; None where it has none.
    choice : str
        Of a checkbox: its code. Without a dictionary, the end of the header.
    """

    header: str
    part: Part
    name: str
    form: str = ""
    field: RedcapField | None = None
    choice: str = ""


def match_columns(headers: Sequence[str], dictionary: RedcapDictionary) -> list[RedcapColumn]:
    """Return what each column of an export holds, in the order of the file."""
    if has_label_headers(headers, dictionary):
        return _fill_forms(list(_recognize_labels(headers, dictionary)))
    return _fill_forms([_recognize_name(header, dictionary) for header in headers])


def has_label_headers(headers: Sequence[str], dictionary: RedcapDictionary) -> bool:
    """Return whether the headers are labels of fields, not variable names."""
    codes = [normalize_code(header) for header in headers]
    if any(_BOX_LABEL.fullmatch(code) for code in codes) or any(_COMPLETE.fullmatch(code) for code in codes):
        return True
    names, labels = dictionary.by_name, {normalize_code(field.label) for field in dictionary.fields}
    is_name = [code in names or _BOX_NAME.fullmatch(code) or code.endswith(tuple(_FORM_COLUMNS)) for code in codes]
    return not any(is_name) and sum(code in labels for code in codes) > 0


def _recognize_name(header: str, dictionary: RedcapDictionary) -> RedcapColumn:
    code = normalize_code(header)
    fields = dictionary.by_name
    if code in fields:
        return RedcapColumn(header, "field", code, fields[code].form, fields[code])
    box = _BOX_NAME.fullmatch(code)
    if box is not None:
        field = fields.get(box[1])
        found = None if field is None else find_code_of_suffix(box[2], field.choices)
        return RedcapColumn(header, "checkbox", box[1], "" if field is None else field.form, field, found or box[2])
    for ending, part in _FORM_COLUMNS.items():
        form = code.removesuffix(ending)
        if form != code and (form in dictionary.forms or not dictionary.fields):
            return RedcapColumn(header, part, code, form)
    return RedcapColumn(header, "other" if code.startswith("redcap_") else "field", code)


def _recognize_labels(headers: Sequence[str], dictionary: RedcapDictionary) -> Iterator[RedcapColumn]:
    """Yield the columns of an export with labels as headers, whose fields are in the order of the dictionary."""
    fields, start, form, number = dictionary.fields, 0, "", 0
    for header in headers:
        code = normalize_code(header)
        box = _BOX_LABEL.fullmatch(header)
        if code in _LABELS:
            yield RedcapColumn(header, "other", _LABELS[code])
        elif code == TIMESTAMP_LABEL:
            yield RedcapColumn(header, "timestamp", header)
        elif _COMPLETE.fullmatch(code):
            number += 1
            form = form or f"form_{number}"
            yield RedcapColumn(header, "complete", f"{form}_complete", form)
            form = ""
        else:
            wanted = normalize_code(normalize_label(box[1] if box else header))
            place = _find_label(fields, wanted, start, is_box=box is not None)
            field = None if place is None else fields[place]
            form = form if field is None else field.form
            if place is not None:
                start = place if box else place + 1
            name = field.name if field else (normalize_label(box[1]) if box else header)
            choice = _find_choice(box[2], field) if box else ""
            yield RedcapColumn(header, "checkbox" if box else "field", name, field.form if field else "", field, choice)


def _find_label(fields: Sequence[RedcapField], label: str, start: int, *, is_box: bool) -> int | None:
    """Return the place of the field with a label: the next one in the dictionary, else any."""
    places = [*range(start, len(fields)), *range(start)]
    fits = (place for place in places if (fields[place].type == CHECKBOX) == is_box)
    return next((place for place in fits if normalize_code(fields[place].label) == label), None)


def _find_choice(text: str, field: RedcapField | None) -> str:
    """Return the code of a choice by its label; the label where the dictionary has no such choice."""
    label = normalize_code(normalize_label(text))
    choices = {} if field is None else field.choices
    return next((code for code, one in choices.items() if normalize_code(one) == label), normalize_label(text))


def _fill_forms(columns: list[RedcapColumn]) -> list[RedcapColumn]:
    """Return the columns with their forms: without a dictionary, a form ends with the column of its state."""
    filled, later = list(columns), ""
    for place in range(len(columns) - 1, -1, -1):
        column = columns[place]
        later = column.form or later
        is_of_record = place == 0 or column.name.startswith("redcap_")
        if not column.form and not is_of_record and column.part in ("field", "checkbox", "timestamp"):
            filled[place] = replace(column, form=later)
        if column.part == "timestamp":  # a form begins with it
            name = f"{filled[place].form}_timestamp"
            filled[place] = replace(filled[place], name=name)
            later = ""
    return filled
