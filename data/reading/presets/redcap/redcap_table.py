"""The rows of a REDCap export by field, and the forms that were opened in each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import map_distinct, normalize_code
from attune_fit.data.clinic.columns import UNREADABLE_CELL
from attune_fit.data.reading.presets.identifying_names import is_identifying_name
from attune_fit.data.reading.presets.redcap.redcap_checkboxes import join_boxes, list_missing_choices, read_boxes
from attune_fit.data.reading.presets.redcap.redcap_dictionary import CHECKBOX, RedcapDictionary
from attune_fit.data.reading.presets.redcap.redcap_headers import (
    SURVEY_ID,
    RedcapColumn,
    has_label_headers,
    match_columns,
)
from attune_fit.data.reading.presets.redcap.redcap_values import NOT_COMPLETED, ValueReader, has_labels
from attune_fit.data.yes_no_marks import YES

if TYPE_CHECKING:
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.presets.redcap.redcap_mapping import WantedFields

STATES_NOT_OPENED = frozenset({"0", "0.0", "incomplete"})  # of a form; an opened one can have them too


@dataclass(frozen=True)
class RedcapTable:
    """The rows of an export, by field.

    Attributes
    ----------
    cells : DataFrame of object
        Text by header; None for what is not known. Empty text is a checkbox field without a checked box, on a form
        that was opened. Row labels are the row numbers of the file.
    opened : DataFrame of bool
        Whether each form was opened in each row, by form.
    finished : DataFrame of bool
        Whether each form was opened and, as a survey, is not left half filled in.
    forms : dict of str to str
        The form of each header; empty where it has none.
    record : str
        The header with the record's id.
    checkboxes : frozenset of str
        Headers of checkbox fields.
    identifying : tuple of str
        Headers that identify people, except those that ``clinic.toml`` maps to a column of Attune.
    """

    cells: pd.DataFrame
    opened: pd.DataFrame
    finished: pd.DataFrame
    forms: dict[str, str]
    record: str
    checkboxes: frozenset[str]
    identifying: tuple[str, ...]

    def get_key(self, name: str) -> pd.Series:
        """Return the event, the repeated form or the number of the repeat of each row; empty text without one."""
        if name not in self.cells:
            return pd.Series("", index=self.cells.index, dtype=object)
        return self.cells[name].where(self.cells[name].notna(), "")


def build_table(
    grid: pd.DataFrame, dictionary: RedcapDictionary, wanted: WantedFields, collector: FaultCollector
) -> RedcapTable:
    """Return the rows of an export by field.

    Parameters
    ----------
    grid : DataFrame of str
        All rows; the first one has the headers.
    dictionary : RedcapDictionary
        Without fields where the project's is not known.
    wanted : WantedFields
        What ``clinic.toml`` asks of each field.
    collector : FaultCollector
        Collects a warning about cells that are none of the choices of their field.
    """
    columns = match_columns(list(map(str, grid.iloc[0])), dictionary)
    body = grid.iloc[1:].set_axis(range(len(columns)), axis=1).astype(object)
    body = body.apply(_mask_blank_cells)
    record = _find_record(columns, dictionary)
    opened = _find_opened_forms(body, columns, record)
    headers = _choose_headers(columns, dictionary, wanted)
    twice = _find_headers_twice(headers, columns, wanted, collector)
    declared = list_missing_choices(columns, wanted.list_missing(""))
    reader = ValueReader(wanted, frozenset(declared), has_labels(body, columns), collector)
    parts: dict[str, pd.Series] = {}
    for place, (header, column) in enumerate(zip(headers, columns, strict=True)):
        if column.part != CHECKBOX:
            parts[header] = reader.read(body[place], header, column)
        elif header not in parts:
            places = [other for other, one in enumerate(headers) if one == header]
            parts |= _read_checkboxes(body, columns, places, header, opened, reader)
    forms = {header: column.form for header, column in zip(headers, columns, strict=True)}
    parts = {header: found for header, found in parts.items() if header not in twice}
    cells = pd.DataFrame(parts, index=body.index, dtype=object)
    forms = {header: forms.get(header, "") for header in parts}
    boxes = frozenset(header for header, column in zip(headers, columns, strict=True) if column.part == CHECKBOX)
    found = _list_identifying(headers, columns, wanted, headers[record])
    finished = opened & ~_find_open_surveys(body, columns, opened)
    return RedcapTable(cells, opened, finished, forms, headers[record], boxes, found)


def _mask_blank_cells(cells: pd.Series) -> pd.Series:
    return map_distinct(cells, lambda text: text if text.strip() else None, "object")


def _find_record(columns: Sequence[RedcapColumn], dictionary: RedcapDictionary) -> int:
    """Return the place of the record's id: the first field of the dictionary, else the first column."""
    first = dictionary.fields[0].name if dictionary.fields else columns[0].name
    return next((place for place, column in enumerate(columns) if column.name == first), 0)


def _find_opened_forms(body: pd.DataFrame, columns: Sequence[RedcapColumn], record: int) -> pd.DataFrame:
    """Return whether each form was opened in each row: it is more than incomplete, or a field of it has a value.

    Calculated fields are no sign, because REDCap fills them without anyone.
    """
    opened: dict[str, pd.Series] = {}
    for place, column in enumerate(columns):
        if not column.form or place == record or (column.field is not None and column.field.type == "calc"):
            continue
        cells = body[place]
        if column.part == "complete":
            is_sign = cells.notna() & ~cells.map(lambda text: normalize_code(str(text)) in STATES_NOT_OPENED)
        elif column.part == "timestamp":
            is_sign = cells.notna() & (cells != NOT_COMPLETED)
        elif column.part == CHECKBOX:
            is_sign = read_boxes(body, columns, [place])[column.choice] == YES
        else:
            is_sign = cells.notna()
        opened[column.form] = opened.get(column.form, False) | is_sign
    return pd.DataFrame(opened, index=body.index, dtype=bool)


def _find_open_surveys(body: pd.DataFrame, columns: Sequence[RedcapColumn], opened: pd.DataFrame) -> pd.DataFrame:
    """Return whether each form is a survey that the person did not submit: questions can be left, limits too."""
    is_open = opened & False
    for place, column in enumerate(columns):
        if column.part == "timestamp" and column.form in is_open:
            is_open[column.form] |= body[place] == NOT_COMPLETED
    return is_open


def _choose_headers(columns: Sequence[RedcapColumn], dictionary: RedcapDictionary, wanted: WantedFields) -> list[str]:
    """Return a header for each column, the same for all boxes of a field.

    As the file has them: variable names, or labels. Where ``clinic.toml`` names the other one, that one.
    """
    by_label = has_label_headers([column.header for column in columns], dictionary)
    labels = [field.label for field in dictionary.fields]
    headers: list[str] = []
    owners: dict[str, str] = {}
    for column in columns:
        label = column.field.label if column.field is not None else ""
        usual, other = column.name, label
        if by_label and column.part in ("field", CHECKBOX):
            usual, other = (label or column.name if column.part == CHECKBOX else column.header), column.name
        is_unique = labels.count(label) == 1
        is_wanted = other and is_unique and wanted.rank_header(other) > wanted.rank_header(usual)
        chosen = other if is_wanted else usual
        if owners.setdefault(chosen, column.name) != column.name:  # two fields with one label
            chosen = column.name
        headers.append(chosen)
    return headers


def _find_headers_twice(
    headers: Sequence[str], columns: Sequence[RedcapColumn], wanted: WantedFields, collector: FaultCollector
) -> set[str]:
    """Return the headers that more than one column has, so that these are not read: an error where one is named."""
    seen = Counter((header, one.part, one.choice) for header, one in zip(headers, columns, strict=True))
    twice = list(dict.fromkeys(header for (header, *_), count in seen.items() if count > 1))
    blank = {header for header in twice if not header.strip()}
    twice = [header for header in twice if header not in blank]
    named = [header for header in twice if wanted.is_named(header)]
    for header in named:
        fix = "Export the records with variable names as headers, or delete one of the columns."
        collector.add_error("redcap-header-twice", header, "the export has this header more than once", fix)
    others = [header for header in twice if header not in named]
    if others:
        message = f"{len(others)} headers are in the export more than once"  # not named: they could be cells
        fix = "Attune does not read them. Export the records with variable names as headers."
        collector.add_warning("redcap-headers-twice", "", message, fix)
    return {*twice, *blank}


def _read_checkboxes(
    body: pd.DataFrame,
    columns: Sequence[RedcapColumn],
    places: Sequence[int],
    header: str,
    opened: pd.DataFrame,
    reader: ValueReader,
) -> dict[str, pd.Series]:
    """Return a checkbox field as one set, and each of its boxes that ``clinic.toml`` names as yes or no."""
    first = columns[places[0]]
    boxes = read_boxes(body, columns, places)
    is_opened = opened[first.form] if first.form in opened else boxes.notna().any(axis=1)
    missing = list_missing_choices(columns, reader.wanted.list_missing(header))
    labels = reader.get_labels(header, first.field, boxes.columns)
    is_limit = reader.wanted.is_limit(header)
    cells = join_boxes(boxes, is_opened, missing, labels, reader.wanted.find_separator(header), is_limit=is_limit)
    is_bad = (boxes == UNREADABLE_CELL).any(axis=1)
    reader.report_unlisted(header, cells.index[(cells == UNREADABLE_CELL) & ~is_bad])
    reader.report_boxes(header, cells.index[is_bad])
    if is_limit and first.field is not None:
        reader.report_lacking_boxes(header, [one for one in first.field.choices if one not in boxes])
    named = {columns[place].header: columns[place].choice for place in places}
    alone = {
        box: boxes[choice].where(is_opened, None)
        for box, choice in named.items()
        if box != header and reader.wanted.is_named(box)
    }
    return {header: cells, **alone}


def _list_identifying(
    headers: Sequence[str], columns: Sequence[RedcapColumn], wanted: WantedFields, record: str
) -> tuple[str, ...]:
    found = []
    for header, column in zip(headers, columns, strict=True):
        of_name = column.part == "field" and (is_identifying_name(column.name) or is_identifying_name(header))
        is_identifying = of_name if column.field is None else column.field.is_identifying
        if (is_identifying or column.name == SURVEY_ID) and header != record:
            found.append(header)
    return tuple(one for one in dict.fromkeys(found) if not wanted.is_kept_though_identifying(one))
