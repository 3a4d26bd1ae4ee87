"""The preset for Qualtrics: responses under one row of headers, without previews and without who answered."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code, normalize_text
from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.formats.delimited_text import UTF_16_BOMS
from attune_fit.data.formats.table_formats import find_format_to_read
from attune_fit.data.reading.presets.form_files import (
    FormFile,
    fill_answer_date,
    list_mapped_headers,
    read_form_file,
    select_cells,
)
from attune_fit.data.reading.presets.identifying_names import is_identifying_name
from attune_fit.data.reading.presets.preset import Preset, PresetInput, PresetTable, drop_identifying_columns
from attune_fit.data.reading.presets.qualtrics import qualtrics_headers as headers
from attune_fit.data.reading.presets.qualtrics.qualtrics_answers import (
    NOT_ANSWERED,
    find_question_text,
    join_answers,
    list_split_questions,
)
from attune_fit.data.reading.presets.qualtrics.qualtrics_headers import QualtricsColumn
from attune_fit.data.reading.rows.header_match import find_header, list_known_headers
from attune_fit.data.reading.rows.table_files import find_file
from attune_fit.data.yes_no_marks import NO, YES_NO_MARKS, parse_mark

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping

_NUMBERS = re.compile(r"\d+(?:,\d+)*")
HEAD_BYTES = 200_000  # in which the header rows of an export are
PREVIEWS = frozenset({"1", "2", "9", "17", "survey preview", "survey test", "offline preview", "preview", "test"})
SPAM = frozenset({"8", "12", "40", "spam", "possible spam", "possible spam?"})


def read_qualtrics(
    source: PresetInput, table: str, mapping: TableMapping, collector: FaultCollector
) -> PresetTable | None:
    """Return one table from an export of Qualtrics.

    Parameters
    ----------
    source : PresetInput
        It has the clinic folder.
    table : str
        The canonical table.
    mapping : TableMapping
        The clinic's lines.
    collector : FaultCollector
        Collects errors and warnings: previews are left out, and responses that are not finished are named.

    Returns
    -------
    PresetTable or None
        None where the table has no file, or after an error.
    """
    count = len(collector.files)
    form = _read_file(source.folder, table, mapping, collector)
    if form is None:
        return None
    found = headers.find_headers(form.grid)
    if found is None:
        message = "the file is no export of Qualtrics: no row has its `ImportId`, nor a column `ResponseId`"
        fix = "Export the responses again as CSV, TSV or Excel, with all their header rows; or remove `source`."
        collector.add_error("qualtrics-headers-not-found", "", message, fix)
        return None
    columns, body = found
    collector.files[count:] = [file._replace(rows=len(body)) for file in collector.files[count:]]
    body = _drop_previews(columns, body.set_axis(range(len(columns)), axis=1), collector)
    cells, is_split = _build_cells(columns, body, mapping, table)
    _report_unsure_responses(columns, body, _find_people(cells, table, mapping), collector)
    names = [*headers.IDENTIFYING, *(str(one) for one in cells.columns if is_identifying_name(str(one)))]
    cells, dropped = drop_identifying_columns(cells, names, table, mapping)
    day = fill_answer_date(cells, (headers.RECORDED, headers.ENDED), table, mapping, "Qualtrics", collector)
    keys = {**form.keys, **_list_keys(cells, is_split=is_split)}
    lines = {**_list_sets(cells, mapping), **_list_ids(table, cells), **day}
    return PresetTable(cells, lines, keys, dropped)


def list_questions(folder: Path, table: str, mapping: TableMapping) -> dict[str, str]:
    """Return the text of each question of an export, by its header; empty where the file cannot be read.

    ``folder`` is the clinic folder; the other parameters are those of :func:`read_qualtrics`. A question with a column
    for each choice has its own text without the choice under the name of the question.
    """
    form = _read_file(folder, table, mapping, FaultCollector(table))
    found = None if form is None else headers.find_headers(form.grid)
    if found is None:
        return {}
    columns, body = found
    texts = dict(zip(headers.list_names(columns), (column.text for column in columns), strict=True))
    groups = list_split_questions(columns, body.set_axis(range(len(columns)), axis=1))
    return {**{name: find_question_text(columns[places[0]]) for name, places in groups.items()}, **texts}


def _read_file(folder: Path, table: str, mapping: TableMapping, collector: FaultCollector) -> FormFile | None:
    """Return the cells of the file of a table; None without a file, or after an error."""
    path = find_file(folder, table, mapping.file, FaultCollector(table))
    return read_form_file(folder, table, mapping if path is None else _set_encoding(path, mapping), collector)


def _set_encoding(path: Path, mapping: TableMapping) -> TableMapping:
    """Return the mapping with UTF-16, in which Qualtrics writes tabs, where the file begins as such and names none."""
    if "encoding" in mapping.model_fields_set or not find_format_to_read(path).is_text:
        return mapping
    with path.open("rb") as file:
        is_utf_16 = file.read(2).startswith(UTF_16_BOMS)
    return mapping.model_copy(update={"encoding": "utf-16"}) if is_utf_16 else mapping


def _find_cells(columns: list[QualtricsColumn], body: pd.DataFrame, name: str) -> pd.Series:
    """Return the cells of a standard column as codes; empty text where there is no such column."""
    place = next((number for number, column in enumerate(columns) if column.name == name), None)
    if place is None:
        return pd.Series("", index=body.index, dtype=object)
    return body[place].map(normalize_code)


def _drop_previews(columns: list[QualtricsColumn], body: pd.DataFrame, collector: FaultCollector) -> pd.DataFrame:
    """Return the responses without those that the authors of the survey made to try it; report these."""
    status, channel = _find_cells(columns, body, headers.STATUS), _find_cells(columns, body, headers.CHANNEL)
    is_preview = status.isin(PREVIEWS) | channel.isin(PREVIEWS)
    message, fix = "previews and tests of the survey", "Attune leaves them out."
    collector.add_warning_for_rows("qualtrics-previews", headers.STATUS, message, fix, body.index[is_preview])
    return body[~is_preview]


def _find_people(cells: pd.DataFrame, table: str, mapping: TableMapping) -> pd.Series | None:
    """Return the ids of the therapists who answered; None in other tables, or where no header has them."""
    own = mapping.columns.get("therapist_id")
    named = _list_ids(table, cells).get("therapist_id") if own is None else own.header
    header = None if table != "therapists" or named is None else find_header(cells, named)
    return None if header is None else select_cells(cells, header).map(normalize_text)


def _report_unsure_responses(
    columns: list[QualtricsColumn], body: pd.DataFrame, people: pd.Series | None, collector: FaultCollector
) -> None:
    """Warn of responses that are not finished, and of those that Qualtrics takes for spam.

    A therapist whose response is not finished is set aside: limits can be among the questions that came later.
    """
    finished, progress = _find_cells(columns, body, headers.FINISHED), _find_cells(columns, body, headers.PROGRESS)
    is_open = finished.map(lambda text: parse_mark(text, YES_NO_MARKS) == NO).astype(bool)
    is_open |= ~progress.isin(("", "100"))
    message = "responses that are not finished"
    if people is not None and is_open.any():
        fix = "Attune offers these therapists to no client: let them finish, or delete these responses."
        rows, ids = body.index[is_open], [one for one in people[is_open] if one]
        collector.add_set_aside("qualtrics-roster-not-finished", headers.FINISHED, message, fix, rows, ids)
    else:
        fix = "Attune reads them: what is not answered is unknown. Delete those that you do not want."
        collector.add_warning_for_rows("qualtrics-not-finished", headers.FINISHED, message, fix, body.index[is_open])
    is_spam = _find_cells(columns, body, headers.STATUS).isin(SPAM)
    message, fix = "responses that Qualtrics takes for spam", "Attune reads them. Delete those that are no person's."
    collector.add_warning_for_rows("qualtrics-spam", headers.STATUS, message, fix, body.index[is_spam])


def _build_cells(
    columns: list[QualtricsColumn], body: pd.DataFrame, mapping: TableMapping, table: str
) -> tuple[pd.DataFrame, bool]:
    """Return the answers under one header each, and whether any question had a column for each choice.

    A header that ``clinic.toml`` names by the question's text has this text.
    """
    rows = [] if mapping.rows is None else [mapping.rows.column]
    known = set(map(normalize_code, (*list_known_headers(table, mapping), *rows)))
    names = headers.list_names(columns)
    texts = [normalize_code(column.text) for column in columns]
    for place, column in enumerate(columns):
        is_text_named = texts[place] in known and texts.count(texts[place]) == 1
        if column.text and is_text_named and normalize_code(names[place]) not in known:
            names[place] = column.text
    patterns = (".+".join(map(re.escape, one.split("*"))) for one in known)  # of headers, such as `Q7_*`
    named = re.compile("|".join(patterns))
    groups = list_split_questions(columns, body)
    joined = {
        name: places
        for name, places in groups.items()
        if not any(named.fullmatch(normalize_code(columns[place].name)) for place in places)
    }
    parts = []
    for place in range(len(columns)):
        group = next(((name, places) for name, places in joined.items() if place in places), None)
        if group is None:
            parts.append((names[place], body[place]))
        elif group[1][0] == place:
            parts.append((group[0], join_answers(columns, body, group[1])))
    cells = pd.concat([cells for _, cells in parts], axis=1) if parts else body
    return cells.set_axis([name for name, _ in parts], axis=1).astype("str"), bool(joined)


def _list_ids(table: str, cells: pd.DataFrame) -> dict[str, Any]:
    """Return the line of the id: the one that the clinic gave to Qualtrics, else that of the response."""
    name = TABLE_ID_COLUMNS.get(table, "client_id")
    if headers.EXTERNAL_ID in cells and (select_cells(cells, headers.EXTERNAL_ID).str.strip() != "").any():
        return {name: headers.EXTERNAL_ID}
    return {name: headers.RESPONSE_ID} if table in TABLE_ID_COLUMNS and headers.RESPONSE_ID in cells else {}


def _list_sets(cells: pd.DataFrame, mapping: TableMapping) -> dict[str, Any]:
    """Return the lines of questions with several answers as numbers, such as `1,3`, that ``clinic.toml`` leaves out."""
    others = set(map(str, cells.columns)) - list_mapped_headers(cells, mapping)
    sets = {}
    for header in sorted(others):
        answers = select_cells(cells, header)
        known = answers[~answers.str.strip().isin(("", NOT_ANSWERED))]
        if known.str.fullmatch(_NUMBERS).all() and known.str.contains(",", regex=False).any():
            sets[header] = {"from": header, "kind": "set", "split": ","}
    return sets


def _list_keys(cells: pd.DataFrame, *, is_split: bool) -> dict[str, Any]:
    """Return the keys that an export fills: the separator of several answers, and the code for no answer."""
    keys: dict[str, Any] = {} if is_split else {"set_separator": ","}
    if (cells == NOT_ANSWERED).any(axis=None):
        keys["missing"] = [NOT_ANSWERED]
    return keys


def is_qualtrics_export(path: Path) -> bool:
    """Return whether a text file has the headers of an export of Qualtrics."""
    if not find_format_to_read(path).is_text:
        return False
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return False
    text = head.decode("utf-16" if head.startswith(UTF_16_BOMS) else "utf-8-sig", errors="replace")
    try:
        rows = headers.list_top_rows(_split_rows(text))
    except csv.Error:
        return False
    width = max(map(len, rows), default=0)
    return (
        width > 0 and headers.find_headers(pd.DataFrame([row + [""] * (width - len(row)) for row in rows])) is not None
    )


def _split_rows(text: str) -> Iterator[list[str]]:
    separator = max(",;\t", key=text.partition("\n")[0].count)
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator)


QUALTRICS = Preset(
    "qualtrics",
    "Qualtrics",
    read_qualtrics,
    is_qualtrics_export,
    "Responses as CSV, TSV or Excel: header rows are found, previews and columns that identify people are left out. It "
    "fills the id, the day of the answers, and the separator of several answers.",
    own_headers=tuple(map(normalize_code, (*headers.STANDARD_IDS.values(), *headers.LEGACY_NAMES.values()))),
)
